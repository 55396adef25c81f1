//go:build linux

package main

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"
)

// queries are what programs ask their terminal: DA1, DA2, CPR, OSC 10 and 11, DECRQM.
var queries = []string{"\x1b[c", "\x1b[>c", "\x1b[6n", "\x1b]10;?\x1b\\", "\x1b]11;?\a", "\x1b[?25$p"}

// asks is the command asks: a program that asks its terminal all that can be asked, says
// so, takes all that it gets to read until it has as many of the letter z as its
// argument says, and prints that but for these.
func asks() {
	var want int
	fmt.Sscan(os.Args[1], &want)
	old, err := term.MakeRaw(0)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Printf("%s\r\nasked\r\n", strings.Join(queries, ""))
	var got []byte
	for buf := make([]byte, 1024); want > 0; {
		n, err := os.Stdin.Read(buf)
		if err != nil {
			break
		}
		for _, c := range buf[:n] {
			if c == 'z' {
				want--
			} else {
				got = append(got, c)
			}
		}
	}
	term.Restore(0, old)
	fmt.Printf("got %+q\n", got)
}

// sizes is the command sizes: a program that prints its terminal's size, again whenever
// that changes, and ends with its input.
func sizes() {
	changed := make(chan os.Signal, 16)
	signal.Notify(changed, syscall.SIGWINCH)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for buf := make([]byte, 64); ; {
			if n, err := os.Stdin.Read(buf); n == 0 || err != nil {
				return
			}
		}
	}()
	for {
		cols, rows, err := term.GetSize(0)
		if err != nil {
			cols, rows = 0, 0
		}
		fmt.Printf("it is %dx%d\n", cols, rows)
		select {
		case <-changed:
		case <-ended:
			return
		}
	}
}
