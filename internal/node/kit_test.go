package node

import (
	"context"
	"encoding/binary"
	"log"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/ticket"
	"gossterm/internal/transport"
)

// TestMain finds leaked goroutines; a bubble finds its own.
func TestMain(m *testing.M) {
	code := m.Run()
	if err := goleak.Find(); err != nil {
		log.Print(err)
		code = 1
	}
	os.Exit(code)
}

// secretOf returns the n-th key; the host's is the first.
func secretOf(n uint64) id.Secret {
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], n)
	return id.SecretFromSeed(seed)
}

// A world is a host and a network in memory.
type world struct {
	testing.TB
	mem    *transport.Mem
	secret id.Secret
	ticket ticket.Ticket
	keys   uint64

	*Host
	admission *member.Host
	transport *transport.Transport
	inputs    []typed // what the session got
	full      bool    // the session takes no input
	degree    int     // of the host; 0: gossip's
	leaves    bool    // members that start now carry nothing for others
	seq       uint64
	stopHost  func()
}

// typed is one input as the host's session got it.
type typed struct {
	author id.Peer
	seq    uint64
	text   string
}

// inWorld runs a test in a bubble.
func inWorld(t *testing.T, test func(*testing.T, *world)) {
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t, 1)) })
}

// newWorld starts a host whose log has begun.
func newWorld(t testing.TB, life uint64, edit ...func(*member.HostConfig)) *world {
	w := &world{TB: t, mem: transport.NewMem(7), secret: secretOf(1), keys: 1}
	w.ticket = hostTicket(w.secret)
	w.startHost(life, edit...)
	w.snapshot(1, 10)
	return w
}

func hostTicket(s id.Secret) ticket.Ticket {
	return ticket.Ticket{Host: s.Peer(), Role: id.Type, Secret: ticket.SecretOf([16]byte{3})}
}

// startHost starts a host, in one of its lives.
func (w *world) startHost(life uint64, edit ...func(*member.HostConfig)) {
	w.Helper()
	cfg := member.HostConfig{Secret: w.secret, Incarnation: life, Name: "box", Ticket: w.ticket, EpochKey: [32]byte{byte(life)}}
	for _, f := range edit {
		f(&cfg)
	}
	w.admission = member.NewHost(cfg)
	events := make(chan transport.Event)
	w.transport = w.listen(w.secret, events)
	w.Host = NewHost(HostConfig{OverlayConfig: OverlayConfig{Secret: w.secret, Events: events, Dial: w.transport.Dial, Addrs: w.transport.Addrs(), Degree: w.degree}, Admission: w.admission})
	stop := w.run(w.Host.Run, w.transport)
	w.stopHost = func() { stop(transport.Ended) }
	if err := w.Attach(HostPorts{Input: w.input, Members: func(*member.Membership) {}}); err != nil {
		w.Fatal(err)
	}
	w.seq = 0
}

func (w *world) input(author id.Peer, _, seq uint64, plain []byte) bool {
	if w.full {
		return false
	}
	text := ""
	if t, err := envelope.ParseTyping(plain); err == nil {
		text = string(t.Items[0].(envelope.Typed).Data)
	}
	w.inputs = append(w.inputs, typed{author, seq, text})
	return true
}

func (w *world) listen(s id.Secret, events chan transport.Event) *transport.Transport {
	w.Helper()
	cfg := transport.Config{Secret: s, Inbox: events}
	if s.Peer() == w.secret.Peer() && len(w.ticket.Addrs) > 0 {
		cfg.Listen = w.ticket.Addrs[0]
	}
	t, err := w.mem.Listen(cfg)
	if err != nil {
		w.Fatal(err)
	}
	if s.Peer() == w.secret.Peer() {
		w.ticket.Addrs = t.Addrs()
	}
	return t
}

// run runs a node until the test ends or what it returns is called, once or more.
func (w *world) run(run func(context.Context), tr *transport.Transport) (stop func(transport.Code)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	stop = func(c transport.Code) {
		cancel()
		<-done
		tr.Close(c)
	}
	w.Cleanup(func() { stop(transport.Left) })
	return stop
}

// say appends output to the host's log.
func (w *world) say(size int) {
	w.Helper()
	w.seq++
	if err := w.Append(w.seq, 0, 0, make([]byte, size)); err != nil {
		w.Fatal(err)
	}
}

// snapshot appends a snapshot to the host's log.
func (w *world) snapshot(parts, size int) {
	w.Helper()
	for part := 1; part <= parts; part++ {
		w.seq++
		if err := w.Append(w.seq, uint16(part), uint16(parts), make([]byte, size)); err != nil {
			w.Fatal(err)
		}
	}
}

// flood appends output of n records of 16,000 bytes, with the snapshots that a
// session writes.
func (w *world) flood(n int) {
	w.Helper()
	for i := range n {
		w.say(16_000)
		if i%16 == 15 {
			w.snapshot(2, 8_000)
		}
	}
}

// A peer is a member under test.
type peer struct {
	*Member
	secret    id.Secret
	transport *transport.Transport
	stop      func(transport.Code)
	bells     int
	after     uint64   // what was read
	jumps     []uint64 // where reading went on that was not the next record
	read      int      // records

	mu     sync.Mutex
	states []State // as the session got them
}

// config returns what a joiner with a key of its own joins with.
func (w *world) config() member.JoinerConfig {
	w.keys++
	return member.JoinerConfig{Ticket: w.ticket, Secret: secretOf(w.keys), Name: "ana",
		Nonce: [16]byte{1}, MemberSecret: [32]byte{byte(w.keys), 1}}
}

// start starts a member.
func (w *world) start(cfg member.JoinerConfig, edit ...func(*MemberConfig)) *peer {
	w.Helper()
	j, err := member.NewJoiner(cfg)
	if err != nil {
		w.Fatal(err)
	}
	events := make(chan transport.Event)
	p := &peer{secret: cfg.Secret, transport: w.listen(cfg.Secret, events)}
	mc := memberConfig(j, cfg, p.transport, events)
	mc.Leaf = w.leaves
	for _, f := range edit {
		f(&mc)
	}
	p.Member = NewMember(mc)
	p.stop = w.run(p.Run, p.transport)
	ports := MemberPorts{Bell: func() { p.bells++ }, State: p.stand}
	if err := p.Attach(ports); err != nil {
		w.Fatal(err)
	}
	return p
}

func memberConfig(j *member.Joiner, cfg member.JoinerConfig, t *transport.Transport, events chan transport.Event) MemberConfig {
	return MemberConfig{
		OverlayConfig: OverlayConfig{Secret: cfg.Secret, Events: events, Dial: t.Dial, Addrs: t.Addrs()},
		Joiner:        j,
		Host:          gossip.Contact{Peer: cfg.Ticket.Host, Addrs: cfg.Ticket.Addrs},
		Via:           gossip.Contact{Peer: cfg.Ticket.Via.Peer, Addrs: cfg.Ticket.Via.Addrs},
		RejoinTime:    aMinute,
	}
}

// aMinute is how long members under test wait for a lost host.
const aMinute = time.Minute

// gossiped returns a record of the host's log as its frame carries it.
func gossiped(rec []byte) []byte {
	return append(make([]byte, 34), rec...) // no flags, depth 0, nobody's child
}

// skipping is gossiped for a record where the receiver may begin anew.
func skipping(rec []byte) []byte {
	b := gossiped(rec)
	b[0] = 2
	return b
}

// submitted returns a record of a member's log as its frame carries it at first.
func submitted(rec []byte) []byte { return append([]byte{0}, rec...) }

// join starts a member and waits until it is in.
func (w *world) join(edit ...func(*member.JoinerConfig)) *peer {
	w.Helper()
	cfg := w.config()
	for _, f := range edit {
		f(&cfg)
	}
	p := w.start(cfg)
	if err := p.Joined(context.Background()); err != nil {
		w.Fatal(err)
	}
	return p
}

func watching(c *member.JoinerConfig) { c.Role = id.Watch }

func (p *peer) stand(s State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.states = append(p.states, s)
}

// now returns the newest state that p's session got, once nothing moves.
func (p *peer) now() State {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.states[len(p.states)-1]
}

// readAll reads what there is and checks that it is in order.
func (p *peer) readAll(t testing.TB) {
	t.Helper()
	for {
		recs, err := p.Read(p.after, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(recs) == 0 {
			return
		}
		for _, r := range recs {
			if r.Seq != p.after+1 {
				p.jumps = append(p.jumps, r.Seq)
				if r.Part != 1 {
					t.Fatalf("record %d, part %d, after %d", r.Seq, r.Part, p.after)
				}
			}
			p.after = r.Seq
			p.read++
		}
	}
}

// types sends one input.
func (p *peer) types(t testing.TB, seq uint64, text string) {
	t.Helper()
	if err := p.Send(p.now().Incarnation, seq, typing(text)); err != nil {
		t.Fatal(err)
	}
}

func typing(text string) []byte {
	return envelope.Typing{Items: []envelope.InputItem{envelope.Typed{Data: []byte(text)}}}.Append(nil)
}

// hostStats returns the host's figures once nothing moves.
func (w *world) hostStats() HostStats {
	w.Helper()
	synctest.Wait()
	s, err := w.Host.Stats()
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func (p *peer) figures(t testing.TB) MemberStats {
	t.Helper()
	synctest.Wait()
	s, err := p.Stats()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pass lets time pass on the bubble's clock.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// tick is enough for all that is due at once, a spread of the membership included.
const tick = 2 * spreadEvery
