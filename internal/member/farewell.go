package member

import (
	"encoding/binary"

	"gossterm/internal/id"
)

const farewellContext = "gossterm/1 leave\x00"

// farewellSize is the size of a farewell in bytes: incarnation and signature.
const farewellSize = 8 + sigSize

// Request returns this process's join request as it travels over other members,
// sealed to the host.
func (j *Joiner) Request() ([]byte, error) {
	q := j.request(id.Peer{})
	return sealRequest(j.cfg.Ticket.Host, j.topic, q.sign(j.cfg.Secret, j.topic))
}

// Farewell returns this process's word that it leaves for good, for the host
// (PROTOCOL.md §7.3), or nil before it is welcomed.
func (j *Joiner) Farewell() []byte {
	if j.welcome.Host == 0 {
		return nil
	}
	self := j.cfg.Secret.Peer()
	b := binary.BigEndian.AppendUint64(nil, j.welcome.Incarnation)
	return append(b, j.cfg.Secret.Sign(boundFarewell(j.topic, j.welcome.Host, self, b))...)
}

// boundFarewell returns what a farewell's signature is over.
func boundFarewell(topic id.Topic, host uint64, p id.Peer, incarnation []byte) []byte {
	b := binary.BigEndian.AppendUint64(nil, host)
	return bound(farewellContext, topic, append(append(b, p[:]...), incarnation...))
}

// Farewell takes p out if b is its word that it leaves, in its present
// incarnation, and reports whether it was.
func (h *Host) Farewell(p id.Peer, b []byte) bool {
	r := h.find(p)
	if r == nil || r.local || len(b) != farewellSize || binary.BigEndian.Uint64(b) != r.Incarnation ||
		!p.Verify(boundFarewell(h.topic, h.incarnation, p, b[:8]), b[8:]) {
		return false
	}
	h.LeaveForGood(p)
	return true
}
