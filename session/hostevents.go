package session

import (
	"gossterm/internal/id"
	"gossterm/internal/screen"
)

// A HostEvent is something that happened to a HostCore.
type HostEvent interface{ hostEvent() }

type (
	// Input is one record of a member's log whose signature was checked.
	Input struct {
		Author      id.Peer
		Incarnation uint64
		Seq         uint64
		Plain       []byte // PROTOCOL.md §5.2; the core keeps it
	}
	// Roster says who is in the session now; only Type rows may type.
	Roster struct{ People []Person }
	// Output is what the shell printed; the core does not keep Data.
	Output struct{ Data []byte }
	// Wrote answers a Type action: the shell took N bytes of it.
	Wrote struct{ N int }
	// Room says that a shell which did not take all has room again.
	Room struct{}
	// Modes answers an AskModes action.
	Modes struct {
		Signals          bool // ISIG: the terminal makes signals of the three characters
		Intr, Quit, Susp byte // 0 is none
		Unread           int  // bytes of whole lines that the program has not read
	}
	// Resized says that the size of the host's is another now.
	Resized struct{ Cols, Rows int }
	// HistoryWanted asks for the History of the snapshot that begins with record Seq.
	HistoryWanted struct{ Seq uint64 }
	// Exited says that the shell has ended and all its output was given.
	Exited struct{ Status int32 }
	// Tick says that Deadline has come.
	Tick struct{}
)

func (Input) hostEvent()         {}
func (Roster) hostEvent()        {}
func (Output) hostEvent()        {}
func (Wrote) hostEvent()         {}
func (Room) hostEvent()          {}
func (Modes) hostEvent()         {}
func (Resized) hostEvent()       {}
func (HistoryWanted) hostEvent() {}
func (Exited) hostEvent()        {}
func (Tick) hostEvent()          {}

// A Person is one member as a session sees it.
type Person struct {
	Key         id.Peer
	Incarnation uint64
	Name        string // cleaned, with the key's tag
	MayType     bool
	Away        bool // its links are lost
}

// A HostAction is what the caller of HostCore.Step must do, in order.
type HostAction interface{ hostAction() }

type (
	// Type asks to write to the shell what fits, and to step Wrote at once.
	Type struct{ typed }
	// AskModes asks to step Modes at once.
	AskModes struct{}
	// Interrupt asks to flush the shell's input and to send it Signal.
	Interrupt struct{ Signal Signal }
	// Append asks to record Plain as record Seq of the host's log. The core
	// does not touch Plain again.
	Append struct {
		Seq         uint64
		Part, Parts uint16
		Plain       []byte
	}
	// Stale says that what is still on its way to members who are behind is of no
	// use to them any more; Fresh follows.
	Stale struct{}
	// Fresh says that a snapshot was recorded at which they go on.
	Fresh struct{}
	// ResizeShell asks to tell the shell its new size.
	ResizeShell struct{ Cols, Rows int }
	// Note reports what became of an input, for the log.
	Note struct {
		What        string // admitted, held, seen, too far, may not type, typed, discarded, malformed
		Author      id.Peer
		Incarnation uint64
		Seq         uint64
	}
	// Done says that the session is over: its last record was appended.
	Done struct{ Status int32 }
)

func (Type) hostAction()        {}
func (AskModes) hostAction()    {}
func (Interrupt) hostAction()   {}
func (Append) hostAction()      {}
func (Stale) hostAction()       {}
func (Fresh) hostAction()       {}
func (ResizeShell) hostAction() {}
func (Note) hostAction()        {}
func (Done) hostAction()        {}

// A Signal is one that a terminal makes of a key.
type Signal uint8

const (
	SignalInterrupt Signal = iota + 1 // ^C
	SignalQuit                        // ^\
	SignalSuspend                     // ^Z
)

// typed is what goes to the shell. Only typedInput and typedReply make one, from
// the two things that may be typed.
type typed struct{ bytes []byte }

// Bytes returns what is to be written.
func (t typed) Bytes() []byte { return t.bytes }

func typedReply(r screen.Reply) typed { return typed{r.Take()} }
