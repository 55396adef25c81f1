package sim

import (
	"time"

	"gossterm/gossip"
	"gossterm/session"
)

const (
	pullEvery  = 100 * time.Millisecond
	helloEvery = 300 * time.Millisecond
	// lagMost is how many bytes a reader may be behind before it goes on at the
	// newest snapshot.
	lagMost = 128 << 10
	// aroundOneIn is how many inputs go over the link alone for each that also goes
	// over other members.
	aroundOneIn = 8
	// readMost is how many records a member shows in one turn.
	readMost = 32
)

// A process is one member in one life: the loop of session.Join, turn by turn,
// and a node that keeps the host's log.
type process struct {
	s       *Sim
	place   int
	nonce   uint64
	core    *session.MemberCore
	log     gossip.Log
	alarm   alarm
	person  *person
	ledger  *ledger
	known   uint64 // the host's log is this far
	linked  bool
	version uint64 // of the membership that the row is from
	row     session.Joined
	paused  time.Time // stopped until then
	slow    time.Duration
	reading bool // a turn of reading is planned
	dead    bool
	barred  bool // the role was taken at some time
}

func newProcess(s *Sim, place int, nonce uint64) *process {
	p := &process{s: s, place: place, nonce: nonce, person: s.people[place]}
	p.core = session.NewMemberCore(session.Self{Key: s.keys[place]})
	p.ledger = newLedger(s, p)
	p.alarm = alarm{s: s, who: "a member", due: p.core.Deadline, ring: func() {
		p.awake(func() { p.step(session.Tick{}) })
	}}
	p.hello()
	p.pull()
	return p
}

// awake calls f when the process is not stopped, and never once it is dead.
func (p *process) awake(f func()) {
	switch {
	case p.dead:
	case p.s.queue.now.Before(p.paused):
		p.s.queue.at(p.paused, func() { p.awake(f) })
	default:
		f()
	}
}

func (p *process) every(d time.Duration, f func()) {
	p.s.queue.after(d, func() { p.awake(f) })
}

// hello asks to be let in as long as there is no link.
func (p *process) hello() {
	p.every(helloEvery, p.hello)
	if !p.linked {
		place, nonce := p.place, p.nonce
		p.s.net.send(place, hostPlace, func() { p.s.host.hello(place, nonce) })
	}
}

// welcome takes over what the host says of this process, if that is news.
func (p *process) welcome(version uint64, r row) {
	up := !p.linked
	p.linked = true
	if version >= p.version {
		p.version = version
		if j := (session.Joined{Incarnation: r.Incarnation, MayType: r.MayType}); j != p.row || up {
			p.row = j
			p.step(j)
		}
	}
	if up {
		p.s.tracef("up %d incarnation %d", p.place, p.row.Incarnation)
		p.step(session.LinkUp{})
	}
}

// pushed takes a record as it comes from the host: the next one, or nothing.
func (p *process) pushed(r gossip.Record) {
	p.known = max(p.known, r.Seq)
	p.keep(r)
}

// answered takes a range that was pulled. It may begin where a log may start,
// beyond what is missing; then the log begins anew there.
func (p *process) answered(rs []gossip.Record) {
	if rs[0].Part == 1 && rs[0].Seq > p.log.Head()+1 {
		p.s.tracef("jump %d %d to %d", p.place, p.log.Head(), rs[0].Seq)
		p.log.Reset()
	}
	for _, r := range rs {
		p.keep(r)
	}
}

// keep appends a record if it is the next one.
func (p *process) keep(r gossip.Record) {
	if p.log.Append(r) {
		if n := p.log.Bytes(); n > gossip.Kept {
			p.s.failf("the log at place %d holds %d bytes", p.place, n)
		}
		p.readSoon()
	}
}

// pull asks the host, or whoever else is there, for what is missing.
func (p *process) pull() {
	p.every(pullEvery, p.pull)
	if p.known <= p.log.Head() {
		return
	}
	from := p.s.rng.IntN(len(p.s.procs))
	if from == p.place {
		from = hostPlace
	}
	me, after := p.place, p.log.Head()
	reply := func(l *gossip.Log) {
		if rs := answer(l, after); len(rs) > 0 {
			p.s.toProcess(from, me, func(p *process) { p.answered(rs) })
		}
	}
	if from == hostPlace {
		p.s.net.send(me, hostPlace, func() { reply(&p.s.host.log) })
		return
	}
	p.s.toProcess(me, from, func(q *process) { reply(&q.log) })
}

// readSoon plans a turn of reading.
func (p *process) readSoon() {
	if p.reading {
		return
	}
	p.reading = true
	p.every(p.slow, func() {
		p.reading = false
		if p.follow() {
			p.readSoon()
		}
	})
}

// follow shows some records and reports whether there may be more.
func (p *process) follow() bool {
	next, ok := p.log.From(p.core.Through(), lagMost)
	for range readMost {
		r, got := p.log.Get(next)
		if !ok || !got {
			return false
		}
		p.step(session.Recorded{Seq: r.Seq, Part: r.Part, Parts: r.Parts, Plain: r.Bytes})
		next++
	}
	return true
}

// step applies an event to the core and carries out its actions.
func (p *process) step(ev session.MemberEvent) {
	for _, a := range p.core.Step(p.s.queue.now, ev) {
		switch a := a.(type) {
		case session.Send:
			p.ledger.sent(a)
			p.send(a)
		case session.Settled:
			p.ledger.settled(a)
		case session.MaybeLost:
			p.ledger.maybeLost(a)
		case session.Dropped:
			p.ledger.dropped += a.Bytes
			p.s.tracef("dropped %d %d", p.place, a.Bytes)
		case session.Skipped:
			p.s.tracef("skipped %d %d to %d", p.place, a.From, a.To)
		}
	}
	p.alarm.set()
}

// send gives an input to the network: over the link to the host and, now and then,
// over other members.
func (p *process) send(a session.Send) {
	key := p.s.keys[p.place]
	arrive := func() {
		p.s.host.step(session.Input{Author: key, Incarnation: a.Incarnation, Seq: a.Seq, Plain: a.Plain})
	}
	p.s.net.send(p.place, hostPlace, arrive)
	if p.s.rng.IntN(aroundOneIn) == 0 {
		p.s.net.sendAround(p.place, arrive)
	}
}

// settledAll reports whether nothing of what was typed here is open, and the
// screen is the host's.
func (p *process) settledAll() bool {
	sent, unsent := p.core.Unsettled()
	return sent+unsent == 0 && p.linked && p.core.Through() == p.s.host.core.Seq() &&
		p.core.Screen().Equal(p.s.host.core.Screen())
}
