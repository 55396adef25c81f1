package sim

import (
	"bytes"
	"flag"
	"fmt"
	"testing"
)

var (
	seeds = flag.Uint64("seeds", 0, "how many seeds to run; 0 is 200, fewer with -short or the race detector")
	first = flag.Uint64("first", 0, "the first seed")
	once  = flag.Bool("once", false, "run each seed once: to look for failures only")
)

// shares is how many seeds run at a time.
const shares = 2

func seedCount() uint64 {
	switch {
	case *seeds > 0:
		return *seeds
	case raceEnabled || testing.Short():
		return 16
	}
	return 200
}

// Promises 1, 3 and 5 over the product's gossip, through late and slow links, cuts,
// partitions, dead, stopped and new processes, peers that cannot reach each other,
// an evil one, interrupts; and a sound overlay when all is quiet. Each seed runs
// twice and must go the same way.
func TestPromisesHoldForEverySeed(t *testing.T) {
	sums := make([]Report, shares)
	t.Run("seeds", func(t *testing.T) {
		for share := range uint64(shares) {
			t.Run(fmt.Sprint(share), func(t *testing.T) {
				t.Parallel()
				for seed := *first + share; seed < *first+seedCount() && !t.Failed(); seed += shares {
					sums[share].add(runTwice(t, Case{Seed: seed}))
				}
			})
		}
	})
	var sum Report
	for _, s := range sums {
		sum.add(s)
	}
	t.Logf("tokens: %v", sum.tokens())
	t.Logf("reached: %v", &sum.Counts)
	t.Logf("in the quiet: %d records delivered, %d of them again, %d asked for; at most %v late when a parent stood still",
		sum.Delivered, sum.Twice, sum.AsRepair, sum.Latest)
	t.Logf("%d interrupts threw away %d bytes, %d snapshots, %d records skipped, quiet after %v at most",
		sum.Interrupts, sum.Flushed, sum.Snapshots, sum.Skipped, sum.Settled)
	if t.Failed() || seedCount() < 200 {
		return
	}
	for f, n := range sum.Tokens {
		if n == 0 {
			t.Errorf("no token was ever %v: the runs prove nothing about it", fate(f))
		}
	}
	for _, c := range sum.Counts.all() {
		if *c.n == 0 {
			t.Errorf("no %s: the runs prove nothing about it", c.name)
		}
	}
	if sum.Interrupts == 0 || sum.Flushed == 0 || sum.Skipped == 0 {
		t.Error("no interrupt, or no jump: the runs prove nothing about them")
	}
}

// safeCount is how many seeds are run for safety unless more are asked for.
const safeCount = 20

// What must hold at any time holds while faults go on and on, and some never heal.
func TestSafetyHoldsForEverySeed(t *testing.T) {
	count := uint64(safeCount)
	if raceEnabled || testing.Short() {
		count = 4
	}
	for seed := range count {
		runTwice(t, Case{Seed: seed, Mode: Safety})
	}
}

func runTwice(t *testing.T, c Case) Report {
	a := Run(c)
	for _, f := range a.Failures {
		t.Errorf("seed %d: %v: %s", c.Seed, c, f)
	}
	if *once {
		return a
	}
	if b := Run(c); !bytes.Equal(a.Trace, b.Trace) {
		t.Errorf("seed %d: one seed, two histories: a clock or a map order leaked in", c.Seed)
	}
	return a
}

// add sums up what runs have reached.
func (r *Report) add(o Report) {
	for i, n := range o.Tokens {
		r.Tokens[i] += n
	}
	r.Typed += o.Typed
	r.Lost += o.Lost
	r.Doubled += o.Doubled
	r.Disordered += o.Disordered
	r.Quiet = max(r.Quiet, o.Quiet)
	r.Interrupts += o.Interrupts
	r.Snapshots += o.Snapshots
	r.Flushed += o.Flushed
	r.Skipped += o.Skipped
	r.Latest = max(r.Latest, o.Latest)
	r.Settled = max(r.Settled, o.Settled)
	r.Counts.add(&o.Counts)
	r.Delivered += o.Delivered
	r.Twice += o.Twice
	r.AsRepair += o.AsRepair
}

func (r *Report) tokens() string {
	s := ""
	for f, n := range r.Tokens {
		s += fmt.Sprintf("%d %v  ", n, fate(f))
	}
	return s
}
