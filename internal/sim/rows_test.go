package sim

import (
	"flag"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	rowSeeds = flag.Uint64("rows", 0, "how many seeds each of the long faults has; 0 is one of a few")
	rowNames = flag.String("rowsof", "", "only the rows whose name holds this")
)

// Long faults one at a time, and what became of what was typed: scripts/sim --long.
func TestLongFaults(t *testing.T) {
	seeds := *rowSeeds
	if seeds == 0 {
		seeds = 1
	}
	t.Logf("%-34s %5s %8s %9s %5s %8s %6s %10s %11s %15s %9s", "fault", "seeds", "tokens", "confirmed", "lost", "doubled", "out of",
		"maybe lost", "not typed", "settled after s", "sound s")
	t.Logf("%-34s %5s %8s %9s %5s %8s %6s %10s %11s %15s %9s", "", "", "typed", "", "", "", "order", "", "& reported", "median    most", "most")
	for i, row := range Rows {
		if *rowSeeds == 0 && (i%someRows != someRow || testing.Short() || raceEnabled) || !strings.Contains(row.Name, *rowNames) {
			continue
		}
		runRow(t, row, *first+uint64(i)*rowSpan, seeds)
	}
}

const (
	// rowSpan keeps the seeds of rows apart.
	rowSpan = 1000
	// someRows is of how many rows one is run when nobody asks for more, and someRow
	// which: all those are of a minute.
	someRows, someRow = 6, 2
)

// runRow runs the seeds of a row and prints its line.
func runRow(t *testing.T, row Row, first, seeds uint64) {
	var sum Report
	var quiet []time.Duration
	ch := make(chan Report)
	for share := range uint64(shares) {
		go func() {
			for seed := first + share; seed < first+seeds; seed += shares {
				ch <- judged(Case{Seed: seed, Row: row.Name}, false)
			}
		}()
	}
	for range seeds {
		r := <-ch
		for _, f := range r.Failures {
			t.Errorf("scripts/sim %v: %s", r.Case, f)
		}
		sum.add(r)
		quiet = append(quiet, r.Quiet)
	}
	slices.Sort(quiet)
	t.Logf("%-34s %5d %8d %9d %5d %8d %6d %10d %11d %8.1f %6.1f %9.1f", row.Name, seeds, sum.Typed, sum.Tokens[confirmed], sum.Lost, sum.Doubled,
		sum.Disordered, sum.Tokens[maybeLost], sum.Tokens[discarded]+sum.Tokens[unsent]+sum.Tokens[dropped],
		quiet[len(quiet)/2].Seconds(), quiet[len(quiet)-1].Seconds(), sum.Settled.Seconds())
}
