package relay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"gossterm/internal/id"
)

const (
	// MaxPacket is the size of the longest packet that a relay forwards, in bytes: the
	// longest QUIC packet in an IPv6 packet of 1,500.
	MaxPacket = 1452

	maxFrame   = 1600 // kind and body (PROTOCOL.md §9)
	lengthSize = 2
	addrSize   = 16 + 2 // an IPv6 address and a port
	packetAt   = 1 + 32 // where the packet begins in Send and Packet
	pingSize   = 1 + 8
)

// A kind is the first byte of a frame.
type kind byte

const (
	kindRegister   kind = 1
	kindRegistered kind = 2
	kindSend       kind = 3
	kindPacket     kind = 4
	kindAbsent     kind = 5
	kindPing       kind = 6
	kindPong       kind = 7
	kindBye        kind = 8
)

// errFrame reports a frame that breaks the protocol.
var errFrame = errors.New("wrong frame")

// A frame is a kind and a body in a buffer of the pool, behind room for the length.
// Who has it hands it on or frees it.
type frame struct {
	n int                             // size of kind and body
	b [lengthSize + maxFrame + 1]byte // one more, to notice what is too long
}

var frames = sync.Pool{New: func() any { return new(frame) }}

// newFrame returns a frame with a kind and an empty body.
func newFrame(k kind) *frame {
	f := emptyFrame()
	f.n = 1
	return f.as(k)
}

// emptyFrame returns a frame to read into.
func emptyFrame() *frame {
	f := frames.Get().(*frame)
	f.n = 0
	return f
}

func (f *frame) free() { frames.Put(f) }

// add appends to the body and cuts what does not fit.
func (f *frame) add(b ...byte) *frame {
	f.n += copy(f.b[lengthSize+f.n:lengthSize+maxFrame], b)
	return f
}

// bytes returns kind and body.
func (f *frame) bytes() []byte { return f.b[lengthSize : lengthSize+f.n] }

// framed returns length, kind and body.
func (f *frame) framed() []byte {
	binary.BigEndian.PutUint16(f.b[:], uint16(f.n))
	return f.b[:lengthSize+f.n]
}

// as changes the kind.
func (f *frame) as(k kind) *frame {
	f.b[lengthSize] = byte(k)
	return f
}

func (f *frame) kind() kind   { return kind(f.b[lengthSize]) }
func (f *frame) body() []byte { return f.bytes()[1:] }

// small reports whether f may go in a datagram: nothing needs it to arrive.
func (f *frame) small() bool { return f.kind() == kindSend || f.kind() == kindPacket }

// packet returns whom a Send or Packet names and what it carries.
func (f *frame) packet() (p id.Peer, packet []byte, err error) {
	b := f.bytes()
	if len(b) <= packetAt || len(b) > packetAt+MaxPacket {
		return id.Peer{}, nil, fmt.Errorf("%w: a packet of %d bytes", errFrame, len(b)-packetAt)
	}
	return id.Peer(b[1:packetAt]), b[packetAt:], nil
}

// readdress makes the Send that f is the Packet from a peer.
func (f *frame) readdress(from id.Peer) {
	copy(f.as(kindPacket).body(), from[:])
}

// absent returns whom an Absent names.
func (f *frame) absent() (id.Peer, error) {
	if f.n != 1+32 {
		return id.Peer{}, fmt.Errorf("%w: an absent of %d bytes", errFrame, f.n)
	}
	return id.Peer(f.body()), nil
}

// stamp returns what a Ping or Pong carries.
func (f *frame) stamp() (uint64, error) {
	if f.n != pingSize {
		return 0, fmt.Errorf("%w: a ping of %d bytes", errFrame, f.n)
	}
	return binary.BigEndian.Uint64(f.body()), nil
}

// pingFrame returns a Ping.
func pingFrame(stamp uint64) *frame {
	return newFrame(kindPing).add(binary.BigEndian.AppendUint64(nil, stamp)...)
}

// registeredFrame returns a Registered for a client that is seen at an address.
func registeredFrame(seen netip.AddrPort) *frame {
	return newFrame(kindRegistered).add(appendAddr(nil, seen)...)
}

// registered returns the address in a Registered.
func (f *frame) registered() (netip.AddrPort, error) {
	if f.kind() != kindRegistered || f.n != 1+addrSize {
		return netip.AddrPort{}, fmt.Errorf("%w: not a registered", errFrame)
	}
	return readAddr(f.body()), nil
}

// appendAddr appends an address as PROTOCOL.md §8.1 writes it: IPv6, IPv4 mapped into
// it, and the port.
func appendAddr(b []byte, a netip.AddrPort) []byte {
	ip := a.Addr().As16()
	return binary.BigEndian.AppendUint16(append(b, ip[:]...), a.Port())
}

// readAddr reads the 18 bytes of an address.
func readAddr(b []byte) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b)).Unmap(), binary.BigEndian.Uint16(b[16:]))
}
