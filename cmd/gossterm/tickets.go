package main

import (
	"net/netip"

	"gossterm/internal/ticket"
)

// tickets returns a line for each ticket of the session, as it is pasted elsewhere,
// with the addresses that work now.
func (h *hosting) tickets() []string {
	t := h.ticket
	t.Addrs = h.transport.Addrs()
	watch := "to watch:  " + joinWith(t.Watch())
	if h.flags.readOnly {
		return []string{watch}
	}
	return []string{"to type:   " + joinWith(t), watch}
}

// tickets returns a line with a ticket of this member's own making: the one that it
// joined with, and itself beside the host.
func (j *joining) tickets() []string {
	t := j.ticket
	if j.flags.reach.noServe { // it lets nobody in itself
		return []string{"to join: " + joinWith(t)}
	}
	t.Via = ticket.Contact{Peer: j.self, Addrs: oneOfEach(j.transport.Addrs())}
	return []string{"to join here: " + joinWith(t)}
}

// joinWith returns the command that joins with t.
func joinWith(t ticket.Ticket) string { return "gossterm join " + t.String() }

// oneOfEach puts the first IPv4 and the first IPv6 address before the others: a
// member's ticket holds two, and who reaches one by a kind seldom gains from another
// of that kind.
func oneOfEach(addrs []netip.AddrPort) []netip.AddrPort {
	var first, rest []netip.AddrPort
	var have4, have6 bool
	for _, a := range addrs {
		have := &have6
		if a.Addr().Unmap().Is4() {
			have = &have4
		}
		if *have {
			rest = append(rest, a)
			continue
		}
		*have = true
		first = append(first, a)
	}
	return append(first, rest...)
}
