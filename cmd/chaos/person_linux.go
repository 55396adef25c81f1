package main

import (
	"slices"
	"strings"
	"time"

	"gossterm/internal/lab"
)

// A person has a program, and may type tokens at it.
type person struct {
	*lab.Program
	who   string
	place int
	in    time.Time // when the session first stood on the screen

	every     time.Duration // between tokens; 0 for who does not type
	next      time.Time     // when the next one is due; zero while not typing
	typedAt   []time.Time
	seenAt    []time.Time // when each stood on the own screen
	confirmed int         // tokens

	hit  bool // something happens to this one, so that its echo may be late
	gone bool // is to have ended
}

// take takes an event in, and sees which tokens stand on the screen now.
func (p *person) take(e lab.Event) {
	p.Take(e)
	if e.Output == nil {
		return
	}
	if p.in.IsZero() {
		if p.Shows(sinkReady) || p.Shows(shellPrompt) {
			p.in = e.At
		}
		return
	}
	if len(p.seenAt) < len(p.typedAt) {
		p.see(strings.Join(p.Screen.Text(), ""), e.At)
	}
}

// see notes the newest token on the screen, and with it all before.
func (p *person) see(screen string, at time.Time) {
	for n := len(p.typedAt); n > len(p.seenAt); n-- {
		if strings.Contains(screen, token(p.who, n)) {
			for len(p.seenAt) < n {
				p.seenAt = append(p.seenAt, at)
			}
			return
		}
	}
}

// start lets the person type from now on, once so often.
func (p *person) start(every time.Duration) { p.every, p.next = every, time.Now() }

func (p *person) stop() { p.next = time.Time{} }

// typeDue types what is due.
func (p *person) typeDue(now time.Time) error {
	if p.next.IsZero() || p.next.After(now) || p.Ended {
		return nil
	}
	p.next = p.next.Add(p.every)
	if p.next.Before(now) { // the lab was late
		p.next = now.Add(p.every)
	}
	p.typedAt = append(p.typedAt, now)
	return p.Type([]byte(token(p.who, len(p.typedAt))))
}

// lags returns how long tokens typed in a time waited for their echo, sorted. One that
// has none yet has waited until now.
func (p *person) lags(from, to, now time.Time) (all []time.Duration) {
	for i, at := range p.typedAt {
		if at.Before(from) || at.After(to) {
			continue
		}
		end := now
		if i < len(p.seenAt) {
			end = p.seenAt[i]
		}
		all = append(all, end.Sub(at))
	}
	slices.Sort(all)
	return all
}

// firstEcho returns when the first token came back after a time, zero if none has.
func (p *person) firstEcho(after time.Time) time.Time {
	for _, at := range p.seenAt {
		if at.After(after) {
			return at
		}
	}
	return time.Time{}
}

// part returns the element at a share of sorted times, 0 of none.
func part(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
