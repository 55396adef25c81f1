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
)

// shares is how many seeds run at a time.
const shares = 2

func seedCount() uint64 {
	switch {
	case *seeds > 0:
		return *seeds
	case raceEnabled || testing.Short():
		return 40
	}
	return 200
}

// Promises 1 and 3 through loss, repeats, reordering, partitions, lost links, dead
// and new processes, interrupts. Each seed runs twice and must go the same way.
func TestPromisesHoldForEverySeed(t *testing.T) {
	sums := make([]Report, shares)
	t.Run("seeds", func(t *testing.T) {
		for share := range uint64(shares) {
			t.Run(fmt.Sprint(share), func(t *testing.T) {
				t.Parallel()
				for seed := *first + share; seed < *first+seedCount() && !t.Failed(); seed += shares {
					sums[share].add(runTwice(t, seed))
				}
			})
		}
	})
	var sum Report
	for _, s := range sums {
		sum.add(s)
	}
	t.Logf("tokens: %v", sum.tokens())
	t.Logf("%d interrupts threw away %d bytes, %d snapshots, %d records skipped, quiet after %v at most",
		sum.Interrupts, sum.Flushed, sum.Snapshots, sum.Skipped, sum.Settled)
	if t.Failed() || seedCount() < 40 {
		return
	}
	for f, n := range sum.Tokens {
		if n == 0 {
			t.Errorf("no token was ever %v: the runs prove nothing about it", fate(f))
		}
	}
	if sum.Interrupts == 0 || sum.Flushed == 0 || sum.Skipped == 0 {
		t.Error("no interrupt, or no jump: the runs prove nothing about them")
	}
}

func runTwice(t *testing.T, seed uint64) Report {
	a, b := Run(seed), Run(seed)
	for _, f := range a.Failures {
		t.Errorf("seed %d: %s", seed, f)
	}
	if !bytes.Equal(a.Trace, b.Trace) {
		t.Errorf("seed %d: one seed, two histories: a clock or a map order leaked in", seed)
	}
	return a
}

// add sums up what runs have reached.
func (r *Report) add(o Report) {
	for i, n := range o.Tokens {
		r.Tokens[i] += n
	}
	r.Interrupts += o.Interrupts
	r.Snapshots += o.Snapshots
	r.Flushed += o.Flushed
	r.Skipped += o.Skipped
	r.Settled = max(r.Settled, o.Settled)
}

func (r *Report) tokens() string {
	s := ""
	for f, n := range r.Tokens {
		s += fmt.Sprintf("%d %v  ", n, fate(f))
	}
	return s
}
