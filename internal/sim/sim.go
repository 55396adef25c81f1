package sim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
)

const (
	// calmMost is how long it may take after the storm until everything is settled.
	calmMost = 90 * time.Second
	// settleMost is how long what was just printed may take to be everywhere.
	settleMost = 3 * time.Second
	// lookEvery is how often the bounds are looked at.
	lookEvery = time.Second
	// failuresKept bounds what one run reports.
	failuresKept = 20
)

// A Sim is one run.
type Sim struct {
	plan    plan
	queue   queue
	rng     *rand.Rand
	net     *network
	loss    float64
	hostKey id.Peer
	host    *host
	procs   []*process // by place; nil where nobody is
	dead    []*process
	people  []*person // of the places where somebody types
	window0 window    // of the host
	nonces  uint64
	lives   map[life]bool        // processes that ever were
	inputs  map[inputName][]byte // what is genuine
	wicked  map[id.Peer]bool     // keys of evil peers
	keys    []id.Peer            // by place: the newest
	calm    bool
	counts  Counts
	hash    uint64
	trace   bytes.Buffer
	planted func(*Sim, fault)
	report  Report
}

// An inputName names a record of a member's log.
type inputName struct {
	author           id.Peer
	incarnation, seq uint64
}

// A Report is how a run went.
type Report struct {
	Case     Case
	Failures []string // promises that were broken
	Trace    []byte   // what happened, by the names of records
	Tokens   [dropped + 1]int
	// Quiet and Settled are the virtual times from the end of the faults until all that
	// was typed has its fate and all screens are equal, and until the overlay is sound too.
	Quiet, Settled time.Duration
	// Typed tokens are those that the terminal took; Lost were confirmed and not among
	// them, Doubled were there again, Disordered before an older one.
	Typed, Lost, Doubled, Disordered int
	// These count what a run must reach to prove something.
	Interrupts, Snapshots, Flushed, Skipped uint64
	Counts                                  Counts
	Stream
}

// Run runs one case to its end.
func Run(c Case) Report {
	return run(c, nil)
}

// run is Run with a bug: planted is called after each fault. It is nil but in a test
// of the simulator itself.
func run(c Case, planted func(*Sim, fault)) Report {
	s := newSim(c)
	s.planted = planted
	s.run()
	return s.report
}

func (s *Sim) run() {
	s.storm()
	if s.plan.mode == Safety {
		s.judgeStorm()
		return
	}
	s.becalm()
	s.settle(calmMost, func() bool { return s.quietAt() && s.unsound() == "" })
	s.report.Settled = s.queue.elapsed() - s.plan.storm
	s.checkSound()
	if within := s.plan.row.within; within > 0 && s.report.Quiet > within {
		s.failf("all is quiet %v after the fault, not within %v", s.report.Quiet, within)
	}
	if len(s.report.Failures) == 0 {
		s.stream()
		s.stopAParent()
	}
	s.settle(settleMost, s.quiet)
	s.judge()
}

// storm lets everything happen that goes wrong, and looks at the bounds meanwhile.
func (s *Sim) storm() {
	for end := began.Add(s.plan.storm); s.queue.now.Before(end); {
		s.queue.run(earlier(end, s.queue.now.Add(lookEvery)))
		s.checkBounds()
		s.checkTyping()
	}
}

// quietAt is quiet, and notes when that was so first.
func (s *Sim) quietAt() bool {
	if !s.quiet() {
		return false
	}
	if s.report.Quiet == 0 {
		s.report.Quiet = max(s.queue.elapsed()-s.plan.storm, 1)
	}
	return true
}

// settle lets time pass until something is so, or a promise is broken.
func (s *Sim) settle(most time.Duration, so func() bool) {
	for end := s.queue.now.Add(most); s.queue.now.Before(end) && len(s.report.Failures) == 0 && !so(); {
		s.queue.run(s.queue.now.Add(100 * time.Millisecond))
	}
}

func newSim(c Case) *Sim {
	s := &Sim{rng: rand.New(rand.NewPCG(c.Seed, 0x67737369)), lives: make(map[life]bool), inputs: make(map[inputName][]byte), wicked: make(map[id.Peer]bool)}
	s.queue.now = began
	s.report.Case = c
	s.plan = drawPlan(c, s.rng)
	s.loss = s.plan.loss
	n := s.plan.places + 1
	s.procs, s.keys = make([]*process, n), make([]id.Peer, n)
	s.people = make([]*person, s.plan.typists+1)
	s.net = newNetwork(s, n)
	s.hostKey = key(hostPlace, 0)
	s.window0 = window{80, 24}
	newHost(s)
	for place := 1; place < n; place++ {
		if place <= s.plan.typists {
			p := &person{s: s, rng: s.rng, place: place, window: window{10 + s.rng.IntN(150), 3 + s.rng.IntN(60)}}
			s.people[place] = p
			s.queue.after(between(s.rng, 0, time.Second), p.turn)
		}
		come := between(s.rng, 0, comingMost)
		if s.rng.IntN(8) == 0 && s.plan.row.Name == "" {
			come = between(s.rng, 0, stormy)
		}
		if place <= s.plan.places-s.plan.crowd {
			s.queue.after(come, func() { s.back(place) })
		}
	}
	for _, f := range s.plan.faults {
		if f.at < s.plan.storm {
			s.queue.at(began.Add(f.at), func() {
				s.tracef("%v", f)
				f.strike(s)
			})
		}
	}
	return s
}

// key returns the key of a process: the place, and which of its keys it is.
func key(place int, n uint64) (k id.Peer) {
	binary.BigEndian.PutUint16(k[:], uint16(place)+1)
	binary.BigEndian.PutUint64(k[2:], n)
	return k
}

// placeOf returns the place of a key, -1 if nobody has it.
func (s *Sim) placeOf(k id.Peer) int {
	if n := s.net.nodes[k]; n != nil {
		return n.place
	}
	return -1
}

// start starts a new process at a place, in place of the one that is there: under
// a key of its own, or now and then under the old one.
func (s *Sim) start(place int) {
	s.kill(place)
	s.nonces++
	if s.keys[place].IsZero() || s.rng.IntN(3) > 0 {
		s.keys[place] = key(place, s.nonces)
	}
	s.tracef("start %d nonce %d", place, s.nonces)
	s.procs[place] = newProcess(s, place, s.keys[place], s.nonces)
}

// back starts a process where there is none.
func (s *Sim) back(place int) {
	if s.procs[place] == nil {
		s.start(place)
	}
}

// kill ends the process at a place without a word.
func (s *Sim) kill(place int) {
	p := s.procs[place]
	if p == nil {
		return
	}
	s.tracef("kill %d", place)
	p.finish()
	p.gone = s.rng.IntN(2) == 0
	s.net.look()
}

// leave ends the process at a place with a word.
func (s *Sim) leave(place int) {
	p := s.procs[place]
	if p == nil || s.queue.now.Before(p.paused) {
		return
	}
	s.tracef("leave %d", place)
	p.node.step(gossip.Leave{})
	p.gone = true
	ends := append([]*end(nil), p.ends...)
	p.finish()
	for _, e := range ends {
		e.post(closing{left})
		e.shutButCarry()
	}
	s.net.look()
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

// becalm ends all faults and all typing.
func (s *Sim) becalm() {
	s.calm = true
	s.loss = 0
	s.net.heal()
	for _, l := range s.net.links {
		for _, e := range l.ends {
			e.slow = s.queue.now
			e.hurry()
		}
	}
	s.host.terminal.stopped = s.queue.now
	s.host.terminal.signals = true
	s.host.terminal.floods, s.host.terminal.lists.until = 0, s.queue.now
	s.host.goOn()
	for place := 1; place <= s.plan.places; place++ {
		p := s.procs[place]
		if p == nil || p.evil != nil {
			s.plan.evil = 0
			s.start(place)
			continue
		}
		p.goOn()
		p.slow = 0
		s.restore(place)
	}
	s.tracef("calm")
}

// mix takes an event into the hash of all that happened: it is too much for the trace.
func (s *Sim) mix(n *node, ev gossip.Event) {
	x := uint64(s.queue.elapsed())<<9 ^ uint64(n.place)
	if r, ok := ev.(gossip.Recv); ok {
		x ^= uint64(s.placeOf(r.From)) << 40
		if g, ok := r.Msg.(gossip.Gossip); ok {
			x += g.Rec.Seq << 20
		}
	}
	s.hash = (s.hash ^ x) * 0x9e3779b97f4a7c15
	s.hash ^= s.hash >> 29
	if debugEvents {
		s.tracef("%d %s %+v", n.place, reflect.TypeOf(ev), ev)
	}
}

// debugEvents has every event of gossip in the trace.
var debugEvents = false

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
