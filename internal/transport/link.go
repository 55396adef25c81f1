package transport

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/path"
)

// A Link is one connection to a peer. Its methods do not block and may be called
// from any goroutine; they stay harmless after Down.
type Link struct {
	t      *Transport
	conn   conn
	dialed bool
	secret [exporterSize]byte // of the TLS exporter

	ctx  context.Context // ends with the link; its cause is why
	stop context.CancelCauseFunc
	wg   sync.WaitGroup // readers and writers

	proved    chan struct{} // closed by Trust
	proveOnce sync.Once
	late      *time.Timer

	out [classes]*queue
	in  [classes]turn

	spoke atomic.Bool // an acceptor has sent something to a proved peer: Proof
	owed  atomic.Bool // a Paths frame found no place

	counts counts
}

// counts are what a link has moved.
type counts struct {
	framesIn, framesOut, bytesIn, bytesOut atomic.Uint64
}

// Stats are a link's figures; bytes are those of frames with their heads.
type Stats struct {
	FramesIn, FramesOut uint64
	BytesIn, BytesOut   uint64 // BytesOut counts what was handed to the path
	Dropped             uint64 // bytes thrown away by Drop; one batch of them may have left
	Queued              [classes]int
	Via                 path.Kind // the way packets take now
	RTT                 time.Duration
	PacketsIn           uint64 // rises when anything is heard from the peer
	PacketsOut          uint64
	PacketsLost         uint64
}

// Peer returns the key the other end has proved to hold.
func (l *Link) Peer() id.Peer { return l.conn.peer() }

// Addr returns where packets to the peer go now; over a relay that is no address.
func (l *Link) Addr() netip.AddrPort { return l.conn.addr() }

// Unreached reports whether the peer offers an address at which it never answered, while it
// was heard elsewhere ([path.Path.Unreached]).
func (l *Link) Unreached(at netip.AddrPort) bool { return l.conn.unreached(at) }

// Exporter returns the secret that both ends of this link, and nobody else, can
// compute: X of PROTOCOL.md §4.1.
func (l *Link) Exporter() [exporterSize]byte { return l.secret }

// Trust says that the peer is proved: its frames may be long now, those of the
// input and log streams are delivered, and it has all the time in the world.
// An acceptor calls it before it sends Proof, a dialler when it got Proof.
func (l *Link) Trust() {
	l.proveOnce.Do(func() {
		l.late.Stop()
		l.t.settle(l)
		l.conn.trust()
		close(l.proved)
		l.offer()
	})
}

// Send queues a frame and reports whether there was place. If not, nothing was
// taken, and Room follows unless the link ends first. It panics if the kind is
// not of the class or the frame is longer than a proved peer may send.
func (l *Link) Send(c Class, kind byte, body []byte) bool {
	if !belongs(c, kind) || 1+len(body) > maxFrame(c) {
		panic(fmt.Sprintf("transport: %d bytes of kind %d sent as %v", len(body), kind, c))
	}
	if !l.out[c].put(kind, body) {
		return false
	}
	l.counts.framesOut.Add(1)
	l.afterSend(c)
	return true
}

// Drop throws away what is queued or under way on the log stream and resets it;
// the next Send opens another. It is the log alone that §3 lets a side restart.
func (l *Link) Drop() { l.out[Log].drop() }

// Close ends the link and tells the peer why. What was not sent is lost. The first
// reason counts; Down follows.
func (l *Link) Close(code Code, reason string) {
	l.stop(&CloseError{Code: code, Reason: reason})
}

// Stats returns the figures of the moment.
func (l *Link) Stats() Stats {
	p := l.conn.path()
	s := Stats{
		FramesIn: l.counts.framesIn.Load(), FramesOut: l.counts.framesOut.Load(),
		BytesIn: l.counts.bytesIn.Load(), BytesOut: l.counts.bytesOut.Load(),
		Via: p.via, RTT: p.rtt, PacketsIn: p.packetsIn, PacketsOut: p.packetsOut, PacketsLost: p.packetsLost,
	}
	for c := Control; c <= Log; c++ {
		q := l.out[c]
		q.mu.Lock()
		s.Queued[c] = q.size()
		s.Dropped += q.dropped
		s.BytesOut += q.direct
		q.mu.Unlock()
	}
	return s
}

// run is the link's life. It alone announces Up and Down; between them it accepts
// streams, and it waits for every goroutine before Down, so nothing follows it.
func (l *Link) run() {
	l.t.announce(Up{Link: l, Dialed: l.dialed})
	for c := Control; c <= Log; c++ {
		l.wg.Go(func() { l.write(l.out[c]) })
	}
	for {
		s, err := l.conn.accept(l.ctx)
		if err != nil {
			l.stop(err) // no effect if the link was stopped before
			break
		}
		l.wg.Go(func() { l.read(s) })
	}
	l.late.Stop()
	for c := Control; c <= Log; c++ {
		l.out[c].close()
	}
	cause := context.Cause(l.ctx)
	l.conn.close(closing(cause))
	l.wg.Wait()
	l.t.forget(l)
	l.t.announce(Down{Link: l, Err: cause})
}

// emit hands an event to the inbox's owner and waits for it, unless the link ends.
func (l *Link) emit(ev Event) {
	select {
	case l.t.cfg.Inbox <- ev:
	case <-l.ctx.Done():
	}
}
