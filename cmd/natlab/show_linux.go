package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gossterm/internal/lab"
	"gossterm/internal/ticket"
)

// A show is one trial under way. It is one loop: await takes all events.
type show struct {
	*world
	ctx      context.Context
	gossterm string
	dir      string
	keeps    bool // logs, screens and packets are kept
	inbox    chan lab.Event
	programs []*program
	host     *program
	joiner   *program
	member   *program
	third    *program
	relays   []*program

	relayValues []string // what the host is told
	given       string   // what the joiner is given
	made        string   // the ticket of the member's making
	talksTo     string   // the tag of the peer that the joiner has its session from; "" if there is one only

	shownAtJoiner ticket.Ticket
	taps          map[*lab.Machine]*tap
	judged        []string // what the judges say was missed

	notes  []string
	before []int  // frames that had passed each relay at some time
	leaked string // what of the session was readable at a relay
	*typing

	started, screened time.Time     // the joiner
	resumed           time.Time     // when a joiner that was stopped went on
	late              time.Duration // how late the machine was at worst while keys were typed
}

// run starts gossterm on a machine.
func (s *show) run(m *lab.Machine, name string, args ...string) (*program, error) {
	started, err := lab.Start(m, s.inbox, lab.ProgramConfig{Dir: s.dir, Name: name, Argv: append([]string{s.gossterm}, args...)})
	if err != nil {
		return nil, err
	}
	p := &program{Program: started}
	s.programs = append(s.programs, p)
	return p, nil
}

// await waits until ok, and fails when that takes longer than d or the host or the joiner ends before.
func (s *show) await(what string, d time.Duration, ok func() bool) error {
	s.wait(d, func() bool { return ok() || s.gone() != nil })
	p := s.gone()
	switch {
	case ok():
		return nil
	case s.ctx.Err() != nil:
		return s.ctx.Err()
	case p != nil:
		return fmt.Errorf("waiting for %s: the %s %s", what, p.Name, p.Fate())
	}
	return fmt.Errorf("not within %v: %s", d, what)
}

// gone returns who has ended of the host and the joiner, or nil.
func (s *show) gone() *program {
	for _, p := range []*program{s.host, s.joiner} {
		if p != nil && p.Ended {
			return p
		}
	}
	return nil
}

// wait takes events until ok, and reports whether that came within d.
func (s *show) wait(d time.Duration, ok func() bool) bool {
	late := time.NewTimer(d)
	defer late.Stop()
	for !ok() {
		select {
		case e := <-s.inbox:
			s.take(e)
		case <-late.C:
			return false
		case <-s.ctx.Done():
			return false
		}
	}
	return true
}

// take takes an event in.
func (s *show) take(e lab.Event) {
	i := slices.IndexFunc(s.programs, func(p *program) bool { return p.Program == e.From })
	from := s.programs[i]
	from.take(e)
	if from != s.joiner || e.Output == nil {
		return
	}
	s.screened = s.joiner.screened
	if s.over() { // what follows is no echo
		return
	}
	s.see(from.after(marker), e.At)
}

// path returns what the joiner's log said last about its path.
func (s *show) path() (last pathChange) {
	for _, c := range s.paths() {
		last = c
	}
	return last
}

// paths returns how the joiner's path to whom it calls changed.
func (s *show) paths() (all []pathChange) {
	if s.joiner == nil {
		return nil
	}
	for _, c := range s.joiner.paths {
		if s.talksTo == "" || c.peer == s.talksTo {
			all = append(all, c)
		}
	}
	return all
}

// directAt returns when the joiner's packets first went to the host without a relay, or nil.
func (s *show) directAt() *time.Time {
	for _, c := range s.paths() {
		if c.via == viaDirect || c.via == viaLAN {
			return &c.at
		}
	}
	return nil
}

// note adds to what is said about the trial beside its figures.
func (s *show) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// close ends all programs and takes the networks down.
func (s *show) close() {
	for _, p := range s.programs {
		p.Kill()
	}
	s.ctx = context.WithoutCancel(s.ctx)
	s.wait(patience, func() bool { return !slices.ContainsFunc(s.programs, func(p *program) bool { return !p.Ended }) })
	for _, p := range s.programs {
		p.Close()
	}
	for _, t := range s.taps {
		t.close()
	}
	s.world.close()
}

// keep writes what the programs logged and showed to a directory.
func (s *show) keep(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var errs []error
	for _, p := range s.programs {
		errs = append(errs, os.WriteFile(filepath.Join(dir, p.Name+".log"), []byte(strings.Join(p.Lines, "\n")+"\n"), 0o600),
			os.WriteFile(filepath.Join(dir, p.Name+".screen"), []byte(p.Shown()+"\n"), 0o600),
			os.WriteFile(filepath.Join(dir, p.Name+".raw"), p.Raw, 0o600))
	}
	for m, t := range s.taps {
		errs = append(errs, os.WriteFile(filepath.Join(dir, m.Name+".packets"), []byte(t.text(s.started)), 0o600))
	}
	return errors.Join(errs...)
}

// shown describes all programs, for who wants to know why a trial failed.
func (s *show) shown() string {
	var b strings.Builder
	for _, p := range s.programs {
		tail := p.Lines[max(0, len(p.Lines)-logShown):]
		fmt.Fprintf(&b, "-- %s shows --\n%s\n-- and its log ends with --\n%s\n", p.Name, p.Shown(), strings.Join(tail, "\n"))
	}
	return b.String()
}
