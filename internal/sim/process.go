package sim

import (
	"slices"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
)

const (
	callFirst = 100 * time.Millisecond
	callMost  = 10 * time.Second
	// knockEvery is how often a member without a link to the host asks again.
	knockEvery = 10 * time.Second
	// lonelyMost is how many times in a row it may know nobody who knows a way to the host.
	lonelyMost = 2
	// welcomeMost is how long a joiner waits for its welcome on one link.
	welcomeMost = 5 * time.Second
)

// A process is one member in one life: how it comes in and stays in, over a node,
// with a reader of the log on top.
type process struct {
	*node
	viewer
	reach
	ticket  int     // place of a member that the ticket names, 0 if none
	joined  bool    // was welcomed
	row     welcome // what the host said of it last
	pause   time.Duration
	calling uint64 // which plan to call again counts
	lonely  int    // knocks in a row at which it was marooned
}

func newProcess(s *Sim, place int, key id.Peer, nonce uint64) *process {
	p := &process{}
	p.node = newNode(s, place, key, nonce, p)
	s.lives[life{key, nonce}] = true
	p.watch()
	p.viewer.begin(p)
	if s.plan.spots[place].noHost || s.rng.Float64() < s.plan.byMember {
		p.ticket = s.drawTicket(place)
	}
	if s.plan.evil == place {
		p.evil = newEvil(p)
		s.wicked[key] = true
	}
	p.callSoon()
	p.every(knockEvery, p.knock)
	return p
}

// drawTicket draws a member whom a place can reach and who is in, 0 if there is none.
func (s *Sim) drawTicket(from int) int {
	for range 50 {
		place := 1 + s.rng.IntN(s.plan.places)
		if p := s.procs[place]; p != nil && p.joined && place != from && s.plan.reach(from, place) {
			return place
		}
	}
	return 0
}

func (p *process) life() life   { return life{p.key, p.nonce} }
func (p *process) writer() bool { return p.row.mayType }

func (p *process) hello() hello {
	log := p.state.Log()
	return hello{p.life(), p.joined, log.Head()}
}

// callSoon calls from now on as if for the first time.
func (p *process) callSoon() {
	p.pause = callFirst
	p.callIn(callFirst)
}

func (p *process) callIn(d time.Duration) {
	p.calling++
	turn := p.calling
	p.every(d, func() {
		if turn == p.calling {
			p.call()
		}
	})
}

// call calls the host as long as a link to it is wanted, and to get in the member
// that the ticket names too.
func (p *process) call() {
	if p.joined && !p.writer() && !p.unheard() {
		return
	}
	p.dial(p.s.hostKey, false)
	if !p.joined {
		if p.ticket > 0 && p.s.procs[p.ticket] != nil {
			p.dial(p.s.procs[p.ticket].key, false)
		} else if p.s.plan.spots[p.place].noHost { // another ticket is pasted
			p.ticket = p.s.drawTicket(p.place)
		}
	}
	p.pause = min(2*p.pause, callMost)
	p.callIn(p.pause)
}

func (p *process) lost(e *end) {
	if !p.joined || e.peer == p.s.hostKey || p.unheard() {
		p.callSoon()
	}
	p.tellReach()
}

func (p *process) unreached(id.Peer) {}

// silent is a link that is not heard: if it is the host's, another may be.
func (p *process) silent(e *end) {
	if e.peer == p.s.hostKey {
		p.callSoon()
	}
}

// knock asks again when there is no link to the host, so that it knows of us, and
// when the membership says that it took us for another.
func (p *process) knock() {
	p.every(knockEvery, p.knock)
	if p.alone(); p.lonely >= lonelyMost {
		p.s.counts.lonely++
		p.s.queue.after(0, func() { p.s.start(p.place) })
		return
	}
	e := p.end(p.s.hostKey)
	if p.joined && (e == nil || !e.up || e.silent || p.mistaken()) {
		p.node.step(gossip.Knock{Request: request(p.life())})
	}
}

// alone counts how long a process is marooned. Its person pastes another ticket, as there
// is no other way.
func (p *process) alone() {
	if p.lonely++; !p.marooned() {
		p.lonely = 0
	}
}

// marooned reports whether neither a process nor any that it can reach, by whomever they
// know and can call, can call the host: the others whom they knew are gone.
func (p *process) marooned() bool {
	if !p.s.plan.spots[p.place].noHost {
		return false
	}
	seen := map[id.Peer]bool{p.key: true}
	for todo := []*node{p.node}; len(todo) > 0; todo = todo[1:] {
		n := todo[0]
		active := n.state.Active()
		for i, k := range slices.Concat(active, n.state.Passive()) {
			t := p.s.net.nodes[k] // nil: an evil peer made it up
			switch {
			case t == nil || seen[k] || t.dead || i >= len(active) && !p.s.plan.reach(n.place, t.place):
				continue
			case !p.s.plan.spots[t.place].noHost: // nor is it the host, which n cannot call
				return false
			}
			seen[k] = true
			todo = append(todo, t)
		}
	}
	return true
}

// mistaken reports whether the membership has us in another life.
func (p *process) mistaken() bool {
	r := p.roll.row(p.key)
	return r != nil && p.roll.version > p.row.version && r.Incarnation != p.row.incarnation
}

func request(l life) gossip.Request {
	return gossip.Request{Matter: gossip.ToJoin, Peer: l.key, Body: l.appendTo(nil)}
}

// connected is a call that was answered: the peer knows us, or will welcome us.
func (p *process) connected(e *end) {
	if p.joined {
		p.enter(e)
		return
	}
	p.patient(e)
}

// patient closes a link that brings no welcome.
func (p *process) patient(e *end) {
	p.every(welcomeMost, func() {
		if !e.up {
			e.close(left)
		}
	})
}

// enter takes a link into use.
func (p *process) enter(e *end) {
	if e.closed || e.up {
		return
	}
	p.open(e)
	p.tellReach()
	if e.peer == p.s.hostKey {
		if len(p.state.Active()) == 0 {
			p.node.step(gossip.Enter{Contact: gossip.Contact{Peer: p.s.hostKey}})
		}
		p.node.step(gossip.Keep{Peer: e.peer, Need: p.writer()})
		p.newWay()
	}
}

// accept is a peer that calls: a member is a neighbor to be; who is not in yet is
// spoken for with the host.
func (p *process) accept(e *end, h hello) {
	switch {
	case !p.joined:
		e.close(refused)
	case h.joined && (h.key == p.s.hostKey || p.roll.row(h.key) != nil):
		p.enter(e)
	default:
		e.hello = h
		p.patient(e)
		p.node.step(gossip.Knock{Request: request(h.life)})
	}
}

// answer is what the host says to a request of our own, or of one who waits here.
func (p *process) answer(a gossip.Answer) {
	w, ok := parseWelcome(a.Peer, a.Body)
	if a.Peer == p.key {
		if a.Code == 0 && ok {
			p.welcomed(nil, w)
		}
		return
	}
	e := p.end(a.Peer)
	switch {
	case e == nil || e.up:
	case a.Code != 0 || !ok || w.life != e.hello.life:
		e.close(code(a.Code))
	default:
		p.s.counts.welcomes++
		e.post(w)
		e.post(p.roll)
		e.post(p.head)
		p.enter(e)
		p.node.step(gossip.Serve{Peer: e.peer, Have: e.hello.have})
	}
}

// welcomed is the host's word that we are in.
func (p *process) welcomed(e *end, w welcome) {
	if w.life != p.life() {
		return
	}
	first := !p.joined
	p.joined = true
	if first {
		p.silentAt = p.node.clock().Add(silentAfter)
		p.reach.wake.set()
	}
	if w.version >= p.row.version {
		p.become(w)
	}
	if e != nil {
		p.enter(e)
	}
	if !first {
		return
	}
	p.s.tracef("in %d incarnation %d", p.place, w.incarnation)
	p.node.step(gossip.Enter{Contact: gossip.Contact{Peer: p.s.hostKey}})
	if e != nil && e.peer != p.s.hostKey {
		p.node.step(gossip.Enter{Contact: gossip.Contact{Peer: e.peer}})
	}
	for _, e := range append([]*end(nil), p.ends...) {
		p.enter(e) // it says the same
	}
}

// become takes over what the host says of us.
func (p *process) become(w welcome) {
	news := w.incarnation != p.row.incarnation || w.mayType != p.row.mayType
	p.row = w
	if news {
		p.viewer.joined(w)
		p.callSoon()
		if e := p.end(p.s.hostKey); e != nil && e.up {
			p.node.step(gossip.Keep{Peer: e.peer, Need: p.writer()})
		}
	}
}

// news looks for our row in a newer membership.
func (p *process) news() {
	r := p.roll.row(p.key)
	if r != nil && p.joined && p.roll.version > p.row.version && r.Incarnation == p.row.incarnation {
		p.become(welcome{p.life(), r.Incarnation, r.MayType, p.roll.version})
	}
}

// met is a new neighbor: without a link to the host it is a new way there.
func (p *process) met(id.Peer) {
	if e := p.end(p.s.hostKey); e == nil || !e.up {
		p.newWay()
	}
}

// typed is a genuine input on its way: the host decides.
func (p *process) typed(gossip.Input) bool { return true }

// finish ends the process.
func (p *process) finish() {
	s := p.s
	if p.ledger != nil {
		p.ledger.check()
	}
	p.dead, p.inbox = true, nil
	if p.person != nil {
		p.person.pasted = 0
	}
	s.procs[p.place] = nil
	s.dead = append(s.dead, p)
}

func (p *process) asked(id.Peer, gossip.Request) {}
