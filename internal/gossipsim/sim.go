// Package gossipsim runs many gossip cores in one queue of events.
//
// Time is virtual and everything is drawn from one seed, so equal configs give
// equal histories. The cores are the product's; only the links are made up: they
// are ordered, lose nothing, take a fixed time for each pair of peers, and end
// when one side closes them or dies.
package gossipsim

import (
	"encoding/binary"
	"hash/fnv"
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
	// Reach reports whether a dial arrives. If nil, all do.
	Reach func(from, to int) bool
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

// A peer is one core and its links.
type peer struct {
	core  *gossip.State
	dead  bool
	stuck time.Duration // until then it does nothing
	tick  time.Duration // when the next tick is queued, 0 if none
	links []conn
	heads []time.Duration // when record i+1 was taken
	depth int             // when the newest was taken
}

// A conn is one end of a link.
type conn struct {
	to   int32
	life uint32
}

// A Sim is a simulation under way.
type Sim struct {
	cfg    Config
	rng    *rand.Rand
	q      queue
	now    time.Duration
	peers  []peer
	lives  uint32
	events int
	hash   uint64

	born     []time.Duration // when record i+1 was written
	payloads []int           // how often record i+1 was received
	bytes    int
	scratch  []byte
	beat     uint64
}

// New returns a simulation of peers that do not know each other.
func New(cfg Config) *Sim {
	if cfg.Detect == 0 {
		cfg.Detect = 60 * time.Millisecond
	}
	s := &Sim{cfg: cfg, rng: rand.New(rand.NewPCG(cfg.Seed, 0)), peers: make([]peer, cfg.Nodes)}
	for i := range s.peers {
		c := gossip.Config{
			Self: Peer(i), Host: Peer(host), Rand: rand.NewPCG(cfg.Seed, uint64(i)+1),
			Active: cfg.Active, Passive: cfg.Passive, BeatLate: -1,
		}
		if cfg.Beats {
			c.BeatLate = 0
		}
		if i == host && cfg.HostActive > 0 {
			c.Active = cfg.HostActive
		}
		s.peers[i].core = gossip.New(epoch, c)
	}
	return s
}

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
	x := rand.NewPCG(s.cfg.Seed^lo<<32, hi).Uint64()
	return 10*time.Millisecond + time.Duration(x%90_000)*time.Microsecond
}

// at runs f later.
func (s *Sim) at(after time.Duration, f func()) {
	s.q.push(entry{at: s.now + after, kind: call, do: f})
}

// Run lets time pass.
func (s *Sim) Run(d time.Duration) {
	end := s.now + d
	for len(s.q.es) > 0 && s.q.es[0].at <= end {
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
	if e.kind == tick && e.at != p.tick {
		return
	}
	if p.dead || e.kind == up && s.cfg.Reach != nil && !s.cfg.Reach(int(e.from), int(e.to)) {
		if e.kind == up {
			s.q.push(entry{at: s.now + s.cfg.Detect, kind: down, from: e.to, to: e.from})
		}
		return
	}
	if s.now < p.stuck { // it finds all of it when it goes on, in order
		e.at = p.stuck
		if e.kind == tick {
			p.tick = e.at
		}
		s.q.push(*e)
		return
	}
	s.events++
	switch e.kind {
	case tick:
		p.tick = 0
		s.step(e.to, gossip.Tick{})
	case msg:
		s.arrive(e)
	case up:
		s.connect(e.from, e.to)
	case answer:
		if has(p, e.from) == e.link {
			s.step(e.to, gossip.LinkUp{Peer: Peer(int(e.from))})
		}
	case down:
		if l := has(p, e.from); l == e.link {
			unlink(p, e.from)
			s.step(e.to, gossip.LinkDown{Peer: Peer(int(e.from))})
		}
	case silent, back:
		s.hear(e)
	}
}

// arrive hands a message over if its link still is up at this end.
func (s *Sim) arrive(e *entry) {
	if has(&s.peers[e.to], e.from) != e.link {
		return
	}
	if g, ok := e.msg.(gossip.Gossip); ok {
		s.payloads[g.Rec.Seq-1]++
	}
	s.step(e.to, gossip.Recv{From: Peer(int(e.from)), Msg: e.msg})
}

// step runs one core and does what it says.
func (s *Sim) step(i int32, ev gossip.Event) {
	p := &s.peers[i]
	var checks []gossip.Check
	for _, a := range p.core.Step(epoch.Add(s.now), ev) {
		switch a := a.(type) {
		case gossip.Send:
			s.send(i, a)
		case gossip.Dial:
			to := int32(index(a.Contact.Peer))
			s.q.push(entry{at: s.now + s.latency(i, to), kind: up, from: i, to: to})
		case gossip.CloseLink:
			s.hangUp(i, int32(index(a.Peer)))
		case gossip.Check:
			checks = append(checks, a)
		case gossip.Grew:
			s.grew(p, a.Through)
		case gossip.PassHead:
			s.passHead(i, int32(index(a.To)), ev.(gossip.Head))
		}
	}
	s.trace(i, ev)
	for _, c := range checks {
		s.step(i, gossip.Checked{From: c.From, Seq: c.Rec.Seq, Verdict: gossip.Good})
	}
	s.schedule(i)
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

// grew notes when records came.
func (s *Sim) grew(p *peer, through uint64) {
	for uint64(len(p.heads)) < through {
		p.heads = append(p.heads, s.now)
	}
	p.depth = p.core.Stats().Depth
}

// trace adds an event to the hash of the history.
func (s *Sim) trace(i int32, ev gossip.Event) {
	if !s.cfg.Trace {
		return
	}
	h := fnv.New64a()
	b := binary.BigEndian.AppendUint64(s.scratch[:0], s.hash)
	b = binary.BigEndian.AppendUint64(b, uint64(s.now))
	b = binary.BigEndian.AppendUint32(b, uint32(i))
	if r, ok := ev.(gossip.Recv); ok {
		var k gossip.Kind
		k, b = gossip.AppendMsg(append(b, r.From[:]...), r.Msg)
		b = append(b, byte(k))
	}
	h.Write(b)
	s.scratch, s.hash = b, h.Sum64()
}

// Trace returns the hash of the history so far.
func (s *Sim) Trace() uint64 { return s.hash }

// Events returns how many events the cores were given.
func (s *Sim) Events() int { return s.events }

// beats has the host send a head now and each second.
func (s *Sim) beats() {
	s.beat++
	s.step(host, gossip.Head{From: Peer(host), Beat: s.beat, Through: uint64(len(s.born))})
	s.at(time.Second, s.beats)
}
