package sim

import (
	"math/rand/v2"
	"slices"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
)

// hostPlace is the place of the host; members are at 1 and up.
const hostPlace = 0

const (
	delayLeast = time.Millisecond
	delayMost  = 40 * time.Millisecond
	jitterMost = 5 * time.Millisecond
	// lateMost is how much longer a frame takes, and all behind it in its class, if
	// one of its packets is lost and sent again.
	lateMost = 200 * time.Millisecond
	// suspectAfter is how long nothing is heard until a link is suspect.
	suspectAfter = 3 * time.Second
	// resetMost is how late an end sees that its link was reset.
	resetMost = 300 * time.Millisecond
	// dialFails is when a dial is given up that nobody answered.
	dialFails = 5 * time.Second
	// probeMost is how long after the way is free again something is heard.
	probeMost = 200 * time.Millisecond
)

// A network holds the links between processes, and what is wrong with it.
type network struct {
	s     *Sim
	mute  []time.Time // by place: nothing goes out until then
	deaf  []time.Time // by place: nothing comes in until then
	split split
	until time.Time // of all these the last
	links []*link
	nodes map[id.Peer]*node
}

// A split keeps two sides apart, one way or both.
type split struct {
	side   []bool // by place
	until  time.Time
	oneWay bool // the second side hears the first
}

func newNetwork(s *Sim, places int) *network {
	return &network{s: s, mute: make([]time.Time, places), deaf: make([]time.Time, places), nodes: make(map[id.Peer]*node)}
}

// blocked reports whether nothing gets from one place to another.
func (n *network) blocked(from, to int) bool {
	now := n.s.queue.now
	if !now.Before(n.until) {
		return false
	}
	return now.Before(n.mute[from]) || now.Before(n.deaf[to]) || n.split.blocked(now, from, to)
}

func (t *split) blocked(now time.Time, from, to int) bool {
	return now.Before(t.until) && t.side[from] != t.side[to] && (!t.oneWay || t.side[from])
}

// severed reports whether nothing gets one of the two ways between two places: then
// no new link is made between them.
func (n *network) severed(a, b int) bool { return n.blocked(a, b) || n.blocked(b, a) }

// block lets nothing through in some way for a while, and has all links look.
func (n *network) block(until *time.Time, d time.Duration) {
	*until = later(*until, n.s.queue.now.Add(d))
	n.until = later(n.until, *until)
	n.look()
	n.s.queue.at(*until, n.look)
}

// part keeps two sides apart for a while.
func (n *network) part(side []bool, d time.Duration, oneWay bool) {
	n.split = split{side: side, oneWay: oneWay}
	n.block(&n.split.until, d)
}

// heal lets everybody reach everybody again.
func (n *network) heal() {
	clear(n.mute)
	clear(n.deaf)
	n.split, n.until = split{}, time.Time{}
	for _, l := range n.links {
		l.ends[0].clog, l.ends[1].clog = time.Time{}, time.Time{}
	}
	n.look()
}

// look tells all links of a change: who is cut off, stopped or dead, and who not
// any more.
func (n *network) look() {
	n.links = slices.DeleteFunc(n.links, func(l *link) bool { return l.ends[0].closed && l.ends[1].closed })
	for _, l := range n.links {
		l.listen()
	}
	for _, l := range n.links {
		l.release()
	}
}

// look tells one link.
func (l *link) look() {
	l.listen()
	l.release()
}

func (l *link) listen() {
	for _, e := range l.ends {
		e.listen()
	}
	for _, e := range l.ends {
		e.trickle()
	}
}

func (l *link) release() {
	for _, e := range l.ends {
		e.release()
	}
}

// clogUp lets nothing out of an end for a while.
func (e *end) clogUp(d time.Duration) {
	e.clog = later(e.clog, e.l.net.s.queue.now.Add(d))
	e.l.look()
	e.l.net.s.queue.at(e.clog, e.l.look)
}

// A link is one connection: ordered and reliable in each of its classes while it
// lasts. Classes may overtake each other.
type link struct {
	net   *network
	ends  [2]*end // who dialled, who was dialled
	delay time.Duration
	lost  bool // what is under way does not arrive
}

// newLink makes a link with two ends that are not open yet.
func (n *network) newLink(from, to *node) *link {
	l := &link{net: n, delay: between(n.s.rng, delayLeast, delayMost)}
	l.ends[0] = &end{l: l, n: from, peer: to.key}
	l.ends[1] = &end{l: l, n: to, peer: from.key}
	l.ends[0].other, l.ends[1].other = l.ends[1], l.ends[0]
	n.links = append(n.links, l)
	return l
}

// reset ends a link; its ends see it in time, and nothing more arrives.
func (l *link) reset() {
	l.lost = true
	for _, e := range l.ends {
		l.net.s.queue.after(between(l.net.s.rng, 0, resetMost), func() { e.n.awake(e.down) })
	}
}

// severed reports whether nothing gets through a link in one way at least.
func (l *link) severed() bool { return l.ends[0].blocked() || l.ends[1].blocked() }

// A call is a dial under way.
type call struct {
	asked bool // gossip asked for it, and is told how it ended
	made  bool // the link is there, and its dialler does not know yet
	done  bool
}

// dial sends for a link. What came of it is said to gossip if it asked.
func (n *node) dial(to id.Peer, asked bool) {
	if e := n.end(to); e != nil && (asked || !e.silent) {
		return // it is on its way to be one that gossip may use
	}
	if c := n.calls[to]; c != nil {
		c.asked = c.asked || asked
		return
	}
	c := &call{asked: asked}
	n.calls[to] = c
	net := n.s.net
	n.s.queue.after(dialFails, func() { n.awake(func() { n.failed(to, c) }) })
	t := net.nodes[to]
	if t == nil || !n.s.plan.reach(n.place, t.place) {
		return
	}
	way := between(n.s.rng, delayLeast, 3*delayMost)
	n.s.queue.after(way, func() {
		switch {
		case c.done || net.severed(n.place, t.place):
		case t.dead:
			if t.gone { // its port is closed
				n.s.queue.after(way, func() { n.awake(func() { n.failed(to, c) }) })
			}
		default:
			t.awake(func() { t.dialled(n, c) })
		}
	})
}

// failed is the end of a dial in vain.
func (n *node) failed(to id.Peer, c *call) {
	if c.done {
		return
	}
	c.done = true
	delete(n.calls, to)
	if c.asked {
		n.linkDown(to)
	}
	n.up.unreached(to)
}

// dialled is a dial that arrived here. The dialler's first word comes with it.
func (n *node) dialled(from *node, c *call) {
	if c.done || from.dead {
		return
	}
	if e := n.end(from.key); e != nil && e.other.n == from && !e.other.closed && !e.other.silent && !e.l.lost ||
		n.calls[from.key] != nil && n.calls[from.key].made {
		return // both called: one link is enough
	}
	old := n.end(from.key)
	if old != nil {
		old.shut()
		n.s.counts.replaced++
	}
	l := n.s.net.newLink(from, n)
	c.made = true
	back := n.s.queue.now.Add(l.delay)
	mine := l.ends[1]
	for class := range mine.last {
		mine.last[class] = back
	}
	n.ends = append(n.ends, mine)
	n.s.queue.at(back, func() { from.awake(func() { from.answered(n.key, l, c) }) })
	mine.listen()
	n.up.accept(mine, from.up.hello())
	if old != nil && old.up && !mine.up {
		n.step(gossip.LinkDown{Peer: from.key}) // the new one may not be used yet
	}
}

// answered is the answer to a dial.
func (n *node) answered(to id.Peer, l *link, c *call) {
	mine := l.ends[0]
	if c.done || l.severed() || l.lost || mine.other.closed {
		mine.closed = true // nobody has this end
		l.lost = true
		l.net.s.queue.after(suspectAfter, func() { mine.other.n.awake(mine.other.down) })
		return
	}
	c.done = true
	delete(n.calls, to)
	old := n.end(to)
	if old != nil {
		old.shut()
	}
	n.ends = append(n.ends, mine)
	mine.listen()
	n.up.connected(mine)
	if old != nil && old.up && !mine.up {
		n.step(gossip.LinkDown{Peer: to})
	}
}

// between draws a duration from [a, b).
func between(rng *rand.Rand, a, b time.Duration) time.Duration {
	return a + time.Duration(rng.Int64N(int64(b-a)))
}
