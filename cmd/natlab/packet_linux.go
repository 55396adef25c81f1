package main

import (
	"encoding/binary"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// A packet is what passed an interface.
type packet struct {
	at       time.Time
	from, to netip.AddrPort // ports are 0 unless it is UDP or TCP
	first    byte           // of a datagram's payload
	udp      bool
	size     int // of the whole packet
}

// check reports whether it is a check of a path (PROTOCOL.md §8.1).
func (p packet) check() bool { return p.udp && p.first == 1 }

const (
	udpProto  = 17
	etherHead = 14
	ip4Head   = 20
	ip6Head   = 40
	udpHead   = 8
)

// parseFrame reads an Ethernet frame, and reports whether it is an IP packet.
func parseFrame(b []byte) (p packet, payload []byte, ok bool) {
	if len(b) < etherHead+ip4Head {
		return p, nil, false
	}
	ether, b := binary.BigEndian.Uint16(b[12:]), b[etherHead:]
	p.size = len(b)
	var from, to netip.Addr
	var proto byte
	switch head := int(b[0]&15) * 4; {
	case ether == unix.ETH_P_IP && head >= ip4Head && len(b) >= head:
		from, to, proto = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20])), b[9]
		b = b[head:]
	case ether == unix.ETH_P_IPV6 && len(b) >= ip6Head:
		from, to, proto = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40])), b[6]
		b = b[ip6Head:]
	default:
		return p, nil, false
	}
	p.from, p.to = netip.AddrPortFrom(from, 0), netip.AddrPortFrom(to, 0)
	if (proto == udpProto || proto == unix.IPPROTO_TCP) && len(b) >= udpHead {
		p.from = netip.AddrPortFrom(from, binary.BigEndian.Uint16(b))
		p.to = netip.AddrPortFrom(to, binary.BigEndian.Uint16(b[2:]))
	}
	if proto == udpProto && len(b) > udpHead {
		p.udp, p.first, payload = true, b[udpHead], b[udpHead:]
	}
	return p, payload, true
}
