package transport

import (
	"net/netip"

	"gossterm/internal/id"
)

// maxOffers bounds the addresses of a Paths frame (PROTOCOL.md §8.2).
const maxOffers = 16

// appendOffer appends the body of a Paths frame.
func appendOffer(b []byte, addrs []netip.AddrPort) []byte {
	count := len(b)
	b = append(b, 0)
	for _, a := range addrs {
		if id.Dialable(a) && b[count] < maxOffers {
			b[count]++
			b = id.AppendAddr(b, a)
		}
	}
	return b
}

// readOffer reads the body of a Paths frame. Whether an address is any good is
// for the paths to say.
func readOffer(b []byte) ([]netip.AddrPort, error) {
	if len(b) == 0 || b[0] > maxOffers {
		return nil, violation("a paths frame of %d bytes", len(b))
	}
	n, b := int(b[0]), b[1:]
	out := make([]netip.AddrPort, 0, n)
	for range n {
		a, rest, ok := id.DecodeAddr(b)
		if !ok {
			return nil, violation("a paths frame with a wrong address")
		}
		out, b = append(out, a), rest
	}
	if len(b) > 0 {
		return nil, violation("a paths frame with %d bytes too many", len(b))
	}
	return out, nil
}

// offerTo tells a peer where this end may be reached now, or all if it is zero.
func (t *Transport) offerTo(p id.Peer) {
	t.mu.Lock()
	var to []*Link
	for l := range t.links {
		if p.IsZero() || l.Peer() == p {
			to = append(to, l)
		}
	}
	t.mu.Unlock()
	for _, l := range to {
		l.offer()
	}
}

// offer tells the peer where this end may be reached, once it is proved and has
// had Proof. What finds no place in the queue waits for the next frame.
func (l *Link) offer() {
	select {
	case <-l.proved:
	default:
		return
	}
	if !l.dialed && !l.spoke.Load() {
		return
	}
	addrs := l.t.net.offers()
	if len(addrs) == 0 {
		return
	}
	l.owed.Store(!l.out[Control].put(Paths, appendOffer(nil, addrs)))
}

// afterSend sends the Paths frame that follows Proof, or that found no place.
func (l *Link) afterSend(c Class) {
	if c != Control {
		return
	}
	first := false
	if !l.dialed {
		select {
		case <-l.proved:
			first = !l.spoke.Swap(true)
		default:
		}
	}
	if first || l.owed.Load() {
		l.offer()
	}
}

// offered deals with the peer's Paths frame. One that comes before the proof is
// ignored: who is not proved cannot make us send to addresses of its choice.
func (l *Link) offered(body []byte) {
	addrs, err := readOffer(body)
	if err != nil {
		l.stop(err)
		return
	}
	if !l.dialed {
		select {
		case <-l.proved:
		default:
			return
		}
	}
	if l.waitProved() {
		l.conn.offer(addrs)
	}
}
