package sim

import (
	"time"

	"gossterm/gossip"
	"gossterm/session"
)

const (
	headEvery = time.Second
	// pullMost is how many records one pull is answered with.
	pullMost = 64
)

// A host is the process with the shell: the very loop of session.Host, turn by
// turn, and the node that keeps its log.
type host struct {
	s        *Sim
	core     *session.HostCore
	log      gossip.Log
	table    *admission
	terminal *terminal
	todo     []session.HostEvent
	alarm    alarm
	linked   []uint64 // by place: the nonce of the process that has a link, 0 if none
}

func newHost(s *Sim, places int) *host {
	h := &host{s: s, core: session.NewHostCore(80, 24), table: newAdmission(), linked: make([]uint64, places)}
	h.terminal = newTerminal(&s.queue, s.rng)
	h.terminal.output = func(b []byte) { h.step(session.Output{Data: b}) }
	h.terminal.room = func() { h.step(session.Room{}) }
	h.alarm = alarm{s: s, who: "host", due: h.core.Deadline, ring: func() { h.step(session.Tick{}) }}
	h.do(h.core.Start(s.queue.now))
	s.queue.after(headEvery, h.head)
	return h
}

// step applies an event and all that follows from it.
func (h *host) step(ev session.HostEvent) {
	h.todo = append(h.todo, ev)
	for len(h.todo) > 0 {
		ev := h.todo[0]
		h.todo = h.todo[1:]
		h.do(h.core.Step(h.s.queue.now, ev))
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
		case session.Append:
			h.append(a)
		case session.Note:
			h.s.tracef("%s %s/%d/%d", a.What, a.Author.Tag(), a.Incarnation, a.Seq)
		}
	}
}

// append keeps a record and pushes it to whoever has a link.
func (h *host) append(a session.Append) {
	h.s.tracef("record %d part %d/%d", a.Seq, a.Part, a.Parts)
	r := gossip.Record{Seq: a.Seq, Part: a.Part, Parts: a.Parts, Bytes: a.Plain}
	if !h.log.Append(r) {
		h.s.failf("the host's log refuses record %d", a.Seq)
	}
	for place := range h.linked {
		if h.linked[place] != 0 {
			h.s.toProcess(hostPlace, place, func(p *process) { p.pushed(r) })
		}
	}
}

// head tells everybody each second how far the log is, and what they may do.
func (h *host) head() {
	h.s.queue.after(headEvery, h.head)
	for place := range h.linked {
		if h.linked[place] != 0 {
			h.tell(place)
		}
	}
	h.checkBounds()
}

// tell sends a head and a member's row to one place.
func (h *host) tell(place int) {
	row := h.table.row(h.s.keys[place])
	if row == nil {
		return
	}
	through, version, welcome := h.log.Head(), h.table.version, *row
	h.s.toProcess(hostPlace, place, func(p *process) {
		p.known = max(p.known, through)
		if p.nonce == welcome.nonce {
			p.welcome(version, welcome)
		}
	})
}

// hello is a process that asks to be let in, on a link of its own.
func (h *host) hello(place int, nonce uint64) {
	l := life{h.s.keys[place], nonce}
	if _, ok := h.table.admit(l, true); !ok {
		h.s.tracef("refused %d", place)
		return
	}
	h.linked[place] = nonce
	h.step(h.table.roster())
	h.tell(place)
}

// lost is the end of the link to a place.
func (h *host) lost(place int) {
	h.linked[place] = 0
	if r := h.table.row(h.s.keys[place]); r != nil {
		r.Away = true
		h.table.version++
	}
	h.step(h.table.roster())
}

// answer returns the records that follow after, or those from where a log may
// start, as a neighbor that was asked for a range gives them.
func answer(l *gossip.Log, after uint64) []gossip.Record {
	next, ok := l.From(after, lagMost)
	if !ok {
		return nil
	}
	var rs []gossip.Record
	for len(rs) < pullMost {
		r, ok := l.Get(next)
		if !ok {
			break
		}
		rs = append(rs, r)
		next++
	}
	return rs
}

// checkBounds asserts that what the host keeps stays bounded.
func (h *host) checkBounds() {
	if n := h.log.Bytes(); n > gossip.Kept {
		h.s.failf("the host's log holds %d bytes", n)
	}
}
