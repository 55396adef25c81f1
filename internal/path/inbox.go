package path

import (
	"slices"
	"sync"

	"gossterm/internal/id"
)

// maxInbox is how many packets from the relays wait for quic-go.
const maxInbox = 256

// A relayedPacket came over a relay.
type relayedPacket struct {
	relay int
	from  id.Peer
	b     []byte
}

// An inbox holds what came over the relays; when it is full the oldest gives way.
type inbox struct {
	most int
	mu   sync.Mutex
	in   []relayedPacket
}

// put takes a copy of a packet.
func (q *inbox) put(relay int, from id.Peer, b []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.in) >= q.most {
		q.in = slices.Delete(q.in, 0, 1)
	}
	q.in = append(q.in, relayedPacket{relay, from, slices.Clone(b)})
}

// next returns the oldest packet.
func (q *inbox) next() (p relayedPacket, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.in) == 0 {
		return p, false
	}
	p = q.in[0]
	q.in = slices.Delete(q.in, 0, 1)
	return p, true
}
