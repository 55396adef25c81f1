package main

import (
	"slices"
	"strings"
	"syscall"
	"time"

	"gossterm/internal/lab"
)

// settle is how long people type before something happens.
const settle = 1500 * time.Millisecond

// calmly is a session to which nothing happens.
func calmly(s *show) error {
	if err := s.meet(s.sinkArgs()...); err != nil {
		return err
	}
	typing(s.people...)
	s.begun = time.Now()
	s.pass(2 * settle)
	return s.finishAndEnd()
}

func (s *show) finishAndEnd() error {
	if err := s.finish(); err != nil {
		return err
	}
	return s.end()
}

// say types a word to the sink at the host's terminal, which no other key can be within.
func (s *show) say(word byte) error { return s.host().Type([]byte{word}) }

// awaitFloodOver waits until the flood's end stands on the host's terminal.
func (s *show) awaitFloodOver(d time.Duration) error {
	if s.wait(d, func() bool { return s.host().Shows(floodOver) }) {
		return nil
	}
	return unmet{"the end of the flood on the host's terminal", d}
}

// The ways in which a viewer is slow: what is done, and undone.
type slowness struct{ begin, end func(*person) }

var (
	stopProcess  = slowness{func(p *person) { p.Signal(syscall.SIGSTOP) }, func(p *person) { p.Signal(syscall.SIGCONT) }}
	stopTerminal = slowness{func(p *person) { p.Pace(lab.Stopped) }, func(p *person) { p.Pace(lab.Unpaced) }}
	slowTerminal = slowness{func(p *person) { p.Pace(1000) }, func(p *person) { p.Pace(lab.Unpaced) }}
)

// slowViewer makes the last joiner slow under a steady flood, while the others and the
// host type.
func slowViewer(how slowness) func(*show) error {
	return func(s *show) error {
		if err := s.meet(s.sinkArgs()...); err != nil {
			return err
		}
		viewer := s.people[len(s.people)-1]
		viewer.hit = true
		typing(s.people[:len(s.people)-1]...)
		if err := s.say(startFlood); err != nil {
			return err
		}
		s.pass(settle)
		s.begun = time.Now()
		how.begin(viewer)
		s.pass(s.longer(30*time.Second, 5*time.Second))
		how.end(viewer)
		s.pass(500 * time.Millisecond)
		if err := s.say(stopFlood); err != nil {
			return err
		}
		if err := s.awaitFloodOver(s.within(patience)); err != nil {
			return err
		}
		return s.finishAndEnd()
	}
}

// floodMost is the longest that a flood may take.
const floodMost = 15 * time.Minute

// flooded has the flood run to its end while all joiners' keys arrive, then interrupts
// another.
func flooded(s *show) error {
	if err := s.meet(s.sinkArgs()...); err != nil {
		return err
	}
	return s.floodThrough()
}

// floodedSlowTerminals is the same with terminals of 5 MB/s.
func floodedSlowTerminals(s *show) error {
	if err := s.meet(s.sinkArgs()...); err != nil {
		return err
	}
	for _, p := range s.people {
		p.Pace(5e6)
	}
	return s.floodThrough()
}

func (s *show) floodThrough() error {
	begun := time.Now()
	s.begun = begun
	typists := []*person{s.host(), s.people[1]}
	typing(typists...)
	if err := s.say(startFlood); err != nil {
		return err
	}
	if err := s.awaitFloodOver(floodMost); err != nil {
		return err
	}
	took := time.Since(begun)
	s.note("%d MiB in %.1f s", s.floodBytes>>20, took.Seconds())
	for _, p := range typists {
		if s.flood == yes {
			s.note("%s's echo p90 %d ms", p.who, part(p.lags(begun, begun.Add(took), time.Now()), 0.9).Milliseconds())
		}
	}
	for _, p := range s.people {
		p.stop()
	}
	if err := s.confirm(); err != nil {
		return err
	}
	s.compare()
	return s.interruptFlood()
}

// interruptWithin is how soon after ^C the prompt stands on the screen of who typed it.
const interruptWithin = 500 * time.Millisecond

// interruptFlood starts the flood once more and interrupts it by a joiner's ^C.
func (s *show) interruptFlood() error {
	writer := s.people[1]
	printed := s.host().Printed
	if err := writer.Type([]byte{startFlood}); err != nil {
		return err
	}
	if err := s.await("a second flood", func() bool {
		return s.host().Printed > printed && !s.host().Shows(floodOver) && !writer.Shows(floodOver)
	}); err != nil {
		return err
	}
	s.pass(settle)
	typed := time.Now()
	if err := writer.Type([]byte{interruptKey}); err != nil {
		return err
	}
	if err := s.await("the end of the flood after ^C", func() bool { return writer.Shows(floodOver) }); err != nil {
		return err
	}
	took := time.Since(typed)
	s.note("^C %d ms", took.Milliseconds())
	if took > s.within(interruptWithin) && !s.wide() {
		s.breaks("the flood ended %d ms after ^C, not within %v", took.Milliseconds(), s.within(interruptWithin))
	}
	s.equal, s.judged = 0, 0
	return s.finishAndEnd()
}

// wide reports whether the promise of ^C, which is for loopback, is not for this link.
func (s *show) wide() bool { return s.layout != loopback }

const (
	interruptKey = 0x03
	shellPrompt  = "ready>"
)

// interrupted runs yes in a shell and interrupts it by a joiner's ^C, many times.
func interrupted(s *show) error {
	if err := s.meet("/usr/bin/env", "PS1="+shellPrompt+" ", "sh", "-c", `yes "" | head -24; exec sh -i`); err != nil {
		return err
	}
	writer := s.people[1]
	times := 50
	if s.short {
		times = 10
	}
	var took []time.Duration
	for range times {
		if err := writer.Type([]byte("yes\r")); err != nil {
			return err
		}
		if err := s.await("a screen full of y", func() bool { return lastRow(writer) == "y" }); err != nil {
			return err
		}
		s.pass(200 * time.Millisecond)
		typed := time.Now()
		if err := writer.Type([]byte{interruptKey}); err != nil {
			return err
		}
		if err := s.await("the prompt after ^C", func() bool { return strings.HasPrefix(lastRow(writer), shellPrompt) }); err != nil {
			return err
		}
		took = append(took, time.Since(typed))
	}
	slices.Sort(took)
	s.note("^C %d ms, p99 %d ms", part(took, 0.5).Milliseconds(), part(took, 0.99).Milliseconds())
	if p99 := part(took, 0.99); p99 > s.within(interruptWithin) {
		s.breaks("the prompt came %d ms after ^C (p99 of %d), not within %v", p99.Milliseconds(), times, s.within(interruptWithin))
	}
	return s.finishAndEnd()
}

// lastRow returns the last row of the screen that is not empty.
func lastRow(p *person) string {
	rows := p.Screen.Text()
	for _, row := range slices.Backward(rows) {
		if row != "" {
			return row
		}
	}
	return ""
}

const (
	stormName   = "storm"
	stormSize   = 16
	stormWithin = 5 * time.Second
	// stormTimes is how much longer than undisturbed the typist's p90 may be in these
	// stormWithin, and stormLeast what is always good: an undisturbed echo may take no time
	// at all.
	stormTimes = 3
	stormLeast = 100 * time.Millisecond
)

// storm has many join at once while yes runs and somebody types.
func storm(s *show) error {
	s.joiners = 1
	if err := s.meet(s.sinkArgs()...); err != nil {
		return err
	}
	typist := s.people[1]
	if err := s.say(startFlood); err != nil {
		return err
	}
	s.pass(settle)
	typing(typist)
	s.pass(s.longer(5*time.Second, 3*time.Second))
	begun := time.Now()
	undisturbed := part(typist.lags(time.Time{}, begun, begun), 0.9)
	for range stormSize {
		if _, err := s.startJoiner(); err != nil {
			return err
		}
	}
	newcomers := s.people[2:]
	// What the sink said at first has long left the screen.
	in := func(p *person) bool { return !p.in.IsZero() || slices.Contains(p.Screen.Text(), "y") }
	if !s.wait(s.within(stormWithin), func() bool { return !slices.ContainsFunc(newcomers, func(p *person) bool { return !in(p) }) }) {
		n := 0
		for _, p := range newcomers {
			if in(p) {
				n++
			}
		}
		s.breaks("%d of %d are in %v after they came", n, stormSize, s.within(stormWithin))
	}
	took := time.Since(begun)
	s.pass(stormWithin + time.Second - took)
	now := time.Now()
	coming := part(typist.lags(begun, begun.Add(took), now), 0.9)
	disturbed := part(typist.lags(begun, begun.Add(stormWithin), now), 0.9)
	s.note("all in after %.1f s; typist's p90 %d ms (until then %d ms), before %d ms", took.Seconds(), disturbed.Milliseconds(), coming.Milliseconds(), undisturbed.Milliseconds())
	if most := max(stormTimes*undisturbed, stormLeast); disturbed > s.within(most) {
		s.breaks("the typist's p90 is %d ms in the storm, not %d ms", disturbed.Milliseconds(), s.within(most).Milliseconds())
	}
	if err := s.say(stopFlood); err != nil {
		return err
	}
	if err := s.awaitFloodOver(s.within(patience)); err != nil {
		return err
	}
	return s.finishAndEnd()
}
