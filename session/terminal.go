package session

import (
	"context"

	"gossterm/internal/envelope"
)

// A Terminal is the one in front of a person.
type Terminal interface {
	Size() (cols, rows int)
	// Read gives what happens at the terminal to emit until ctx ends. Emit may
	// wait: then nothing more is read.
	Read(ctx context.Context, emit func(TerminalEvent)) error
	// Write draws. It may wait as long as the terminal does.
	Write(p []byte) (int, error)
	// Suspend stops this process until it is continued.
	Suspend() error
}

// A TerminalEvent is something a person did at the terminal.
type TerminalEvent interface{ terminalEvent() }

type (
	// Typing is keys, text, pastes, the mouse.
	Typing struct{ Items []envelope.InputItem }
	// Command is a key after the escape character: '.', '?' or 0x1a (^Z).
	Command struct{ Key byte }
	// TerminalResized says that the terminal's size changed.
	TerminalResized struct{}
	// TerminalGone says that nothing more can be typed.
	TerminalGone struct{ Err error }
)

func (Typing) terminalEvent()          {}
func (Command) terminalEvent()         {}
func (TerminalResized) terminalEvent() {}
func (TerminalGone) terminalEvent()    {}

// A drawer writes frames to the terminal in a goroutine of its own, one at a
// time: a terminal that does not take one makes nobody wait but the next frame.
type drawer struct {
	frames chan []byte
	idle   chan struct{} // one token: nothing is being written
	failed chan error
	gone   chan struct{}
}

func startDrawer(t Terminal) *drawer {
	d := &drawer{
		frames: make(chan []byte, 1),
		idle:   make(chan struct{}, 1),
		failed: make(chan error, 1),
		gone:   make(chan struct{}),
	}
	d.idle <- struct{}{}
	go d.run(t)
	return d
}

func (d *drawer) run(t Terminal) {
	defer close(d.gone)
	for b := range d.frames {
		if _, err := t.Write(b); err != nil {
			d.failed <- err
			return
		}
		d.idle <- struct{}{}
	}
}

// draw writes b, which must not change until the drawer is idle again. The
// caller has taken the token from idle.
func (d *drawer) draw(b []byte) { d.frames <- b }
