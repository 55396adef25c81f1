package sim

import (
	"slices"
	"testing"
	"time"
)

// What remains is what the failure needs, whichever it is.
func TestShrinkLeavesWhatIsNeeded(t *testing.T) {
	whole := newSim(Case{Seed: 4}).plan
	if len(whole.faults) < 20 {
		t.Fatalf("seed 4 has %d faults: too few for this test", len(whole.faults))
	}
	for _, tt := range []struct {
		desc   string
		needs  []int
		places int
		storm  time.Duration
	}{
		{"one fault", []int{7}, 0, 0},
		{"two far apart", []int{1, 18}, 0, 0},
		{"three", []int{3, 4, 17}, 0, 0},
		{"none", nil, 0, 0},
		{"places", []int{5}, 20, 0},
		{"time", []int{5}, 0, 7 * time.Second},
		{"all of it", []int{2, 9}, 11, 3 * time.Second},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			runs := 0
			got := Shrink(Case{Seed: 4}, func(c Case) bool {
				runs++
				for _, f := range tt.needs {
					if !c.strikes(f) {
						return false
					}
				}
				return (c.Places == 0 || c.Places >= tt.places) && (c.Storm == 0 || c.Storm >= tt.storm)
			})
			if !slices.Equal(got.Only, tt.needs) {
				t.Errorf("faults %v are left of %d, want %v", got.Only, len(whole.faults), tt.needs)
			}
			if want := max(tt.places, whole.typists); got.Places != want {
				t.Errorf("%d places are left of %d, want %d", got.Places, whole.places, want)
			}
			if got.Storm < tt.storm || got.Storm > tt.storm+stormStep {
				t.Errorf("a storm of %v is left, want %v", got.Storm, tt.storm)
			}
			if runs > shrinkMost {
				t.Errorf("%d runs", runs)
			}
		})
	}
}

// A search without end ends, with the shortest that was found.
func TestShrinkIsBounded(t *testing.T) {
	runs := 0
	got := Shrink(Case{Seed: 4}, func(c Case) bool { runs++; return runs%2 == 0 })
	if runs > shrinkMost || len(got.Only) == 0 && runs < 2 {
		t.Errorf("%d runs, %v left", runs, got)
	}
}

// Real runs, with a bug that needs two faults: a machine sleeps while the program does
// not read.
func TestShrinkOfARun(t *testing.T) {
	planted := func(s *Sim, f fault) {
		if f.name == "sleep" && s.queue.now.Before(s.host.terminal.stopped) {
			s.failf("planted: after %v", s.queue.elapsed())
		}
	}
	c, r := firstFailure(t, planted)
	small := Shrink(c, func(c Case) bool {
		again := run(c, planted)
		return again.Kind() == r.Kind()
	})
	for i := range small.Only {
		less := small
		less.Only = slices.Delete(slices.Clone(small.Only), i, i+1)
		if r := run(less, planted); r.Kind() != "" {
			t.Errorf("%v is left, and %v fails too: %s", small, less, r.Kind())
		}
	}
	if all := len(newSim(Case{Seed: small.Seed}).plan.faults); len(small.Only) < 2 || len(small.Only) > all/2 {
		t.Errorf("%v is left of %d faults", small, all)
	}
	if again := run(small, planted); again.Kind() != r.Kind() {
		t.Errorf("%v fails with %q, want %q", small, again.Kind(), r.Kind())
	}
}

// firstFailure returns the first case that fails, and how.
func firstFailure(t *testing.T, planted func(*Sim, fault)) (Case, Report) {
	for seed := range uint64(50) {
		c := Case{Seed: seed}
		if r := run(c, planted); len(r.Failures) > 0 {
			return c, r
		}
	}
	t.Fatal("no seed fails")
	return Case{}, Report{}
}
