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

	"gossterm/internal/ticket"
)

// A show is one trial under way. It is one loop: await takes all events.
type show struct {
	*world
	ctx      context.Context
	gossterm string
	dir      string
	keeps    bool // logs, screens and packets are kept
	inbox    chan event
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
	taps          map[*machine]*tap
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
func (s *show) run(m *machine, name string, args ...string) (*program, error) {
	p, err := start(m, s.inbox, s.dir, name, append([]string{s.gossterm}, args...))
	if err == nil {
		s.programs = append(s.programs, p)
	}
	return p, err
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
		return fmt.Errorf("waiting for %s: the %s %s", what, p.name, p.fate())
	}
	return fmt.Errorf("not within %v: %s", d, what)
}

// gone returns who has ended of the host and the joiner, or nil.
func (s *show) gone() *program {
	for _, p := range []*program{s.host, s.joiner} {
		if p != nil && p.ended {
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
func (s *show) take(e event) {
	e.from.take(e)
	if e.from != s.joiner || e.output == nil {
		return
	}
	s.screened = s.joiner.screened
	if s.over() { // what follows is no echo
		return
	}
	s.see(e.from.after(marker), e.at)
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
		p.kill()
	}
	s.ctx = context.WithoutCancel(s.ctx)
	s.wait(patience, func() bool { return !slices.ContainsFunc(s.programs, func(p *program) bool { return !p.ended }) })
	for _, p := range s.programs {
		p.close()
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
		errs = append(errs, os.WriteFile(filepath.Join(dir, p.name+".log"), []byte(strings.Join(p.lines, "\n")+"\n"), 0o600),
			os.WriteFile(filepath.Join(dir, p.name+".screen"), []byte(p.shown()+"\n"), 0o600),
			os.WriteFile(filepath.Join(dir, p.name+".raw"), p.raw, 0o600))
	}
	for m, t := range s.taps {
		errs = append(errs, os.WriteFile(filepath.Join(dir, m.name+".packets"), []byte(t.text(s.started)), 0o600))
	}
	return errors.Join(errs...)
}

// shown describes all programs, for who wants to know why a trial failed.
func (s *show) shown() string {
	var b strings.Builder
	for _, p := range s.programs {
		tail := p.lines[max(0, len(p.lines)-logShown):]
		fmt.Fprintf(&b, "-- %s shows --\n%s\n-- and its log ends with --\n%s\n", p.name, p.shown(), strings.Join(tail, "\n"))
	}
	return b.String()
}
