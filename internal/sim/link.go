package sim

import (
	"cmp"
	"slices"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
)

// A class is a stream of a link (PROTOCOL.md §3).
type class uint8

const (
	control class = iota
	input
	log
	classes
)

// slowMost is how many bytes of the log wait for a slow link before they are
// thrown away.
const slowMost = 64 << 10

// A frame is what a link carries: a gossip.Msg, or one of those below, which
// belong to the node and not to gossip.
type frame any

type (
	probe   struct{}           // something is heard
	closing struct{ why code } // the end of a link
	head    struct{ beat, through, version uint64 }
	welcome struct {
		life
		incarnation uint64
		mayType     bool
		version     uint64
	}
)

// A code says why a link was closed (PROTOCOL.md §3).
type code uint8

const (
	left      code = 0 // no use for it
	refused   code = 2
	full      code = 3
	violation code = 5
)

func classOf(f frame) class {
	switch f.(type) {
	case gossip.Gossip, gossip.IHave, gossip.Graft, gossip.Prune, gossip.Pull:
		return log
	case gossip.Input:
		return input
	}
	return control
}

// A parcel is a frame under way.
type parcel struct {
	frame
	class
	serial uint64
	thrown uint64 // how often the log stream was reset before
}

// An end is one side of a link, with what goes out from it.
type end struct {
	l     *link
	n     *node
	peer  id.Peer
	other *end

	closed bool
	up     bool      // gossip knows of it
	early  []frame   // came before that
	hello  hello     // of who waits to be let in
	deaf   time.Time // since when nothing can be heard, zero if it can
	silent bool      // gossip was told so

	clog   time.Time // nothing goes out until then
	blind  int       // bytes sent since the other's acks are not heard
	trying bool      // something goes out now and then all the same

	serial uint64
	last   [classes]time.Time // when what was sent last arrives
	held   []parcel           // until the way is free again
	slow   time.Time          // until then the log waits
	queue  []parcel           // of the log, waiting
	queued int                // its bytes
	thrown uint64
}

// post sends a frame, if the link is open here.
func (e *end) post(f frame) {
	if e == nil || e.closed {
		return
	}
	e.serial++
	p := parcel{f, classOf(f), e.serial, e.thrown}
	switch {
	case e.stuck():
		e.held = append(e.held, p)
	case p.class == log && (e.l.net.s.queue.now.Before(e.slow) || len(e.queue) > 0):
		e.wait(p)
	default:
		e.carry(p)
	}
}

// carry brings a parcel to the other end, in the order of its class.
func (e *end) carry(p parcel) {
	s := e.l.net.s
	d := e.l.delay + between(s.rng, 0, jitterMost)
	if s.loss > 0 && s.rng.Float64() < s.loss {
		d += between(s.rng, 0, lateMost)
	}
	if e.unheard() {
		e.blind += sizeOf(p.frame)
	}
	at := later(s.queue.now.Add(d), e.last[p.class])
	if c, ok := p.frame.(closing); ok && c.why == left { // after all that was sent
		for _, t := range e.last {
			at = later(at, t)
		}
	}
	e.last[p.class] = at
	s.queue.at(at, func() { e.arrive(p) })
}

// arrive hands a parcel over.
func (e *end) arrive(p parcel) {
	o := e.other
	switch {
	case e.l.lost || o.closed || p.class == log && p.thrown != e.thrown:
	case e.blocked():
		e.held = append(e.held, p)
	default:
		o.n.awake(func() {
			if !o.closed {
				o.heard()
				o.n.receive(o, p.frame)
			}
		})
	}
}

// wait keeps a parcel of the log for a slow link. What is too much is thrown away
// with all that is under way, and gossip is told.
func (e *end) wait(p parcel) {
	e.queue = append(e.queue, p)
	if g, ok := p.frame.(gossip.Gossip); ok {
		e.queued += len(g.Rec.Bytes)
	}
	if e.queued > slowMost {
		e.throw()
	}
}

// throw empties the log stream.
func (e *end) throw() {
	e.thrown++
	e.queue, e.queued = nil, 0
	e.l.net.s.counts.resets++
	if e.up {
		e.n.step(gossip.LinkReset{Peer: e.peer})
	}
}

// hurry lets a slow link go on.
func (e *end) hurry() {
	for _, p := range e.queue {
		if e.stuck() {
			e.held = append(e.held, p)
		} else {
			e.carry(p)
		}
	}
	e.queue, e.queued = nil, 0
}

// release sends on what was held, when the way is free again.
func (e *end) release() {
	if len(e.held) == 0 || e.stuck() || e.closed && e.other.closed {
		return
	}
	held := e.held
	e.held = nil
	if e.n.dead {
		return // nobody sends it again
	}
	slices.SortFunc(held, func(a, b parcel) int { return cmp.Compare(a.serial, b.serial) })
	for _, p := range held {
		switch {
		case p.class == log && p.thrown != e.thrown:
		case e.stuck():
			e.held = append(e.held, p)
		default:
			e.carry(p)
		}
	}
}

// mute reports whether nothing of the other end can be heard, or not as a matter of course.
func (e *end) mute() bool {
	return e.l.severed() || e.l.lost || e.other.closed || e.other.n.dead || e.l.net.s.queue.now.Before(e.other.n.paused)
}

// listen notes when the other end falls silent, and when it is heard again.
func (e *end) listen() {
	s := e.l.net.s
	switch mute := e.mute(); {
	case e.closed || mute == !e.deaf.IsZero():
	case !mute:
		e.deaf = time.Time{}
		s.queue.after(between(s.rng, 0, probeMost), func() {
			if !e.closed && !e.mute() {
				e.other.post(probe{})
			}
		})
	default:
		e.await()
	}
}

// await suspects the other end unless it is heard in time, and gives it up in the end.
func (e *end) await() {
	s := e.l.net.s
	e.deaf = s.queue.now
	since := e.deaf
	s.queue.after(suspectAfter, func() { e.n.awake(func() { e.suspect(since) }) })
	s.queue.after(suspectAfter+s.plan.gone, func() {
		e.n.awake(func() {
			if e.deaf.Equal(since) && !e.closed {
				s.counts.gone++
				e.down()
			}
		})
	})
}

// suspect tells gossip of a link that is silent since.
func (e *end) suspect(since time.Time) {
	if e.closed || !e.deaf.Equal(since) || e.silent {
		return
	}
	e.silent = true
	e.l.net.s.counts.silences++
	if e.up {
		e.n.step(gossip.LinkSilent{Peer: e.peer})
	}
	e.n.up.silent(e)
}

// heard ends a silence.
func (e *end) heard() {
	if !e.silent && e.deaf.IsZero() {
		return
	}
	was := e.silent
	e.silent, e.deaf = false, time.Time{}
	e.listen()
	if was && e.up {
		e.n.step(gossip.LinkBack{Peer: e.peer})
	}
}

// shut closes one end without a word: the other sees nothing.
func (e *end) shut() {
	e.closed, e.held, e.queue, e.early = true, nil, nil, nil
	e.n.ends = slices.DeleteFunc(e.n.ends, func(o *end) bool { return o == e })
	e.other.listen()
}

// down is the end of a link as one side sees it.
func (e *end) down() {
	if e.closed {
		return
	}
	e.shut()
	if e.up {
		e.n.step(gossip.LinkDown{Peer: e.peer})
	}
	e.n.up.lost(e)
}

// close ends a link from this side; the other sees why, after what was sent.
func (e *end) close(why code) {
	if e.closed {
		return
	}
	e.post(closing{why})
	e.shutButCarry()
	e.n.up.lost(e)
}

// shutButCarry closes one end; what it sent still arrives.
func (e *end) shutButCarry() {
	held := e.held
	e.shut()
	e.held = held
}
