package main

import (
	"fmt"
	"net/netip"
)

const (
	// plainWindow is how many keys in a row count as plaintext that was found.
	plainWindow = 8
	// control is what the lab sends over the relay's line itself, to know that it
	// would find it.
	control     = "this-is-not-sealed"
	controlPort = 9 // the port of the discard service
)

// sendControl sends a datagram with plaintext from the joiner's machine to each relay.
func (s *show) sendControl() error {
	for i := range s.lines {
		to := netip.AddrPortFrom(relayAddr(i, s.v6).Addr(), controlPort)
		if err := s.homeB.Within(func() error { return sendTo(to, []byte(control)) }); err != nil {
			return fmt.Errorf("send plaintext to a relay: %w", err)
		}
	}
	return nil
}

// plaintext returns what of the session's contents passed a relay, "" for nothing. It
// fails if it would not have found it.
func (s *show) plaintext() (string, error) {
	for i, l := range s.lines {
		if !l.Carried([]byte(control)) {
			return "", fmt.Errorf("the plaintext that was sent over the line of relay %d is not found there", i+1)
		}
		for _, word := range []string{marker, joinerName, hostName} {
			if l.Carried([]byte(word)) {
				return word, nil
			}
		}
		for k := range len(s.keys) - plainWindow + 1 {
			if word := s.keys[k : k+plainWindow]; l.Carried([]byte(word)) {
				return word, nil
			}
		}
	}
	return "", nil
}
