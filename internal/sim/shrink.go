package sim

import (
	"regexp"
	"slices"
	"time"
)

const (
	// shrinkMost is how many runs the search for a shorter case may take.
	shrinkMost = 200
	// stormStep is to what a storm is shortened.
	stormStep = 500 * time.Millisecond
)

// numbers are what two failures of one kind differ in.
var numbers = regexp.MustCompile(`[0-9]+(\.[0-9]+)?(ms|µs|s|m)?`)

// Kind returns what a run's first failure is, without its numbers; "" if it has none.
func (r *Report) Kind() string {
	if len(r.Failures) == 0 {
		return ""
	}
	return numbers.ReplaceAllString(r.Failures[0], "#")
}

// A shrinker looks for a smaller case that still fails.
type shrinker struct {
	best  Case
	fails func(Case) bool
	left  int // runs
}

// Shrink returns a smaller case that fails as c does: with fewer faults, in a shorter
// time, among fewer places. It ends when nothing can be left out any more, or after
// shrinkMost runs. The faults are those that c has by the plan.
func Shrink(c Case, fails func(Case) bool) Case {
	drawn := newSim(Case{Seed: c.Seed, Mode: c.Mode, Row: c.Row}).plan
	if c.Only == nil {
		for i := range drawn.faults {
			c.Only = append(c.Only, i)
		}
	}
	s := &shrinker{best: c, fails: fails, left: shrinkMost}
	for {
		before := s.best
		s.dropFaults()
		s.shorten(drawn.storm)
		s.thin(drawn)
		if s.left == 0 || len(s.best.Only) == len(before.Only) && s.best.Places == before.Places && s.best.Storm == before.Storm {
			return s.best
		}
	}
}

// try takes a case over if it fails, too.
func (s *shrinker) try(c Case) bool {
	if s.left == 0 {
		return false
	}
	s.left--
	if !s.fails(c) {
		return false
	}
	s.best = c
	return true
}

// dropFaults leaves out pieces of the list: halves first, single ones in the end.
func (s *shrinker) dropFaults() {
	for size := (len(s.best.Only) + 1) / 2; size > 0; size /= 2 {
		for at := 0; at < len(s.best.Only); {
			c := s.best
			c.Only = slices.Delete(slices.Clone(c.Only), at, min(at+size, len(c.Only)))
			if !s.try(c) {
				at += size
			}
		}
	}
}

// shorten ends the storm as early as it may end.
func (s *shrinker) shorten(drawn time.Duration) {
	most := drawn
	if s.best.Storm > 0 {
		most = s.best.Storm
	}
	for least := time.Duration(0); most-least > stormStep; {
		c := s.best
		c.Storm = (least + most) / 2
		if s.try(c) {
			most = c.Storm
		} else {
			least = c.Storm
		}
	}
}

// thin leaves out places.
func (s *shrinker) thin(drawn plan) {
	most := drawn.places
	if s.best.Places > 0 {
		most = s.best.Places
	}
	for least := drawn.typists - 1; most-least > 1; {
		c := s.best
		c.Places = (least + most) / 2
		if s.try(c) {
			most = c.Places
		} else {
			least = c.Places
		}
	}
}
