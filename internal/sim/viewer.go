package sim

import (
	"time"

	"gossterm/gossip"
	"gossterm/session"
)

const (
	// lagMost is how many bytes a reader may be behind before it goes on at the
	// newest snapshot.
	lagMost = 128 << 10
	// readMost is how many records a member shows in one turn.
	readMost = 32
)

// A viewer is what a member does with its node: the loop of session.Join, turn by
// turn. A process without a screen follows the log as a reader does, and asserts
// of each record that it is the one that the host wrote.
type viewer struct {
	p       *process
	core    *session.MemberCore // nil: no screen
	timer   alarm
	person  *person
	ledger  *ledger
	through uint64 // read
	slow    time.Duration
	reading bool // a turn of reading is planned
	barred  bool // the role was taken at some time
	// heldFrom is the first token that waits for the end of an outage, 0 if none does.
	heldFrom int
	last     gossip.Input // of its person
}

func (v *viewer) begin(p *process) {
	v.p, v.through = p, 0
	if p.place > p.s.plan.screens {
		return
	}
	v.core = session.NewMemberCore(session.Self{Key: p.key})
	if p.place <= p.s.plan.typists {
		v.person = p.s.people[p.place]
	}
	v.ledger = newLedger(p.s, p)
	defer v.tellWindow()
	v.timer = alarm{s: p.s, n: p.node, who: "a member", due: v.core.Deadline, ring: func() {
		p.awake(func() { v.step(session.Tick{}) })
	}}
}

// grew plans a turn of reading.
func (v *viewer) grew() {
	if v.reading {
		return
	}
	v.reading = true
	v.p.every(v.slow, func() {
		v.reading = false
		if v.follow() {
			v.grew()
		}
	})
}

// follow shows some records and reports whether there may be more.
func (v *viewer) follow() bool {
	log := v.p.state.Log()
	next, ok := log.From(v.through, lagMost)
	for range readMost {
		r, got := log.Get(next)
		if !ok || !got {
			return false
		}
		v.read(r)
		next++
	}
	return true
}

// read takes one record: the next one, or where a log may start.
func (v *viewer) read(r gossip.Record) {
	s := v.p.s
	if w, ok := s.host.wrote(r.Seq); !ok || !same(w, r) {
		s.failf("place %d: record %d is not what the host wrote", v.p.place, r.Seq)
	}
	if r.Seq != v.through+1 {
		s.counts.jumps++
		if r.Part != 1 || r.Seq <= v.through {
			s.failf("place %d reads record %d after %d", v.p.place, r.Seq, v.through)
		}
	}
	v.through = r.Seq
	if v.core != nil {
		v.step(session.Recorded{Seq: r.Seq, Part: r.Part, Parts: r.Parts, Plain: r.Bytes})
		v.checkShot(r.Seq)
	}
}

// joined is the host's word of who we are.
func (v *viewer) joined(w welcome) {
	if v.core != nil {
		v.step(session.Joined{Incarnation: w.incarnation, MayType: w.mayType})
	}
}

// newWay is a new way to the host.
func (v *viewer) newWay() {
	if v.core != nil && v.p.joined {
		v.step(session.LinkUp{})
	}
}

// step applies an event to the core and carries out its actions.
func (v *viewer) step(ev session.MemberEvent) {
	s := v.p.s
	for _, a := range v.core.Step(v.p.node.clock(), ev) {
		switch a := a.(type) {
		case session.Send:
			v.ledger.sent(a)
			v.send(a)
		case session.Settled:
			v.ledger.settled(a)
		case session.MaybeLost:
			v.ledger.maybeLost(a)
		case session.Dropped:
			v.ledger.dropped += a.Bytes
			s.tracef("dropped %d %d", v.p.place, a.Bytes)
		case session.Skipped:
			s.tracef("skipped %d %d to %d", v.p.place, a.From, a.To)
		}
	}
	if v.heldFrom > 0 && v.core.Held() == 0 {
		v.heldFrom = 0
	}
	v.timer.set()
}

// send gives an input to gossip.
func (v *viewer) send(a session.Send) {
	p := v.p
	p.s.inputs[inputName{p.key, a.Incarnation, a.Seq}] = a.Plain
	v.last = gossip.Input{Author: p.key, Incarnation: a.Incarnation, Seq: a.Seq, Bytes: a.Plain}
	p.node.step(gossip.Submit{Input: v.last, Again: a.Repeat})
}

// settledAll reports whether nothing of what was typed here is open, and the log,
// and with it the screen, is the host's.
func (v *viewer) settledAll() bool {
	if !v.p.joined || v.through != v.p.s.host.core.Seq() {
		return false
	}
	if v.core == nil {
		return true
	}
	sent, unsent := v.core.Unsettled()
	return sent+unsent == 0 && v.core.Through() == v.through && v.core.Screen().Equal(v.p.s.host.core.Screen())
}
