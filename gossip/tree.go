package gossip

import (
	"slices"
	"time"

	"gossterm/internal/id"
)

// depthUnknown is the depth of who does not know how far the host is.
const depthUnknown = 255

// A tree is Plumtree's state.
type tree struct {
	log     Log
	parent  *link // whom records come from first
	depth   int
	lates   int    // times in a row that the parent was late
	quicker int    // times in a row that another than the host, the parent, delivered first
	slower  int    // records that the parent pushed after others had been asked for them, less those in time
	mended  uint64 // the newest record that came because it was asked for
	skips   int    // offers to begin anew that were not taken since the log grew
	fresh   uint64
	want    uint64 // a head said that the log goes this far
	pending []pending
	checkOf int      // the bytes of all copies in pending
	ahead   []Record // checked, beyond a gap, in order of seq
	aheadOf int      // their bytes

	pace     time.Duration // smoothed time that a record of the parent takes
	pushedAt time.Time     // when its last came
	lagging  bool          // more was known to come then

	gapAt                     time.Time // since when something is missing
	gapDue, pushDue, ihaveDue time.Time
}

// A copied is a record as one peer sent it.
type copied struct {
	from id.Peer
	msg  Gossip
}

// A pending is a record being checked, and copies of it that came meanwhile:
// they are duplicates if it is good, and checked in turn if it is forged.
type pending struct {
	copied
	more []copied
}

// size returns the bytes of all copies.
func (p *pending) size() int {
	n := len(p.msg.Rec.Bytes)
	for _, c := range p.more {
		n += len(c.msg.Rec.Bytes)
	}
	return n
}

// append adds to the host's own log and pushes.
func (s *State) append(now time.Time, r Record) {
	if s.isHost() && s.log.Append(r) {
		s.stats.Records++
		s.pushAll(now)
	}
}

// seen reports whether a record was checked and taken already.
func (s *State) seen(seq uint64) bool {
	return seq <= s.log.Head() || s.aheadAt(seq) < len(s.ahead) && s.ahead[s.aheadAt(seq)].Seq == seq
}

// waits reports whether a record beyond the gap is here that a log may begin with.
func (s *State) waits(seq uint64) bool {
	i := s.aheadAt(seq)
	return i < len(s.ahead) && s.ahead[i].Seq == seq && s.ahead[i].Part == 1
}

// aheadAt returns where a record beyond the gap is, or would be.
func (s *State) aheadAt(seq uint64) int {
	i, _ := slices.BinarySearchFunc(s.ahead, seq, func(r Record, seq uint64) int {
		switch {
		case r.Seq < seq:
			return -1
		case r.Seq > seq:
			return 1
		}
		return 0
	})
	return i
}

// recvGossip has a record checked unless it is here already.
func (s *State) recvGossip(now time.Time, l *link, m Gossip) {
	seq := m.Rec.Seq
	l.have, l.depth, l.childOf = s.credible(l.have, seq), m.Depth, m.Parent
	if s.isHost() || s.seen(seq) {
		if s.waits(seq) && s.mayJump(l, m) {
			s.jump(now, seq)
			return
		}
		s.duplicate(now, l, m)
		return
	}
	c := copied{l.Peer, m}
	i, room := s.pendingAt(seq), s.checkOf+len(m.Rec.Bytes) <= checkBytes
	switch {
	case i < 0 && room && len(s.pending) < maxPending && s.fits(m):
		s.pending = append(s.pending, pending{copied: c})
		s.emit(Check{l.Peer, m.Rec})
	case i >= 0 && s.pending[i].from == l.Peer:
		return
	case i >= 0 && room && len(s.pending[i].more) < maxCopies:
		s.pending[i].more = append(s.pending[i].more, c)
	default:
		s.stats.Refused++
		s.missing(now, 0)
		return
	}
	s.checkOf += len(m.Rec.Bytes)
}

// fits reports whether there is a place for a record: it is next, the log may
// begin with it, or it is not too far ahead: less far than another that is kept.
func (s *State) fits(m Gossip) bool {
	head := s.log.Head()
	if m.Rec.Seq == head+1 || m.Rec.Part == 1 && (m.Skip || head == 0) {
		return true
	}
	return s.fitsAhead(m) || len(s.ahead) > 0 && m.Rec.Seq < s.ahead[len(s.ahead)-1].Seq
}

// roomAhead makes room for a record beyond a gap, at the cost of those that are further
// beyond it: they are needed later. It reports whether there is some.
func (s *State) roomAhead(m Gossip) bool {
	for !s.fitsAhead(m) {
		last := len(s.ahead) - 1
		if last < 0 || s.ahead[last].Seq < m.Rec.Seq {
			return false
		}
		s.aheadOf -= len(s.ahead[last].Bytes)
		s.ahead = slices.Delete(s.ahead, last, last+1)
	}
	return true
}

// fitsAhead reports whether there is a place for a record beyond a gap.
func (s *State) fitsAhead(m Gossip) bool {
	return len(s.ahead) < maxAhead && s.aheadOf+len(m.Rec.Bytes) <= aheadBytes
}

func (s *State) pendingAt(seq uint64) int {
	return slices.IndexFunc(s.pending, func(p pending) bool { return p.msg.Rec.Seq == seq })
}

// duplicate asks a neighbor whose push was of no use to stop, unless the log
// comes from it.
func (s *State) duplicate(now time.Time, l *link, m Gossip) {
	s.stats.Duplicates++
	if l == s.parent && l.Peer != s.cfg.Host && !m.Repair && m.Rec.Seq <= s.mended { // behind the host all are later still
		s.slower = min(s.slower+1, slowerAllow)
	}
	if m.Repair || !l.active || l == s.parent {
		return
	}
	if s.stopping(now, l) {
		return
	}
	l.pruned = now
	s.stats.Prunes++
	s.send(l, Prune{})
}

// stopping reports whether a neighbor was asked just now not to push, and may not
// have heard it yet.
func (s *State) stopping(now time.Time, l *link) bool {
	return !l.pruned.IsZero() && now.Before(l.pruned.Add(pruneEvery))
}

// checked takes a good record, forgets an unknown one, and turns to the next copy
// of a forged one.
func (s *State) checked(now time.Time, c Checked) {
	i := s.pendingAt(c.Seq)
	if i < 0 || s.pending[i].from != c.From {
		return
	}
	p := s.pending[i]
	s.pending = slices.Delete(s.pending, i, i+1)
	s.checkOf -= p.size()
	switch c.Verdict {
	case Good:
		s.take(now, p)
	case Unknown:
		s.stats.Unknown++
		s.missing(now, 0)
	default:
		s.forged(now, p)
	}
}

// forged parts with who sent a forged record, and checks the next copy of it.
func (s *State) forged(now time.Time, p pending) {
	s.stats.Forged++
	s.expel(now, p.from)
	if len(p.more) > 0 {
		next := pending{copied: p.more[0], more: p.more[1:]}
		s.pending = append(s.pending, next)
		s.checkOf += next.size()
		s.emit(Check{next.from, next.msg.Rec})
	}
}

// take puts a genuine record into the log, or keeps it beyond the gap, makes its
// sender the parent if it pushed, and its other senders duplicates.
func (s *State) take(now time.Time, p pending) {
	l := s.link(p.from)
	jump := s.mayJump(l, p.msg)
	offer := p.msg.Skip && !jump && p.msg.Rec.Seq > s.log.Head()+1 // nobody's child for that
	if l != nil && l.active && !p.msg.Repair && !offer && !s.stopping(now, l) {
		l.pruned = time.Time{} // if it was asked to stop, that was lost with its stream
		s.lead(now, l, p.msg)
	}
	s.place(p.msg, jump)
	s.lagging = s.want > s.log.Head()
	if p.msg.Repair {
		s.mended = max(s.mended, p.msg.Rec.Seq)
	}
	for _, c := range p.more {
		if l := s.link(c.from); l != nil {
			s.duplicate(now, l, c.msg)
		}
	}
	s.pushAll(now)
	s.missing(now, 0)
	s.goOn(now, l, p.msg)
}

// goOn asks for the next range as soon as one has come whole, and not at the next time
// to ask: who was away for long has many to catch up with, and who had too much at once
// to check it, many gaps.
func (s *State) goOn(now time.Time, l *link, m Gossip) {
	if l == nil || !l.active || !m.Repair || l.askedTo == 0 || s.log.Head() < l.askedTo || l.have <= s.log.Head() {
		return
	}
	s.gapDue = now.Add(max(pullEvery, s.late()))
	s.pull(l)
}

// lead makes who pushed a record first the parent. Not one who has the log from us:
// it got this record as repair, from elsewhere, and would be above and below us.
// If there is no parent, it is time to look for one. And the host is not left for
// one that was quicker once: that is chance, and makes the tree deeper; if it is so
// time after time, the way from the host is slow.
func (s *State) lead(now time.Time, l *link, m Gossip) {
	stay := s.parent != nil && l != s.parent && s.parent.Peer == s.cfg.Host
	if stay {
		s.quicker++
	}
	switch {
	case m.Parent != s.cfg.Self && (!stay || s.quicker > quickerAllow):
		s.follow(l, m)
		s.paced(now)
		s.quicker = 0
	case s.parent == nil:
		for _, o := range pick(s, slices.Clone(s.active), 1, func(o *link) bool { return o.childOf != s.cfg.Self }) {
			s.graft(o)
		}
	}
}

// follow notes whom the log comes from, and how far the host is.
func (s *State) follow(l *link, m Gossip) {
	s.lates, s.slower = 0, max(s.slower-1, 0)
	s.depth = min(int(m.Depth)+1, depthUnknown)
	if s.parent != l {
		s.parent, s.slower = l, 0
		s.emit(ParentIs{l.Peer})
	}
}

// mayJump reports whether to begin anew at a record that says so: nothing is here
// yet, or too much is missing, or who we have the log from did likewise. A few
// records that are not kept by who was asked may be had from the next, or be on
// their way: it may be a newcomer.
func (s *State) mayJump(l *link, m Gossip) bool {
	if m.Rec.Part != 1 || !m.Skip || m.Rec.Seq <= s.log.Head() || s.isHost() {
		return false
	}
	head := s.log.Head()
	if head == 0 || m.Rec.Seq-head > skipNear || l != nil && l == s.parent && l.asked != head+1 {
		return true
	}
	if l == nil || l.asked != head+1 || l.offered {
		return false // one offer for each question
	}
	l.offered = true
	s.skips++
	return s.skips > skipsRefuse
}

// jump begins anew at a record that waits beyond the gap.
func (s *State) jump(now time.Time, seq uint64) {
	for len(s.ahead) > 0 && s.ahead[0].Seq < seq {
		s.aheadOf -= len(s.ahead[0].Bytes)
		s.ahead = slices.Delete(s.ahead, 0, 1)
	}
	s.log.Reset()
	s.skips, s.gapDue = 0, time.Time{}
	s.drain()
	s.pushAll(now)
	s.missing(now, 0)
}

// place puts a record where it belongs: at the end of the log, at the begin of a
// new one, or beyond a gap.
func (s *State) place(m Gossip, jump bool) {
	switch {
	case s.log.Append(m.Rec):
	case jump:
		s.log.Reset()
		s.log.Append(m.Rec)
	case m.Rec.Seq > s.log.Head() && !s.seen(m.Rec.Seq) && s.roomAhead(m):
		s.ahead = slices.Insert(s.ahead, s.aheadAt(m.Rec.Seq), m.Rec)
		s.aheadOf += len(m.Rec.Bytes)
		return
	default:
		return
	}
	s.stats.Records++
	s.skips = 0
	s.gapDue = time.Time{} // what is still missing has its time anew
	s.drain()
}

// drain takes what waited for the gap to close, and drops what was passed.
func (s *State) drain() {
	n := 0
	for n < len(s.ahead) && (s.ahead[n].Seq <= s.log.Head() || s.log.Append(s.ahead[n])) {
		s.aheadOf -= len(s.ahead[n].Bytes)
		s.stats.Records++
		n++
	}
	s.ahead = slices.Delete(s.ahead, 0, n)
}

// orphaned asks all neighbors that may have the log from elsewhere to push: the
// first to deliver is the new parent, the others are pruned.
func (s *State) orphaned(now time.Time) {
	s.parent, s.lates, s.slower, s.depth = nil, 0, 0, depthUnknown
	s.emit(ParentIs{})
	for _, l := range s.active {
		if l.childOf != s.cfg.Self {
			s.graft(l)
		}
	}
	s.missing(now, 0)
}

// graft asks a neighbor to push from where the log ends here.
func (s *State) graft(l *link) {
	l.pruned, l.asked, l.askedTo, l.offered = time.Time{}, s.log.Head()+1, 0, false
	s.stats.Grafts++
	s.send(l, Graft{s.log.Head() + 1})
}
