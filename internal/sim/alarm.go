package sim

import "time"

// ticksMost is how often a core may be due at one instant before it counts as a
// loop that never waits.
const ticksMost = 4

// An alarm ticks a core when its deadline comes.
type alarm struct {
	s    *Sim
	n    *node // whose clock it goes by
	who  string
	due  func() (time.Time, bool)
	ring func()
	at   time.Time // when it will ring
	last time.Time
	same int // rings at the instant last
}

// set plans the next ring after a step.
func (a *alarm) set() {
	at, ok := a.due()
	if !ok {
		return
	}
	if at = at.Add(a.n.behind); at.Equal(a.at) {
		return
	}
	a.at = at
	a.s.queue.at(at, func() {
		if !a.at.Equal(at) {
			return // moved
		}
		a.at = time.Time{}
		if a.same++; a.s.queue.now.After(a.last) {
			a.last, a.same = a.s.queue.now, 1
		}
		if a.same > ticksMost {
			a.s.failf("%s is due again and again at one instant", a.who)
			return
		}
		a.ring()
	})
}
