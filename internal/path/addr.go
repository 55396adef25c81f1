package path

import (
	"net/netip"
	"sync/atomic"

	"gossterm/internal/id"
)

// An Addr stands for a peer as quic-go sees it: a place that stays the same
// whatever way packets take. Before the handshake it is one UDP address, or one
// peer behind the relays; after [Conn.Attach] it is the peer, and all Addrs of
// one peer are equal to quic-go, which compares their strings.
type Addr struct {
	name string
	to   netip.AddrPort // if valid, the one direct way
	peer id.Peer        // else who is behind the relays

	at atomic.Pointer[peer] // after Attach
}

func directAddr(to netip.AddrPort) *Addr { return &Addr{name: "udp/" + to.String(), to: to} }

func relayedAddr(p id.Peer) *Addr { return &Addr{name: "relay/" + p.String(), peer: p} }

// Network returns what quic-go takes for no IP network.
func (a *Addr) Network() string { return "gossterm" }

// String returns a name that quic-go compares.
func (a *Addr) String() string {
	if p := a.at.Load(); p != nil {
		return p.name
	}
	return a.name
}

// Relayed reports whether a began behind the relays.
func (a *Addr) Relayed() bool { return !a.to.IsValid() }

// Direct returns the UDP address a began with, if it began with one.
func (a *Addr) Direct() netip.AddrPort { return a.to }
