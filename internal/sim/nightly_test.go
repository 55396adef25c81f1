package sim

import (
	"bytes"
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var nightly = flag.Uint64("nightly", 0, "run so many seeds, half of them for safety, from -first on")

const (
	// twiceOneIn is how many seeds of a night run for one that runs twice.
	twiceOneIn = 10
	// shrinkTime is how long a case is shrunk, all in all.
	shrinkTime = 2 * time.Minute
	// failsMost is how many failing seeds end a night.
	failsMost = 10
	// sayEvery is how often a night says how far it is.
	sayEvery = 30 * time.Second
)

// caseOf returns the case of a seed: every other one is for safety.
func caseOf(seed uint64) Case { return Case{Seed: seed, Mode: Mode(seed % 2)} }

const twoHistories = "one seed has two histories: a clock or a map order leaked in"

// A night is many seeds, of which those that fail are shrunk.
type night struct {
	t     *testing.T
	began time.Time
	first uint64
	next  atomic.Uint64
	mu    sync.Mutex
	said  time.Time
	at    [shares]uint64 // what each share is at
	runs  [2]int         // by mode
	fails int
	sum   [2]Report
}

// The same faults over many seeds: scripts/sim --nightly.
func TestNightly(t *testing.T) {
	if *nightly == 0 {
		t.Skip("no -nightly")
	}
	n := &night{t: t, began: time.Now(), first: *first, said: time.Now()}
	n.next.Store(*first)
	for i := range n.at {
		n.at[i] = *first
	}
	var wg sync.WaitGroup
	for share := range shares {
		wg.Go(func() { n.work(share) })
	}
	wg.Wait()
	for m, sum := range n.sum {
		t.Logf("%v: %d seeds, tokens: %v", Mode(m), n.runs[m], sum.tokens())
		t.Logf("%d tokens typed; of those that were confirmed %d lost; %d doubled, %d out of order", sum.Typed, sum.Lost, sum.Doubled, sum.Disordered)
		t.Logf("%d interrupts, %d snapshots, %d records skipped, settled after %v at most", sum.Interrupts, sum.Snapshots, sum.Skipped, sum.Settled)
		t.Logf("reached: %v", &sum.Counts)
	}
	t.Logf("%d seeds from %d on in %v, %d failed", n.runs[0]+n.runs[1], n.first, time.Since(n.began).Round(time.Second), n.fails)
}

func (n *night) work(share int) {
	for n.failed() < failsMost {
		seed := n.next.Add(1) - 1
		if seed >= n.first+*nightly {
			n.note(share, seed, nil)
			return
		}
		n.note(share, seed, nil)
		c := caseOf(seed)
		r := judged(c, seed%twiceOneIn == 0)
		if len(r.Failures) > 0 {
			n.report(r)
		}
		n.note(share, seed, &r)
	}
}

// judged runs a case, perhaps twice, and takes two histories for a failure.
func judged(c Case, twice bool) Report {
	r := Run(c)
	if twice && len(r.Failures) == 0 {
		if b := Run(c); !bytes.Equal(r.Trace, b.Trace) {
			r.Failures = append(r.Failures, twoHistories)
		}
	}
	return r
}

func (n *night) failed() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.fails
}

// note keeps the books, and says how far it is now and then.
func (n *night) note(share int, seed uint64, r *Report) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.at[share] = seed
	if r != nil {
		n.runs[r.Case.Mode]++
		n.sum[r.Case.Mode].add(*r)
	}
	if time.Since(n.said) >= sayEvery {
		n.said = time.Now()
		done := min(n.at[0], n.at[1])
		n.t.Logf("all below %d done, %d of %d, %v, %d failed; it goes on with --from %d",
			done, done-n.first, *nightly, time.Since(n.began).Round(time.Second), n.fails, done)
	}
}

// report shrinks a case that failed and prints what is left.
func (n *night) report(r Report) {
	kind := r.Kind()
	until := time.Now().Add(shrinkTime)
	small := Shrink(r.Case, func(c Case) bool {
		if time.Now().After(until) {
			return false
		}
		again := judged(c, kind == twoHistories)
		return again.Kind() == kind
	})
	last := Run(small)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fails++
	n.t.Errorf("seed %d fails: scripts/sim %v", r.Case.Seed, small)
	n.t.Logf("as a test: {Case: %s}", literal(small))
	for _, f := range r.Failures {
		n.t.Logf("  whole: %s", f)
	}
	for _, f := range last.Failures {
		n.t.Logf("  shrunk: %s", f)
	}
	n.t.Logf("%s\nthe end of the trace:\n%s", describe(small), tail(last.Trace, traceTail))
}

// literal returns a case as Go has it.
func literal(c Case) string {
	s := fmt.Sprintf("Case{Seed: %d, Mode: %s", c.Seed, [...]string{"Liveness", "Safety"}[c.Mode])
	if c.Row != "" {
		s += fmt.Sprintf(", Row: %q", c.Row)
	}
	if c.Only != nil {
		s += fmt.Sprintf(", Only: %#v", c.Only)
	}
	if c.Places > 0 {
		s += fmt.Sprintf(", Places: %d", c.Places)
	}
	if c.Storm > 0 {
		s += fmt.Sprintf(", Storm: %d", c.Storm)
	}
	return s + "}"
}
