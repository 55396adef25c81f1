package id

import (
	"encoding/binary"
	"net/netip"
)

// AddrSize is the most bytes that AppendAddr appends.
const AddrSize = 1 + 16 + 2

// Dialable reports whether a can be dialled from elsewhere: no port 0, no zone (it
// means something on one machine only), nothing unspecified or multicast, and an
// IPv4 address not disguised as IPv6. Only such addresses are on the wire.
func Dialable(a netip.AddrPort) bool {
	ip := a.Addr()
	return ip.IsValid() && a.Port() != 0 && ip.Zone() == "" &&
		!ip.IsUnspecified() && !ip.IsMulticast() && !ip.Is4In6()
}

// AppendAddr appends a as it is in tickets and frames (PROTOCOL.md §2): kind, address,
// port. It must be Dialable.
func AppendAddr(b []byte, a netip.AddrPort) []byte {
	kind := byte(6)
	if a.Addr().Is4() {
		kind = 4
	}
	b = append(append(b, kind), a.Addr().AsSlice()...)
	return binary.BigEndian.AppendUint16(b, a.Port())
}

// DecodeAddr reads what AppendAddr writes and nothing else, and returns what follows.
func DecodeAddr(b []byte) (a netip.AddrPort, rest []byte, ok bool) {
	if len(b) == 0 {
		return a, nil, false
	}
	n := 0
	switch b[0] {
	case 4:
		n = 4
	case 6:
		n = 16
	}
	if n == 0 || len(b) < 1+n+2 {
		return a, nil, false
	}
	ip, _ := netip.AddrFromSlice(b[1 : 1+n])
	a = netip.AddrPortFrom(ip, binary.BigEndian.Uint16(b[1+n:]))
	return a, b[1+n+2:], Dialable(a)
}
