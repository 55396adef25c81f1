package relay

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"

	"github.com/quic-go/quic-go"
	"golang.org/x/time/rate"

	"gossterm/internal/source"
)

const (
	reflectQuery  = 3
	reflectAnswer = 4
	// reflectSize is that of query and answer: to ask in another's name makes a relay send
	// no more than was sent to it.
	reflectSize = 1 + 16 + addrSize

	// A relay answers so many queries a second, of all and of one source; and as many
	// at once.
	reflectRate, reflectBurst             = 2000, 500
	reflectSourceRate, reflectSourceBurst = 20, 40
)

// ReflectQuery returns the packet that asks a relay's UDP address whence it came
// (PROTOCOL.md §8.3). The number is random.
func ReflectQuery(number [16]byte) []byte {
	b := make([]byte, reflectSize)
	b[0] = reflectQuery
	copy(b[1:], number[:])
	return b
}

// ParseReflectAnswer reads a relay's answer: the number of the query, and the address
// from which that came. Who asks checks the number, and where the answer came from.
func ParseReflectAnswer(packet []byte) (number [16]byte, seen netip.AddrPort, ok bool) {
	if len(packet) != reflectSize || packet[0] != reflectAnswer {
		return number, seen, false
	}
	seen = readAddr(packet[17:])
	if seen.Port() == 0 || seen.Addr().IsUnspecified() || seen.Addr().IsMulticast() {
		return number, netip.AddrPort{}, false
	}
	return [16]byte(packet[1:17]), seen, true
}

// reflectTo returns the answer to a query from an address, or nil if it is none.
func reflectTo(query []byte, from netip.AddrPort) []byte {
	if len(query) != reflectSize || query[0] != reflectQuery {
		return nil
	}
	return appendAddr(append([]byte{reflectAnswer}, query[1:17]...), from)
}

// A reflector answers queries, not too many.
type reflector struct {
	all      *rate.Limiter
	sources  *source.Rates
	answered atomic.Uint64
}

func newReflector() *reflector {
	return &reflector{all: rate.NewLimiter(reflectRate, reflectBurst), sources: source.NewRates(maxSources, reflectSourceRate, reflectSourceBurst)}
}

// allow reports whether one more answer may go to an address.
func (r *reflector) allow(a netip.Addr) bool { return r.sources.Allow(lineOf(a)) && r.all.Allow() }

// run answers the queries that come to tr until ctx ends or tr is closed.
func (r *reflector) run(ctx context.Context, tr *quic.Transport) {
	b := make([]byte, reflectSize+1) // one more, to notice what is too long
	for {
		n, addr, err := tr.ReadNonQUICPacket(ctx, b)
		if err != nil {
			return
		}
		from := addrOf(addr)
		answer := reflectTo(b[:n], from)
		if answer == nil || !r.allow(from.Addr()) {
			continue
		}
		if _, err := tr.WriteTo(answer, net.UDPAddrFromAddrPort(from)); err == nil {
			r.answered.Add(1)
		}
	}
}
