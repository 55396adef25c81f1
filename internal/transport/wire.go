package transport

import (
	"context"
	"net/netip"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/path"
)

// A network makes conns: QUIC over UDP, or mem.
type network interface {
	// dial connects to one address, or over a relay if that is none, and requires the peer's key. Its errors are the
	// sentinels of code.go where one fits.
	dial(ctx context.Context, peer id.Peer, addr netip.AddrPort) (conn, error)
	// accept waits for a conn that was dialled by another; it fails only for ever.
	accept(ctx context.Context) (conn, error)
	addrs() []netip.AddrPort
	// offers returns where peers may try to reach this end by other paths; none if
	// the network has no such thing.
	offers() []netip.AddrPort
	// reflected is closed when it is known how this end looks from outside.
	reflected() <-chan struct{}
	// absent reports whether all relays say within ctx that they have not got a peer.
	absent(ctx context.Context, peer id.Peer) bool
	// relayed reports whether dial takes no address for a way over a relay.
	relayed() bool
	// close tells the peers of conns that were not accepted, and ends everything.
	close(code Code)
}

// A conn is an encrypted connection with an authenticated peer, with one-way
// streams of bytes in both directions.
type conn interface {
	peer() id.Peer
	addr() netip.AddrPort
	// unreached reports whether the peer never answered where it said it may be reached.
	unreached(at netip.AddrPort) bool
	exporter() ([exporterSize]byte, error)
	// open makes a stream and waits while the peer allows no more.
	open(ctx context.Context, c Class) (outStream, error)
	// accept waits for the peer's next stream. When the conn ends it says why.
	accept(ctx context.Context) (inStream, error)
	// close tells the peer why and ends all streams, unread data included.
	close(code Code, reason string)
	// trust says that the peer may be here.
	trust()
	// offer says where the peer may be reached by other paths.
	offer(addrs []netip.AddrPort)
	path() pathStats
}

// An outStream sends. try takes all of p without waiting, or nothing. reset throws away what has not arrived and makes a blocked
// Write fail; it does not block.
type outStream interface {
	Write(p []byte) (int, error)
	try(p []byte) bool
	reset()
}

// An inStream receives. Read fails with errReset, errStopped, io.EOF, or an error
// of the conn, which accept reports as well. Later streams have greater numbers.
type inStream interface {
	Read(p []byte) (int, error)
	number() int64
	stop()
}

// pathStats is what a conn knows of its path.
type pathStats struct {
	via                   path.Kind
	rtt                   time.Duration
	packetsIn, packetsOut uint64
	packetsLost           uint64
}

const exporterSize = 32
