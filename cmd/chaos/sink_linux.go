package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// sinkName is the command with which this program is what a host runs.
const sinkName = "__sink"

// The floods that a sink can print.
const (
	noFlood = "none"
	steady  = "steady" // steadyRate bytes a second, in lines
	yes     = "yes"
	random  = "urandom"
)

// What a sink reads as a word to itself. Nobody's token has them.
const (
	startFlood = '!'
	stopFlood  = '.'
	exitSoon   = '%' // with sinkStatus
	exitBehind = '&' // likewise, and something that it started goes on printing
)

const (
	sinkStatus = 7
	sinkReady  = "the-sink-is-ready"
	// floodOver is what stands on the screen when a flood has come to its end or was
	// interrupted.
	floodOver = "the-flood-is-over"

	screenRows = 24
	footer     = "--- the last row ---"
	lastMoment = 100 * time.Millisecond

	steadyRate = 512 << 10
	steadyStep = 2 * time.Millisecond // 500 writes a second

	// Under a flood of lines the echo stands on rows of its own: echoRows rows, each with
	// echoPerRow places of echoWidth columns.
	echoRows, echoPerRow, echoWidth = 3, 8, 10
)

// sink is the command of the host: it writes each byte that it reads to a file, shows
// it, and prints a flood when it is told to.
//
//	chaos __sink FILE FLOOD BYTES [--stubborn]
func sink(args []string) int {
	var bytes int64
	if len(args) < 3 {
		return 2
	}
	if _, err := fmt.Sscan(args[2], &bytes); err != nil {
		return 2
	}
	s := &sinkState{kind: args[1], most: bytes}
	var err error
	if s.file, err = os.OpenFile(args[0], os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return 2
	}
	stubborn := len(args) > 3
	if stubborn {
		signal.Ignore(syscall.SIGHUP, syscall.SIGTERM)
	} else {
		go exitOnHangup()
	}
	if err := sinkMode(); err != nil {
		fmt.Println("the terminal:", err)
		return 2
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	go func() {
		for range interrupts {
			s.stop()
		}
	}()
	// The tickets leave upwards, so that the host's own terminal shows what all show.
	fmt.Print(strings.Repeat("\n", screenRows))
	// No echo is on the last row, where notices would hide it, and that row is not empty:
	// else a terminal that is drawn anew keeps a row of what was before above the frame.
	top := 1
	if s.kind == yes || s.kind == steady {
		top += echoRows
	}
	fmt.Printf("\x1b[%d;1H%s\x1b[%d;%dr\x1b[%[4]d;1H", screenRows, footer, top, screenRows-1)
	fmt.Println(sinkReady)
	status := s.read()
	s.stop()
	if stubborn && status < 0 {
		select {} // even though its terminal is gone
	}
	return max(status, 0)
}

// exitOnHangup ends the sink a moment after SIGHUP, in which what was typed is read.
func exitOnHangup() {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	<-hangup
	time.Sleep(lastMoment)
	os.Exit(128 + int(syscall.SIGHUP))
}

// sinkMode makes the terminal hand over each key, and no more than ^C acts.
func sinkMode() error {
	t, err := unix.IoctlGetTermios(0, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Lflag &^= unix.ICANON | unix.ECHO | unix.IEXTEN
	t.Iflag &^= unix.ICRNL | unix.IXON
	t.Cc[unix.VQUIT], t.Cc[unix.VSUSP] = 0, 0
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(0, unix.TCSETS, t)
}

// A sinkState is the flood under way and what was read.
type sinkState struct {
	kind string
	most int64 // bytes of a flood, 0 for no end
	file *os.File

	mu    sync.Mutex
	flood *exec.Cmd
	over  chan struct{} // the flood has ended, and has said so
}

// read reads until it is told to exit or the terminal is gone, and returns the status,
// -1 for the latter.
func (s *sinkState) read() int {
	buf := make([]byte, 4096)
	var shown strings.Builder
	for {
		n, err := os.Stdin.Read(buf)
		if err != nil {
			if errors.Is(err, syscall.EINTR) {
				continue
			}
			return -1
		}
		if n == 0 {
			return -1
		}
		if _, err := s.file.Write(buf[:n]); err != nil {
			return 2
		}
		for _, b := range buf[:n] {
			switch b {
			case startFlood:
				s.start()
			case stopFlood:
				s.stop()
			case exitBehind:
				behind := exec.Command("/bin/sh", "-c", `trap "" HUP; while echo late; do sleep 0.1; done`)
				behind.Stdout = os.Stdout
				behind.Start()
				return sinkStatus
			case exitSoon:
				return sinkStatus
			default:
				shown.WriteByte(b)
			}
		}
		s.show(&shown)
	}
}

// show shows the tokens that were read, and keeps what is no whole token yet.
func (s *sinkState) show(read *strings.Builder) {
	text := read.String()
	end := strings.LastIndexByte(text, ';') + 1
	read.Reset()
	read.WriteString(text[end:])
	switch s.kind {
	case random: // would make it no more readable
	case noFlood:
		io.WriteString(os.Stdout, text[:end])
	default:
		for _, m := range anyToken.FindAllStringSubmatch(text[:end], -1) {
			at := echoPlace(m[1])
			fmt.Printf("\x1b7\x1b[%d;%dH%-*s\x1b8", at/echoPerRow+1, at%echoPerRow*echoWidth+1, echoWidth, m[0])
		}
	}
}

// echoPlace returns the place of somebody's echo under a flood of lines.
func echoPlace(who string) int { return int(who[0]-'a') % (echoRows * echoPerRow) }

// start starts the flood, if there is none.
func (s *sinkState) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flood != nil || s.kind == noFlood {
		return
	}
	s.flood, s.over = floodOf(s.kind, s.most), make(chan struct{})
	s.flood.Stdout = os.Stdout
	if err := s.flood.Start(); err != nil {
		fmt.Println(err)
		s.flood = nil
		return
	}
	go s.await(s.flood, s.over)
}

// await waits for the end of a flood and says so, on a terminal that is as at first if
// it was random.
func (s *sinkState) await(flood *exec.Cmd, over chan<- struct{}) {
	flood.Wait()
	if s.kind == random {
		io.WriteString(os.Stdout, "\x18\x1bc")
	}
	fmt.Println("\r\n" + floodOver)
	s.mu.Lock()
	s.flood = nil
	s.mu.Unlock()
	close(over)
}

// stop ends the flood, if there is one, and waits until it has said so.
func (s *sinkState) stop() {
	s.mu.Lock()
	flood, over := s.flood, s.over
	s.mu.Unlock()
	if flood == nil {
		return
	}
	flood.Process.Kill()
	<-over
}

// floodOf returns what prints a flood of so many bytes, or one without end for 0.
func floodOf(kind string, most int64) *exec.Cmd {
	switch {
	case kind == steady:
		return exec.Command("/proc/self/exe", sinkName, steady)
	case kind == random && most > 0:
		return exec.Command("head", "-c", fmt.Sprint(most), "/dev/urandom")
	case kind == random:
		return exec.Command("cat", "/dev/urandom")
	case most > 0:
		// In the same group, so that ^C is for both; the shell becomes the last of them.
		return exec.Command("/bin/sh", "-c", fmt.Sprintf("yes | exec head -c %d", most))
	}
	return exec.Command("yes")
}

// printSteadily prints steadyRate bytes a second in lines that differ, until it is
// killed or nobody reads.
func printSteadily() int {
	tick := time.NewTicker(steadyStep)
	defer tick.Stop()
	perStep := steadyRate * int(steadyStep) / int(time.Second)
	for n := 0; ; n++ {
		<-tick.C
		line := fmt.Sprintf("line %d ", n)
		line += strings.Repeat(string(rune('a'+n%26)), 72-len(line)) + "\n"
		if _, err := io.WriteString(os.Stdout, strings.Repeat(line, perStep/len(line))); err != nil {
			return 1
		}
	}
}
