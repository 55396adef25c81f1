package sim

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"time"

	"gossterm/internal/id"
)

const (
	authors = 8
	// stormy is how long people type and faults strike; calmMost is how long it
	// may then take until everything is settled.
	stormy   = 15 * time.Second
	calmMost = 15 * time.Second
	// failuresKept bounds what one run reports.
	failuresKept = 20
)

// A Sim is one run.
type Sim struct {
	queue  queue
	rng    *rand.Rand
	net    *network
	keys   []id.Peer // by place; the host has none
	host   *host
	procs  []*process // by place; nil where nobody is
	dead   []*process
	people []*person
	nonces uint64
	calm   bool
	trace  bytes.Buffer
	report Report
}

// A Report is how a run went.
type Report struct {
	Seed     uint64
	Failures []string // promises that were broken
	Trace    []byte   // what happened, by the names of records
	Tokens   [maybeLost + 1]int
	Settled  time.Duration // virtual time from the end of the faults to quiet
	// Interrupts and Jumps count what a run must reach to prove something.
	Interrupts, Snapshots, Flushed, Skipped uint64
}

// Run runs one seed to its end.
func Run(seed uint64) Report {
	s := newSim(seed)
	s.queue.run(began.Add(stormy))
	s.becalm()
	end := s.queue.now.Add(calmMost)
	for s.queue.now.Before(end) && !s.quiet() && len(s.report.Failures) == 0 {
		s.queue.run(s.queue.now.Add(50 * time.Millisecond))
	}
	s.report.Settled = s.queue.elapsed() - stormy
	s.judge()
	return s.report
}

func newSim(seed uint64) *Sim {
	s := &Sim{rng: rand.New(rand.NewPCG(seed, 0x67737369))}
	s.queue.now = began
	s.report.Seed = seed
	s.keys = make([]id.Peer, authors+1)
	s.procs = make([]*process, authors+1)
	s.people = make([]*person, authors+1)
	s.net = newNetwork(&s.queue, s.rng, authors+1)
	s.host = newHost(s, authors+1)
	for place := 1; place <= authors; place++ {
		s.keys[place] = id.Peer{byte(place), byte(place)}
		p := &person{s: s, rng: s.rng, place: place}
		s.people[place] = p
		s.start(place)
		s.queue.after(between(s.rng, 0, time.Second), p.turn)
	}
	for _, f := range drawFaults(s.rng) {
		s.queue.at(began.Add(f.at), func() { f.strike(s) })
	}
	return s
}

// start starts a new process at a place, in place of the one that is there.
func (s *Sim) start(place int) {
	s.kill(place)
	s.nonces++
	s.tracef("start %d nonce %d", place, s.nonces)
	s.procs[place] = newProcess(s, place, s.nonces)
}

// kill ends the process at a place without a word.
func (s *Sim) kill(place int) {
	p := s.procs[place]
	if p == nil {
		return
	}
	s.tracef("kill %d", place)
	p.ledger.check()
	p.dead = true
	p.person.pasted = 0
	s.procs[place] = nil
	s.dead = append(s.dead, p)
	s.reset(place)
}

// reset ends the link between the host and a place.
func (s *Sim) reset(place int) {
	s.tracef("reset %d", place)
	s.net.reset(place)
	if p := s.procs[place]; p != nil {
		p.linked = false
	}
	s.host.lost(place)
}

// toProcess sends to whichever process is at a place when it arrives. What came
// while that was stopped is lost if its link ended in the meantime.
func (s *Sim) toProcess(from, place int, f func(*process)) {
	s.net.send(from, place, func() {
		p, link := s.procs[place], s.net.life[place]
		if p == nil {
			return
		}
		p.awake(func() {
			if s.net.life[place] == link {
				f(p)
			}
		})
	})
}

// becalm ends all faults and all typing.
func (s *Sim) becalm() {
	s.calm = true
	s.net.heal()
	s.host.terminal.stopped = s.queue.now
	s.host.terminal.signals = true
	s.host.terminal.floods = 0
	for place := 1; place <= authors; place++ {
		p := s.procs[place]
		if p == nil {
			s.start(place)
			continue
		}
		p.paused, p.slow = s.queue.now, 0
		s.restore(place)
	}
	s.tracef("calm")
}

// quiet reports whether everything is settled and everybody sees the same.
func (s *Sim) quiet() bool {
	for _, p := range s.procs[1:] {
		if !p.settledAll() {
			return false
		}
	}
	return s.host.terminal.drained()
}

func (s *Sim) tracef(format string, args ...any) {
	fmt.Fprintf(&s.trace, "%8.3f ", s.queue.elapsed().Seconds())
	fmt.Fprintf(&s.trace, format, args...)
	s.trace.WriteByte('\n')
}

func (s *Sim) failf(format string, args ...any) {
	if len(s.report.Failures) < failuresKept {
		text := fmt.Sprintf(format, args...)
		s.tracef("FAIL %s", text)
		s.report.Failures = append(s.report.Failures, fmt.Sprintf("%.3f s: %s", s.queue.elapsed().Seconds(), text))
	}
}
