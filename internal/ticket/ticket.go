// Package ticket reads and writes what a joiner pastes (PROTOCOL.md §2).
//
//	gst1 + base32( host key, secret W, addresses, relays, [member], checksum )    may type
//	gsr1 + base32( host key, secret R, addresses, relays, [member], checksum )    may watch
//
// Any member can make one from the ticket that it joined with: it then names the
// member and where that is, beside the host.
//
// R is derived from W one way, so a watching ticket never yields a typing one.
// A ticket is a bearer secret: only [Ticket.String] shows it. Printing one with
// fmt or slog, alone or inside another value, does not.
package ticket

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"

	"gossterm/internal/id"
)

// A Ticket is what lets a peer join one session.
type Ticket struct {
	Host   id.Peer // whose terminal
	Role   id.Role // what the ticket's holder may do
	Secret Secret  // W of a typing ticket, R of a watching one

	// Addrs says where the host was when the ticket was written, best first. It is a
	// hint: the host proves itself by its key.
	Addrs []netip.AddrPort

	// Relays are those by which the host and the members can be reached, best first.
	Relays []id.Relay

	// Via is the member that made the ticket: another door. If zero, the host did.
	Via Contact
}

// A Contact is a peer and where it was, best first. That is a hint: the peer proves
// itself by its key.
type Contact struct {
	Peer  id.Peer
	Addrs []netip.AddrPort
}

// New draws a typing ticket for host from rand. It fails only if rand does.
func New(rand io.Reader, host id.Peer) (Ticket, error) {
	var w [SecretSize]byte
	if _, err := io.ReadFull(rand, w[:]); err != nil {
		return Ticket{}, fmt.Errorf("draw a ticket: %w", err)
	}
	return Ticket{Host: host, Role: id.Type, Secret: SecretOf(w)}, nil
}

// Watch returns the watching ticket of the same session; of a watching ticket,
// the ticket itself.
func (t Ticket) Watch() Ticket {
	if t.Role == id.Type {
		t.Role, t.Secret = id.Watch, t.Secret.watch()
	}
	return t
}

// Format prints a ticket's role and host without its secret, whatever the verb.
// fmt prefers it to String, which is the ticket itself.
func (t Ticket) Format(f fmt.State, _ rune) { io.WriteString(f, t.masked()) }

// LogValue logs a ticket as Format prints it.
func (t Ticket) LogValue() slog.Value { return slog.StringValue(t.masked()) }

func (t Ticket) masked() string {
	return fmt.Sprintf("(ticket to %s at %s)", t.Role, t.Host.Tag())
}
