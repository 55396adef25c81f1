package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"gossterm/internal/relay"
)

const (
	// selfTime is how long a packet to this machine itself may take.
	selfTime = time.Second
	// maxFailedReads is how many reads in a row may fail: some systems report so that
	// an earlier packet was refused.
	maxFailedReads = 100
	maxRelayAddrs  = 4 // of one name
)

// askPauses are the pauses before asking again by UDP, as packets get lost.
var askPauses = []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second}

var errNoAnswer = errors.New("no answer")

// A reflection is what a relay said about whence a question came.
type reflection struct {
	by, at netip.AddrPort
	rtt    time.Duration
	err    error
	sent   error // why a question could not be sent, or nil
}

// A probe is the one UDP socket by which relays are asked how it looks to them: that
// it is one for all shows the kind of NAT.
type probe struct {
	err  error // why there is none
	conn *net.UDPConn
	done chan struct{}

	own  []byte        // the packet to itself
	came chan struct{} // it arrived

	mu    sync.Mutex
	asked map[[16]byte]question
}

// A question is one that waits for its answer.
type question struct {
	to     netip.AddrPort
	at     time.Time
	answer chan<- reflection
}

// openProbe opens the socket as sessions do.
func openProbe() *probe {
	key := randomKey()
	p := &probe{done: make(chan struct{}), own: key[:], came: make(chan struct{}), asked: make(map[[16]byte]question)}
	if p.conn, p.err = net.ListenUDP("udp", nil); p.err != nil {
		close(p.done)
		return p
	}
	go guard(p.read)
	return p
}

// close ends the socket.
func (p *probe) close() {
	if p.conn != nil {
		p.conn.Close()
	}
	<-p.done
}

// port returns the socket's port, or 0.
func (p *probe) port() uint16 {
	if p.conn == nil {
		return 0
	}
	return p.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}

// read takes what comes until the socket is closed.
func (p *probe) read() {
	defer close(p.done)
	b := make([]byte, 128) // what is longer is none of ours
	came := p.came
	for failed := 0; failed < maxFailedReads; {
		n, from, err := p.conn.ReadFromUDPAddrPort(b)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			failed++
			continue
		}
		failed = 0
		if came != nil && bytes.Equal(b[:n], p.own) {
			close(came)
			came = nil
		}
		p.heard(b[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))
	}
}

// heard notes an answer, if it is one to what was asked there.
func (p *probe) heard(b []byte, from netip.AddrPort) {
	number, seen, ok := relay.ParseReflectAnswer(b)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if q, ok := p.asked[number]; ok && q.to == from {
		delete(p.asked, number)
		select {
		case q.answer <- reflection{by: from, at: seen, rtt: time.Since(q.at)}:
		default: // another address of the relay was quicker
		}
	}
}

// ask asks a relay at its addresses, those of IPv4 first as NATs are there, and
// returns the first answer.
func (p *probe) ask(ctx context.Context, addrs []netip.AddrPort) reflection {
	if p.err != nil {
		return reflection{err: p.err}
	}
	four := slices.DeleteFunc(slices.Clone(addrs), func(a netip.AddrPort) bool { return !a.Addr().Is4() })
	if len(four) == 0 {
		four = addrs
	}
	answer := make(chan reflection, 1)
	sent := p.askAll(four, answer)
	next := time.NewTimer(askPauses[0])
	defer next.Stop()
	for pauses := askPauses[1:]; ; {
		select {
		case r := <-answer:
			return r
		case <-next.C:
			sent = p.askAll(addrs, answer)
			if len(pauses) > 0 {
				next.Reset(pauses[0])
				pauses = pauses[1:]
			}
		case <-ctx.Done():
			return reflection{err: errNoAnswer, sent: sent}
		}
	}
}

// askAll sends a question to each address. It returns an error if none could be sent.
func (p *probe) askAll(addrs []netip.AddrPort, answer chan<- reflection) error {
	var failed error
	some := false
	for _, a := range addrs {
		key := randomKey()
		number := [16]byte(key[:16])
		p.mu.Lock()
		p.asked[number] = question{a, time.Now(), answer}
		p.mu.Unlock()
		if _, err := p.conn.WriteToUDPAddrPort(relay.ReflectQuery(number), a); err != nil {
			failed = err
		} else {
			some = true
		}
	}
	if some {
		return nil
	}
	return failed
}

// self reports whether a packet to one of the own addresses arrives.
func (p *probe) self(ctx context.Context, own addresses) bool {
	if p.err != nil {
		return false
	}
	to := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if len(own.outward) > 0 {
		to = own.outward[0]
	}
	ctx, cancel := context.WithTimeout(ctx, selfTime)
	defer cancel()
	again := time.NewTicker(selfTime / 4)
	defer again.Stop()
	for {
		_, _ = p.conn.WriteToUDPAddrPort(p.own, netip.AddrPortFrom(to, p.port())) // lost, if it fails
		select {
		case <-p.came:
			return true
		case <-again.C:
		case <-ctx.Done():
			return false
		}
	}
}
