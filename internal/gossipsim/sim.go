// Package gossipsim runs many gossip cores in one queue of events.
//
// Time is virtual and everything is drawn from one seed, so equal configs give
// equal histories. The cores are the product's; only the links are made up: they
// are ordered, take a fixed time for each pair of peers, and end when one side
// closes them or dies. They lose nothing, unless they are cut.
package gossipsim

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
)

// A Config says what is simulated.
type Config struct {
	Nodes int
	Seed  uint64
	// Active and Passive are the sizes of the views. If zero, the product's.
	Active, Passive int
	// HostActive is the size of the host's active view. If zero, Active.
	HostActive int
	// Hop is the time a message takes between any two peers. If zero, each pair
	// has a time of its own between 10 and 100 ms.
	Hop time.Duration
	// Detect is the time until a peer's death is seen. If zero, 60 ms.
	Detect time.Duration
	// Silence says that a death is seen by nothing but silence, as in the product:
	// links are suspect after 3 s and gone after 2 min, dials in vain take 5 s.
	Silence bool
	// Reach reports whether a dial arrives. If nil, all do.
	Reach func(from, to int) bool
	// Paper is HyParView as it was published, without what the product adds.
	Paper bool
	// Beats has the host send a head each second, and peers come back when they
	// miss it.
	Beats bool
	// Trace keeps a hash of all events.
	Trace bool
	// Bytes counts what messages would take on the wire.
	Bytes bool
}

// host is the index of the peer whose log is spread.
const host = 0

// epoch is the virtual start of time.
var epoch = time.Unix(0, 0)

// A peer is one core and its links. It has no core until it enters.
type peer struct {
	core  *gossip.State
	dead  bool
	stuck time.Duration // until then it does nothing
	tick  time.Duration // when the next tick is queued, 0 if none
	links []conn
	room  [8]conn // where the first links lie: what each message touches is together
	taken         // what it has of the host's log

	joined, left time.Duration // left only if dead
}

// A Sim is a simulation under way.
type Sim struct {
	cfg    Config
	rng    *rand.Rand
	q      queue
	now    time.Duration
	peers  []peer
	far    []bool // peers that are cut off, nil if none are
	made   uint32 // links so far
	events int
	hash   uint64

	born     []time.Duration // when record i+1 was written
	payloads []int           // how often record i+1 was received
	bytes    int
	scratch  []byte
	checks   []gossip.Check
	beat     uint64
}

// New returns a simulation of peers that do not know each other. Only the host is
// there; the others come when they enter.
func New(cfg Config) *Sim {
	if cfg.Detect == 0 {
		cfg.Detect = 60 * time.Millisecond
	}
	s := &Sim{cfg: cfg, rng: rand.New(rand.NewPCG(cfg.Seed, 0)), peers: make([]peer, cfg.Nodes)}
	s.start(host)
	return s
}

// start gives a peer its core.
func (s *Sim) start(i int) {
	c := gossip.Config{
		Self: Peer(i), Host: Peer(host), Rand: rand.NewPCG(s.cfg.Seed, uint64(i)+1),
		Active: s.cfg.Active, Passive: s.cfg.Passive, Paper: s.cfg.Paper, BeatLate: -1,
	}
	if s.cfg.Beats {
		c.BeatLate = 0
	}
	if i == host && s.cfg.HostActive > 0 {
		c.Active = s.cfg.HostActive
	}
	s.peers[i].links = s.peers[i].room[:0]
	s.peers[i].core = gossip.New(epoch.Add(s.now), c)
	s.peers[i].joined = s.now
}

// add makes a place for one more peer and returns its index.
func (s *Sim) add() int {
	s.peers = append(s.peers, peer{})
	return len(s.peers) - 1
}

// lives reports whether a peer has come and is not dead.
func (s *Sim) lives(i int) bool { return s.peers[i].core != nil && !s.peers[i].dead }

// Peer returns the name of peer i.
func Peer(i int) (p id.Peer) {
	binary.BigEndian.PutUint32(p[:], uint32(i)+1)
	return p
}

// index is the inverse of Peer.
func index(p id.Peer) int { return int(binary.BigEndian.Uint32(p[:])) - 1 }

// latency is the time a message takes between two peers.
func (s *Sim) latency(a, b int32) time.Duration {
	if s.cfg.Hop > 0 {
		return s.cfg.Hop
	}
	lo, hi := uint64(min(a, b)), uint64(max(a, b))
	pcg := rand.PCG{}
	pcg.Seed(s.cfg.Seed^lo<<32, hi)
	return 10*time.Millisecond + time.Duration(pcg.Uint64()%90_000)*time.Microsecond
}

// at runs f later.
func (s *Sim) at(after time.Duration, f func()) {
	s.q.push(entry{at: s.now + after, kind: call, do: f})
}

// Run lets time pass.
func (s *Sim) Run(d time.Duration) {
	end := s.now + d
	for s.q.len() > 0 && s.q.first() <= end {
		e := s.q.pop()
		s.now = e.at
		s.handle(&e)
	}
	s.now = end
}

func (s *Sim) handle(e *entry) {
	if e.kind == call {
		e.do()
		return
	}
	p := &s.peers[e.to]
	switch {
	case e.kind == tick && e.at != p.tick:
		return // an earlier one was queued later
	case e.kind == up && !s.arrives(e.from, e.to):
		s.vain(e.from, e.to)
		return
	case !s.lives(int(e.to)) || e.kind.travels() && s.severed(e.from, e.to):
		if e.kind == answer {
			s.vain(e.to, e.from)
		}
		return
	case s.now < p.stuck: // it finds all of it when it goes on, in order
		e.at = p.stuck
		if e.kind == tick {
			p.tick = e.at
		}
		s.q.push(*e)
		return
	}
	s.events++
	s.happen(e, p)
}

// arrives reports whether a dial reaches whom it is for.
func (s *Sim) arrives(from, to int32) bool {
	return s.lives(int(to)) && !s.severed(from, to) && (s.cfg.Reach == nil || s.cfg.Reach(int(from), int(to)))
}

// happen tells a peer what an entry says. What is about a link is so only while
// that life of it lasts at the peer's end.
func (s *Sim) happen(e *entry, p *peer) {
	switch e.kind {
	case tick:
		p.tick = 0
		s.step(e.to, gossip.Tick{})
		return
	case up:
		s.connect(e.from, e.to)
		return
	case fail:
		s.failed(e)
		return
	}
	if has(p, e.from) != e.link {
		return
	}
	switch e.kind {
	case msg:
		s.arrive(e)
	case beat:
		h := *e.head
		h.From = Peer(int(e.from))
		s.step(e.to, h)
	case answer:
		s.step(e.to, gossip.LinkUp{Peer: Peer(int(e.from))})
	case done:
		s.ended(e)
	case down:
		s.lost(e)
	case silent:
		if s.quiet(e.from, e.to) {
			s.step(e.to, gossip.LinkSilent{Peer: Peer(int(e.from))})
		}
	case gone:
		if s.quiet(e.from, e.to) {
			s.lost(e)
		}
	case back:
		s.step(e.to, gossip.LinkBack{Peer: Peer(int(e.from))})
	}
}

// arrive hands a message over.
func (s *Sim) arrive(e *entry) {
	if g, ok := e.msg.(gossip.Gossip); ok {
		s.payloads[g.Rec.Seq-1]++
	}
	s.step(e.to, gossip.Recv{From: Peer(int(e.from)), Msg: e.msg})
}

// step runs one core and does what it says.
func (s *Sim) step(i int32, ev gossip.Event) {
	p := &s.peers[i]
	checks := s.checks[:0]
	s.checks = nil // a check leads to another step
	var head *gossip.Head
	for _, a := range p.core.Step(epoch.Add(s.now), ev) {
		switch a := a.(type) {
		case gossip.Send:
			s.send(i, &a)
		case gossip.Dial:
			s.dial(i, int32(index(a.Contact.Peer)))
		case gossip.CloseLink:
			s.hangUp(i, int32(index(a.Peer)), closing(a.Reason))
		case gossip.Check:
			checks = append(checks, a)
		case gossip.Grew:
			p.grew(s.now, a.Through)
		case gossip.PassHead:
			if head == nil {
				h := ev.(gossip.Head)
				head = &h
			}
			s.passHead(i, int32(index(a.To)), head)
		}
	}
	if s.cfg.Trace {
		s.trace(i, ev)
	}
	for _, c := range checks {
		s.step(i, gossip.Checked{From: c.From, Seq: c.Rec.Seq, Verdict: gossip.Good})
	}
	clear(checks)
	s.checks = checks
	s.schedule(i)
}

// closing returns how the other end sees that a link is closed.
func closing(why gossip.Reason) kind {
	if why == gossip.Violation {
		return down
	}
	return done
}

// schedule queues the next tick of a core if it is not queued yet.
func (s *Sim) schedule(i int32) {
	p := &s.peers[i]
	d, ok := p.core.Deadline()
	if !ok {
		return
	}
	at := max(d.Sub(epoch), s.now+1)
	if p.tick == 0 || at < p.tick || p.tick <= s.now {
		p.tick = at
		s.q.push(entry{at: at, kind: tick, to: i})
	}
}

// Events returns how many events the cores were given.
func (s *Sim) Events() int { return s.events }

// beats has the host send a head now and each second.
func (s *Sim) beats() {
	s.beat++
	s.step(host, gossip.Head{From: Peer(host), Beat: s.beat, Through: uint64(len(s.born))})
	s.at(time.Second, s.beats)
}
