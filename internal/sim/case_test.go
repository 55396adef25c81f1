package sim

import (
	"bytes"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

var (
	oneSeed   = flag.Int64("seed", -1, "run this seed alone, as the flags below say")
	oneMode   = flag.String("mode", "liveness", "liveness or safety")
	oneRow    = flag.String("row", "", "the row of long faults")
	oneOnly   = flag.String("only", "", "the faults that strike, by their numbers: 3,7, (none if \",\")")
	onePlaces = flag.Int("places", 0, "how many members at most; 0 is as drawn")
	oneStorm  = flag.Duration("storm", 0, "how long faults strike at most; 0 is as drawn")
)

// traceTail is how many lines of a trace are printed.
const traceTail = 40

// theCase returns the case that the flags say.
func theCase() (Case, error) {
	mode, err := ParseMode(*oneMode)
	c := Case{Seed: uint64(*oneSeed), Mode: mode, Row: *oneRow, Places: *onePlaces, Storm: *oneStorm}
	if _, ok := RowOf(c.Row); !ok && c.Row != "" {
		return c, fmt.Errorf("no row %q", c.Row)
	}
	if *oneOnly == "" || err != nil {
		return c, err
	}
	c.Only = []int{}
	for _, f := range strings.FieldsFunc(*oneOnly, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return c, fmt.Errorf("-only %s: %w", *oneOnly, err)
		}
		c.Only = append(c.Only, n)
	}
	return c, nil
}

// One case alone: scripts/sim --seed.
func TestOneCase(t *testing.T) {
	if *oneSeed < 0 {
		t.Skip("no -seed")
	}
	c, err := theCase()
	if err != nil {
		t.Fatal(err)
	}
	r := judged(c, true)
	t.Logf("%v\n%s", c, describe(c))
	for _, f := range r.Failures {
		t.Error(f)
	}
	if t.Failed() {
		t.Logf("the end of the trace:\n%s", tail(r.Trace, traceTail))
	}
	t.Logf("tokens: %v, %d typed, settled after %v", r.tokens(), r.Typed, r.Settled)
}

// describe lists the faults of a case with their numbers.
func describe(c Case) string {
	all := newSim(Case{Seed: c.Seed, Mode: c.Mode, Row: c.Row}).plan
	s := ""
	for i, f := range all.faults {
		if c.strikes(i) {
			s += fmt.Sprintf("  %2d %v\n", i, f)
		}
	}
	return fmt.Sprintf("%d places, %d typists, crowd %d, host's degree %d, evil place %d, loss %.2f, checks %v, gone after %v\n%s",
		all.places, all.typists, all.crowd, all.degree, all.evil, all.loss, all.checkLate, all.gone, s)
}

// tail returns the last n lines.
func tail(b []byte, n int) []byte {
	lines := bytes.SplitAfter(b, []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-n):], nil)
}
