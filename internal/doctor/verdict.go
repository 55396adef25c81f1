package doctor

// Facts are what the verdict is about.
type Facts struct {
	Network bool // there are addresses but loopback
	Public  bool // one of them is of the internet
	UDP     bool // it is not known that UDP does not work
	NAT     NAT

	Relays int // that were asked
	Taken  int // those that took us

	Ticket Reach // of whom a ticket names
}

// A Reach says how a ticket's session was reached.
type Reach struct {
	Given   bool
	Broken  bool // the ticket cannot be read
	Direct  bool // the host answered straight
	Relayed bool // the host answered through a relay
	Member  bool // the member that made the ticket answered
	Other   bool // somebody else, or another version, answered
}

// Verdict says in one sentence what the facts mean, and whether a session from here
// can work: with a ticket, whether it can be joined; else, whether others can join
// one, by the relays if any were named.
func (f Facts) Verdict() (string, bool) {
	switch {
	case f.Ticket.Given:
		return f.Ticket.verdict()
	case f.Relays > 0 && f.Taken == 0:
		return "No relay works: only people who can reach this machine straight can join.", false
	case f.Taken == 0:
		return f.alone()
	case !f.UDP:
		return "People can reach you through the relay alone, by TCP.", true
	}
	return f.relayed(), true
}

// verdict is Verdict with a ticket.
func (r Reach) verdict() (string, bool) {
	switch {
	case r.Broken:
		return "This ticket cannot be used.", false
	case r.Direct:
		return "The host answers: you can join, straight.", true
	case r.Relayed:
		return "The host answers through the relay: you can join.", true
	case r.Member:
		return "The host does not answer, but the member that made the ticket does: you can join through it.", true
	case r.Other:
		return "Somebody answers, but not the session of this ticket: ask for a new ticket.", false
	}
	return "Nobody of this ticket's session can be reached from here: has it ended, or does it need a relay?", false
}

// alone is Verdict without relays.
func (f Facts) alone() (string, bool) {
	switch {
	case !f.UDP:
		return "UDP does not work here and there is no relay: nobody elsewhere can join.", false
	case !f.Network:
		return "Only people on this machine can join: it has no network.", false
	case f.Public:
		return "People elsewhere can reach you straight, unless a firewall keeps them out; with a relay you would be sure.", true
	}
	return "You need a relay: without one, people on your own network can join, and others only if your router forwards a port.", true
}

// relayed is Verdict with a relay that works.
func (f Facts) relayed() string {
	switch f.NAT {
	case NATNone:
		return "People elsewhere can reach you straight, and through the relay where a firewall is in the way."
	case NATSteady:
		return "People elsewhere can reach you, most of them straight, the others through the relay."
	case NATSymmetric:
		return "People elsewhere can reach you through the relay, and straight where their side is open."
	case NATSome:
		return "People elsewhere can reach you through the relay, and perhaps straight."
	}
	return "Whoever can reach the relay can reach you through it."
}
