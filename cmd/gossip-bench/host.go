package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"gossterm/dedup"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/node"
	"gossterm/internal/ticket"
	"gossterm/internal/transport"
)

const (
	// snapshotEvery and snapshotGap are when a session writes snapshots: after so
	// many bytes, and for newcomers, at most one in that time.
	snapshotEvery = 256 << 10
	snapshotGap   = 250 * time.Millisecond
	// sendAtOnce is how many messages are sent before orders and inputs are looked at.
	sendAtOnce = 64
	// inputsMost is how many inputs wait for the loop.
	inputsMost = 1024
)

// loopback is where all processes of a benchmark are.
var loopback = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)

// A host is the process that writes the log, with a node but no session: what it
// sends are payloads.
type host struct {
	node  *node.Host
	tell  *teller
	apart string // the peer that it must not have a link to

	inputs  chan arrived
	joined  chan struct{}
	typed   *log // what members sent
	windows map[life]*dedup.Window

	seq      uint64
	sinceOne int // bytes since the newest snapshot
	snapDue  time.Time
	snapAt   time.Time
	run      payload // the messages sent so far of the present run
	order    order   // the run that is being sent, if sent < order.Count
	sent     int
	begun    time.Time
	same     []byte
}

// An arrived is an input and when it was here.
type arrived struct {
	life
	seq   uint64
	plain []byte
	at    int64
}

// A life is an author in one incarnation.
type life struct {
	author      id.Peer
	incarnation uint64
}

// runHost is the process 'gossip-bench host'. It ends when there are no more orders.
func runHost(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	fs := flag.NewFlagSet("gossip-bench host", flag.ContinueOnError)
	degree := fs.Int("degree", 0, "target size of the active view; 0: gossip's")
	apart := fs.String("apart", "", "a peer never to have a link to")
	if err := fs.Parse(args); err != nil {
		return err
	}
	h := &host{
		tell: newTeller(out), apart: *apart, inputs: make(chan arrived, inputsMost), joined: make(chan struct{}, 1), typed: newLog(), windows: make(map[life]*dedup.Window),
	}
	defer h.tell.close()
	secret, err := id.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	tick, err := ticket.New(rand.Reader, secret.Peer())
	if err != nil {
		return err
	}
	events := make(chan transport.Event)
	t, err := transport.Listen(transport.Config{Secret: secret, Listen: loopback, Inbox: events})
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer t.Close(transport.Ended)
	tick.Addrs = t.Addrs()
	cfg := member.HostConfig{Secret: secret, Incarnation: randomNumber(), Name: "host", Ticket: tick}
	rand.Read(cfg.EpochKey[:])
	h.node = node.NewHost(node.HostConfig{
		OverlayConfig: node.OverlayConfig{
			Secret: secret, Events: events, Dial: except(t.Dial, h.apart), Addrs: tick.Addrs,
			Degree: *degree, Log: slog.New(watch{h.tell}),
		},
		Admission: member.NewHost(cfg),
	})
	stop := start(h.node.Run)
	defer stop()
	return h.serve(ctx, tick.String(), in)
}

// start runs a node in the background until what it returns is called.
func start(run func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// randomNumber returns a random number that is not 0.
func randomNumber() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return max(binary.BigEndian.Uint64(b[:]), 1)
}

// A dial makes a link.
type dial = func(context.Context, id.Peer, []netip.AddrPort) (*transport.Link, error)

// except returns d, but that it never reaches one peer: a path that is blocked.
func except(d dial, peer string) dial {
	return func(ctx context.Context, p id.Peer, addrs []netip.AddrPort) (*transport.Link, error) {
		if p.String() == peer {
			return nil, fmt.Errorf("dial %s: blocked by the benchmark", p.Tag())
		}
		return d(ctx, p, addrs)
	}
}

// serve attaches to the node, and does what is ordered.
func (h *host) serve(ctx context.Context, tick string, in io.Reader) error {
	if err := h.node.Attach(node.HostPorts{Input: h.input, Members: h.members()}); err != nil {
		return err
	}
	if err := h.snapshot(time.Now()); err != nil {
		return err
	}
	h.tell.say(news{What: isReady, Ticket: tick})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	orders := listen(ctx, in)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case o, more := <-orders:
			if !more {
				return nil
			}
			if err := h.obey(o); err != nil {
				return err
			}
		case in := <-h.inputs:
			if err := h.echo(in); err != nil {
				return err
			}
		case <-h.joined:
			h.snapDue = h.snapAt.Add(snapshotGap)
		case <-timer.C:
		}
		if err := h.due(time.Now()); err != nil {
			return err
		}
		timer.Reset(h.wait(time.Now()))
	}
}

// input takes what a member sent, in the node's loop.
func (h *host) input(author id.Peer, incarnation, seq uint64, plain []byte) bool {
	t, err := envelope.ParseTyping(plain)
	if err != nil || len(t.Items) != 1 {
		return false
	}
	typed, is := t.Items[0].(envelope.Typed)
	if !is {
		return false
	}
	select {
	case h.inputs <- arrived{life{author, incarnation}, seq, typed.Data, monotonic()}:
		return true
	default:
		return false
	}
}

// echo admits an input through its author's window, as a session does, counts what
// is next in order and writes it into the log, like a shell that echoes.
func (h *host) echo(in arrived) error {
	w := h.windows[in.life]
	if w == nil {
		w = &dedup.Window{}
		h.windows[in.life] = w
	}
	w.Admit(in.seq, in.plain)
	for f, ok := w.Next(); ok; f, ok = w.Next() {
		plain := f.Take()
		p, ok := decode(plain)
		if !ok || p.kind != message {
			continue
		}
		h.typed.of(p.run).message(p.index, p.stamp, in.at)
		if err := h.append(plain, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// members returns what takes memberships, in the node's loop: it has a snapshot
// written for newcomers, as a session does.
func (h *host) members() func(*member.Membership) {
	newest := uint64(0)
	return func(m *member.Membership) {
		for _, r := range m.Rows {
			if r.Incarnation > newest {
				newest = r.Incarnation
				select {
				case h.joined <- struct{}{}:
				default:
				}
			}
		}
	}
}

// obey does what run asks for.
func (h *host) obey(o order) error {
	switch o.Do {
	case doSend:
		h.order, h.sent, h.begun = o, 0, time.Now()
		h.run = payload{run: o.Run}
	case doSame:
		if h.same == nil || h.run.run != o.Run {
			h.run = payload{run: o.Run, index: 1}
			h.same = payload{kind: message, run: o.Run, stamp: monotonic()}.encode(o.Size)
		}
		return h.append(h.same, 0, 0)
	case doMore:
		return h.message(o.Size)
	case doEnd:
		h.run = payload{run: o.Run, index: uint32(o.Count), over: true}
		return h.append(payload{kind: end, run: o.Run, index: uint32(o.Count)}.encode(0), 0, 0)
	case doCount:
		h.tell.say(news{What: isCount, Run: o.Run, Tally: h.typed.of(o.Run).copied()})
	case doPlace:
		tree, err := h.node.Tree()
		if err != nil {
			return err
		}
		stats, err := h.node.Stats()
		if err != nil {
			return err
		}
		h.tell.say(news{What: isPlace, Serves: len(tree.Children()), Copies: float64(stats.Sent) / float64(h.seq), Relayed: stats.Relayed})
	}
	return nil
}

// due sends what is due.
func (h *host) due(now time.Time) error {
	if !h.snapDue.IsZero() && !now.Before(h.snapDue) {
		if err := h.snapshot(now); err != nil {
			return err
		}
	}
	for n := 0; n < sendAtOnce && h.sent < h.order.Count && h.sendIn(time.Now()) <= 0; n++ {
		if err := h.message(h.order.Size); err != nil {
			return err
		}
		if h.sent++; h.sent == h.order.Count {
			took := time.Since(h.begun)
			if err := h.obey(order{Do: doEnd, Run: h.order.Run, Count: h.sent}); err != nil {
				return err
			}
			h.tell.say(news{What: isSent, Run: h.order.Run, Took: int64(took)})
		}
	}
	return nil
}

// sendIn returns how long until the next message of the run is due.
func (h *host) sendIn(now time.Time) time.Duration {
	return h.begun.Add(length(h.sent, h.order.Rate)).Sub(now)
}

// wait returns how long until something is due.
func (h *host) wait(now time.Time) time.Duration {
	d := time.Hour
	if h.sent < h.order.Count {
		d = h.sendIn(now)
	}
	if !h.snapDue.IsZero() {
		d = min(d, h.snapDue.Sub(now))
	}
	return max(d, 0)
}

// message sends the next message of the present run.
func (h *host) message(size int) error {
	p := payload{kind: message, run: h.run.run, index: h.run.index, stamp: monotonic()}
	h.run.index++
	return h.append(p.encode(size), 0, 0)
}

// snapshot writes where a newcomer's log may start.
func (h *host) snapshot(now time.Time) error {
	h.snapAt, h.snapDue = now, time.Time{}
	p := h.run
	p.kind = snapshot
	err := h.append(p.encode(snapshotSize), 1, 1)
	h.sinceOne = 0
	return err
}

// append writes one record of the log, and a snapshot when it is time for one.
func (h *host) append(plain []byte, part, parts uint16) error {
	h.seq++
	if err := h.node.Append(h.seq, part, parts, plain); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	if h.sinceOne += len(plain); h.sinceOne >= snapshotEvery && part == 0 {
		return h.snapshot(time.Now())
	}
	return nil
}
