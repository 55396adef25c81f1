package main

import (
	"fmt"
	"time"
)

const (
	// roundChecks is how many checks a round has, and roundLasts how long it takes at
	// least until the next can begin (PROTOCOL.md §8.2). Under load a check may be late,
	// and the next is not: roundSlack less is still no more than a round.
	roundChecks = 7
	roundLasts  = 1600 * time.Millisecond
	roundSlack  = 600 * time.Millisecond
	// settled is how long after the first screen no more rounds begin: all candidates
	// were offered, and the direct path is not in doubt.
	settled = 5 * time.Second
)

// strangerLeft judges how often a machine that has nothing to do with the session was
// sent something, because it has the host's address in the joiner's network.
func strangerLeft(s *show) ([]string, error) {
	missed, err := straightTo(s)
	if err != nil {
		return nil, err
	}
	packets, err := s.taps[s.stranger].finish(s.ctx)
	if err != nil {
		return nil, err
	}
	var checks []packet
	others := 0
	for _, p := range packets {
		if p.to.Addr().String() != s.beside(strangerNumber) || p.from.Addr().String() != s.joinerAddr() {
			continue
		}
		if p.check() {
			checks = append(checks, p)
		} else if p.udp {
			others++
		}
	}
	missed = append(missed, tooOften(checks)...)
	if n := len(checks); n > 0 && checks[n-1].at.Sub(s.screened) > settled {
		missed = append(missed, fmt.Sprintf("a check went to a stranger %.1f s after the first screen", checks[n-1].at.Sub(s.screened).Seconds()))
	}
	if len(checks)+others == 0 {
		return nil, fmt.Errorf("nothing went to the stranger: it is not where the ticket points to")
	}
	s.note("to the stranger went %d checks and %d other datagrams", len(checks), others)
	return missed, nil
}

// tooOften says where checks to one address came quicker than rounds allow.
func tooOften(checks []packet) []string {
	for i := roundChecks; i < len(checks); i++ {
		if d := checks[i].at.Sub(checks[i-roundChecks].at); d < roundLasts-roundSlack {
			return []string{fmt.Sprintf("%d checks went to a stranger within %d ms", roundChecks+1, d.Milliseconds())}
		}
	}
	return nil
}
