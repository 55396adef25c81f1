package main

import "time"

const (
	// quickly is the pace where nothing happens meanwhile, leisurely where something does.
	quickly   = 20 * time.Millisecond
	leisurely = 50 * time.Millisecond
)

// A happening is something that happens while keys are typed.
type happening struct {
	what  string
	after time.Duration // from the first key
	do    func(*show) error
}

// typeAll types all keys one by one while the trial's events happen, and waits until
// all stand on the joiner's screen and all that was to happen has happened.
func (s *show) typeAll() error {
	defer s.feel()()
	pace := quickly
	if len(s.events) > 0 {
		pace = leisurely
	}
	if s.sealed {
		return s.typeAtOnce()
	}
	begun := time.Now()
	events := s.events
	for len(s.typed) < len(s.keys) || len(events) > 0 {
		next, isKey := begun.Add(time.Duration(len(s.typed))*pace), true
		if len(s.typed) == len(s.keys) || len(events) > 0 && begun.Add(events[0].after).Before(next) {
			next, isKey = begun.Add(events[0].after), false
		}
		s.wait(time.Until(next), func() bool { return s.joiner.Ended })
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if !isKey {
			if err := events[0].do(s); err != nil {
				return err
			}
			events = events[1:]
			continue
		}
		s.typed = append(s.typed, time.Now())
		if err := s.joiner.Type([]byte{s.keys[len(s.typed)-1]}); err != nil {
			return err
		}
	}
	return s.await("the echo of all keys", patience, s.over)
}

// typeAtOnce types all keys as one, so that they are together in what is sent.
func (s *show) typeAtOnce() error {
	for range s.keys {
		s.typed = append(s.typed, time.Now())
	}
	if err := s.joiner.Type([]byte(s.keys)); err != nil {
		return err
	}
	return s.await("the echo of all keys", patience, s.over)
}

const (
	// pulseEvery is how often the lab looks whether the machine has time for it, and
	// lateFrom is what counts as late: the figures then tell of the machine too.
	pulseEvery = 10 * time.Millisecond
	lateFrom   = 50 * time.Millisecond
	// wakeups is how many times a key and its echo may wait for the machine: at the
	// joiner, the relay and the host, there and back, half of them at the worst moment.
	wakeups = 4
)

// feel watches how late the machine is until what it returns is called, which notes it.
func (s *show) feel() (stop func()) {
	over := make(chan struct{})
	worst := make(chan time.Duration)
	go func() {
		var late time.Duration
		tick := time.NewTicker(pulseEvery)
		defer tick.Stop()
		for {
			select {
			case at := <-tick.C:
				late = max(late, time.Since(at))
			case <-over:
				worst <- late
				return
			}
		}
	}()
	return func() {
		close(over)
		if s.late = <-worst; s.late > lateFrom {
			s.note("the machine was %d ms late itself", s.late.Milliseconds())
		}
	}
}
