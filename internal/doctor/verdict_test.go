package doctor

import (
	"strings"
	"testing"
)

func TestVerdict(t *testing.T) {
	type F = Facts
	for _, c := range []struct {
		desc  string
		facts Facts
		works bool
		text  string
	}{
		{"no network", F{UDP: true}, false, "Only people on this machine"},
		{"a LAN and no relay", F{Network: true, UDP: true}, true, "You need a relay"},
		{"a public address and no relay", F{Network: true, Public: true, UDP: true}, true, "straight, unless a firewall"},
		{"no UDP and no relay", F{Network: true, Public: true}, false, "nobody elsewhere"},
		{"no UDP, but a relay", F{Network: true, Relays: 1, Taken: 1}, true, "by TCP"},
		{"all relays dead", F{Network: true, Public: true, UDP: true, Relays: 2}, false, "No relay works"},
		{"one of two dead", F{Network: true, UDP: true, NAT: NATSome, Relays: 2, Taken: 1}, true, "perhaps straight"},
		{"no NAT", F{Network: true, UDP: true, NAT: NATNone, Relays: 1, Taken: 1}, true, "reach you straight"},
		{"a steady NAT", F{Network: true, UDP: true, NAT: NATSteady, Relays: 2, Taken: 2}, true, "most of them straight"},
		{"a symmetric NAT", F{Network: true, UDP: true, NAT: NATSymmetric, Relays: 2, Taken: 2}, true, "where their side is open"},
		{"a relay near", F{Network: true, UDP: true, NAT: NATNear, Relays: 1, Taken: 1}, true, "Whoever can reach the relay"},
		{"a relay on a machine without network", F{UDP: true, NAT: NATNear, Relays: 1, Taken: 1}, true, "Whoever can reach the relay"},

		{"the host answers, whatever the relays do", F{Relays: 1, Ticket: Reach{Given: true, Direct: true}}, true, "straight"},
		{"through the relay", F{Relays: 1, Taken: 1, Ticket: Reach{Given: true, Relayed: true}}, true, "through the relay"},
		{"through the member", F{Ticket: Reach{Given: true, Member: true}}, true, "through it"},
		{"nobody, though a relay works", F{Network: true, UDP: true, Relays: 1, Taken: 1, Ticket: Reach{Given: true}}, false, "Nobody"},
		{"another session", F{Ticket: Reach{Given: true, Other: true}}, false, "ask for a new ticket"},
		{"another at one address, the host at another", F{Ticket: Reach{Given: true, Other: true, Direct: true}}, true, "you can join"},
		{"a broken ticket", F{Network: true, UDP: true, Relays: 1, Taken: 1, Ticket: Reach{Given: true, Broken: true}}, false, "cannot be used"},
	} {
		text, works := c.facts.Verdict()
		if works != c.works || !strings.Contains(text, c.text) {
			t.Errorf("%s: %v %q, want %v %q", c.desc, works, text, c.works, c.text)
		}
		if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
			t.Errorf("%s: %q is no sentence", c.desc, text)
		}
	}
}
