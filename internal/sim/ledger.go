package sim

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"gossterm/internal/envelope"
	"gossterm/session"
)

// A fate is what an author was told of a token.
type fate uint8

const (
	unsent    fate = iota // in no record: dropped, or never sent
	open                  // sent and not settled
	confirmed             // settled as typed
	discarded             // settled as not typed
	maybeLost
	dropped // held through an outage, and then not wanted
)

func (f fate) String() string {
	return [...]string{"unsent", "open", "confirmed", "discarded", "maybe lost", "dropped"}[f]
}

// What is known of a token.
type known struct {
	fate        fate
	incarnation uint64 // whose log it is in, 0 if in none
}

// know returns what is known of a token that was typed, nil if none was.
func (s *Sim) know(t token) *known {
	if t.place < 1 || t.place >= len(s.people) || t.n < 1 || t.n > len(s.people[t.place].tokens) {
		return nil
	}
	return &s.people[t.place].tokens[t.n-1]
}

type recordName struct{ incarnation, seq uint64 }

// A ledger is all that one process has told its person about the typing.
type ledger struct {
	s       *Sim
	p       *process
	records map[recordName]*sentRecord
	typed   int // bytes given to the core
	inRecs  int // bytes of them in records
	dropped int // bytes of them reported as dropped
}

type sentRecord struct {
	plain  []byte
	tokens []token
	bytes  int
	fate   fate
	knew   uint32 // interrupts
	stops  bool   // it holds a ^C
}

func newLedger(s *Sim, p *process) *ledger {
	return &ledger{s: s, p: p, records: make(map[recordName]*sentRecord)}
}

// sent notes a record, and checks that a repeat is the same to the byte.
func (l *ledger) sent(a session.Send) {
	name := recordName{a.Incarnation, a.Seq}
	r := l.records[name]
	if a.Repeat != (r != nil) {
		l.s.failf("place %d sends %v with repeat=%v", l.p.place, name, a.Repeat)
		return
	}
	if r != nil {
		if !bytes.Equal(r.plain, a.Plain) {
			l.s.failf("place %d: another content under %v", l.p.place, name)
		}
		return
	}
	l.s.tracef("send %d %d/%d", l.p.place, a.Incarnation, a.Seq)
	r = &sentRecord{plain: bytes.Clone(a.Plain), fate: open}
	l.records[name] = r
	t, err := envelope.ParseTyping(a.Plain)
	if err != nil {
		l.s.failf("place %d sends nonsense: %v", l.p.place, err)
	}
	r.knew = t.Flushes
	for _, it := range t.Items {
		var data []byte
		switch it := it.(type) {
		case envelope.Typed:
			data = it.Data
		case envelope.Paste:
			data = it.Data
		}
		r.bytes += len(data)
		r.stops = r.stops || bytes.IndexByte(data, interruptKey) >= 0
		for len(data) >= tokenSize {
			if data[0] == enterKey {
				data = data[1:]
				continue
			}
			tok, ok := parseToken(data)
			if !ok {
				l.s.failf("place %d sends a torn token %q", l.p.place, data[:tokenSize])
				break
			}
			r.tokens = append(r.tokens, tok)
			if from := l.p.heldFrom; from > 0 && tok.n >= from && l.p.waits() {
				l.s.failf("place %d sends token %v, which waits for the end of an outage since %d", l.p.place, tok, from)
			}
			l.s.know(tok).incarnation = a.Incarnation
			l.s.know(tok).fate = open
			data = data[tokenSize:]
		}
	}
	l.inRecs += r.bytes
}

// settle gives a record's tokens their fate, once.
func (l *ledger) settle(name recordName, bytes int, f fate) {
	r := l.records[name]
	if r == nil || r.fate != open {
		l.s.failf("place %d: %v is settled twice or was never sent", l.p.place, name)
		return
	}
	if bytes >= 0 && bytes != r.bytes {
		l.s.failf("place %d: %v settles %d bytes of %d", l.p.place, name, bytes, r.bytes)
	}
	r.fate = f
	for _, tok := range r.tokens {
		l.s.know(tok).fate = f
	}
}

func (l *ledger) settled(a session.Settled) {
	f := confirmed
	if a.Discarded {
		f = discarded
	}
	l.s.tracef("settled %d %d/%d %v", l.p.place, a.Incarnation, a.Seq, f)
	l.settle(recordName{a.Incarnation, a.Seq}, a.Bytes, f)
}

func (l *ledger) maybeLost(a session.MaybeLost) {
	l.s.tracef("maybe lost %d %d/%d to %d", l.p.place, a.Incarnation, a.From, a.To)
	for seq := a.From; seq <= a.To; seq++ {
		l.settle(recordName{a.Incarnation, seq}, -1, maybeLost)
	}
}

// checkHoles asserts that behind discarded input nothing was typed that its author
// had typed without knowing, unless the author's own interrupt was between them.
func (l *ledger) checkHoles() {
	if l.p.barred { // then input is discarded for another reason
		return
	}
	names := slices.SortedFunc(maps.Keys(l.records), func(a, b recordName) int {
		return cmp.Or(cmp.Compare(a.incarnation, b.incarnation), cmp.Compare(a.seq, b.seq))
	})
	var hole recordName // the last that was discarded
	for _, name := range names {
		r := l.records[name]
		switch {
		case r.fate == discarded:
			hole = name
		case r.stops || name.incarnation != hole.incarnation:
			hole = recordName{}
		case r.fate == confirmed && hole.seq > 0 && r.knew == l.records[hole].knew:
			l.s.failf("place %d: %v was typed behind %v, which was discarded, knowing of no more than %d interrupts",
				l.p.place, name, hole, r.knew)
			return
		}
	}
}

// check asserts that every byte that was typed is in a record, waits, or was
// reported as dropped, and that the queues are bounded.
func (l *ledger) check() {
	sent, unsent := l.p.core.Unsettled()
	if l.typed != l.inRecs+l.dropped+unsent {
		l.s.failf("place %d typed %d bytes: %d in records, %d reported as dropped, %d waiting",
			l.p.place, l.typed, l.inRecs, l.dropped, unsent)
	}
	if most := unackedMost * envelope.MaxInputItems; sent > most {
		l.s.failf("place %d has %d bytes unacked, more than %d", l.p.place, sent, most)
	}
}
