package session

import (
	"time"

	"gossterm/internal/envelope"
)

// tellGap is the least time between two records that say a size.
const tellGap = 100 * time.Millisecond

// A teller says the size of this member's terminal to a host that asks for it.
type teller struct {
	size    cells // of the terminal; zero if it is not known
	told    cells // what the host was told last; zero if nothing
	toldAt  time.Time
	tellDue time.Time
}

// Sized says the size of the terminal in front of the person.
type Sized struct{ Cols, Rows int }

func (Sized) memberEvent() {}

// wantsSize reports whether the host asks this member for its size.
func (m *MemberCore) wantsSize() bool {
	return m.incarnation != 0 && m.mayType && m.view.Sizes != envelope.SizesHost && m.size != (cells{})
}

// tell sends the size, alone in a record and before all that waits: it is not typing,
// so no interrupt drops it, and of several the newest goes.
func (m *MemberCore) tell(now time.Time) {
	m.tellDue = time.Time{}
	if m.view.Sizes == envelope.SizesHost {
		m.told = cells{} // should it ask again
	}
	if !m.wantsSize() || m.size == m.told {
		return
	}
	if next := m.toldAt.Add(tellGap); now.Before(next) {
		m.tellDue = next
		return
	}
	if len(m.unacked) >= maxUnacked-1 { // an ack makes a place, and brings another turn
		return
	}
	m.told, m.toldAt = m.size, now
	item := envelope.Size{Cols: uint16(m.size.cols), Rows: uint16(m.size.rows)}
	m.record(now, unackedRecord{plain: envelope.Typing{Flushes: m.flushes, Items: []envelope.InputItem{item}}.Append(nil), size: true})
}
