package main

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"gossterm/internal/lab"
	"gossterm/internal/ticket"
)

// Who else takes part beside the host and the joiner: the last byte of where they are
// in the joiner's network, and what they are called.
const (
	memberNumber, memberName = 4, "mary-middles"
	thirdNumber, thirdName   = 5, "theo-thirds"
	strangerNumber           = 2 // the host's in its own network
)

// beside returns the address of another machine in the joiner's network.
func (w *world) beside(number byte) string {
	b := netip.MustParseAddr(w.joinerAddr()).As4()
	b[3] = number
	return netip.AddrFrom4(b).String()
}

// joinerAddr returns where the joiner is.
func (w *world) joinerAddr() string {
	switch {
	case w.joinerAt != "":
		return w.joinerAt
	case w.layout == twoNATs || w.layout == between:
		return addrB
	}
	return addrA3
}

// layCast connects who else takes part to the joiner's network.
func (w *world) layCast() error {
	for _, m := range []struct {
		who    *lab.Machine
		number byte
	}{{w.homeM, memberNumber}, {w.homeC, thirdNumber}, {w.stranger, strangerNumber}} {
		if m.who == nil || w.layout == between {
			continue
		}
		if err := w.layBeside(m.who, w.beside(m.number)); err != nil {
			return err
		}
	}
	if !w.apart {
		return nil
	}
	return w.internet.IP("link set p-joiner type bridge_slave isolated on", "link set p-member type bridge_slave isolated on")
}

func (w *world) layBeside(m *lab.Machine, addr string) error {
	switch w.layout {
	case lan:
		return w.internet.Plug("net", m, "eth0", addr+"/24")
	case oneNAT:
		return w.layHome(w.natA, m, addr+"/24", gateA)
	}
	return w.layHome(w.natB, m, addr+"/24", w.beside(1))
}

// layBetween puts the member between the host and the joiner: it carries no packets
// from one to the other.
func (w *world) layBetween() error {
	if err := w.internet.Plug("net", w.homeA, "eth0", addrA+"/24"); err != nil {
		return err
	}
	if err := w.internet.Plug("net", w.homeM, "eth0", fmt.Sprintf("192.168.1.%d/24", memberNumber)); err != nil {
		return err
	}
	if err := lab.Wire(w.homeM, "eth1", w.homeB, "eth0"); err != nil {
		return err
	}
	if err := w.homeM.Addrs("eth1", w.beside(memberNumber)+"/24"); err != nil {
		return err
	}
	return w.homeB.Addrs("eth0", addrB+"/24")
}

// startMember lets somebody join before the joiner, and returns the ticket that it
// makes if the joiner is to be given that.
func (s *show) startMember(word string) (string, error) {
	var err error
	if s.member, err = s.run(s.homeM, "member", "join", "--name", memberName, word); err != nil {
		return "", err
	}
	err = s.await("the member's first screen", patience, func() bool { return !s.member.screened.IsZero() })
	if err != nil || !s.byMember {
		return word, err
	}
	made, err := s.ticketOn(s.member, func(t ticket.Ticket) bool { return t.Via.Peer.Valid() })
	if err == nil {
		s.made = made.String()
	}
	if err == nil && s.layout == between {
		s.talksTo = made.Via.Peer.Tag()
	}
	return s.made, err
}

// ticketOn asks for the ticket at a program's terminal and reads it from its screen. It
// is the first that is as wanted.
func (s *show) ticketOn(p *program, ok func(ticket.Ticket) bool) (found ticket.Ticket, err error) {
	if err := p.Type([]byte("~i")); err != nil {
		return found, err
	}
	err = s.await("a ticket on the screen of the "+p.Name, patience, func() bool {
		for _, t := range readTickets(p.Screen.Text()) {
			if ok(t) {
				found = t
				return true
			}
		}
		return false
	})
	return found, err
}

var ticketOfHost = regexp.MustCompile(`gossterm join gst1[a-z2-7]*$`)

// readTickets reads the typing tickets from the rows of a screen, over which they may
// go on. It is a ticket's checksum that says where it ends.
func readTickets(rows []string) (all []ticket.Ticket) {
	for i, row := range rows {
		word := strings.TrimPrefix(ticketOfHost.FindString(row), "gossterm join ")
		if word == "" {
			continue
		}
		for _, next := range slices.Concat(rows[i+1:], []string{""}) {
			if t, err := ticket.Parse(word); err == nil {
				all = append(all, t)
				break
			}
			word += next
		}
	}
	return all
}

// startThird lets a third join with a word while keys are typed.
func (s *show) startThird(word string) (err error) {
	s.third, err = s.run(s.homeC, "third", "join", "--name", thirdName, word)
	return err
}

// awaitOthers waits until the third is in, and until the others have on their screens
// what the joiner typed.
func (s *show) awaitOthers() error {
	if s.apart {
		if err := s.awaitKeys(s.member); err != nil {
			return err
		}
	}
	if s.third == nil {
		return nil
	}
	err := s.await("the third's first screen", patience, func() bool { return !s.third.screened.IsZero() })
	if err != nil {
		return err
	}
	s.note("the third's first screen came after %d ms", s.third.screened.Sub(s.third.Started).Milliseconds())
	return s.awaitKeys(s.third)
}

// awaitKeys waits until all that was typed is on a program's screen.
func (s *show) awaitKeys(p *program) error {
	return s.await("all keys on the screen of the "+p.Name, patience, func() bool { return p.after(marker) == s.keys })
}

// makerGoes ends the member that made the ticket, by a signal or by its own leave, and
// then lets a third come with it.
func makerGoes(killed bool) []happening {
	return []happening{
		{"the maker of the ticket goes", firstHappening, func(s *show) error {
			if killed {
				return s.member.Signal(syscall.SIGKILL)
			}
			return s.member.Type([]byte("~."))
		}},
		{"a third comes by its ticket", firstHappening + time.Second, func(s *show) error { return s.startThird(s.made) }},
	}
}

// hostMovesOnLAN gives a host without a router another address, and lets a third come by
// the ticket that the host shows then.
func hostMovesOnLAN() []happening {
	return []happening{
		{"the host's address changes", firstHappening, func(s *show) error {
			return s.homeA.IP("addr del "+addrA+"/24 dev eth0", "addr add "+movedA+"/24 dev eth0")
		}},
		{"the host shows a new ticket", firstHappening + 500*time.Millisecond, func(s *show) error {
			fresh, err := s.ticketOn(s.host, func(t ticket.Ticket) bool { return holds(t, movedA) && !holds(t, addrA) })
			if err != nil {
				return err
			}
			return s.startThird(fresh.String())
		}},
	}
}

// holds reports whether a ticket names an address of the host.
func holds(t ticket.Ticket, addr string) bool {
	for _, a := range t.Addrs {
		if a.Addr().String() == addr {
			return true
		}
	}
	return false
}
