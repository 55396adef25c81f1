package sim

import (
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/screen"
	"gossterm/session"
)

const (
	headEvery = time.Second
	// awayAfter is how long a member may have neither link nor request.
	awayAfter = 30 * time.Second
)

// A host is the process with the shell: the very loop of session.Host, turn by
// turn, over a node.
type host struct {
	*node
	s        *Sim
	core     *session.HostCore
	written  []gossip.Record // all that it ever wrote: what is genuine
	table    *admission
	shots    shots
	terminal *terminal
	todo     []session.HostEvent
	alarm    alarm
	size     window // that the shell was told last, zero if none
	sizedAt  time.Time
}

func newHost(s *Sim) *host {
	h := &host{s: s, core: session.NewHostCore(s.window0.cols, s.window0.rows, envelope.View{Sizes: s.plan.sizes}), table: newAdmission(), shots: shots{of: make(map[uint64]*screen.Screen)}}
	s.host = h
	h.node = newNode(s, hostPlace, s.hostKey, 0, h)
	h.terminal = newTerminal(&s.queue, s.rng)
	h.terminal.output = func(b []byte) { h.awake(func() { h.step(session.Output{Data: b}) }) }
	h.terminal.room = func() { h.awake(func() { h.step(session.Room{}) }) }
	h.alarm = alarm{s: s, n: h.node, who: "host", due: h.core.Deadline, ring: func() {
		h.awake(func() { h.step(session.Tick{}) })
	}}
	h.do(h.core.Start(h.clock()))
	h.every(headEvery, h.beat)
	return h
}

// step applies an event and all that follows from it.
func (h *host) step(ev session.HostEvent) {
	h.todo = append(h.todo, ev)
	if len(h.todo) > 1 {
		return // a step is under way, and goes on with this
	}
	for ; len(h.todo) > 0; h.todo = h.todo[1:] {
		ev := h.todo[0]
		h.do(h.core.Step(h.clock(), ev))
	}
	h.alarm.set()
}

func (h *host) do(actions []session.HostAction) {
	for _, a := range actions {
		switch a := a.(type) {
		case session.Type:
			h.todo = append(h.todo, session.Wrote{N: h.terminal.write(a.Bytes())})
		case session.AskModes:
			h.todo = append(h.todo, h.terminal.modes())
		case session.Interrupt:
			h.s.tracef("interrupt %d", a.Signal)
			h.terminal.interrupt()
		case session.ResizeShell:
			h.resized(a)
		case session.Append:
			h.write(a)
		case session.Note:
			h.s.tracef("%s %s/%d/%d", a.What, a.Author.Tag(), a.Incarnation, a.Seq)
		}
	}
}

// write gives a record to gossip.
func (h *host) write(a session.Append) {
	h.s.tracef("record %d part %d/%d", a.Seq, a.Part, a.Parts)
	r := gossip.Record{Seq: a.Seq, Part: a.Part, Parts: a.Parts, Bytes: a.Plain}
	h.written = append(h.written, r)
	if err := h.shots.note(r); err != nil {
		h.s.failf("record %d: %v", r.Seq, err)
	}
	h.node.step(gossip.Append{Rec: r})
}

// wrote returns the record of a number, and whether it was ever written.
func (h *host) wrote(seq uint64) (gossip.Record, bool) {
	if seq < 1 || seq > uint64(len(h.written)) {
		return gossip.Record{}, false
	}
	return h.written[seq-1], true
}

// beat says each second how far the log is. Who was not heard of is away.
func (h *host) beat() {
	h.every(headEvery, h.beat)
	changed := false
	for i := range h.table.rows {
		r := &h.table.rows[i]
		if e := h.end(r.Key); e != nil && e.up && !e.silent {
			r.heard = h.clock()
		}
		if !r.Away && h.clock().Sub(r.heard) >= awayAfter {
			r.Away, changed = true, true
		}
	}
	if changed {
		h.table.version++
		h.tell()
		return
	}
	h.sayHead()
}

func (h *host) sayHead() {
	h.head = head{h.head.beat + 1, h.core.Seq(), h.table.version}
	h.node.step(gossip.Head{From: h.key, Beat: h.head.beat, Through: h.head.through, Version: h.head.version})
}

// tell spreads the membership after a change.
func (h *host) tell() {
	h.roll = h.table.membership()
	h.step(h.table.roster())
	h.node.step(gossip.Members{From: h.key, Version: h.roll.version})
	h.sayHead()
	for _, e := range h.ends {
		h.keep(e)
	}
}

// keep keeps the links to those who may type.
func (h *host) keep(e *end) {
	if r := h.roll.row(e.peer); r != nil && e.up {
		h.node.step(gossip.Keep{Peer: e.peer, Need: r.MayType})
	}
}

// admit lets a process in.
func (h *host) admit(l life) (welcome, bool) {
	t := h.s.net.nodes[l.key]
	if t == nil {
		return welcome{}, false
	}
	w, ok, changed := h.table.admit(l, t.place <= h.s.plan.typists, h.clock())
	if !ok {
		h.s.tracef("refused %d", t.place)
		return w, false
	}
	if changed {
		h.s.tracef("admitted %d incarnation %d", t.place, w.incarnation)
		h.tell()
	}
	return w, true
}

func (h *host) hello() hello { return hello{life: life{h.key, 0}, joined: true, have: h.core.Seq()} }

// accept is a process that calls, and asks to be let in.
func (h *host) accept(e *end, from hello) {
	w, ok := h.admit(from.life)
	if !ok {
		e.close(refused)
		return
	}
	e.post(w)
	h.begin(e, from.have)
}

// begin gives a peer what it begins with.
func (h *host) begin(e *end, have uint64) {
	e.post(h.roll)
	e.post(h.head)
	h.open(e)
	h.node.step(gossip.Serve{Peer: e.peer, Have: have})
	h.keep(e)
}

func (h *host) connected(e *end) {
	h.open(e)
	h.keep(e)
}

// asked is a request that came over others.
func (h *host) asked(from id.Peer, q gossip.Request) {
	l, ok := parseLife(q.Peer, q.Body)
	if !ok || q.Matter != gossip.ToJoin || !h.s.lives[l] {
		h.s.counts.forged++
		return
	}
	if r := h.table.row(l.key); r != nil && r.nonce == l.nonce {
		r.heard = h.clock()
	}
	a := gossip.Answer{Peer: q.Peer, Code: uint8(refused)}
	if w, ok := h.admit(l); ok {
		a.Code, a.Body = 0, w.appendTo(nil)
	}
	h.end(from).post(a)
}

// typed hands an input to the session.
func (h *host) typed(m gossip.Input) bool {
	h.step(session.Input{Author: m.Author, Incarnation: m.Incarnation, Seq: m.Seq, Plain: m.Bytes})
	return true
}

func (h *host) unreached(id.Peer)      {}
func (h *host) welcomed(*end, welcome) {}
func (h *host) lost(*end)              {}
func (h *host) silent(*end)            {}
func (h *host) news()                  {}
func (h *host) beats()                 {}
func (h *host) slept()                 {}
func (h *host) grew()                  {}
func (h *host) met(id.Peer)            {}
func (h *host) answer(gossip.Answer)   {}
