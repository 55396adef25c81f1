package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"time"

	"gossterm/internal/lab"
)

// begin has all meet and type, and lets them for a moment.
func (s *show) begin() error {
	if err := s.meet(s.sinkArgs()...); err != nil {
		return err
	}
	typing(s.people...)
	s.pass(settle)
	s.begun = time.Now()
	return nil
}

// A cutting cuts and heals, and returns who is hit.
type cutting struct {
	hit      func(*show) []*person
	cut      func(*show)
	heal     func(*show)
	tellsOff bool // who is hit hears nothing of the host
}

var (
	cutJoiner = cutting{first, func(s *show) { s.lines[1].SetBoth(cut) }, func(s *show) { s.lines[1].SetBoth(s.line) }, true}
	// At the switch, A, begins what goes to a home.
	cutToJoiner   = cutting{first, func(s *show) { s.lines[1].Set(lab.AtoB, cut) }, func(s *show) { s.lines[1].SetBoth(s.line) }, true}
	cutFromJoiner = cutting{first, func(s *show) { s.lines[1].Set(lab.BtoA, cut) }, func(s *show) { s.lines[1].SetBoth(s.line) }, false}
	cutHost       = cutting{(*show).joined, func(s *show) { s.lines[0].SetBoth(cut) }, func(s *show) { s.lines[0].SetBoth(s.line) }, true}
	cutTrunk      = cutting{apart, func(s *show) { s.trunk.SetBoth(cut) }, func(s *show) { s.trunk.SetBoth(lab.Settings{}) }, true}
)

func first(s *show) []*person { return s.people[1:2] }

// apart returns who is at the other switch than the host.
func apart(s *show) (all []*person) {
	for _, p := range s.people {
		if p.place%2 == 1 {
			all = append(all, p)
		}
	}
	return all
}

// disconnected is how a joiner's terminal says that the host is out of reach, and
// disconnectedAfter when it surely does.
const (
	disconnected      = "disconnected"
	disconnectedAfter = 5 * time.Second
)

// cutFor cuts for a while, while all go on typing.
func cutFor(full, short time.Duration, c cutting) func(*show) error {
	return func(s *show) error {
		if err := s.begin(); err != nil {
			return err
		}
		d := s.longer(full, short)
		hit := c.hit(s)
		for _, p := range hit {
			p.hit = true
		}
		c.cut(s)
		s.pass(d - 100*time.Millisecond)
		if s.told(c) {
			s.judgeSaid(hit)
			if err := s.act(hit); err != nil {
				return err
			}
		}
		s.pass(100 * time.Millisecond)
		s.heals()
		c.heal(s)
		s.awaitHealed()
		if err := s.sendHeld(hit); err != nil {
			return err
		}
		s.pass(time.Second)
		return s.finishAndEnd()
	}
}

// told reports whether who is cut off must have been told by now.
func (s *show) told(c cutting) bool {
	return c.tellsOff && time.Since(s.begun) >= disconnectedAfter-100*time.Millisecond
}

// judgeSaid judges that who hears nothing of the host is told so.
func (s *show) judgeSaid(hit []*person) {
	for _, p := range hit {
		row := p.Screen.Text()[lab.TermRows-1]
		if !strings.Contains(row, disconnected) || !strings.Contains(row, "held") {
			s.breaks("%s is not told that it is disconnected and what is held: its last row is %q", p.who, row)
		}
	}
}

// badLinks has all links bad while all type.
func badLinks(bad lab.Settings) func(*show) error {
	return func(s *show) error {
		if err := s.begin(); err != nil {
			return err
		}
		for _, l := range s.lines[1:] {
			l.SetBoth(bad)
		}
		s.pass(s.longer(20*time.Second, 6*time.Second))
		var all lab.Counts
		for _, l := range s.lines[1:] {
			for _, w := range []lab.Way{lab.AtoB, lab.BtoA} {
				c := l.Counts(w)
				all.Frames += c.Frames
				all.Lost += c.Lost
				all.Duplicated += c.Duplicated
				all.Reordered += c.Reordered
				all.Corrupted += c.Corrupted
			}
		}
		s.note("of %d frames %d lost, %d doubled, %d late, %d corrupted", all.Frames, all.Lost, all.Duplicated, all.Reordered, all.Corrupted)
		var lags []time.Duration
		now := time.Now()
		for _, p := range s.joined() {
			lags = append(lags, p.lags(s.begun, now, now)...)
		}
		slices.Sort(lags)
		s.note("echo p50 %d ms, p99 %d ms", part(lags, 0.5).Milliseconds(), part(lags, 0.99).Milliseconds())
		if p99 := part(lags, 0.99); p99 > s.within(badEcho) {
			s.breaks("an echo took %d ms (p99), not %v", p99.Milliseconds(), s.within(badEcho))
		}
		return s.finishAndEnd()
	}
}

// badEcho is how long the echo may take on bad links, p99.
const badEcho = 2 * time.Second

// swizzled cuts and heals links one after another, at random.
func swizzled(s *show) error {
	if err := s.begin(); err != nil {
		return err
	}
	for _, p := range s.people {
		p.hit = true
	}
	random := rand.New(rand.NewPCG(s.seed, 2))
	end := time.Now().Add(s.longer(30*time.Second, 8*time.Second))
	state := make([]bool, len(s.lines)) // which are cut
	for time.Now().Before(end) {
		i := random.IntN(len(s.lines))
		if state[i] = !state[i]; state[i] {
			s.lines[i].SetBoth(cut)
		} else {
			s.lines[i].SetBoth(s.line)
		}
		s.pass(100*time.Millisecond + time.Duration(random.Int64N(int64(900*time.Millisecond))))
	}
	s.heals()
	for _, l := range s.lines {
		l.SetBoth(s.line)
	}
	s.awaitHealed()
	return s.finishAndEnd()
}

// moves gives somebody another address, after a time without any.
func moves(place int, gap time.Duration) func(*show) error {
	return func(s *show) error {
		if err := s.begin(); err != nil {
			return err
		}
		for _, p := range s.joined() {
			p.hit = place == 0 || p.place == place
		}
		home := s.homes[place]
		del, add := fmt.Sprintf("addr del %s/24 dev eth0", address(place)), fmt.Sprintf("addr add %s/24 dev eth0", movedTo(place))
		if gap > 0 {
			if err := home.IP(del); err != nil {
				return err
			}
			s.pass(gap)
			if err := home.IP(add); err != nil {
				return err
			}
		} else if err := home.IP(del, add); err != nil {
			return err
		}
		s.heals()
		s.awaitHealed()
		s.pass(time.Second)
		return s.finishAndEnd()
	}
}

// sleeps stops somebody's process for a while, while the others type. Who sleeps types
// no keys: they would only wait in his terminal.
func sleeps(place int, full, short time.Duration) func(*show) error {
	return func(s *show) error {
		if err := s.begin(); err != nil {
			return err
		}
		sleeper := s.people[place]
		for _, p := range s.people {
			p.hit = place == 0 || p == sleeper
		}
		sleeper.stop()
		if err := sleeper.Signal(syscall.SIGSTOP); err != nil {
			return err
		}
		s.pass(s.longer(full, short))
		s.heals()
		if err := sleeper.Signal(syscall.SIGCONT); err != nil {
			return err
		}
		typing(sleeper)
		s.awaitHealed()
		s.pass(time.Second)
		return s.finishAndEnd()
	}
}

// ghostsGone is how soon who was killed is no hindrance to anybody.
const ghostsGone = 3 * time.Second

// killed kills so many joiners at once.
func killed(n int) func(*show) error {
	return func(s *show) error {
		if err := s.begin(); err != nil {
			return err
		}
		for _, p := range s.joined()[:n] {
			p.gone, p.hit = true, true
			p.stop()
			p.Kill()
		}
		s.pass(s.longer(2*ghostsGone, ghostsGone))
		return s.finishAndEnd()
	}
}

const (
	exitLost   = 255
	lostWithin = 15 * time.Second
	hostLost   = "host lost"
)

// hostKilled kills the host: each joiner ends, with a terminal as it was, and says what
// of its keys is not known to be typed.
func hostKilled(s *show) error {
	if err := s.begin(); err != nil {
		return err
	}
	s.measure()
	for _, p := range s.people {
		p.gone = true
	}
	s.host().stop()
	s.host().Kill()
	s.pass(500 * time.Millisecond) // these keys can reach nobody
	for _, p := range s.joined() {
		p.stop()
	}
	s.awaitEnd(s.people, lostWithin)
	s.note("the joiners ended %.1f s after the host", time.Since(s.begun).Seconds())
	for _, p := range s.joined() {
		if !p.Ended {
			continue
		}
		if p.Status() != exitLost {
			s.breaks("%s ended with status %d, not %d", p.who, p.Status(), exitLost)
		}
		if text := strings.Join(p.Screen.Text(), ""); !strings.Contains(text, hostLost) {
			s.breaks("%s does not say %q: %s", p.who, hostLost, p.lastWords())
		}
		p.confirmed = confirmedOf(p.who, len(p.typedAt), p.unconfirmedAtEnd())
	}
	s.judgeRestored(s.joined())
	return s.judgeKeys()
}

// judgeRestored judges that who has ended has left the terminal as it was.
func (s *show) judgeRestored(people []*person) {
	for _, p := range people {
		if !p.Ended {
			continue
		}
		if ok, err := p.Restored(); err != nil {
			s.note("%v", err)
		} else if !ok {
			s.breaks("%s's terminal is not restored", p.who)
		}
	}
}

// hangupWithin is how soon a process whose window was closed has ended.
const hangupWithin = 5 * time.Second

// joinerHungUp closes a joiner's window.
func joinerHungUp(s *show) error {
	if err := s.begin(); err != nil {
		return err
	}
	p := s.people[1]
	p.hit, p.gone = true, true
	p.stop()
	p.HangUp()
	s.awaitEnd(s.people[1:2], hangupWithin)
	s.pass(time.Second)
	return s.finishAndEnd()
}

// hostHungUp closes the host's window, which ends the session for all.
func hostHungUp(s *show) error {
	if err := s.begin(); err != nil {
		return err
	}
	for _, p := range s.people {
		p.stop()
	}
	if err := s.confirm(); err != nil {
		return err
	}
	s.measure()
	for _, p := range s.people {
		p.gone = true
	}
	s.host().HangUp()
	s.awaitEnd(s.people, hangupWithin)
	s.judgeRestored(s.joined())
	return s.judgeKeys()
}

// exitWithin is how soon after its command the session has ended.
const exitWithin = 5 * time.Second

// childExits has the host's command end with a status, which must be everybody's.
func childExits(word byte) func(*show) error {
	return func(s *show) error {
		if err := s.begin(); err != nil {
			return err
		}
		if err := s.finish(); err != nil {
			return err
		}
		for _, p := range s.people {
			p.gone = true
		}
		if err := s.people[1].Type([]byte{word}); err != nil {
			return err
		}
		s.awaitEnd(s.people, exitWithin)
		for _, p := range s.people {
			if p.Ended && p.Status() != sinkStatus {
				s.breaks("%s ended with status %d, not %d", p.who, p.Status(), sinkStatus)
			}
		}
		s.judgeRestored(s.people)
		return nil
	}
}
