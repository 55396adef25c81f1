// Package pty runs a shell on a pseudo-terminal.
//
// There is no Read: output goes to the function given at Start, in the one
// goroutine that reads the terminal, so the shell cannot have a second reader.
// Writing takes what fits and returns, so a program that does not read its
// input cannot hold up the caller:
//
//	Write ---> terminal input ---> program      full: n < len(p), Room is called
//	Output <-- terminal output <-- program      Output blocks: the program waits
package pty

import (
	"errors"
	"syscall"
)

// ErrUnsupported reports that this system has no pseudo-terminals we can use.
var ErrUnsupported = errors.New("running a shell is not supported on this system")

// ErrClosed reports that the shell is gone or was closed: nothing can be typed
// into it any more.
var ErrClosed = errors.New("shell closed")

// Config says what to run and where its output goes.
type Config struct {
	Argv []string // program and arguments; the program is looked up in this process's PATH
	Env  []string // the whole environment; empty means none
	Dir  string   // if empty, the current directory

	// Cols and Rows are the first size in cells. If zero, 80 and 24 are used.
	Cols, Rows int

	// Output receives what the shell prints, in order, in the reader's
	// goroutine. It may block: the shell then waits. The slice is valid only
	// during the call. It is not called once Close has begun, but Close waits
	// for a call under way.
	Output func([]byte)

	// Room, if set, is called once, from a goroutine, when there is room again
	// after a Write that did not take all, or when the shell has gone
	// meanwhile. It must not call Close, which waits for it.
	Room func()
}

// A Status says how a shell ended.
type Status struct {
	Code   int            // exit code; 128 plus the signal if one killed it, as shells count
	Signal syscall.Signal // zero if the shell exited by itself
}

// Modes are the settings of the shell's terminal that decide what typing does.
type Modes struct {
	ISIG      bool // Intr, Quit and Susp send signals
	NoFlush   bool // a signal does not discard pending input
	Echo      bool // input is shown
	Canonical bool // input is edited and read by lines

	// The characters that send SIGINT, SIGQUIT and SIGTSTP; zero if disabled.
	Intr, Quit, Susp byte

	// Unread is how many bytes the line discipline holds that no program has
	// read; in canonical mode, those of whole lines. Linux holds 4,095 at most and
	// takes nothing more then, not even Intr. Zero where it cannot be asked.
	Unread int
}

const (
	defaultCols = 80
	defaultRows = 24
	maxCells    = 1<<16 - 1 // the kernel's winsize holds 16 bits
)
