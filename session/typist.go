package session

import (
	"time"

	"gossterm/internal/envelope"
)

const (
	// maxUnacked is how many records a member may have unacked; the last place
	// is kept for an interrupt (PROTOCOL.md §6.1).
	maxUnacked  = 64
	repeatFirst = 250 * time.Millisecond
	repeatMost  = 2 * time.Second
	// repeatBatch is how many of the oldest unacked records one repeat sends.
	repeatBatch = 8
)

// A typist numbers what its person types and keeps each record until the host
// has settled it.
type typist struct {
	incarnation uint64 // 0: not joined yet
	mayType     bool
	seq         uint64 // of the last record made
	unacked     []unackedRecord
	backlog
	flushes     uint32 // interrupts that records say they know of
	heard       uint32 // interrupts heard of
	repeatAt    time.Time
	repeatAfter time.Duration
	stoppedAt   time.Time // when an interrupt was sent last
}

// An unackedRecord is one that was sent and is not settled. Its plaintext never
// changes.
type unackedRecord struct {
	seq   uint64
	plain []byte
	typed int  // bytes of what the person typed
	keys  int  // that they pressed for it
	stops bool // it holds an interrupt
	size  bool // it says the terminal's size
}

// MayType reports whether the host lets this member type.
func (m *MemberCore) MayType() bool { return m.mayType }

// send makes records of the backlog while there are places.
func (m *MemberCore) send(now time.Time) {
	for m.incarnation != 0 && m.mayType && len(m.waiting) > 0 {
		stops := m.nextStops() > 0
		places := maxUnacked - 1
		if stops {
			places = maxUnacked
		}
		if len(m.unacked) >= places {
			return
		}
		u := m.nextPlain()
		u.stops = stops
		m.record(now, u)
	}
}

// record sends the next record, which has its number here.
func (m *MemberCore) record(now time.Time, u unackedRecord) {
	m.seq++
	u.seq = m.seq
	m.unacked = append(m.unacked, u)
	if u.stops {
		m.stoppedAt = now
	}
	m.stats.Sent++
	m.do(Send{Incarnation: m.incarnation, Seq: u.seq, Plain: u.plain})
	if m.repeatAt.IsZero() {
		m.repeatAfter = repeatFirst
		m.repeatAt = now.Add(m.repeatAfter)
	}
}

// nextStops returns how many items at the front of the backlog make the record of
// an interrupt: the key, and the end of the paste that it cut. It returns 0 if
// something else is next.
func (m *MemberCore) nextStops() int {
	if isInterruptKey(m.waiting[0]) {
		return 1
	}
	p, ok := m.waiting[0].(envelope.Paste)
	if ok && p.Last && len(p.Data) == 0 && len(m.waiting) > 1 && isInterruptKey(m.waiting[1]) {
		return 2
	}
	return 0
}

// nextPlain makes the next record from the front of the backlog, without its number. An
// interrupt shares a record with nothing that is typed.
func (m *MemberCore) nextPlain() (u unackedRecord) {
	n, size, stop := 0, 0, m.nextStops()
	for n < len(m.waiting) {
		it := m.waiting[n]
		if n > 0 && n >= stop && (stop > 0 || isInterruptKey(it) || size+envelope.InputSize(it) > envelope.MaxInputItems) {
			break
		}
		if p, ok := it.(envelope.Paste); ok {
			m.pasteSent = !p.Last
		}
		size += envelope.InputSize(it)
		u.typed += typedBytes(it)
		n++
	}
	u.plain = envelope.Typing{Flushes: m.flushes, Items: m.waiting[:n]}.Append(nil)
	u.keys = keyCount(m.waiting[:n])
	clear(m.waiting[:n])
	m.waiting = m.waiting[n:]
	m.waitingBytes -= size
	return u
}

// acked takes the host's news of this member. Through never goes back.
//
// Discarded records mean that somebody interrupted, and then nothing more of what
// was typed before is sent. If that was this member's own key, what was discarded
// made way for it and the backlog came after it. As long as the fate of older
// records is open, new ones do not say that they know of the interrupt: they must
// not be typed if those are discarded.
func (m *MemberCore) acked(now time.Time, flushes uint32, ack envelope.Ack) {
	if ack.Incarnation != m.incarnation {
		return
	}
	lost := 0
	for len(m.unacked) > 0 && m.unacked[0].seq <= ack.Through {
		u := m.unacked[0]
		m.unacked[0] = unackedRecord{}
		m.unacked = m.unacked[1:]
		back := ack.Through - u.seq
		discarded := back < 64 && ack.Discarded>>back&1 == 1
		switch {
		case discarded:
			m.stats.Discarded++
			lost++
			if u.size { // perhaps before it could count
				m.told = cells{}
			}
		case u.stops:
			lost = 0
		}
		m.stats.Settled++
		m.do(Settled{Incarnation: m.incarnation, Seq: u.seq, Bytes: u.typed, Discarded: discarded})
		m.progress(now)
	}
	m.heard = max(m.heard, flushes)
	if m.heard > m.flushes && (lost > 0 || len(m.unacked) == 0) {
		m.flushes = m.heard
		if lost > 0 {
			m.cutShort(now)
		}
	}
}

// progress starts the repeat timer anew.
func (m *MemberCore) progress(now time.Time) {
	m.movedAt = now
	m.repeatAfter = repeatFirst
	m.repeatAt = time.Time{}
	if len(m.unacked) > 0 {
		m.repeatAt = now.Add(m.repeatAfter)
	}
}

// repeatDue repeats the oldest unacked records after a while without progress.
func (m *MemberCore) repeatDue(now time.Time) {
	if !due(now, m.repeatAt) {
		return
	}
	m.repeat(min(len(m.unacked), repeatBatch))
	m.repeatAfter = min(2*m.repeatAfter, repeatMost)
	m.repeatAt = now.Add(m.repeatAfter)
}

// repeatAll repeats all that is unacked, on a new link.
func (m *MemberCore) repeatAll(now time.Time) {
	if m.incarnation == 0 {
		return
	}
	m.repeat(len(m.unacked))
	m.progress(now)
}

func (m *MemberCore) repeat(n int) {
	for _, u := range m.unacked[:n] {
		m.stats.Repeated++
		m.do(Send{Incarnation: m.incarnation, Seq: u.seq, Plain: u.plain, Repeat: true})
	}
}

// joined takes over what the host says this member is. A new incarnation is a
// new log: what was unacked in the old one may have been typed or not, so it is
// reported and never sent again.
func (m *MemberCore) joined(now time.Time, j Joined) {
	if m.incarnation != 0 && j.Incarnation != m.incarnation {
		if n := len(m.unacked); n > 0 {
			lost := MaybeLost{Incarnation: m.incarnation, From: m.unacked[0].seq, To: m.unacked[n-1].seq}
			for _, u := range m.unacked {
				lost.Bytes += u.typed
			}
			m.stats.MaybeLost += uint64(n)
			m.do(lost)
		}
		m.unacked, m.seq = nil, 0
		m.told = cells{}
		m.progress(now)
	}
	m.incarnation, m.mayType = j.Incarnation, j.MayType
	if !m.mayType {
		m.dropBacklog()
	}
}
