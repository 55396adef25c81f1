// Package cast reads recordings of terminals: asciicast, versions 2 and 3, as
// asciinema writes them.
//
//	{"version": 2, "width": 80, "height": 24}      the header, one line
//	[0.25, "o", "\u001b[1mhello"]                  an event a line: time, code, data
//	[1.5, "r", "100x30"]
//
// Version 3 says "term": {"cols": 80, "rows": 24} in its header, counts an event's
// time from the event before, and has comments: lines that begin with '#'.
//
// A Reader holds one line at a time, and that is bounded, so that a recording may be
// as long as it likes. Any bytes may be read: what is no recording is an Error that
// names the line.
package cast

import (
	"fmt"
	"time"
)

const (
	// MaxLine is how many bytes a line has at most, without its end.
	MaxLine = 16 << 20

	// MaxTime bounds the time of an event: a hundred years.
	MaxTime = 100 * 365 * 24 * time.Hour

	// MaxSize bounds columns and rows here: a terminal's kernel has 16 bits for each.
	// What draws them may bear less.
	MaxSize = 1<<16 - 1
)

// The codes of events that the formats define. A player ignores all others.
const (
	Output = "o" // the program wrote Data
	Input  = "i" // Data was typed
	Marker = "m" // Data is the label of a place
	Resize = "r" // the terminal has Cols and Rows from now on
	Exit   = "x" // the program ended with the status in Data (version 3)
)

// A Header is what a recording begins with.
type Header struct {
	Version    int // 2 or 3
	Cols, Rows int // at the start
}

// An Event is one line of a recording.
type Event struct {
	// Line is its line, from 1, which is the header's.
	Line int

	// Time counts from the start of the recording. It never falls from one Event to
	// the next: an Event of version 2 that claims to be earlier than the one before
	// has the time of that, which is when players show it.
	Time time.Duration

	Code string

	// Data is valid UTF-8. It is empty if the code is none of those above and what
	// comes with it is no text.
	Data string

	// Cols and Rows are set if Code is Resize.
	Cols, Rows int
}

// An Error reports a recording that cannot be read.
type Error struct {
	Line int    // the line that is wrong, from 1
	What string // what is wrong with it
	Hint string // what to do about it; may be empty
}

// Error says which line and what is wrong with it.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.What) }
