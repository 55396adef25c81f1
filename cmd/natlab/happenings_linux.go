package main

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"gossterm/internal/lab"
)

// firstHappening is when something first happens, after the first key. The joiner's links
// have settled then.
const firstHappening = 2500 * time.Millisecond

// cutDirect drops what goes directly between the two NATs, for so long.
func cutDirect(d time.Duration) []happening {
	return []happening{
		{"the direct path is cut", firstHappening, func(s *show) error {
			return s.natA.NFT(fmt.Sprintf(`table ip cut {
				chain through { type filter hook forward priority -10; ip daddr %s drop; ip saddr %s drop; }
			}`, outB, outB))
		}},
		{"the direct path is whole again", firstHappening + d, func(s *show) error { return s.natA.NFT("delete table ip cut") }},
	}
}

// moves gives a machine behind a router another address.
func moves(who func(*show) *lab.Machine, from, to, gate string) []happening {
	return []happening{{"an address changes", firstHappening, func(s *show) error {
		return who(s).IP("addr del "+from+"/24 dev eth0", "addr add "+to+"/24 dev eth0", "route add default via "+gate)
	}}}
}

func joinerMoves() []happening {
	return moves(func(s *show) *lab.Machine { return s.homeB }, addrB, movedB, gateB)
}

func hostMoves() []happening {
	return moves(func(s *show) *lab.Machine { return s.homeA }, addrA, movedA, gateA)
}

// relaysDie kills all relays at once.
func relaysDie() []happening {
	return []happening{{"all relays die", firstHappening, func(s *show) error {
		var errs []error
		for _, p := range s.relays {
			errs = append(errs, p.Signal(syscall.SIGKILL))
		}
		return errors.Join(errs...)
	}}}
}

// busyRelayDies kills the relay in use; its machine tells its clients.
func busyRelayDies() []happening {
	return toBusyRelay("died", func(s *show, i int) error { return s.relays[i].Signal(syscall.SIGKILL) })
}

// busyRelayVanishes takes its machine from the net: nothing tells its clients.
func busyRelayVanishes() []happening {
	return toBusyRelay("vanished", func(s *show, i int) error { return s.relayAt[i].IP("link set wan down") })
}

// toBusyRelay does something to the relay over which more passed in the second before.
func toBusyRelay(what string, do func(s *show, i int) error) []happening {
	return []happening{
		{"traffic is counted", firstHappening - time.Second, func(s *show) error {
			s.before = s.passed()
			return nil
		}},
		{"the relay in use " + what, firstHappening, func(s *show) error {
			busy, most := 0, -1
			for i, n := range s.passed() {
				if n -= s.before[i]; n > most {
					busy, most = i, n
				}
			}
			s.note("relay %d of %d %s", busy+1, len(s.before), what)
			return do(s, busy)
		}},
	}
}

// passed returns how many frames went to and from each relay.
func (w *world) passed() (counts []int) {
	for _, l := range w.lines {
		counts = append(counts, l.Count())
	}
	return counts
}

// joinerSleeps stops the joiner for so long.
func joinerSleeps(d time.Duration) []happening {
	return []happening{
		{"the joiner stops", firstHappening, func(s *show) error { return s.joiner.Signal(syscall.SIGSTOP) }},
		{"the joiner goes on", firstHappening + d, func(s *show) error {
			s.resumed = time.Now()
			return s.joiner.Signal(syscall.SIGCONT)
		}},
	}
}
