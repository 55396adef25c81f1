package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"gossterm/internal/lab"
)

const (
	patience = 20 * time.Second // for what must happen, and whose time is no promise
	// quietFor is how long nothing is printed when it is quiet, and equalWithin how long
	// after that a viewer's screen may take to equal the host's; noticeMost is for how
	// long a notice may stand on the last row.
	quietFor    = 300 * time.Millisecond
	equalWithin = 2 * time.Second
	noticeMost  = 6 * time.Second
	// endWithin is how long the end of a session may take at all of its people.
	endWithin = 10 * time.Second
	// pace is how often somebody types a token.
	pace = 100 * time.Millisecond
	// calm is what the echo of who nothing happens to may take, nine times of ten.
	calm = 500 * time.Millisecond

	logShown = 12 // lines of a log that are shown when a run fails
)

// A show is one run of a case under way. It is one loop: wait takes all events and
// types what is due.
type show struct {
	trial
	world
	ctx      context.Context
	gossterm string
	dir      string
	short    bool
	slack    int
	keeps    bool // logs are kept
	seed     uint64

	inbox  chan lab.Event
	people []*person // the host first
	ticket string

	begun  time.Time     // the fault
	healed time.Time     // zero: there is nothing to heal, or it is not yet
	heal   time.Duration // the slowest first echo after it
	memory int           // the host's peak, in bytes
	equal  int           // screens that equal the host's in the end
	judged int           // screens that were compared
	tally  tally
	acted  int // keys that were held until their person said so
	notes  []string
	broken []string
}

func (s *show) host() *person     { return s.people[0] }
func (s *show) joined() []*person { return s.people[1:] }

// longer returns full, or short where the run is to be short.
func (s *show) longer(full, short time.Duration) time.Duration {
	if s.short {
		return short
	}
	return full
}

// within returns a target of time on this machine.
func (s *show) within(d time.Duration) time.Duration { return d * time.Duration(s.slack) }

func (s *show) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// breaks notes that a promise is broken.
func (s *show) breaks(format string, args ...any) {
	s.broken = append(s.broken, fmt.Sprintf(format, args...))
}

// wait takes events and types until ok, and reports whether that came within d.
func (s *show) wait(d time.Duration, ok func() bool) bool {
	end := time.Now().Add(d)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for !ok() {
		now := time.Now()
		if !now.Before(end) {
			return false
		}
		wake := end
		for _, p := range s.people {
			if err := p.typeDue(now); err != nil {
				s.breaks("%s's terminal takes no keys: %v", p.who, err)
				p.stop()
			}
			if !p.next.IsZero() && p.next.Before(wake) {
				wake = p.next
			}
		}
		timer.Reset(time.Until(wake))
		select {
		case e := <-s.inbox:
			s.take(e)
		case <-timer.C:
		case <-s.ctx.Done():
			return false
		}
	}
	return true
}

// pass lets time pass.
func (s *show) pass(d time.Duration) { s.wait(d, func() bool { return false }) }

func (s *show) take(e lab.Event) {
	for _, p := range s.people {
		if p.Program == e.From {
			p.take(e)
			if e.Ended && !p.gone {
				p.gone = true
				s.breaks("%s %s: %s", p.who, p.Fate(), p.lastWords())
			}
		}
	}
}

// lastWords returns the last rows of the screen that are not empty.
func (p *person) lastWords() string {
	rows := slices.DeleteFunc(p.Screen.Text(), func(row string) bool { return strings.TrimSpace(row) == "" })
	return strings.Join(rows[max(0, len(rows)-3):], " / ")
}

// An unmet reports that what must happen did not: a promise is broken, and the run over.
type unmet struct {
	what   string
	within time.Duration
}

func (u unmet) Error() string { return fmt.Sprintf("not within %v: %s", u.within, u.what) }

// await waits for what must happen, and fails with unmet if it does not.
func (s *show) await(what string, ok func() bool) error {
	switch {
	case s.wait(s.within(patience), ok):
		return nil
	case s.ctx.Err() != nil:
		return s.ctx.Err()
	}
	return unmet{what, s.within(patience)}
}

// run starts gossterm for one more person.
func (s *show) run(who string, args ...string) (*person, error) {
	place := len(s.people)
	p, err := lab.Start(s.homes[place], s.inbox, lab.ProgramConfig{Dir: s.dir, Name: who, Argv: append([]string{s.gossterm}, args...),
		Under: s.under.of(s.traceFile(who)), Silent: !s.keeps})
	if err != nil {
		return nil, err
	}
	s.people = append(s.people, &person{Program: p, who: who, place: place})
	return s.people[place], nil
}

var anyTicket = regexp.MustCompile(`(gst1[a-z2-7]+)\r?\n`)

// startHost starts the host, whose command is that, and waits for its ticket.
func (s *show) startHost(command ...string) error {
	args := append([]string{"host", "--name", hostName, "--accept", "--no-lan", "--"}, command...)
	h, err := s.run(s.nextName(), args...)
	if err != nil {
		return err
	}
	return s.await("the host's ticket and screen", func() bool {
		if found := anyTicket.FindSubmatch(h.Raw); found != nil {
			s.ticket = string(found[1])
		}
		return s.ticket != "" && !h.in.IsZero()
	})
}

// sinkArgs is the command line of the host's sink.
func (s *show) sinkArgs() []string {
	kind := s.flood
	if kind == "" {
		kind = noFlood
	}
	args := []string{"/proc/self/exe", sinkName, s.readFile(), kind, fmt.Sprint(s.floodBytes)}
	if exe, err := os.Executable(); err == nil {
		args[0] = exe
	}
	return append(args, s.sinkFlags...)
}

func (s *show) readFile() string { return filepath.Join(s.dir, "read") }

// hostName is what the host is called.
const hostName = "h"

// nextName returns what the next person is called: h for the host, then a, b, c, but h.
func (s *show) nextName() string {
	n := len(s.people)
	if n == 0 {
		return hostName
	}
	who := rune('a' + n - 1)
	if who >= rune(hostName[0]) {
		who++
	}
	return string(who)
}

// startJoiner starts one more joiner.
func (s *show) startJoiner() (*person, error) {
	who := s.nextName()
	return s.run(who, "join", "--name", who, s.ticket)
}

// meet starts the host and the case's joiners, and waits until all are in.
func (s *show) meet(command ...string) error {
	if err := s.startHost(command...); err != nil {
		return err
	}
	for range s.joiners {
		if _, err := s.startJoiner(); err != nil {
			return err
		}
	}
	return s.awaitIn(s.joined())
}

func (s *show) awaitIn(who []*person) error {
	return s.await("the first screen of all", func() bool {
		return !slices.ContainsFunc(who, func(p *person) bool { return p.in.IsZero() && !p.Ended })
	})
}

// typing lets people type.
func typing(people ...*person) {
	for _, p := range people {
		p.start(pace)
	}
}

// close ends all programs and takes the networks down.
func (s *show) close() {
	for _, p := range s.people {
		p.gone = true
		p.stop()
		p.Pace(lab.Unpaced)
		p.Kill()
	}
	s.ctx = context.WithoutCancel(s.ctx)
	s.wait(patience, func() bool { return !slices.ContainsFunc(s.people, func(p *person) bool { return !p.Ended }) })
	for _, p := range s.people {
		p.Close()
	}
	s.world.close()
}

// keep writes what the programs logged and showed to a directory.
func (s *show) keep(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	read, _ := os.ReadFile(s.readFile())
	errs := []error{os.WriteFile(filepath.Join(dir, "read"), read, 0o600)}
	for _, p := range s.people {
		errs = append(errs, os.WriteFile(filepath.Join(dir, p.Name+".log"), []byte(strings.Join(p.Lines, "\n")+"\n"), 0o600),
			os.WriteFile(filepath.Join(dir, p.Name+".screen"), []byte(p.Shown()+"\n"), 0o600),
			os.WriteFile(filepath.Join(dir, p.Name+".raw"), p.Raw, 0o600))
	}
	return errors.Join(errs...)
}

// shown describes all programs, for who wants to know why a run failed.
func (s *show) shown() string {
	var b strings.Builder
	for _, p := range s.people {
		tail := p.Lines[max(0, len(p.Lines)-logShown):]
		fmt.Fprintf(&b, "-- %s (%d typed, %d seen, %s) shows --\n%s\n%s\n", p.who, len(p.typedAt), len(p.seenAt), p.Fate(), p.Shown(), strings.Join(tail, "\n"))
	}
	return b.String()
}
