package sim

import "testing"

// Seeds that ever failed, shrunk as far as they would; docs/bugs.md says what was wrong.
var past = []struct {
	desc string
	Case
}{
	{"who stood still for ten minutes is soon where the log is", Case{Seed: 18000, Row: "viewer stopped 10 min"}},
	{"who missed more at once than it can check fills the gaps one behind the other", Case{Seed: 3000, Row: "writer hears nobody 10 min"}},
	{"a record with Enters in it is cut by an interrupt", Case{Seed: 361}},
	{"who of all others knows only the dead is marooned", Case{Seed: 8474}},
	{"nobody stays below a parent that is late time and again", Case{Seed: 768}},
}

func TestSeedsThatFailed(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("long")
	}
	for _, p := range past {
		t.Run(p.desc, func(t *testing.T) {
			for _, f := range Run(p.Case).Failures {
				t.Errorf("scripts/sim %v: %s", p.Case, f)
			}
		})
	}
}
