package session

import (
	"gossterm/internal/envelope"
	"gossterm/internal/id"
)

// A MemberEvent is something that happened to a MemberCore.
type MemberEvent interface{ memberEvent() }

type (
	// Keys is what the person at this terminal typed.
	Keys struct{ Items []envelope.InputItem }
	// Joined says that the host let this member in, for the first time or again.
	Joined struct {
		Incarnation uint64
		MayType     bool
	}
	// LinkUp says that there is a new way to the host: what was sent on the old
	// one may be lost.
	LinkUp struct{}
	// Recorded is one record of the host's log.
	Recorded struct {
		Seq         uint64
		Part, Parts uint16
		Plain       []byte // the core does not keep it
	}
)

func (Keys) memberEvent()     {}
func (Joined) memberEvent()   {}
func (LinkUp) memberEvent()   {}
func (Recorded) memberEvent() {}
func (Tick) memberEvent()     {}

// A MemberAction is what the caller of MemberCore.Step must do, in order.
type MemberAction interface{ memberAction() }

type (
	// Send asks to send record Seq of this member's log toward the host. The
	// core does not change Plain again.
	Send struct {
		Incarnation, Seq uint64
		Plain            []byte
		Repeat           bool
	}
	// Settled reports that the host typed record Seq, or threw it away.
	Settled struct {
		Incarnation, Seq uint64
		Bytes            int // of what the person typed
		Discarded        bool
	}
	// MaybeLost reports records whose fate will never be known: the host has
	// begun a new life of this member.
	MaybeLost struct {
		Incarnation, From, To uint64
		Bytes                 int
	}
	// Dropped reports typing that was thrown away before it was sent, because
	// of an interrupt.
	Dropped struct{ Bytes int }
	// CutShort asks to throw away what was typed and not read yet: somebody's
	// interrupt threw away what came before it.
	CutShort struct{}
	// WantHistory asks for the History of the snapshot that begins with record Seq.
	WantHistory struct{ Seq uint64 }
	// Skipped reports that the reader jumped over records From to To.
	Skipped struct{ From, To uint64 }
	// Ended reports the end of the session.
	Ended struct{ Status int32 }
)

func (Send) memberAction()        {}
func (Settled) memberAction()     {}
func (MaybeLost) memberAction()   {}
func (Dropped) memberAction()     {}
func (CutShort) memberAction()    {}
func (WantHistory) memberAction() {}
func (Skipped) memberAction()     {}
func (Ended) memberAction()       {}

// Self is who a MemberCore is.
type Self struct {
	Key id.Peer
	// Own says that it is the host's own terminal, which sees everything from the
	// first line on and asks for no history.
	Own bool
}
