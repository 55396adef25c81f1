package main

import (
	"fmt"
	"net/netip"
	"time"

	"gossterm/internal/lab"
)

// A layout says where the host and the joiner are.
type layout string

const (
	twoNATs layout = "two NATs"
	oneNAT  layout = "one NAT"
	lan     layout = "LAN"     // a switch, no router, no way to the internet
	between layout = "between" // a member has one network with the host and one with the joiner
)

// The addresses of the host, where it goes to when its address changes, and its NAT
// inside and outside; the same for the joiner. Where both are behind one NAT the joiner is at addrA3.
const (
	addrA, movedA, gateA, outA = "192.168.1.2", "192.168.1.77", "192.168.1.1", "203.0.113.10"
	addrB, movedB, gateB, outB = "192.168.2.2", "192.168.2.77", "192.168.2.1", "203.0.113.20"
	addrA3                     = "192.168.1.3"
)

// The same over IPv6.
const (
	addrA6, gateA6, outA6, netA6 = "2001:db8:a::2", "2001:db8:a::1", "2001:db8::10", "2001:db8:a::/64"
	addrB6, gateB6, outB6, netB6 = "2001:db8:b::2", "2001:db8:b::1", "2001:db8::20", "2001:db8:b::/64"
)

// relayDelay is how far away a relay is, one way: what goes over it takes twice that
// longer than what goes directly, and four times that there and back.
const (
	relayDelay = 10 * time.Millisecond
	overRelay  = 4 * relayDelay
)

// passedKept is how many bytes of what passed a relay are looked through.
const passedKept = 16 << 20

// relayAddr returns where relay i (from 0) listens.
func relayAddr(i int, v6 bool) netip.AddrPort {
	text := fmt.Sprintf("203.0.113.%d", 101+i)
	if v6 {
		text = fmt.Sprintf("2001:db8::%d", 101+i)
	}
	return netip.AddrPortFrom(netip.MustParseAddr(text), 443)
}

// A world is the machines of one trial.
type world struct {
	trial
	internet, homeA, homeB, natA, natB *lab.Machine // nil where the layout has none
	homeM, homeC, stranger             *lab.Machine // nil where the trial has none
	relayAt                            []*lab.Machine
	lines                              []*lab.Line // to the relays
	all                                []*lab.Machine
}

// lay lays out the trial's networks.
func (w *world) lay() error {
	for _, m := range []struct {
		to   **lab.Machine
		name string
		when bool
	}{
		{&w.internet, "internet", true}, {&w.homeA, "host", true}, {&w.homeB, "joiner", true},
		{&w.natA, "natA", w.layout == oneNAT || w.layout == twoNATs}, {&w.natB, "natB", w.layout == twoNATs},
		{&w.homeM, "member", w.withMember}, {&w.homeC, "third", w.withThird}, {&w.stranger, "stranger", w.outsider},
	} {
		if !m.when {
			continue
		}
		if err := w.add(m.to, m.name); err != nil {
			return err
		}
	}
	if err := w.internet.NewSwitch("net"); err != nil {
		return err
	}
	for i := range w.relayCount {
		if err := w.addRelay(i); err != nil {
			return err
		}
	}
	if err := w.layHomes(); err != nil {
		return err
	}
	if err := w.acquaint(); err != nil {
		return err
	}
	if err := w.layCast(); err != nil || w.loss == 0 {
		return err
	}
	return w.natA.NFT(lossRules(w.loss))
}

// acquaint lets each router find out how it reaches the relays, as it has long done when
// somebody uses it: the lines to the relays are slow for that as well.
func (w *world) acquaint() error {
	for _, nat := range []*lab.Machine{w.natA, w.natB} {
		for i := range w.relayAt {
			if nat == nil {
				continue
			}
			to := netip.AddrPortFrom(relayAddr(i, w.v6).Addr(), controlPort)
			if err := nat.Within(func() error { return sendTo(to, []byte("hello")) }); err != nil {
				return fmt.Errorf("send to a relay from %s: %w", nat.Name, err)
			}
		}
	}
	return nil
}

func (w *world) layHomes() error {
	switch w.layout {
	case lan:
		return w.layLAN()
	case between:
		return w.layBetween()
	case oneNAT:
		return w.layOneNAT()
	}
	return w.layTwoNATs()
}

// add makes a machine.
func (w *world) add(to **lab.Machine, name string) error {
	m, err := lab.NewMachine(name)
	if err != nil {
		return err
	}
	*to = m
	w.all = append(w.all, m)
	if !w.v6 {
		return m.Sysctl("net/ipv6/conf/all/disable_ipv6=1", "net/ipv6/conf/default/disable_ipv6=1")
	}
	return nil
}

func (w *world) close() {
	for _, l := range w.lines {
		l.Close()
	}
	for _, m := range w.all {
		m.Close()
	}
}

func (w *world) addRelay(i int) error {
	var m *lab.Machine
	if err := w.add(&m, fmt.Sprintf("relay%d", i+1)); err != nil {
		return err
	}
	w.relayAt = append(w.relayAt, m)
	bits := 24
	if w.v6 {
		bits = 64
	}
	port := "p-" + m.Name
	l, err := lab.NewLine(w.internet, port, m, "wan", lab.LineConfig{Settings: lab.Settings{Delay: relayDelay}, Keep: passedKept})
	if err != nil {
		return err
	}
	w.lines = append(w.lines, l)
	if err := w.internet.IP(fmt.Sprintf("link set %s master net", port)); err != nil {
		return err
	}
	if err := m.Addrs("wan", fmt.Sprintf("%v/%d", relayAddr(i, w.v6).Addr(), bits)); err != nil {
		return err
	}
	if w.v6 {
		if err := m.IP("route add "+netA6+" via "+outA6, "route add "+netB6+" via "+outB6); err != nil {
			return err
		}
	}
	return w.limit(m, "wan")
}

// limit gives what goes over the internet the trial's MTU.
func (w *world) limit(m *lab.Machine, name string) error {
	if w.mtu == 0 {
		return nil
	}
	return m.IP(fmt.Sprintf("link set %s mtu %d", name, w.mtu))
}

func (w *world) layLAN() error {
	if err := w.internet.Plug("net", w.homeA, "eth0", addrA+"/24"); err != nil {
		return err
	}
	return w.internet.Plug("net", w.homeB, "eth0", addrA3+"/24")
}

func (w *world) layOneNAT() error {
	if err := w.layRouter(w.natA, w.a, outA+"/24", gateA+"/24"); err != nil {
		return err
	}
	if err := w.layHome(w.natA, w.homeA, addrA+"/24", gateA); err != nil {
		return err
	}
	return w.layHome(w.natA, w.homeB, addrA3+"/24", gateA)
}

func (w *world) layTwoNATs() error {
	type side struct {
		nat, home             *lab.Machine
		kind                  natKind
		out, gate, addr       string
		bits, theirs, theirs6 string
	}
	sides := []side{
		{w.natA, w.homeA, w.a, outA, gateA, addrA, "/24", "", ""},
		{w.natB, w.homeB, w.b, outB, w.beside(1), w.joinerAddr(), "/24", "", ""},
	}
	if w.v6 {
		sides = []side{
			{w.natA, w.homeA, w.a, outA6, gateA6, addrA6, "/64", netB6, outB6},
			{w.natB, w.homeB, w.b, outB6, gateB6, addrB6, "/64", netA6, outA6},
		}
	}
	for _, s := range sides {
		if err := w.layRouter(s.nat, s.kind, s.out+s.bits, s.gate+s.bits); err != nil {
			return err
		}
		if err := w.layHome(s.nat, s.home, s.addr+s.bits, s.gate); err != nil {
			return err
		}
		if s.theirs != "" {
			if err := s.nat.IP("route add " + s.theirs + " via " + s.theirs6); err != nil {
				return err
			}
		}
	}
	return nil
}

// layRouter connects a router to the internet and gives it a switch for its homes.
func (w *world) layRouter(nat *lab.Machine, kind natKind, out, gate string) error {
	if err := w.internet.Plug("net", nat, "wan", out); err != nil {
		return err
	}
	if err := w.limit(nat, "wan"); err != nil {
		return err
	}
	if err := nat.NewSwitch("lan"); err != nil {
		return err
	}
	if err := nat.Addrs("lan", gate); err != nil {
		return err
	}
	if err := nat.NFT(natRules(kind)); err != nil {
		return err
	}
	if w.v6 {
		return nat.Sysctl("net/ipv6/conf/all/forwarding=1")
	}
	return nat.Sysctl("net/ipv4/ip_forward=1")
}

// layHome connects a machine to a router.
func (w *world) layHome(nat, home *lab.Machine, addr, gate string) error {
	if err := nat.Plug("lan", home, "eth0", addr); err != nil {
		return err
	}
	return home.IP("route add default via " + gate)
}
