package main

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"gossterm/internal/lab"
	"gossterm/internal/ticket"
)

// A judge says what a trial missed, from what was seen of it on wires, screens and in
// logs. It fails if it cannot tell.
type judge func(*show) (missed []string, err error)

// judge lets the trial's judges say what was missed.
func (s *show) judge() error {
	for _, judge := range s.judges {
		missed, err := judge(s)
		if err != nil {
			return err
		}
		s.judged = append(s.judged, missed...)
	}
	return nil
}

// peerOf returns who is at the other end of a packet of the machine at self, and
// reports whether that is one machine.
func (p packet) peerOf(self string) (netip.Addr, bool) {
	other := p.to.Addr()
	if other.String() == self {
		other = p.from.Addr()
	}
	b := other.As16()
	return other, other.IsGlobalUnicast() && b[15] != 255 // all networks of homes are /24
}

// onlyRelays counts the packets of the machine at self, which must all be to and from
// relays.
func (s *show) onlyRelays(who *lab.Machine, self string) (missed []string, err error) {
	packets, err := s.taps[who].finish(s.ctx)
	if err != nil {
		return nil, err
	}
	others, relayed := map[netip.Addr]int{}, 0
	for _, p := range packets {
		other, one := p.peerOf(self)
		switch {
		case !one:
		case slices.ContainsFunc(s.relayAddrs(), func(a netip.AddrPort) bool { return a.Addr() == other }):
			relayed++
		default:
			others[other]++
		}
	}
	for other, n := range others {
		missed = append(missed, fmt.Sprintf("%d packets between the %s and %v", n, who.Name, other))
	}
	slices.Sort(missed)
	if relayed < keyCount && len(missed) == 0 {
		return nil, fmt.Errorf("only %d packets between the %s and the relays: the tap missed some", relayed, who.Name)
	}
	s.note("%d packets of the %s passed the relay, %d did not", relayed, who.Name, len(others))
	return missed, nil
}

func (s *show) relayAddrs() (all []netip.AddrPort) {
	for i := range s.relayCount {
		all = append(all, relayAddr(i, s.v6))
	}
	return all
}

// noneTo counts packets of the machine at self to and from addresses with which it
// must have none.
func (s *show) noneTo(who *lab.Machine, self string, never ...string) (missed []string, err error) {
	packets, err := s.taps[who].finish(s.ctx)
	if err != nil {
		return nil, err
	}
	for _, addr := range never {
		n := 0
		for _, p := range packets {
			if other, _ := p.peerOf(self); other.String() == addr {
				n++
			}
		}
		if n > 0 {
			missed = append(missed, fmt.Sprintf("%d packets between the %s and %s", n, who.Name, addr))
		}
	}
	return missed, nil
}

// says returns which of the addresses stand in what a program printed or logged.
func (p *program) says(addrs ...string) (found []string) {
	all := string(p.Raw) + p.Shown() + strings.Join(p.Lines, "\n")
	for _, a := range addrs {
		// 203.0.113.10 does not stand in 203.0.113.101.
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(a) + `\b`).MatchString(all) {
			found = append(found, fmt.Sprintf("the %s's terminal or log has %s", p.Name, a))
		}
	}
	return found
}

// hostHidden judges that nobody learns where the host is.
func hostHidden(s *show) ([]string, error) {
	missed, err := s.onlyRelays(s.homeA, addrA)
	if err != nil {
		return nil, err
	}
	more, err := s.noneTo(s.homeB, addrB, addrA, outA)
	missed = slices.Concat(missed, more, s.joiner.says(addrA, outA))
	given, e := ticket.Parse(s.given)
	for _, t := range []ticket.Ticket{given, s.shownAtJoiner} {
		if e != nil || !t.Host.Valid() || len(t.Addrs) > 0 {
			missed = append(missed, fmt.Sprintf("a ticket has addresses of the host: %v (%v)", t.Addrs, e))
		}
	}
	return missed, err
}

// joinerHidden judges that the host does not learn where the joiner is.
func joinerHidden(s *show) ([]string, error) {
	missed, err := s.onlyRelays(s.homeB, addrB)
	if err != nil {
		return nil, err
	}
	more, err := s.noneTo(s.homeA, addrA, addrB, outB)
	missed = slices.Concat(missed, more, s.host.says(addrB, outB))
	if len(s.shownAtJoiner.Via.Addrs) > 0 {
		missed = append(missed, fmt.Sprintf("the joiner's ticket has its addresses: %v", s.shownAtJoiner.Via.Addrs))
	}
	return missed, err
}

// keptApart judges that nothing passed between the joiner and the member, and that the
// member has all nevertheless.
func keptApart(s *show) ([]string, error) {
	missed, err := s.noneArrived(s.homeB, s.beside(memberNumber))
	if err != nil {
		return nil, err
	}
	more, err := s.noneArrived(s.homeM, addrA3)
	return append(missed, more...), err
}

// noneArrived judges that nothing from an address came to a machine: else the lab's
// networks are not what they are to be.
func (s *show) noneArrived(who *lab.Machine, from string) ([]string, error) {
	packets, err := s.taps[who].finish(s.ctx)
	for _, p := range packets {
		if p.from.Addr().String() == from {
			return nil, fmt.Errorf("a packet came to the %s from %s, from which it is kept apart", who.Name, from)
		}
	}
	return nil, err
}

// straightTo judges over which address the joiner and the host have each other.
func straightTo(s *show) (missed []string, err error) {
	for _, side := range []struct {
		p    *program
		want string
	}{{s.joiner, outA}, {s.host, outB}} {
		if len(side.p.paths) == 0 {
			return nil, fmt.Errorf("the %s's log tells of no path", side.p.Name)
		}
		last := side.p.paths[len(side.p.paths)-1]
		if got, err := netip.ParseAddrPort(last.addr); err != nil || got.Addr().String() != side.want {
			missed = append(missed, fmt.Sprintf("the %s's path goes to %q, not %s", side.p.Name, last.addr, side.want))
		}
	}
	return missed, nil
}
