package sim

import (
	"bytes"
	"math/rand/v2"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
)

// A node is what internal/node does in each process, the host's too: one
// gossip.State, its links and timers, the check of what came, the newest head and
// the newest membership.
type node struct {
	s       *Sim
	place   int
	nonce   uint64
	key     id.Peer
	up      upper
	state   *gossip.State
	todo    []gossip.Event
	alarm   alarm
	ends    []*end
	calls   map[id.Peer]*call // never ranged over
	head    head
	roll    *membership
	genuine map[inputName]bool // inputs that were checked; never ranged over
	evil    *evil              // nil: honest
	paused  time.Time          // stopped until then
	inbox   []func()           // what came meanwhile
	sleeper
	dead    bool
	gone    bool // dead, and whoever calls is told so
	records int  // being checked
	inputs  int  // likewise
	came    int  // records of the host's log, repeats too
}

// An upper is what sits on a node: the host's session or a member's.
type upper interface {
	hello() hello
	accept(e *end, h hello)     // a peer called and says so much
	connected(e *end)           // our call was answered
	unreached(to id.Peer)       // or not
	welcomed(e *end, w welcome) // the host let us in
	lost(e *end)                // a link is gone
	silent(e *end)              // a link is suspect
	beats()                     // the host is there
	slept()                     // this process was stopped for long
	news()                      // a newer membership
	grew()                      // the log goes on
	met(id.Peer)                // a new neighbor
	typed(m gossip.Input) bool  // a genuine input: reports whether its author may type
	asked(from id.Peer, q gossip.Request)
	answer(a gossip.Answer)
}

// A hello is a dialler's first word.
type hello struct {
	life
	joined bool // it was welcomed before
	have   uint64
}

func newNode(s *Sim, place int, key id.Peer, nonce uint64, up upper) *node {
	n := &node{s: s, place: place, nonce: nonce, key: key, up: up, calls: make(map[id.Peer]*call), genuine: make(map[inputName]bool), roll: &membership{}}
	s.net.nodes[key] = n
	cfg := gossip.Config{
		Self: key, Host: s.hostKey, Rand: rand.NewPCG(s.report.Case.Seed, nonce<<8|uint64(place)),
		Active: s.plan.active, MaxPeers: maxPeers,
	}
	if place == hostPlace {
		cfg.Active = s.plan.degree
	}
	n.state = gossip.New(n.clock(), cfg)
	n.alarm = alarm{s: s, n: n, who: "gossip", due: n.state.Deadline, ring: func() {
		n.awake(func() { n.step(gossip.Tick{}) })
	}}
	n.alarm.set()
	return n
}

// awake calls f when the process is not stopped, in the order of the calls, and
// never once it is dead.
func (n *node) awake(f func()) {
	switch {
	case n.dead:
	case n.s.queue.now.Before(n.paused) || len(n.inbox) > 0:
		n.inbox = append(n.inbox, f)
	default:
		f()
	}
}

// end returns this side of the link to a peer, nil if there is none.
func (n *node) end(p id.Peer) *end {
	for _, e := range n.ends {
		if e.peer == p {
			return e
		}
	}
	return nil
}

// open tells gossip of a link, and hands on what came early.
func (n *node) open(e *end) {
	if e.up || e.closed {
		return
	}
	e.up = true
	n.step(gossip.LinkUp{Peer: e.peer})
	early := e.early
	e.early = nil
	for _, f := range early {
		n.receive(e, f)
	}
	if e.silent { // it fell silent before it could be used
		n.step(gossip.LinkSilent{Peer: e.peer})
	}
}

// linkDown tells gossip that a peer is not reached, unless there is a link by now.
func (n *node) linkDown(p id.Peer) {
	if e := n.end(p); e == nil || !e.up {
		n.step(gossip.LinkDown{Peer: p})
	}
}

// earlyMost bounds what is kept of a link before the process is let in.
const earlyMost = 4096

// receive takes a frame from a link.
func (n *node) receive(e *end, f frame) {
	switch f := f.(type) {
	case probe:
		return
	case closing:
		n.closed(e, f.why)
		return
	case welcome:
		n.up.welcomed(e, f)
		return
	}
	if !e.up {
		if len(e.early) < earlyMost {
			e.early = append(e.early, f)
		}
		return
	}
	switch f := f.(type) {
	case head:
		if f.beat > n.head.beat {
			n.head = f
			n.up.beats()
			n.step(gossip.Head{From: e.peer, Beat: f.beat, Through: f.through, Version: f.version})
		}
	case *membership:
		if f.version > n.roll.version {
			n.roll = f
			n.step(gossip.Members{From: e.peer, Version: f.version})
			n.up.news()
		}
	case gossip.Msg:
		if _, ok := f.(gossip.Gossip); ok {
			n.came++
		}
		n.s.counts.note(f)
		before, _ := n.eager(f, e.peer)
		n.step(gossip.Recv{From: e.peer, Msg: f})
		if after, still := n.eager(f, e.peer); still && after != before {
			n.s.failf("a Pull changed whether place %d pushes to place %d", n.place, e.other.n.place)
		}
	}
}

// closed is a link that the other side closed.
func (n *node) closed(e *end, why code) {
	e.shut()
	switch {
	case !e.up:
	case why == left:
		n.step(gossip.LinkDone{Peer: e.peer})
	default:
		n.step(gossip.LinkDown{Peer: e.peer})
	}
	n.up.lost(e)
}

// step applies an event to gossip, and those that follow from its actions.
func (n *node) step(ev gossip.Event) {
	n.todo = append(n.todo, ev)
	if len(n.todo) > 1 {
		return // a step is under way, and goes on with this
	}
	for ; len(n.todo) > 0; n.todo = n.todo[1:] {
		n.s.mix(n, n.todo[0])
		for _, a := range n.state.Step(n.clock(), n.todo[0]) {
			n.do(a)
		}
	}
	n.todo = nil
	n.alarm.set()
}

// do carries out one action. What follows from it waits for the next step.
func (n *node) do(a gossip.Action) {
	switch a := a.(type) {
	case gossip.Send:
		n.passes(a)
		n.send(a)
	case gossip.Dial:
		n.gossipDials(a.Contact.Peer)
	case gossip.CloseLink:
		n.closeLink(a)
	case gossip.Check:
		n.check(a)
	case gossip.CheckInput:
		n.checkInput(a)
	case gossip.Grew:
		n.up.grew()
	case gossip.PassHead:
		n.end(a.To).post(n.head)
	case gossip.PassMembers:
		n.end(a.To).post(n.roll)
	case gossip.Asked:
		n.up.asked(a.From, a.Request)
	case gossip.Answered:
		n.up.answer(a.Answer)
	case gossip.ViewUp:
		if eager, still := n.pushes(a.Peer); still && !eager {
			n.s.failf("place %d does not push to its new neighbor %d", n.place, n.s.placeOf(a.Peer))
		}
		n.up.met(a.Peer)
	}
}

// send puts a message of gossip on a link that gossip knows of.
func (n *node) send(a gossip.Send) {
	e := n.end(a.To)
	if e == nil || !e.up {
		return
	}
	m := frame(a.Msg)
	if n.evil != nil {
		m = n.evil.alter(a.Msg)
	}
	e.post(m)
}

func (n *node) gossipDials(to id.Peer) {
	if to == n.key {
		n.s.failf("place %d calls itself", n.place)
		return
	}
	if e := n.end(to); e != nil && e.up {
		n.s.failf("place %d calls place %d, to which it has a link", n.place, n.s.placeOf(to))
		return
	}
	n.dial(to, true)
}

// closeLink closes a link for gossip, and asserts that only the evil are blamed.
func (n *node) closeLink(a gossip.CloseLink) {
	e := n.end(a.Peer)
	if a.Reason == gossip.Violation {
		n.s.counts.violations++
		if n.evil == nil && !n.s.wicked[a.Peer] {
			n.s.failf("place %d blames place %d, which is honest", n.place, n.s.placeOf(a.Peer))
		}
	}
	if e == nil {
		return
	}
	switch a.Reason {
	case gossip.Violation:
		e.close(violation)
	case gossip.Full:
		e.close(full)
	default:
		e.close(left)
	}
}

// check answers whether a record is the one that the host wrote, at once or a
// little later.
func (n *node) check(a gossip.Check) {
	verdict := gossip.Bad
	if w, ok := n.s.host.wrote(a.Rec.Seq); ok && same(w, a.Rec) {
		verdict = gossip.Good
	} else {
		n.s.counts.forged++
	}
	n.records++
	n.bounded("records", n.records, checksMost)
	n.soon(func() {
		n.records--
		n.step(gossip.Checked{From: a.From, Seq: a.Rec.Seq, Verdict: verdict})
	})
}

// checkInput answers whether an input is its author's. Who may type is looked up
// in the membership as it is known here.
func (n *node) checkInput(a gossip.CheckInput) {
	n.inputs++
	n.bounded("inputs", n.inputs, inputsMost)
	n.soon(func() {
		n.inputs--
		n.step(gossip.InputChecked{From: a.From, Author: a.Input.Author, Incarnation: a.Input.Incarnation,
			Seq: a.Input.Seq, Verdict: n.judgeInput(a.Input)})
	})
}

func (n *node) judgeInput(m gossip.Input) gossip.Verdict {
	// The host's session is given what its node would drop, too: its own guard must hold.
	r := n.roll.row(m.Author)
	if n.place != hostPlace && (r == nil || r.Incarnation != m.Incarnation || !r.MayType) {
		return gossip.Unknown
	}
	name := inputName{m.Author, m.Incarnation, m.Seq}
	if b, ok := n.s.inputs[name]; !ok || !bytes.Equal(b, m.Bytes) {
		n.s.counts.forged++
		return gossip.Bad
	}
	if !n.up.typed(m) {
		return gossip.Unknown
	}
	n.genuine[name] = true
	return gossip.Good
}

// passes asserts that an input of another is passed on only when it was checked here.
func (n *node) passes(a gossip.Send) {
	m, is := a.Msg.(gossip.Input)
	if is && m.Author != n.key && n.evil == nil && !n.genuine[inputName{m.Author, m.Incarnation, m.Seq}] {
		n.s.failf("place %d passes on an input that it has not checked", n.place)
	}
}

// soon calls f at once, or when the worker that checks signatures has come to it.
func (n *node) soon(f func()) {
	if n.s.plan.checkLate == 0 || n.s.rng.IntN(2) == 0 {
		f()
		return
	}
	n.every(between(n.s.rng, 0, n.s.plan.checkLate), f)
}

// same reports whether two records are equal.
func same(a, b gossip.Record) bool {
	return a.Seq == b.Seq && a.Part == b.Part && a.Parts == b.Parts && bytes.Equal(a.Bytes, b.Bytes)
}

func (n *node) bounded(what string, got, most int) {
	if got > most {
		n.s.failf("place %d has %d %s being checked, more than %d", n.place, got, what, most)
	}
}

// pushes reports whether the log is pushed to a peer, and whether it is a neighbor.
func (n *node) pushes(p id.Peer) (eager, neighbor bool) {
	for _, l := range n.state.Place().Neighbors {
		if l.Peer == p {
			return l.Eager, true
		}
	}
	return false, false
}

// eager is pushes if m is a Pull: those must not change it (PROTOCOL.md §7.2).
func (n *node) eager(m gossip.Msg, from id.Peer) (eager, neighbor bool) {
	if _, ok := m.(gossip.Pull); !ok {
		return false, false
	}
	return n.pushes(from)
}
