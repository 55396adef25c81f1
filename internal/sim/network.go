package sim

import (
	"math/rand/v2"
	"time"
)

// hostPlace is the place of the host in the network; members are 1 and up.
const hostPlace = 0

const (
	delayLeast = time.Millisecond
	delayMost  = 30 * time.Millisecond
	// lateMost is how much longer a datagram takes that is overtaken.
	lateMost = 200 * time.Millisecond
	// aroundMost is how long an input takes that goes over other members.
	aroundMost = 3 * time.Second
)

// A network carries datagrams between places: late, twice, out of order, or not.
type network struct {
	q                  *queue
	rng                *rand.Rand
	loss, dup, reorder float64
	cut                []bool   // by place: nothing comes or goes
	side               []int    // by place: only places on one side reach each other
	life               []uint64 // by place: rises when all that is under way is lost
}

func newNetwork(q *queue, rng *rand.Rand, places int) *network {
	return &network{
		q: q, rng: rng,
		loss: 0.3 * rng.Float64(), dup: 0.1 * rng.Float64(), reorder: 0.25 * rng.Float64(),
		cut: make([]bool, places), side: make([]int, places), life: make([]uint64, places),
	}
}

// heal makes the network perfect but for its delay.
func (n *network) heal() {
	n.loss, n.dup, n.reorder = 0, 0, 0
	clear(n.cut)
	clear(n.side)
}

// reset loses all that is under way from and to a place.
func (n *network) reset(place int) { n.life[place]++ }

func (n *network) reach(a, b int) bool {
	return !n.cut[a] && !n.cut[b] && n.side[a] == n.side[b]
}

// send delivers, perhaps, by calling f once or twice.
func (n *network) send(from, to int, f func()) {
	if !n.reach(from, to) || n.rng.Float64() < n.loss {
		return
	}
	n.carry(from, to, f)
	if n.rng.Float64() < n.dup {
		n.carry(from, to, f)
	}
}

// sendAround delivers what goes over other members: later, but the end of a link or
// of its author does not stop it.
func (n *network) sendAround(from int, f func()) {
	if n.rng.Float64() >= n.loss && n.reach(from, hostPlace) {
		n.q.after(between(n.rng, delayLeast, aroundMost), f)
	}
}

func (n *network) carry(from, to int, f func()) {
	d := between(n.rng, delayLeast, delayMost)
	if n.rng.Float64() < n.reorder {
		d += between(n.rng, 0, lateMost)
	}
	a, b := n.life[from], n.life[to]
	n.q.after(d, func() {
		if n.life[from] == a && n.life[to] == b && n.reach(from, to) {
			f()
		}
	})
}

// between draws a duration from [a, b).
func between(rng *rand.Rand, a, b time.Duration) time.Duration {
	return a + time.Duration(rng.Int64N(int64(b-a)))
}
