package session

import (
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

const (
	// historiesKept is how many of the newest snapshots have their history kept: a
	// newcomer may begin with another than the newest. It is at most 2 MiB, and in a
	// flood, with a snapshot each 40 ms or 256 KiB, still lasts a second: longer than a
	// question takes, mostly.
	historiesKept = 32
	// historyPatience is how long a newcomer waits for the history. What scrolls off
	// his screen meanwhile is held, for it belongs behind it.
	historyPatience = 3 * time.Second
)

// A history fits into what carries it.
const _ = uint(envelope.MaxHistoryPlain - screen.MaxHistory)

// A History is the lines that had scrolled off before the snapshot that begins with
// record Seq (PROTOCOL.md §5.3). Plain is empty if there are none, or none are known
// any more. Plain must not be changed.
type History struct {
	Seq   uint64
	Plain []byte
}

func (History) hostAction()  {}
func (History) memberEvent() {}

// histories are those of the newest snapshots, oldest first.
type histories struct {
	kept     []History
	erasures uint64 // when they were made
}

// keepHistory keeps what scrolled off before the snapshot that begins with record seq.
func (h *HostCore) keepHistory(seq uint64) {
	h.forgetErased()
	if h.view.History != envelope.ShownLines {
		return
	}
	h.kept = append(h.kept, History{Seq: seq, Plain: h.screen.History()})
	if over := len(h.kept) - historiesKept; over > 0 {
		h.kept = append(h.kept[:0], h.kept[over:]...)
	}
}

// forgetErased forgets all histories when the program erased what scrolled off: it
// is shown to nobody who comes later.
func (h *HostCore) forgetErased() {
	if n := h.screen.Erasures(); n != h.erasures {
		h.erasures = n
		h.kept = nil
	}
}

// historyWanted answers a newcomer.
func (h *HostCore) historyWanted(seq uint64) {
	h.forgetErased()
	answer := History{Seq: seq}
	for _, k := range h.kept {
		if k.Seq == seq {
			answer = k
		}
	}
	if len(answer.Plain) > 0 {
		h.stats.Histories++
	}
	h.do(answer)
}

// A newcomer is a member as to what scrolled off before it came.
type newcomer struct {
	begun      bool   // it had its first snapshot
	wanted     uint64 // the first part of that, while its history is waited for; else 0
	historyDue time.Time
}

// begin asks for the history of the snapshot that the member begins with. What
// scrolls off until it comes is held. Before the first record there is none.
func (m *MemberCore) begin(now time.Time, seq uint64) {
	if m.begun {
		return
	}
	m.begun = true
	if m.self.Own || seq <= 1 || m.view.History != envelope.ShownLines {
		return
	}
	m.wanted = seq
	m.historyDue = now.Add(historyPatience)
	m.do(WantHistory{Seq: seq})
}

// history puts what had scrolled off above what has since, if it is what is waited
// for: in time, and the first.
func (m *MemberCore) history(h History) {
	if m.wanted == 0 || h.Seq != m.wanted {
		return
	}
	if err := m.screen.PrependHistory(h.Plain); err != nil {
		m.stats.Malformed++
	} else if len(h.Plain) > 0 {
		m.stats.Histories++
	}
	m.ReleaseScrolled()
}

// historyLate goes on without the history when it has not come.
func (m *MemberCore) historyLate(now time.Time) {
	if due(now, m.historyDue) {
		m.ReleaseScrolled()
	}
}

// ReleaseScrolled lets the lines that were held for the history be drawn. It is for
// a member that leaves; else it happens by itself.
func (m *MemberCore) ReleaseScrolled() {
	if m.wanted == 0 {
		return
	}
	m.wanted, m.historyDue = 0, time.Time{}
	m.dirty = true
}

// Frame copies what is to be drawn, without the lines that have scrolled off if they are
// to rest. They wait anyway while the history that belongs before them does.
func (m *MemberCore) Frame(f *screen.Frame, rest bool) {
	m.screen.HoldScrolled(rest || m.wanted != 0)
	m.screen.Frame(f)
}
