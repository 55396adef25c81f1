package session

import (
	"time"

	"gossterm/internal/screen"
)

// MemberStats counts what a MemberCore did.
type MemberStats struct {
	Sent, Repeated, Settled, Discarded, MaybeLost            uint64 // records
	DroppedBytes                                             uint64 // typed, never sent
	Delivered, SkippedRecords, Snapshots, Ignored, Malformed uint64 // records of the host's log
	SkippedBytes                                             uint64 // of output, that only a snapshot shows
	Histories                                                uint64 // of before this member came
	Retaken                                                  uint64 // screens behind a resize
}

// A MemberCore is one member: what it typed and does not know to be settled, and
// the screen it sees. It is a step function: no clock, no goroutine, no lock. Its
// owner is the loop in Join, or the simulator.
type MemberCore struct {
	self  Self
	out   []MemberAction
	stats MemberStats
	typist
	teller
	reader
	newcomer
}

// NewMemberCore returns a member that has not joined yet.
func NewMemberCore(self Self) *MemberCore {
	m := &MemberCore{self: self}
	m.screen = screen.New(80, 24)
	m.screen.KeepScrolled(true)
	return m
}

// Step applies one event at one instant and returns what the caller must do.
// The slice is valid until the next Step.
func (m *MemberCore) Step(now time.Time, ev MemberEvent) []MemberAction {
	m.out = m.out[:0]
	switch ev := ev.(type) {
	case Keys:
		m.keys(now, ev.Items)
	case Joined:
		m.joined(now, ev)
	case LinkUp:
		m.repeatAll(now)
	case Recorded:
		m.recorded(now, ev)
	case History:
		m.history(ev)
	case Sized:
		m.size = cells{ev.Cols, ev.Rows}.clamped()
	case OutOfReach:
		m.outOfReach(ev)
	case InReach:
		m.inReach(now)
	case Decide:
		m.decide(ev.Send)
	case Tick: // the due times below do the work
	}
	m.tell(now)
	m.send(now)
	m.repeatDue(now)
	m.historyLate(now)
	return m.out
}

// Deadline returns when the next Tick is due, and reports whether one is.
func (m *MemberCore) Deadline() (time.Time, bool) {
	at := m.repeatAt
	for _, due := range []time.Time{m.historyDue, m.tellDue} {
		if !due.IsZero() {
			at = earlier(at, due)
		}
	}
	return at, !at.IsZero()
}

// Stats returns what the core has counted.
func (m *MemberCore) Stats() MemberStats { return m.stats }

// Screen returns the member's model of the shared terminal.
func (m *MemberCore) Screen() *screen.Screen { return m.screen }

// Through returns the number of the last record of the host's log that is on
// the screen, 0 if there is none.
func (m *MemberCore) Through() uint64 { return m.through }

// Unsettled returns how many bytes this person typed whose fate is not known:
// sent and not acked, and not sent yet.
func (m *MemberCore) Unsettled() (sent, unsent int) {
	for i := range m.unacked {
		sent += m.unacked[i].typed
	}
	return sent, m.unsent()
}

func (m *MemberCore) do(a MemberAction) { m.out = append(m.out, a) }
