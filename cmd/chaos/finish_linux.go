package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// acknowledged is what ~s says when nothing typed is without an answer.
const acknowledged = "all is acknowledged"

// alive returns who has not ended and is not to have.
func alive(people []*person) (all []*person) {
	for _, p := range people {
		if !p.gone && !p.Ended {
			all = append(all, p)
		}
	}
	return all
}

// finish ends the typing, has all be confirmed, compares screens and judges: what every
// case does in the end, after which its session is still there.
func (s *show) finish() error {
	for _, p := range s.people {
		p.stop()
	}
	s.judgeHealing()
	if err := s.confirm(); err != nil {
		return err
	}
	s.compare()
	s.judgeBystanders()
	s.measure()
	return s.judgeKeys()
}

// end ends the session at the host's terminal, and has all end.
func (s *show) end() error {
	for _, p := range s.people {
		p.gone = true
	}
	if err := s.host().Type([]byte("\r~.")); err != nil {
		return err
	}
	s.awaitEnd(s.people, endWithin)
	return nil
}

// awaitEnd judges that people end within a time.
func (s *show) awaitEnd(people []*person, d time.Duration) {
	runs := func(p *person) bool { return !p.Ended }
	for _, p := range people {
		p.gone = true
	}
	if s.wait(s.within(d), func() bool { return !slices.ContainsFunc(people, runs) }) {
		return
	}
	for _, p := range people {
		if runs(p) {
			s.breaks("%s does not end within %v", p.who, s.within(d))
		}
	}
}

// confirm asks all joiners who typed until all is acknowledged. What the host's own
// terminal takes is confirmed: nothing is between.
func (s *show) confirm() error {
	if h := s.host(); !h.gone {
		h.confirmed = len(h.typedAt)
	}
	for _, p := range alive(s.joined()) {
		if len(p.typedAt) == 0 {
			continue
		}
		if err := p.Type([]byte("\r~s")); err != nil {
			return err
		}
		if s.wait(s.within(patience), func() bool { return p.Shows(acknowledged) || p.Ended }) {
			p.confirmed = len(p.typedAt)
		} else {
			s.breaks("%s's keys are not acknowledged: %s", p.who, p.lastWords())
		}
		if err := p.Type([]byte("\x1b")); err != nil { // takes the status away, and is no key
			return err
		}
	}
	return s.ctx.Err()
}

// compare compares each viewer's screen with the host's own, when it is quiet.
func (s *show) compare() {
	h := s.host()
	if h.gone {
		return
	}
	printed, since := h.Printed, time.Now()
	quiet := s.waitSlowly(s.within(patience), func() bool {
		if h.Printed != printed {
			printed, since = h.Printed, time.Now()
		}
		return time.Since(since) >= quietFor
	})
	if !quiet {
		s.note("the host's terminal was not quiet")
	}
	viewers := alive(s.joined())
	s.judged = len(viewers)
	rest := func(p *person) bool { return sameRows(p, h, 1) }
	whole := func(p *person) bool { return sameRows(p, h, 0) }
	all := func(same func(*person) bool) func() bool {
		return func() bool { return !slices.ContainsFunc(viewers, func(p *person) bool { return !same(p) }) }
	}
	s.waitSlowly(s.within(equalWithin), all(rest))
	var differ []*person
	for _, p := range viewers {
		if !rest(p) {
			differ = append(differ, p)
		}
	}
	s.waitSlowly(s.within(noticeMost), all(whole))
	for _, p := range viewers {
		switch {
		case slices.Contains(differ, p):
			s.breaks("%s's screen does not equal the host's %v after it is quiet: %s", p.who, s.within(equalWithin), difference(p, h))
		case !whole(p):
			s.breaks("%s's last row or cursor is not the host's: %s", p.who, difference(p, h))
		default:
			s.equal++
		}
	}
}

// waitSlowly is wait for what costs time to find out, or comes true without an event.
func (s *show) waitSlowly(d time.Duration, ok func() bool) bool {
	for end := time.Now().Add(d); time.Now().Before(end) && s.ctx.Err() == nil; s.pass(20 * time.Millisecond) {
		if ok() {
			return true
		}
	}
	return ok()
}

// sameRows reports whether two screens have the same text, but for so many of the last
// rows; of whole screens, the same cursor too.
func sameRows(p, q *person, without int) bool {
	a, b := p.Screen.Text(), q.Screen.Text()
	if len(a) != len(b) || !slices.Equal(a[:len(a)-without], b[:len(b)-without]) {
		return false
	}
	return without > 0 || p.Cursor() == q.Cursor()
}

// difference shows the first row that differs.
func difference(p, q *person) string {
	a, b := p.Screen.Text(), q.Screen.Text()
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("row %d %q, not %q", i+1, strings.TrimSpace(a[i]), strings.TrimSpace(b[i]))
		}
	}
	return fmt.Sprintf("cursor %v, not %v", p.Cursor(), q.Cursor())
}

// heals notes that what was broken is whole again now.
func (s *show) heals() { s.healed = time.Now() }

// awaitHealed waits until who was hit sees an echo again.
func (s *show) awaitHealed() {
	s.wait(s.within(patience), func() bool {
		return !slices.ContainsFunc(s.people, func(p *person) bool {
			return p.hit && !p.gone && !p.next.IsZero() && p.firstEcho(s.healed).IsZero()
		})
	})
}

// judgeHealing judges how long those who were hit waited for their first echo.
func (s *show) judgeHealing() {
	if s.healed.IsZero() {
		return
	}
	for _, p := range s.people {
		if !p.hit || p.gone || len(p.typedAt) == 0 {
			continue
		}
		first := p.firstEcho(s.healed)
		if first.IsZero() {
			s.breaks("%s sees no echo after the healing", p.who)
			continue
		}
		s.heal = max(s.heal, first.Sub(s.healed))
	}
	if s.healWithin > 0 && s.heal > s.within(s.healWithin) {
		s.breaks("the first echo came %.1f s after the healing, not within %v", s.heal.Seconds(), s.within(s.healWithin))
	}
}

// judgeBystanders judges that who was not hit did not wait.
func (s *show) judgeBystanders() {
	if s.begun.IsZero() || s.restless {
		return
	}
	end := time.Now()
	var slowest, longest time.Duration
	for _, p := range s.people {
		if p.hit || p.gone {
			continue
		}
		lags := p.lags(s.begun, end, end)
		p90 := part(lags, 0.9)
		slowest, longest = max(slowest, p90), max(longest, part(lags, 1))
		if p90 > s.within(calm) {
			s.breaks("%s, to whom nothing happened, waited %d ms for the echo of one key in ten", p.who, p90.Milliseconds())
		}
	}
	if longest == 0 {
		return
	}
	s.note("others' echo p90 %d ms, longest %d ms", slowest.Milliseconds(), longest.Milliseconds())
}

// hostMemoryMost is the most memory that a host may ever have.
const hostMemoryMost = 128 << 20

// measure reads the host's peak memory, and judges it.
func (s *show) measure() {
	if s.host().gone {
		return
	}
	n, err := s.host().PeakMemory()
	if err != nil {
		s.note("the host's memory is not known: %v", err)
		return
	}
	if s.memory = max(s.memory, n); n > hostMemoryMost {
		s.breaks("the host had %d MiB", n>>20)
	}
}

// judgeKeys compares what the host's command read with what was typed.
func (s *show) judgeKeys() error {
	read, err := os.ReadFile(s.readFile())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var people []typed
	for _, p := range s.people {
		people = append(people, typed{p.who, len(p.typedAt), p.confirmed})
	}
	s.tally = judge(read, people)
	s.broken = append(s.broken, s.tally.broken()...)
	return s.judgeActs()
}

var lostWords = regexp.MustCompile(`(\d+) bytes? you typed (?:last may|never left)`)

// unconfirmedAtEnd returns how many bytes a joiner's gossterm named at its end as not
// known to be typed.
func (p *person) unconfirmedAtEnd() (n int) {
	// A line of a terminal that was left goes on in the next row.
	for _, m := range lostWords.FindAllStringSubmatch(strings.Join(p.Screen.Text(), ""), -1) {
		bytes, _ := strconv.Atoi(m[1])
		n += bytes
	}
	return n
}
