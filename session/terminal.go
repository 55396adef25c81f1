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
	// FlushInput throws away what was typed and not read yet.
	FlushInput() error
	// Suspend stops this process until it is continued.
	Suspend() error
}

// A TerminalEvent is something a person did at the terminal.
type TerminalEvent interface{ terminalEvent() }

type (
	// Typing is keys, text, pastes, the mouse.
	Typing struct{ Items []envelope.InputItem }
	// Command is a key after the escape character: '.', an answer to a question ('y',
	// 'w', 'n'), 0x1a (^Z) or the key of a [Panel].
	Command struct{ Key byte }
	// Pan is an arrow key after the escape character: of a terminal that is larger than
	// the window, look at what is to the right, below, or with -1 to the left, above.
	Pan struct{ DX, DY int }
	// TerminalResized says that the terminal's size changed.
	TerminalResized struct{}
	// TerminalReset says that the terminal was taken away for a while: nothing that
	// was drawn can be relied on.
	TerminalReset struct{}
	// TerminalGone says that nothing more can be typed.
	TerminalGone struct{ Err error }
)

func (Typing) terminalEvent()          {}
func (Command) terminalEvent()         {}
func (Pan) terminalEvent()             {}
func (TerminalResized) terminalEvent() {}
func (TerminalReset) terminalEvent()   {}
func (TerminalGone) terminalEvent()    {}
