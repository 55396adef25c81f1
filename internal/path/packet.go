package path

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
)

// Kinds of packets that are no QUIC packets (PROTOCOL.md §8.1).
const (
	kindCheck  = 1
	kindAnswer = 2
)

// notQUIC is the two bits by which RFC 9443 §3 tells QUIC from others: all zero
// in ours.
const notQUIC = 0xc0

const (
	idSize     = 8
	macSize    = 16
	addrSize   = 16 + 2
	sideAt     = 1 + idSize
	numberAt   = sideAt + 1
	addrAt     = numberAt + 8
	macAt      = addrAt + addrSize
	packetSize = macAt + macSize
)

// SecretSize is the size in bytes of what a link's TLS exporter gives for its
// checks: an id and a key (PROTOCOL.md §8.1).
const SecretSize = idSize + 32

// A key makes and checks the packets of one link.
type key struct {
	id     [idSize]byte
	secret [SecretSize - idSize]byte
	side   byte // ours: 1 dialler, 2 acceptor
}

func newKey(exported [SecretSize]byte, dialler bool) key {
	k := key{id: [idSize]byte(exported[:idSize]), secret: [SecretSize - idSize]byte(exported[idSize:]), side: 2}
	if dialler {
		k.side = 1
	}
	return k
}

// A probe is a check or the answer to one.
type probe struct {
	kind   byte
	side   byte
	number uint64
	seen   netip.AddrPort // of an answer: where the check came from
}

// make appends the packet of p.
func (k *key) make(b []byte, p probe) []byte {
	at := len(b)
	b = append(append(b, p.kind), k.id[:]...)
	b = binary.BigEndian.AppendUint64(append(b, k.side), p.number)
	b = appendAddr(b, p.seen)
	return append(b, k.mac(b[at:])...)
}

// mac returns the code of a packet's bytes before it.
func (k *key) mac(b []byte) []byte {
	h := hmac.New(sha256.New, k.secret[:])
	h.Write(b)
	return h.Sum(nil)[:macSize]
}

// read returns what a packet says, if it is authentic and of the other side: else
// our own could be sent back to us.
func (k *key) read(b []byte) (p probe, ok bool) {
	if len(b) != packetSize || !hmac.Equal(b[macAt:], k.mac(b[:macAt])) {
		return probe{}, false
	}
	p = probe{kind: b[0], side: b[sideAt], number: binary.BigEndian.Uint64(b[numberAt:])}
	p.seen = readAddr(b[addrAt:])
	return p, p.side != k.side && (p.side == 1 || p.side == 2)
}

// idOf returns which link a packet says it is of.
func idOf(b []byte) (link [idSize]byte, ok bool) {
	if len(b) != packetSize || b[0] != kindCheck && b[0] != kindAnswer {
		return link, false
	}
	return [idSize]byte(b[1:sideAt]), true
}

// appendAddr appends an address as 18 bytes; none is zeros.
func appendAddr(b []byte, a netip.AddrPort) []byte {
	var ip [16]byte
	if a.IsValid() {
		ip = a.Addr().As16()
	}
	return binary.BigEndian.AppendUint16(append(b, ip[:]...), a.Port())
}

// readAddr reads what appendAddr has written.
func readAddr(b []byte) netip.AddrPort {
	ip, port := netip.AddrFrom16([16]byte(b[:16])), binary.BigEndian.Uint16(b[16:])
	if ip.IsUnspecified() || port == 0 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ip.Unmap(), port)
}
