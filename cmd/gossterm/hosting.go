package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/node"
	"gossterm/internal/ticket"
	"gossterm/internal/transport"
	"gossterm/internal/tty"
	"gossterm/session"
)

// lastWords is how long a host that ends waits for its members to have seen the end.
const lastWords = 2 * time.Second

// membersFirst is how long the host's own terminal waits with what was recorded:
// drawing it takes the processor from the packets that carry it to the members.
const membersFirst = 2 * time.Millisecond

// A hosting is one run of 'gossterm host'.
type hosting struct {
	std   stdio
	flags hostFlags
	argv  []string
	log   *slog.Logger
	draw  bool

	relays []id.Relay

	ticket    ticket.Ticket
	transport *transport.Transport
	node      *node.Host
	terminal  *terminal
	own       localBus // of the terminal, if the session is drawn
	stopNode  context.CancelFunc
	nodeDone  chan struct{}
	nearby    nearby
	began     time.Time
	printed   atomic.Uint64 // bytes, by the command

	tree        atomic.Pointer[node.Tree] // as the command ended: who hears of that leaves
	hostStats   session.HostStats
	memberStats session.MemberStats
}

// run shares the command until it ends, and returns the exit status.
func (h *hosting) run(ctx context.Context, listen netip.AddrPort) (int, error) {
	defer h.close()
	if err := h.open(listen); err != nil {
		return 0, err
	}
	if h.draw { // before anybody can join, so that everybody who does is announced there
		var err error
		if h.own, err = h.local(); err != nil {
			return 0, err
		}
	}
	h.invite()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return h.share(ctx)
}

// open makes the keys and the ticket, and starts to listen.
func (h *hosting) open(listen netip.AddrPort) error {
	secret, tick, err := sessionKeys(h.flags.idFile)
	if err != nil {
		return err
	}
	events := make(chan transport.Event)
	conf := transport.Config{Secret: secret, Listen: listen, Inbox: events, Log: h.log.With("layer", "transport")}
	h.flags.reach.use(&conf, tick.Host, h.relays)
	if h.transport, err = transport.Listen(conf); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	h.awaitOuter()
	tick.Addrs, tick.Relays = h.transport.Addrs(), h.relays
	h.ticket = tick
	cfg := member.HostConfig{Secret: secret, Incarnation: randomNumber(), Name: h.flags.name, Ticket: tick, ReadOnly: h.flags.readOnly}
	rand.Read(cfg.EpochKey[:])
	h.node = node.NewHost(node.HostConfig{
		OverlayConfig: node.OverlayConfig{
			Secret:  secret,
			Events:  events,
			Dial:    h.transport.Dial,
			Relayed: len(h.relays) > 0,
			Addrs:   tick.Addrs,
			Degree:  h.flags.degree,
			Log:     h.log.With("layer", "node"),
		},
		Admission: member.NewHost(cfg),
	})
	h.openNearby(secret)
	ctx, cancel := context.WithCancel(context.Background())
	h.stopNode, h.nodeDone = cancel, make(chan struct{})
	go guard(func() {
		defer close(h.nodeDone)
		h.node.Run(ctx)
	})
	h.log.Info("listening", "topic", id.TopicOf(secret.Peer()).String()[:8], "addrs", fmt.Sprint(tick.Addrs))
	return nil
}

// outerWait is how long the invitation waits for a relay to say how this host looks
// from outside: a ticket with that address takes joiners straight here.
const outerWait = 500 * time.Millisecond

func (h *hosting) awaitOuter() {
	if len(h.relays) == 0 || h.flags.reach.relayOnly {
		return
	}
	select {
	case <-h.transport.Reflected():
	case <-time.After(outerWait):
	}
}

// randomNumber returns a random number that is not 0.
func randomNumber() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return max(binary.BigEndian.Uint64(b[:]), 1)
}

// invite prints how to join. It is all that happens before the session is drawn.
func (h *hosting) invite() {
	if h.flags.quiet {
		t := h.ticket
		if h.flags.readOnly {
			t = t.Watch()
		}
		fmt.Fprintln(h.std.out, t.String())
		return
	}
	for _, line := range h.waysIn() {
		fmt.Fprintln(h.std.err, line)
	}
}

// share runs the session, and the host's own terminal in it, until the command
// ends, and returns the exit status.
func (h *hosting) share(ctx context.Context) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// What is shown outlives the signal that ends the session, so that its end is drawn.
	showing, hide := context.WithCancel(context.WithoutCancel(ctx))
	defer hide()
	h.began = time.Now()
	cols, rows := h.size()
	sizes := make(chan session.Resized, 1)
	shown := make(chan struct{})
	var own session.JoinResult
	if h.draw {
		var err error
		if h.terminal, err = openTerminal(h.std, tty.Options{Escape: byte(h.flags.escape), Commands: hostKeys}, h.log); err != nil {
			return 0, err
		}
		go guard(func() {
			defer close(shown)
			own = h.show(showing, cancel, sizes)
		})
	} else {
		close(shown)
	}
	status, err := session.Host(ctx, session.HostConfig{
		Bus:   hostBus{h.node},
		Start: h.start,
		Cols:  cols,
		Rows:  rows,
		Sizes: sizes,
		View:  h.flags.view(),
		Log:   h.log.With("layer", "session"),
		Stats: &h.hostStats,
	})
	if err != nil { // no end of the session will be recorded
		hide()
	}
	<-shown
	sayUnconfirmed(h.std.err, own)
	h.noteTree()
	h.farewell()
	return exitOf(status), err
}

// start starts the command, counts what it prints, and notes the tree when it ends.
func (h *hosting) start(cols, rows int, p session.ShellPorts) (session.Shell, error) {
	output, exited := p.Output, p.Exited
	p.Output = func(b []byte) {
		h.printed.Add(uint64(len(b)))
		output(b)
	}
	p.Exited = func(status int32) {
		h.noteTree()
		exited(status)
	}
	return startShell(h.argv)(cols, rows, p)
}

// noteTree keeps the tree as it is now, unless one is kept already.
func (h *hosting) noteTree() {
	if t, err := h.node.Tree(); err == nil {
		h.tree.CompareAndSwap(nil, &t)
	}
}

// view returns what newcomers see, and who sizes the terminal.
func (f *hostFlags) view() envelope.View {
	return envelope.View{History: envelope.Shown(f.history.n), Sizes: envelope.Sizes(f.resize.n)}
}

// exitOf returns the exit status for that of a command, -N for signal N.
func exitOf(status int32) int {
	if status < 0 {
		return exitSignal - int(status)
	}
	return int(status)
}

// size returns the shell's size at first.
func (h *hosting) size() (cols, rows int) {
	if s := h.flags.size; s != (size{}) {
		return s.cols, s.rows
	}
	s := sizeAt(h.std)
	return s.cols, s.rows
}

// A localBus is the host's own terminal as a member.
type localBus struct {
	bus memberBus
	key id.Peer
}

func (h *hosting) local() (localBus, error) {
	secret, err := id.NewSecret(rand.Reader)
	if err != nil {
		return localBus{}, err
	}
	var input [32]byte
	rand.Read(input[:])
	l, err := h.node.Local(secret.Peer(), h.flags.name, input)
	return localBus{memberBus{own{l}}, secret.Peer()}, err
}

// show draws the session on the host's own terminal. Leaving it ends the session.
func (h *hosting) show(ctx context.Context, cancel func(), sizes chan session.Resized) session.JoinResult {
	res, err := session.Join(ctx, session.JoinConfig{
		Bus:       h.own.bus,
		Self:      session.Self{Key: h.own.key, Own: true},
		Terminal:  h.terminal,
		Resized:   func(cols, rows int) { h.resized(sizes, cols, rows) },
		Patience:  membersFirst,
		PanBy:     h.flags.escape.shown(),
		Panels:    h.panels(),
		Questions: h.nearby.questions,
		Log:       h.log.With("layer", "terminal"),
		Stats:     &h.memberStats,
	})
	h.terminal.close()
	if res.Way != session.WayEnded || err != nil {
		cancel()
	}
	if err != nil {
		h.log.Warn("own terminal", "err", err)
	}
	return res
}

// resized gives the session the size of the host's terminal, unless it was told
// one.
func (h *hosting) resized(sizes chan session.Resized, cols, rows int) {
	if h.flags.size == (size{}) {
		newest(sizes, session.Resized{Cols: cols, Rows: rows})
	}
}

// farewell lets the members see the end, for a while.
func (h *hosting) farewell() {
	alone, err := h.node.Alone()
	if err != nil {
		return
	}
	select {
	case <-alone:
	case <-time.After(lastWords):
	}
}

// close ends all that open and share began. It may be called at any stage.
func (h *hosting) close() {
	if h.terminal != nil {
		h.terminal.close()
	}
	h.nearby.close()
	if h.transport != nil {
		if h.flags.stats {
			h.printStats()
		}
		h.stopNode()
		<-h.nodeDone
		h.transport.Close(transport.Ended)
	}
}

// printStats prints what each layer counted.
func (h *hosting) printStats() {
	stats, _ := h.node.Stats()
	printStats(h.std.err, "session", h.hostStats)
	if h.draw {
		printStats(h.std.err, "terminal", h.memberStats)
	}
	printStats(h.std.err, "node", stats)
	if t := h.tree.Load(); t != nil {
		printTree(h.std.err, *t)
	}
}
