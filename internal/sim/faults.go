package sim

import (
	"math/rand/v2"
	"time"

	"gossterm/session"
)

// A fault is one thing that goes wrong, or that somebody does.
type fault struct {
	at, length time.Duration
	place, n   int
	what       func(*Sim, fault)
}

func (f fault) strike(s *Sim) { f.what(s, f) }

const (
	faultsLeast = 8
	faultsMost  = 24
)

// kinds are all faults. What is here more than once is more frequent.
var kinds = []func(*Sim, fault){
	resetLink, resetLink, cutOff, partition, killOne, killHalf, pauseOne,
	slowViewer, roleTaken, rowTaken, forget, stopReading, stopReading, stopReading, flood, flood,
	burst, burst, paste, paste, interrupt, interrupt, resize, rawMode, pasteAndInterrupt, pasteAndInterrupt, pasteAndInterrupt,
}

// drawFaults draws the list of one run.
func drawFaults(rng *rand.Rand) []fault {
	fs := make([]fault, faultsLeast+rng.IntN(faultsMost-faultsLeast))
	for i := range fs {
		fs[i] = fault{
			at:     between(rng, 0, stormy),
			length: between(rng, 100*time.Millisecond, 5*time.Second),
			place:  1 + rng.IntN(authors),
			n:      1 + rng.IntN(1500),
			what:   kinds[rng.IntN(len(kinds))],
		}
	}
	return fs
}

func resetLink(s *Sim, f fault) { s.reset(f.place) }

func cutOff(s *Sim, f fault) {
	s.tracef("cut off %d", f.place)
	s.net.cut[f.place] = true
	s.queue.after(2*f.length, func() { s.net.cut[f.place] = false })
}

// partition puts half of the members on the other side.
func partition(s *Sim, f fault) {
	s.tracef("partition")
	for place := 1; place <= authors; place++ {
		s.net.side[place] = (place + f.place) % 2
	}
	s.queue.after(f.length, func() { clear(s.net.side) })
}

func killOne(s *Sim, f fault) {
	s.kill(f.place)
	s.queue.after(f.length/4, func() { s.back(f.place) })
}

func killHalf(s *Sim, f fault) {
	for place := 1 + f.place%2; place <= authors; place += 2 {
		s.kill(place)
		s.queue.after(f.length/4, func() { s.back(place) })
	}
}

// back starts a process where there is none.
func (s *Sim) back(place int) {
	if s.procs[place] == nil {
		s.start(place)
	}
}

func pauseOne(s *Sim, f fault) {
	if p := s.procs[f.place]; p != nil {
		s.tracef("pause %d", f.place)
		p.paused = later(p.paused, s.queue.now.Add(f.length))
	}
}

func slowViewer(s *Sim, f fault) {
	if p := s.procs[f.place]; p != nil {
		p.slow = f.length / 4
	}
}

// roleTaken makes a writer a viewer for a while.
func roleTaken(s *Sim, f fault) {
	if r := s.host.table.row(s.keys[f.place]); r != nil {
		s.tracef("role taken %d", f.place)
		if p := s.procs[f.place]; p != nil {
			p.barred = true
		}
		r.MayType = false
		s.tellRoster()
		s.queue.after(f.length, func() { s.restore(f.place) })
	}
}

// rowTaken takes a member out of the roster; it comes back as the same.
func rowTaken(s *Sim, f fault) {
	s.tracef("row taken %d", f.place)
	s.host.table.remove(s.keys[f.place])
	s.tellRoster()
	s.queue.after(f.length, func() { s.restore(f.place) })
}

// forget makes the host take a process that is still there for a new one.
func forget(s *Sim, f fault) {
	if p := s.procs[f.place]; p != nil {
		s.tracef("forget %d", f.place)
		s.host.table.remove(s.keys[f.place])
		delete(s.host.table.past, life{s.keys[f.place], p.nonce})
		s.reset(f.place)
	}
}

// restore gives a member its row and its role again.
func (s *Sim) restore(place int) {
	if r := s.host.table.row(s.keys[place]); r != nil {
		if !r.MayType {
			r.MayType = true
			s.tellRoster()
		}
	} else if nonce := s.host.linked[place]; nonce != 0 {
		s.host.hello(place, nonce)
	}
}

func (s *Sim) tellRoster() {
	s.host.table.version++
	s.host.step(s.host.table.roster())
}

func stopReading(s *Sim, f fault) {
	s.tracef("program stops")
	s.host.terminal.stop(f.length)
}

func flood(s *Sim, f fault) {
	s.tracef("flood")
	s.host.terminal.floods += f.n / 20
}

func burst(s *Sim, f fault)     { s.people[f.place].burst(f.n) }
func paste(s *Sim, f fault)     { s.people[f.place].beginPaste(2 * f.n) }
func interrupt(s *Sim, f fault) { s.people[f.place].interrupt() }

func pasteAndInterrupt(s *Sim, f fault) {
	s.host.terminal.stop(f.length)
	s.people[f.place].beginPaste(3 * f.n)
	other := 1 + (f.place+f.n)%authors
	s.people[other].burst(f.n)
	s.queue.after(f.length/2, s.people[1+(f.n%2)*(f.place-1)].interrupt)
}

func resize(s *Sim, f fault) {
	s.host.step(session.Resized{Cols: 20 + f.n%100, Rows: 5 + f.n%40})
}

// rawMode makes ^C a character for a while.
func rawMode(s *Sim, f fault) {
	s.host.terminal.signals = false
	s.queue.after(f.length, func() { s.host.terminal.signals = true })
}
