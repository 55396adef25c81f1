package relay

import (
	"net/netip"
)

// A carrier carries frames between a client and a relay, over QUIC or WebSocket.
type carrier interface {
	// send sends f and does not keep it. It waits while the other side is slow, so one
	// goroutine alone calls it.
	send(f *frame) error
	// readers return the ways by which frames come, each for one goroutine: first the one
	// that keeps the order. The caller gets the frames.
	readers() []func() (*frame, error)
	// remote is where the other side is.
	remote() netip.AddrPort
	// close says Bye, if this is a relay and code is not 0, and ends all calls.
	close(code Code, text string)
	// name is "udp" or "tcp".
	name() string
}
