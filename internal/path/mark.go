package path

import (
	"encoding/binary"
	"hash/maphash"
	"math/rand/v2"
)

// IDSize is the size in bytes of the connection IDs that NewID draws.
const IDSize = 8

// A marker draws connection IDs that this process alone knows as its own.
//
// A packet with one, from an address we know nothing of, belongs to a connection
// whose peer has moved: quic-go would move the connection there, past all choice
// of paths. Any other ID is of a connection that a former process had, and
// quic-go is to say so.
type marker struct{ seed maphash.Seed }

func newMarker() marker { return marker{maphash.MakeSeed()} }

func (m marker) sum(b []byte) uint32 { return uint32(maphash.Bytes(m.seed, b)) }

// NewID draws a connection ID.
func (c *Conn) NewID() (b [IDSize]byte) {
	binary.BigEndian.PutUint32(b[:], rand.Uint32())
	binary.BigEndian.PutUint32(b[4:], c.marks.sum(b[:4]))
	return b
}

// ours reports whether a short header packet has an ID that NewID drew.
func (m marker) ours(packet []byte) bool {
	return len(packet) > IDSize && m.sum(packet[1:5]) == binary.BigEndian.Uint32(packet[5:])
}

// random draws what checks are numbered with.
func random() uint64 { return rand.Uint64() }
