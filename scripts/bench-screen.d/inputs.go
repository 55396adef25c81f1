package main

import (
	"bytes"
	"fmt"
)

// An input is a stream that every emulator gets.
type input struct {
	name string
	data []byte
}

func inputs(recs []recording) []input {
	var mixed []byte
	for _, r := range recs {
		mixed = append(mixed, r.data...)
		mixed = append(mixed, "\x18\x1b[!p\x1b[?1049l\x1b[m\r\n"...) // as after a reset
	}
	return []input{{"plain", plain()}, {"mixed", mixed}, {"colour", colour()}}
}

// plain is text that scrolls: cat of a big file.
func plain() []byte {
	var b bytes.Buffer
	for i := range 8000 {
		fmt.Fprintf(&b, "%6d  the quick brown fox jumps over the lazy dog, again and again%*s\r\n", i, i%20, "")
	}
	return b.Bytes()
}

// colour changes the pen every few characters, in all three kinds of colour.
func colour() []byte {
	var b bytes.Buffer
	for i := range 6000 {
		for j := range 8 {
			n := i*8 + j
			fmt.Fprintf(&b, "\x1b[1;3%dmword\x1b[0;38;5;%dm text\x1b[38;2;%d;%d;%dm\x1b[48;5;%dm x \x1b[m", n%8, n%256, n%256, i%256, j*30, (n+7)%256)
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}
