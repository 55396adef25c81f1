package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// What one stopped viewer may cost the others: times the same figure without it, the
// longest stall of those who had the log from it, and what runs of one length take.
const (
	stoppedP90   = 1.2
	stoppedP99   = 2.0
	stoppedStall = 500 * time.Millisecond
	stoppedRate  = 500
	stoppedSize  = 1024
	// stoppedFirst is how long a run has been going when somebody is stopped, and
	// stoppedAfter how long it goes on when he is not stopped any more.
	stoppedFirst = time.Second
	stoppedAfter = 2 * time.Second
)

// A stopping is how a swarm of n peers took it that one of them was stopped: what all
// saw before of a run of the same length, and what each sort of viewer saw.
type stopping struct {
	n, served            int // peers, and how many had the log from the stopped one
	before, aside, below spread
	stopped              spread
	calmStall            time.Duration // the longest of anybody, undisturbed
	asideStall           time.Duration // the longest of those not below the stopped one
	belowStall           time.Duration // the longest of those below
	belowStalls          int           // the most that one of them had
}

// errTooMuch reports that one stopped viewer cost the others more than it may.
var errTooMuch = errors.New("one stopped viewer costs the others too much")

// runStopped is 'gossip-bench stopped': it stops a viewer that others have the log
// from, several times, and compares what the others see with what all saw before.
func runStopped(ctx context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("gossip-bench stopped", flag.ContinueOnError)
	ns := fs.String("n", "8,16", "how many peers, the host among them")
	rounds := fs.Int("rounds", 3, "how often; the medians count")
	degree := fs.Int("degree", 0, "target size of the host's active view; 0: gossip's")
	rate := fs.Float64("rate", stoppedRate, "messages a second")
	stop := fs.Duration("stop", 10*time.Second, "for how long one is stopped")
	if err := fs.Parse(args); err != nil {
		return err
	}
	sizes, err := numbers(*ns)
	switch {
	case err != nil:
		return err
	case fs.NArg() > 0:
		return fmt.Errorf("%q is no flag", fs.Arg(0))
	case *rounds < 1 || *rate <= 0 || *stop <= 0:
		return errors.New("rounds, rate and stop must be more than nothing")
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	b := &bench{ctx: ctx, exe: exe, plan: full, degree: *degree}
	fmt.Fprintf(out, "load %s; %d B, %.0f/s, one stopped for %v; ms\n\n%s\n", loadNow(), stoppedSize, *rate, *stop, stoppedHead)
	for _, n := range sizes {
		var all []stopping
		for range *rounds {
			if err := b.with(n, false, func(s *swarm, n int) error {
				r, err := s.stopOne(n, *rate, *stop)
				if err == nil {
					all = append(all, r)
					fmt.Fprintln(out, r.line())
				}
				return err
			}); err != nil {
				return fmt.Errorf("%d peers: %w", n, err)
			}
		}
		if !verdict(out, all) {
			err = errTooMuch
		}
	}
	fmt.Fprintf(out, "\nload %s\n", loadNow())
	return err
}

// stopOne measures a run that nothing happens to, and one in which the busiest member
// is stopped.
func (s *swarm) stopOne(n int, rate float64, stop time.Duration) (r stopping, err error) {
	count := int(rate * (stoppedFirst + stop + stoppedAfter).Seconds())
	send := func() uint32 {
		run := s.next()
		s.tell(s.host, order{Do: doSend, Run: run, Count: count, Size: stoppedSize, Rate: rate})
		return run
	}
	run := send()
	s.finished(s.members, run, length(count, rate))
	calm := s.tallies(s.members, run)
	r.n, r.before = n, spreadOf(calm, count)
	r.calmStall, _ = longest(calm)
	s.pass(settleTime)

	run = send()
	s.pass(stoppedFirst)
	victim, served := s.busiest()
	below := s.below(victim)
	if s.failed != nil {
		return r, s.failed
	}
	if err := victim.cmd.Process.Signal(stopSignal); err != nil {
		return r, fmt.Errorf("stop %s: %w", victim.name, err)
	}
	s.pass(stop)
	if err := victim.cmd.Process.Signal(goOnSignal); err != nil {
		return r, fmt.Errorf("continue %s: %w", victim.name, err)
	}
	s.finished(s.members, run, length(count, rate))
	aside := slices.DeleteFunc(s.living(), func(p *process) bool { return p == victim || slices.Contains(below, p) })
	r.served = served
	there, under := s.tallies(aside, run), s.tallies(below, run)
	r.aside, r.below = spreadOf(there, count), spreadOf(under, count)
	r.asideStall, _ = longest(there)
	r.belowStall, r.belowStalls = longest(under)
	r.stopped = spreadOf(s.tallies([]*process{victim}, run), count)
	return r, s.failed
}

// below returns who has the log from p, or from one who has. busiest has asked.
func (s *swarm) below(p *process) (ps []*process) {
	tags := []string{p.peer}
	for i := 0; i < len(tags); i++ {
		for _, q := range s.living() {
			if q != p && q.last[isPlace].Parent == tags[i] && !slices.Contains(ps, q) {
				ps, tags = append(ps, q), append(tags, q.peer)
			}
		}
	}
	return ps
}

// longest returns the longest stall of some viewers, and how many the one had that had
// most.
func longest(ts []*tally) (d time.Duration, most int) {
	for _, t := range ts {
		all := t.stalls()
		most = max(most, len(all))
		for _, s := range all {
			d = max(d, s.length())
		}
	}
	return d, most
}

const stoppedHead = `| N | undisturbed: p50 / p90 / p99 / max | longest stall | lost, skipped | not below: viewers | p50 / p90 / p99 / max | p90, p99 times | longest stall | lost, skipped | below: viewers | p50 / p90 / p99 / max | longest stall; most of one | lost, skipped | the stopped one: delivered |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|`

func (r stopping) line() string {
	four := func(s spread) string {
		return fmt.Sprintf("%.1f / %.1f / %.1f / %.0f", s.P50ms, s.P90ms, s.P99ms, s.Maxms)
	}
	gone := func(s spread) string { return fmt.Sprintf("%d, %d", s.Lost, s.Skipped) }
	cells := []string{
		fmt.Sprint(r.n), four(r.before), fmt.Sprint(r.calmStall.Milliseconds()), gone(r.before),
		fmt.Sprint(r.aside.Viewers), four(r.aside), fmt.Sprintf("%.2f, %.2f", r.p90(), r.p99()), fmt.Sprint(r.asideStall.Milliseconds()), gone(r.aside),
		fmt.Sprint(r.below.Viewers), four(r.below), fmt.Sprintf("%d; %d", r.belowStall.Milliseconds(), r.belowStalls), gone(r.below),
		r.stopped.delivered(),
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// p90 and p99 return how many times as long it took those who were not below.
func (r stopping) p90() float64 { return r.aside.P90ms / r.before.P90ms }
func (r stopping) p99() float64 { return r.aside.P99ms / r.before.P99ms }

// verdict prints the medians, and reports whether they are what they may be.
func verdict(out io.Writer, all []stopping) bool {
	p90, p99 := median(all, stopping.p90), median(all, stopping.p99)
	stall := time.Duration(median(all, func(r stopping) float64 { return float64(r.belowStall) }))
	ok := p90 <= stoppedP90 && p99 <= stoppedP99 && stall <= stoppedStall
	for _, r := range all {
		ok = ok && r.aside.Lost+r.below.Lost+r.stopped.Lost == 0
	}
	word := map[bool]string{true: "kept", false: "MISSED"}[ok]
	fmt.Fprintf(out, "\nN = %d, medians: not below p90 %.2f times (%.1f), p99 %.2f times (%.1f); below the longest stall %d ms (%d): %s\n\n",
		all[0].n, p90, stoppedP90, p99, stoppedP99, stall.Milliseconds(), stoppedStall.Milliseconds(), word)
	return ok
}

// median returns the median of a figure, the upper one of an even number.
func median(all []stopping, of func(stopping) float64) float64 {
	var vs []float64
	for _, r := range all {
		vs = append(vs, of(r))
	}
	slices.Sort(vs)
	return vs[len(vs)/2]
}
