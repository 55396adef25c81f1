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
	cut   []bool // by place: nothing comes or goes
	side  []int  // by place: only places on one side reach each other
	links []*link
	nodes map[id.Peer]*node
}

func newNetwork(s *Sim, places int) *network {
	return &network{s: s, cut: make([]bool, places), side: make([]int, places), nodes: make(map[id.Peer]*node)}
}

// severed reports whether nothing gets from one place to another.
func (n *network) severed(a, b int) bool {
	return n.cut[a] || n.cut[b] || n.side[a] != n.side[b]
}

// heal lets everybody reach everybody again.
func (n *network) heal() {
	clear(n.cut)
	clear(n.side)
	n.look()
}

// look tells all links of a change: who is cut off, stopped or dead, and who not
// any more.
func (n *network) look() {
	n.links = slices.DeleteFunc(n.links, func(l *link) bool { return l.ends[0].closed && l.ends[1].closed })
	for _, l := range n.links {
		l.ends[0].listen()
		l.ends[1].listen()
	}
	for _, l := range n.links {
		l.ends[0].release()
		l.ends[1].release()
	}
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

func (l *link) severed() bool { return l.net.severed(l.ends[0].n.place, l.ends[1].n.place) }

// A call is a dial under way.
type call struct {
	asked bool // gossip asked for it, and is told how it ended
	made  bool // the link is there, and its dialler does not know yet
	done  bool
}

// dial sends for a link. What came of it is said to gossip if it asked.
func (n *node) dial(to id.Peer, asked bool) {
	if n.end(to) != nil {
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
	if e := n.end(from.key); e != nil && e.other.n == from && !e.other.closed && !e.l.lost ||
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
