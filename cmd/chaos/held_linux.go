package main

import (
	"bytes"
	"os"
	"strings"
	"time"

	"gossterm/internal/lab"
)

const (
	// heldKey is ^A, a key that acts: pressed in a cut of 5 s and more it is held, with
	// all behind it, until its person has said that it is to be sent.
	heldKey  = '\x01'
	asksHeld = "s send  d drop"
	sendHeld = 's'
	// answerPause is for how long nothing is typed before the answer: one key in a row of
	// others answers nothing.
	answerPause = 1200 * time.Millisecond
)

// act has people press a key that acts.
func (s *show) act(people []*person) error {
	for _, p := range people {
		if err := p.Type([]byte{heldKey}); err != nil {
			return err
		}
		s.acted++
	}
	return nil
}

// sendHeld has people say, when they are asked, that what is held is to be sent. Nothing
// of it may have been read before.
func (s *show) sendHeld(people []*person) error {
	if s.acted == 0 {
		return nil
	}
	for i, p := range people {
		asked := func() bool { return strings.Contains(p.Screen.Text()[lab.TermRows-1], asksHeld) }
		if !s.wait(s.within(healWithin), asked) {
			s.breaks("%s is not asked what becomes of what is held: %s", p.who, p.lastWords())
			continue
		}
		switch n, err := s.actsRead(); {
		case err != nil:
			return err
		case n > i:
			s.breaks("%d held keys were read, and %d people asked for it", n, i)
		}
		p.stop()
		s.pass(answerPause)
		if err := p.Type([]byte{sendHeld}); err != nil {
			return err
		}
		if !s.wait(s.within(healWithin), func() bool { return !asked() }) {
			s.breaks("%s is asked on: %s", p.who, p.lastWords())
		}
		p.start(p.every)
	}
	return nil
}

// actsRead returns how many keys that act the host's command has read.
func (s *show) actsRead() (int, error) {
	read, err := os.ReadFile(s.readFile())
	return bytes.Count(read, []byte{heldKey}), err
}

// judgeActs judges that each key that acts was read once in the end.
func (s *show) judgeActs() error {
	if s.acted == 0 {
		return nil
	}
	n, err := s.actsRead()
	if err == nil && n != s.acted {
		s.breaks("%d keys that act were held, and %d read", s.acted, n)
	}
	return err
}
