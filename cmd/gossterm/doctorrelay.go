package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"gossterm/internal/doctor"
	"gossterm/internal/id"
	"gossterm/internal/relay"
)

// errNobody reports a relay of which neither UDP nor TCP was answered.
var errNobody = errors.New("nobody answers there")

// A relayExam is what goes on with one relay.
type relayExam struct {
	relay id.Relay
	udp   *later[reflection]
	tcp   *later[webAnswer]
	reg   *later[registration]

	nobody *later[bool]  // whether neither UDP nor TCP was answered
	absent chan struct{} // closed when the relay says that it has not got the ticket's host
	stop   context.CancelFunc
	client *later[bool] // the client's run
}

// A registration is what came of it.
type registration struct {
	carrier string // "udp" or "tcp"
	err     error
}

// examine begins to ask a relay in three ways at once.
func (e *examination) examine(ctx context.Context, udp *probe, r id.Relay) *relayExam {
	x := &relayExam{relay: r, absent: make(chan struct{})}
	x.udp = soon(func() reflection {
		ctx, cancel := context.WithTimeout(ctx, e.udpPatience)
		defer cancel()
		addrs, err := relayAddrs(ctx, r)
		if err != nil {
			return reflection{err: err}
		}
		return udp.ask(ctx, addrs)
	})
	x.tcp = soon(func() webAnswer { return askWeb(ctx, r) })
	x.nobody = soon(func() bool { return x.udp.get().err != nil && x.tcp.get().err != nil })
	x.register(ctx, e.tag, e.ticket.Host)
	return x
}

// register begins to have the relay take a peer that nobody knows. It stays until end.
// If there is a host, it asks whether that is there, too.
func (x *relayExam) register(ctx context.Context, topic id.Topic, host id.Peer) {
	ctx, x.stop = context.WithCancel(ctx)
	news := make(chan struct{}, 1)
	var once sync.Once
	client := relay.NewClient(relay.ClientConfig{
		Relay: x.relay, Secret: id.SecretFromSeed(randomKey()), Tag: relay.TagOf(topic),
		Absent: func(id.Peer) { once.Do(func() { close(x.absent) }) },
		Changed: func() {
			select {
			case news <- struct{}{}:
			default:
			}
		},
	})
	x.client = soon(func() bool { client.Run(ctx); return true })
	x.reg = soon(func() registration {
		r := x.registered(ctx, client, news)
		if r.err == nil && !host.IsZero() {
			client.Send(host, []byte{0}) // that is no QUIC packet: the host drops it
		}
		return r
	})
}

// registered waits until the relay has taken the client, or has not.
func (x *relayExam) registered(ctx context.Context, client *relay.Client, news <-chan struct{}) registration {
	silent := x.nobody.done
	for {
		switch s := client.State(); {
		case s.Up:
			return registration{carrier: s.Carrier}
		case s.Err != nil:
			return registration{err: s.Err}
		}
		select {
		case <-news:
		case <-silent:
			if x.nobody.v {
				return registration{err: whyNobody(x.tcp.get().err)}
			}
			silent = nil
		case <-ctx.Done():
			return registration{err: errNoAnswer}
		}
	}
}

// whyNobody returns why a relay is not reached at all. That it has no address, or that
// another answers TCP in its place, says more than silence.
func whyNobody(tcp error) error {
	_, _, other := certificateWords(tcp)
	_, web := errors.AsType[*statusError](tcp)
	if _, dns := errors.AsType[*net.DNSError](tcp); dns || web || other {
		return tcp
	}
	return errNobody
}

// end leaves the relay, and waits until nothing goes on.
func (x *relayExam) end() {
	x.stop()
	x.client.get()
	x.reg.get()
	x.nobody.get()
}

// facts waits for all that was asked.
func (x *relayExam) facts() doctor.Relay {
	udp, tcp, reg := x.udp.get(), x.tcp.get(), x.reg.get()
	return doctor.Relay{
		Place: relayPlace(x.relay), Proxy: tcp.proxy, Carrier: reg.carrier,
		UDP: tryOf(udp.rtt, udp.err), TCP: tryOf(tcp.rtt, tcp.err), Reg: tryOf(0, reg.err),
	}
}

// tryOf puts an error into words.
func tryOf(rtt time.Duration, err error) doctor.Try {
	if err == nil {
		return doctor.Try{OK: true, RTT: rtt}
	}
	text, hint := inWords(err)
	return doctor.Try{Text: text, Hint: hint}
}

// relayPlace returns where a relay is, without key and token.
func relayPlace(r id.Relay) string { return net.JoinHostPort(r.Place, strconv.Itoa(int(r.Port))) }

// relayAddrs returns the UDP addresses of a relay.
func relayAddrs(ctx context.Context, r id.Relay) (out []netip.AddrPort, err error) {
	ips := []netip.Addr{}
	if a, e := netip.ParseAddr(r.Place); e == nil {
		ips = append(ips, a)
	} else if ips, err = net.DefaultResolver.LookupNetIP(ctx, "ip", r.Place); err != nil {
		return nil, err
	}
	for _, a := range ips[:min(len(ips), maxRelayAddrs)] {
		out = append(out, netip.AddrPortFrom(a.Unmap(), r.Port))
	}
	return out, nil
}

// reference returns the clock's time when a relay that proved itself told its own, and
// that; zero if none did.
func reference(relays []*relayExam) (now, told time.Time) {
	for _, x := range relays {
		if a := x.tcp.get(); a.err == nil && !a.date.IsZero() {
			return a.at, a.date
		}
	}
	return time.Now(), time.Time{}
}
