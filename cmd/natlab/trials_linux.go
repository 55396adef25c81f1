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
	withMember bool // somebody joins before the joiner, in its network
	byMember   bool // the joiner is given the member's ticket
	withThird  bool // somebody joins later, in the joiner's network
	outsider   bool // a machine in the joiner's network has the host's address
	apart      bool // the joiner and the member cannot reach each other
	drawn      bool // the host's terminal shows the session
	showTicket bool // the joiner asks for its ticket before it types
	joinerAt   string
	loss       int     // percent of what goes directly between two NATs, each way
	judges     []judge // of what else was seen

	want   string        // the path in the end, "" for any
	direct time.Duration // after the first screen, at most; 0 for no matter
	stall  time.Duration // the longest a key may wait for its echo; 0 for no matter
	slack  int           // the targets of time are so many times as long; 0 is 1
	stalls int           // how many times at most keys may wait for longer than calm
}

const (
	// directWithin is the target for a hole to be punched, after the first screen.
	directWithin = 500 * time.Millisecond
	// calm is how long a key may take where nothing happens, on a machine that has time; one that waits for longer has stalled.
	calm = 200 * time.Millisecond
)

// The targets of what happens during typing.
const (
	cutStall   = 500 * time.Millisecond // the direct path is cut and there is a relay
	moveStall  = time.Second            // an address changes
	relayStall = 10 * time.Second       // the relay in use dies and there is another
	wakeStall  = time.Second            // a joiner goes on, from then
	makerStall = time.Second            // who may be the joiner's parent is killed
)

// trials returns all cases.
func trials() []trial {
	return slices.Concat(withoutRelay(), withRelay(), withOthers(), whileTyping(), lossy())
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
	hidden := pair(cone, cone, 1, viaRelay).called("relay-only", "a host that hides its addresses").inShort()
	hidden.hostFlags, hidden.showTicket, hidden.judges = []string{"--relay-only"}, true, []judge{hostHidden}
	shy := pair(cone, cone, 1, viaRelay).called("relay-only-joiner", "a joiner that hides its addresses")
	shy.joinFlags, shy.showTicket, shy.judges = []string{"--relay-only"}, true, []judge{joinerHidden}
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
	killed := trial{name: "maker-killed", what: "who made the joiner's ticket is killed; a third comes by it", layout: lan, want: viaLAN, direct: directWithin}
	left := pair(symmetric, symmetric, 1, viaRelay).called("maker-left-relayed", "who made the joiner's ticket leaves; a third comes by it")
	for _, t := range []trial{killed.with(makerGoes(true), makerStall), left.with(makerGoes(false), calm)} {
		t.withMember, t.byMember, t.withThird = true, true, true
		all = append(all, t)
	}
	fresh := trial{name: "ticket-refresh", what: "the host's address changes; a third comes by the ticket it then shows", layout: lan, withThird: true, drawn: true, want: viaLAN, direct: directWithin}
	return append(all, fresh.with(hostMovesOnLAN(), moveStall))
}

// withOthers are the cases with more people, or with strangers.
func withOthers() []trial {
	via := trial{name: "via-member", what: "a joiner that reaches another member only, by that one's ticket", layout: between, withMember: true, byMember: true,
		want: viaLAN, direct: directWithin, stall: calm, short: true}
	isolated := trial{name: "client-isolation", what: "two joiners on one LAN that reach the host only", layout: lan, withMember: true, apart: true,
		want: viaLAN, direct: directWithin, stall: calm, judges: []judge{keptApart}}
	same := pair(cone, cone, 1, viaDirect).called("same-numbers", "both LANs have the same numbers, and both machines the same address")
	same.joinerAt, same.judges = addrA, []judge{straightTo}
	stranger := pair(cone, cone, 1, viaDirect).called("same-numbers-stranger", "the same, and a stranger has the host's address")
	stranger.joinerAt, stranger.outsider, stranger.judges = addrA3, true, []judge{strangerLeft}
	return []trial{via, isolated, same, stranger}
}

// lossy are the cases where what goes directly gets lost, now and then.
func lossy() (all []trial) {
	for _, percent := range []int{5, 20} {
		alone := pair(forwarded, cone, 0, viaDirect).called(fmt.Sprintf("loss-%d", percent), fmt.Sprintf("%d %% of the packets are lost, no relay", percent))
		relayed := pair(cone, cone, 1, viaDirect).called(fmt.Sprintf("loss-%d-relay", percent), "the same on the direct path, and a relay")
		for _, t := range []trial{alone, relayed} {
			t.loss, t.direct, t.stall = percent, 0, 0
			all = append(all, t)
		}
	}
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
	if t.stall == 0 {
		return s
	}
	return fmt.Sprintf("%s, stall < %v", s, t.stall)
}
