package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// The ways a path's packets take, as logs name them.
const (
	viaDirect = "direct"
	viaLAN    = "lan"
	viaRelay  = "relay"
)

// A trial is one case: networks, what happens in them, and what must be reached.
type trial struct {
	name       string
	what       string // what is special about it
	short      bool   // is for continuous integration
	layout     layout
	a, b       natKind // of the host's and the joiner's router
	v6         bool    // IPv6 only
	mtu        int     // on the internet, 0 for the usual
	relayCount int
	hostFlags  []string
	joinFlags  []string
	events     []happening
	byName     bool // the joiner is given the host's short name, and let in by hand
	sealed     bool // the keys are typed at once, and must not be seen at the relay

	want   string        // the path in the end, "" for any
	direct time.Duration // after the first screen, at most; 0 for no matter
	stall  time.Duration // the longest a key may wait for its echo
	stalls int           // how many times at most keys may wait for longer than calm
}

const (
	// directWithin is the target for a hole to be punched, after the first screen.
	directWithin = 500 * time.Millisecond
	// calm is how long a key may take where nothing happens; one that waits for longer has stalled.
	calm = 200 * time.Millisecond
)

// The targets of what happens during typing.
const (
	cutStall   = 500 * time.Millisecond // the direct path is cut and there is a relay
	moveStall  = time.Second            // an address changes
	relayStall = 10 * time.Second       // the relay in use dies and there is another
	wakeStall  = time.Second            // a joiner goes on, from then
)

// trials returns all cases.
func trials() []trial {
	return slices.Concat(withoutRelay(), withRelay(), whileTyping())
}

// withoutRelay are the cases where the ticket's addresses are enough.
func withoutRelay() []trial {
	all := []trial{
		{name: "lan", what: "two machines at a switch, no router at all", short: true, layout: lan, want: viaLAN, direct: directWithin, stall: calm},
		{name: "one-nat", what: "both behind one NAT, no relay", layout: oneNAT, a: cone, want: viaLAN, direct: directWithin, stall: calm},
		pair(forwarded, symmetric, 0, viaDirect).called("forwarded", "the host's router forwards its port, no relay"),
		pair(open, open, 0, viaDirect).called("ipv6-open", "IPv6 only, no firewalls, no relay").overIPv6().inShort(),
	}
	named := all[0].called("lan-name", "the same by the host's short name")
	named.byName = true
	all = append(all, named)
	for _, mtu := range mtus {
		all = append(all, pair(forwarded, cone, 0, viaDirect).called(fmt.Sprintf("mtu-%d-forwarded", mtu), "a port forwarded, no relay").ofMTU(mtu))
	}
	return all
}

// mtus are what the internet's MTU is in cases of its own.
var mtus = []int{1500, 1300, 1280}

// withRelay are the cases where a relay brings the two together.
func withRelay() []trial {
	one := trial{name: "one-nat-relay", what: "both behind one NAT", layout: oneNAT, a: cone, relayCount: 1, want: viaLAN, direct: directWithin, stall: calm}
	sealed := pair(symmetric, symmetric, 1, viaRelay).called("sealed", "what passes the relay holds no known plaintext").inShort()
	sealed.sealed = true
	hidden := pair(cone, cone, 1, viaRelay).called("relay-only", "a host that hides its addresses")
	hidden.hostFlags = []string{"--relay-only"}
	shy := pair(cone, cone, 1, viaRelay).called("relay-only-joiner", "a joiner that hides its addresses")
	shy.joinFlags = []string{"--relay-only"}
	alone := pair(forwarded, cone, 1, viaDirect).called("direct-only", "a joiner that uses no relay, though there is one")
	alone.joinFlags = []string{"--direct-only"}
	all := []trial{
		pair(cone, cone, 1, viaDirect).inShort(),
		pair(cone, symmetric, 1, viaRelay),
		pair(symmetric, cone, 1, viaRelay),
		pair(symmetric, symmetric, 1, viaRelay),
		pair(noUDP, cone, 1, viaRelay).called("no-udp/cone", "no UDP at the host's side"),
		pair(cone, noUDP, 1, viaRelay).called("cone/no-udp", "no UDP at the joiner's side"),
		pair(noUDP, noUDP, 1, viaRelay).called("no-udp/no-udp", "no UDP on both sides").inShort(),
		one,
		pair(firewall, firewall, 1, viaDirect).called("ipv6", "IPv6 only, firewalls that let in answers only").overIPv6(),
		sealed, hidden, shy, alone,
	}
	for _, mtu := range mtus {
		all = append(all, pair(cone, cone, 1, viaDirect).called(fmt.Sprintf("mtu-%d-direct", mtu), "two cones").ofMTU(mtu),
			pair(symmetric, symmetric, 1, viaRelay).called(fmt.Sprintf("mtu-%d-relay", mtu), "two symmetric NATs").ofMTU(mtu))
	}
	return all
}

// whileTyping are the cases where something happens meanwhile.
func whileTyping() []trial {
	all := []trial{
		pair(cone, cone, 1, viaDirect).called("cut", "the direct path is cut for 4 s").with(cutDirect(4*time.Second), cutStall).inShort(),
		pair(cone, cone, 1, viaDirect).called("joiner-moves", "the joiner's address changes").with(joinerMoves(), moveStall),
		pair(cone, cone, 1, viaDirect).called("host-moves", "the host's address changes").with(hostMoves(), moveStall),
		pair(symmetric, symmetric, 1, viaRelay).called("joiner-moves-relayed", "the joiner's address changes").with(joinerMoves(), moveStall),
		pair(symmetric, symmetric, 1, viaRelay).called("host-moves-relayed", "the host's address changes").with(hostMoves(), moveStall),
		pair(cone, cone, 1, viaDirect).called("relay-dies", "the only relay dies").with(relaysDie(), calm),
		pair(cone, cone, 2, viaDirect).called("relays-die", "both relays die").with(relaysDie(), calm),
		pair(symmetric, symmetric, 2, viaRelay).called("relay-dies-relayed", "one of two relays dies, the one in use").with(busyRelayDies(), relayStall),
		pair(noUDP, noUDP, 2, viaRelay).called("relay-dies-no-udp", "the same without UDP").with(busyRelayDies(), relayStall),
		pair(symmetric, symmetric, 2, viaRelay).called("relay-vanishes-relayed", "its machine is gone, and nothing says so").with(busyRelayVanishes(), relayStall),
		pair(noUDP, noUDP, 2, viaRelay).called("relay-vanishes-no-udp", "the same without UDP").with(busyRelayVanishes(), relayStall),
		pair(cone, cone, 1, viaDirect).called("sleep", "the joiner is stopped for 12 s").with(joinerSleeps(12*time.Second), wakeStall),
		pair(symmetric, symmetric, 1, viaRelay).called("sleep-relayed", "the joiner is stopped for 12 s").with(joinerSleeps(12*time.Second), wakeStall),
		{name: "sleep-lan", what: "the joiner is stopped for 12 s, no relay", layout: lan, want: viaLAN, direct: directWithin},
	}
	last := len(all) - 1
	all[last] = all[last].with(joinerSleeps(12*time.Second), wakeStall)
	return all
}

// pair returns the case of a host and a joiner behind routers of their own.
func pair(a, b natKind, relays int, want string) trial {
	t := trial{name: string(a) + "/" + string(b), layout: twoNATs, a: a, b: b, relayCount: relays, want: want, stall: calm}
	if want == viaDirect {
		t.direct = directWithin
	}
	return t
}

func (t trial) called(name, what string) trial { t.name, t.what = name, what; return t }
func (t trial) inShort() trial                 { t.short = true; return t }
func (t trial) ofMTU(mtu int) trial            { t.mtu = mtu; return t }
func (t trial) overIPv6() trial                { t.v6 = true; return t }

// with returns the case in which something happens that may cost a stall of that length.
func (t trial) with(events []happening, stall time.Duration) trial {
	t.events, t.stall = events, stall
	switch {
	case stall == relayStall: // after the second relay is found, what was lost is repeated
		t.stalls = 3
	case stall > calm:
		t.stalls = 1
	}
	return t
}

// listTrials prints what cases there are.
func listTrials(out io.Writer, all []trial) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CASE\tWANTED\tWHAT")
	for _, t := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\n", t.name, t.wanted(), t.what)
	}
	w.Flush()
}

// wanted says what a trial must reach.
func (t trial) wanted() string {
	s := t.want
	if t.direct > 0 {
		s += fmt.Sprintf(" %v after the first screen", t.direct)
	}
	return fmt.Sprintf("%s, stall < %v", s, t.stall)
}
