package main

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"gossterm/internal/doctor"
	"gossterm/internal/id"
	"gossterm/internal/transport"
)

// errNotThere reports a relay that does not know the host.
var errNotThere = errors.New("the host is not there")

// A wayExam is one way to somebody whom a ticket names.
type wayExam struct {
	member bool           // not the host, but the member that made the ticket
	addr   netip.AddrPort // straight
	relay  *relayExam     // or through it
	answer *later[wayAnswer]
}

// A wayAnswer is what came of it.
type wayAnswer struct {
	rtt   time.Duration
	err   error
	other bool // somebody answers, but not as it should
}

// tryAll begins to try all ways in the ticket, if there is one that can be read.
func (e *examination) tryAll(ctx context.Context, relays []*relayExam) (ways []wayExam) {
	if e.word == "" || e.ticketErr != nil {
		return nil
	}
	t := e.ticket
	begin := func(w wayExam, peer id.Peer) {
		tried := w // its answer is written while it is tried
		w.answer = soon(func() wayAnswer { return e.try(ctx, tried, peer) })
		ways = append(ways, w)
	}
	for _, a := range t.Addrs {
		begin(wayExam{addr: a}, t.Host)
	}
	for _, a := range t.Via.Addrs {
		begin(wayExam{addr: a, member: true}, t.Via.Peer)
	}
	for _, r := range t.Relays {
		for _, x := range relays {
			if x.relay == r {
				begin(wayExam{relay: x}, t.Host)
			}
		}
	}
	return ways
}

// try connects to a peer by one way, and hangs up: that it answers with its key is all
// that is asked. Each has a transport of its own, so that none helps another.
func (e *examination) try(ctx context.Context, w wayExam, peer id.Peer) wayAnswer {
	cfg := transport.Config{Secret: id.SecretFromSeed(randomKey()), Topic: e.tag}
	var to []netip.AddrPort
	if w.relay == nil {
		to = []netip.AddrPort{w.addr}
	} else {
		if reg := w.relay.reg.get(); reg.err != nil {
			return wayAnswer{err: reg.err}
		}
		cfg.Relays, cfg.RelayOnly = []id.Relay{w.relay.relay}, true
		var cancel context.CancelFunc
		ctx, cancel = untilClosed(ctx, w.relay.absent)
		defer cancel()
	}
	a := dialOnce(ctx, cfg, peer, to)
	if a.err != nil && errors.Is(context.Cause(ctx), errNotThere) {
		a.err = errNotThere
	}
	a.other = errors.Is(a.err, transport.ErrKey) || errors.Is(a.err, transport.ErrVersion)
	return a
}

// untilClosed returns a context that also ends, with errNotThere, when absent is closed.
func untilClosed(ctx context.Context, absent <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	watched := soon(func() bool {
		select {
		case <-absent:
			cancel(errNotThere)
		case <-ctx.Done():
		}
		return true
	})
	return ctx, func() {
		cancel(nil)
		watched.get()
	}
}

// dialOnce dials a peer by a transport made for that.
func dialOnce(ctx context.Context, cfg transport.Config, peer id.Peer, to []netip.AddrPort) wayAnswer {
	events, closed := make(chan transport.Event), make(chan struct{})
	cfg.Inbox = events
	t, err := transport.Listen(cfg)
	if err != nil {
		return wayAnswer{err: err}
	}
	drained := soon(func() bool {
		for {
			select {
			case <-events:
			case <-closed:
				return true
			}
		}
	})
	begun := time.Now()
	l, err := t.Dial(ctx, peer, to)
	a := wayAnswer{rtt: time.Since(begun), err: err}
	if e, ok := errors.AsType[*transport.DialError](err); ok && len(e.Tries) == 1 {
		a.err = e.Tries[0].Err
	}
	if err == nil { // that was the handshake, and with a relay the way to that, too
		if rtt := l.Stats().RTT; rtt > 0 {
			a.rtt = min(a.rtt, rtt)
		}
	}
	t.Close(transport.Left)
	close(closed)
	drained.get()
	return a
}

// check says what came of a way. One that fails is no failure: another may do.
func (w wayExam) check(a wayAnswer) doctor.Check {
	c := doctor.Check{Name: "host", Text: w.addr.String()}
	if w.member {
		c.Name = "member"
	}
	if w.relay != nil {
		c.Text = "through the relay " + relayPlace(w.relay.relay)
	}
	if a.err == nil {
		c.Text += ": answers in " + doctor.Took(a.rtt)
		return c
	}
	text, hint := inWords(a.err)
	switch {
	case errors.Is(a.err, errNotThere):
		text, hint = "the relay does not know the host", "has the session ended? Else the host cannot reach this relay"
	case w.relay != nil && w.relay.reg.get().err != nil:
		hint = "see this relay above"
	case !doctor.Public(w.addr.Addr()) && w.relay == nil && hint != "" && !a.other:
		hint = "that is an address of the host's own network: it works there alone"
	}
	c.Status, c.Text, c.Hint = doctor.Warn, c.Text+": "+text, hint
	return c
}
