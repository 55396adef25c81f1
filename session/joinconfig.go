package session

import (
	"log/slog"
	"time"
)

// A MemberBus carries a member's inputs to the host, and the host's log to it.
type MemberBus interface {
	Attach(MemberPorts) error
	// Read returns some records that follow record after, with which so many bytes of
	// output had been printed, or, if those are gone or far behind, records from the
	// first part of the newest snapshot. It returns none when there are none yet.
	Read(after, printed uint64) ([]Recorded, error)
	// Send sends a record toward the host, or drops it: it is repeated.
	Send(Send) error
	// WantHistory asks for the History of the snapshot that begins with record seq.
	// It may be lost: the member goes on without.
	WantHistory(seq uint64) error
}

// MemberPorts is what a bus sends to and never waits for.
type MemberPorts struct {
	Bell  chan<- struct{}  // of size one: there are records to read
	State chan MemberState // of size one; the newest wins
	// History is of size one: what does not fit is dropped, for a second is not
	// waited for.
	History chan<- History
}

// MemberState is how a member stands.
type MemberState struct {
	Joined *Joined // nil before the first welcome
	Link   uint64  // rises with each new way to the host; 0 is none yet
	Lost   bool    // there is no way to the host now
	Silent bool    // the host has not been heard of for a while
	// Since is when the host was heard last, if it is lost or silent. If zero, that was now.
	Since  time.Time
	People []Person
	Over   error // why there will be no more: refused, removed, host lost
}

// JoinConfig is what Join needs.
type JoinConfig struct {
	Bus      MemberBus
	Self     Self
	Terminal Terminal
	// Resized, if not nil, is told the terminal's size when it changes.
	Resized func(cols, rows int)
	// Patience is how long what the host recorded may wait before it is read. If
	// zero, it is read at once. The host's own terminal lets the members go first.
	Patience time.Duration
	// PanBy is the escape character, as notices say it; empty if there is none.
	PanBy string
	// Panels are what is shown after the escape character and their keys. No other
	// terminal shows them.
	Panels []Panel
	// Questions, if not nil, is where those come from that the owner is asked here. Who
	// sends one waits for a place until its asker is gone. What has no answer when the
	// session ends gets AnswerNobody; what was not received by then gets none.
	Questions <-chan Question
	// Now is the clock. If nil, time.Now is used.
	Now func() time.Time
	// Log takes lines at debug level. If nil, nothing is logged.
	Log *slog.Logger
	// Stats, if not nil, is filled at the end.
	Stats *MemberStats
}

// A Way says how a member's session ended.
type Way uint8

const (
	WayEnded   Way = iota // the command ended; Status is its exit status
	WayLeft               // the person left
	WayOver               // refused, removed, or the host was lost: Err says which
	WayStopped            // ctx ended, or the terminal went away
)

// JoinResult is how it ended, and what is not known to be typed.
type JoinResult struct {
	Way         Way
	Status      int32
	Err         error
	Unconfirmed int // bytes typed and sent whose fate is not known
	Unsent      int // bytes typed and never sent
}
