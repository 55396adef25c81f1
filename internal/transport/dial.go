package transport

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/path"
)

const (
	// dialStagger is the head start of each address over the next, nearStagger that of one
	// on an own network: it answers nearly always, if not at once when all are busy (RFC
	// 8305 §5: at least 100 ms), and the others are not bothered.
	dialStagger = 20 * time.Millisecond
	nearStagger = 100 * time.Millisecond
	// relayAfter is the least head start of the addresses over the relay: a link that
	// begins over the relay goes straight later.
	relayAfter = 40 * time.Millisecond
	// againAfter is when an address that has not answered is dialled once more: a handshake
	// repeats what it has to say after 0.2, 0.6, 1.4 and 3 s (quic-go's RTTStats.PTO, doubled
	// each time), and then not within handshakeTimeout.
	// A network that looks for the peer's hardware address may drop what comes before it
	// gives that up, 3 s after the first (Linux: mcast_solicit, retrans_time_ms).
	againAfter = 2500 * time.Millisecond
	// triesEach is how often an address is dialled at most.
	triesEach = 2
	// maxDials bounds how many addresses one Dial tries.
	maxDials = 8
)

// A DialError reports what each address of a peer answered.
type DialError struct {
	Peer  id.Peer
	Tries []Try
}

// A Try is one address and what it answered; without an address, the relays.
type Try struct {
	Addr netip.AddrPort
	Err  error
}

// String says what became of a try.
func (t Try) String() string {
	if !t.Addr.IsValid() {
		return fmt.Sprintf("over the relay: %v", t.Err)
	}
	return fmt.Sprintf("%v: %v", t.Addr, t.Err)
}

// Error lists the addresses.
func (e *DialError) Error() string {
	if len(e.Tries) == 0 {
		return fmt.Sprintf("dial %v: %v", e.Peer, ErrNoAddress)
	}
	var tries []string
	for _, t := range e.Tries {
		tries = append(tries, t.String())
	}
	return fmt.Sprintf("dial %v: %s", e.Peer, strings.Join(tries, "; "))
}

// Unwrap returns the errors of all addresses.
func (e *DialError) Unwrap() []error {
	if len(e.Tries) == 0 {
		return []error{ErrNoAddress}
	}
	var errs []error
	for _, t := range e.Tries {
		errs = append(errs, t.Err)
	}
	return errs
}

// dialed is the outcome of one address.
type dialed struct {
	i    int
	conn conn
	err  error
}

// Dial connects to a peer at the first of its addresses, or over the relays, that
// answers with its key; what else answers is closed with Replaced. Up tells the loop of the same
// link. An address that does not answer is dialled once more after againAfter and given up
// after 5 s. The error is a
// *DialError, or ErrClosed.
//
// That a dial succeeds does not mean that the peer wants us: its refusal comes
// as Down.
func (t *Transport) Dial(ctx context.Context, peer id.Peer, addrs []netip.AddrPort) (*Link, error) {
	addrs = t.ways(addrs)
	// Who calls may end the handshakes until one is over. From then on the others come
	// to their ends, to be closed: one left alone takes a place of the peer's for seconds.
	under, hangUp := context.WithCancel(t.ctx)
	defer context.AfterFunc(ctx, hangUp)()
	waits, over := context.WithCancel(under)
	defer over()
	results := make(chan dialed, triesEach*len(addrs))
	if !t.dialAll(waits, under, peer, addrs, results) {
		hangUp()
		return nil, ErrClosed
	}
	tries := make([]Try, len(addrs))
	for left := triesEach * len(addrs); left > 0; left-- {
		r := <-results
		if r.err != nil {
			if tries[r.i].Err == nil {
				tries[r.i] = Try{Addr: addrs[r.i], Err: r.err}
			}
			continue
		}
		over()
		t.discard(results, left-1, hangUp)
		l, err := t.start(r.conn, true)
		if err != nil {
			r.conn.close(Left, "")
			return nil, err
		}
		return l, nil
	}
	hangUp()
	if t.ctx.Err() != nil {
		return nil, ErrClosed
	}
	return nil, &DialError{Peer: peer, Tries: tries}
}

// ways returns what to dial of a peer's addresses; the relays are the one without
// an address.
func (t *Transport) ways(addrs []netip.AddrPort) []netip.AddrPort {
	addrs = addrs[:min(len(addrs), maxDials)]
	if t.cfg.RelayOnly {
		addrs = nil
	}
	if t.net.relayed() {
		addrs = append(slices.Clone(addrs), netip.AddrPort{})
	}
	return addrs
}

// headStarts returns how long each way waits for those before it. All on own networks
// have nearStagger together: other networks have the same addresses.
func headStarts(ways []netip.AddrPort) []time.Duration {
	starts := make([]time.Duration, len(ways))
	at, more := time.Duration(0), time.Duration(0)
	for i, near := range path.Near(ways) {
		switch {
		case ways[i].IsValid():
			starts[i] = at + more
		case i > 0:
			starts[i] = relayAfter + more
		}
		at += dialStagger
		if near {
			more = nearStagger - dialStagger
		}
	}
	return starts
}

// dialAll begins to dial every address; each gives triesEach results. No dial begins when
// waits is over, and those under way end with under. It reports false if the transport is closed.
func (t *Transport) dialAll(waits, under context.Context, peer id.Peer, addrs []netip.AddrPort, results chan<- dialed) bool {
	starts := headStarts(addrs)
	t.mu.Lock() // Close must not wait for goroutines while we add some
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	for i, addr := range addrs {
		dial := func(waits, under context.Context, after time.Duration) error {
			if !pause(waits, after) {
				results <- dialed{i: i, err: ErrTimeout}
				return ErrTimeout
			}
			c, err := t.net.dial(under, peer, addr)
			results <- dialed{i: i, conn: c, err: err}
			return err
		}
		hoped, giveUp := context.WithCancel(under) // that the address answers
		waitsAgain, stop := context.WithCancel(waits)
		context.AfterFunc(hoped, stop)
		t.wg.Go(func() {
			if dial(waits, under, starts[i]) != nil {
				giveUp()
			}
		})
		t.wg.Go(func() { _ = dial(waitsAgain, hoped, starts[i]+againAfter) })
	}
	return true
}

// discard closes the conns among n further results, and calls done.
func (t *Transport) discard(results <-chan dialed, n int, done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		n = 0 // the network closes them
	}
	if n == 0 {
		done()
		return
	}
	t.wg.Go(func() {
		defer done()
		for range n {
			if r := <-results; r.err == nil {
				r.conn.close(Replaced, "another address answered first")
			}
		}
	})
}

// pause waits; it reports false if ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
