package screen

import (
	"math/rand/v2"
	"testing"
)

const (
	cutsShown  = 250
	cutsMisses = 5 // of them show something else
)

// xtermOdd says why some recordings show something else amid them, though not in the
// end.
var xtermOdd = map[string]string{
	"killed.80x24.rec":              "the reference drops a character that was not finished, we show U+FFFD",
	"vttest-charsets.80x24.rec":     "0x5f of the line drawing set is a blank (VT100 user guide, table 3-9), in the reference an underscore",
	"vttest-screen.80x24.rec":       "DECAWM off ends a pending wrap; in the reference the cursor stays behind the margin, with the same effect",
	"vttest-screen-wide.132x24.rec": "as vttest-screen",
}

// TestXtermAtCuts compares what we show amid recordings with what the reference does.
func TestXtermAtCuts(t *testing.T) {
	total := fewer(cutsShown)
	recs := recordings(t)
	rnd := rand.New(rand.NewPCG(6, 6))
	var jobs []xtermJob
	var at []replay
	for n := range total {
		c := replay{rec: n % len(recs)}
		r := recs[c.rec]
		c.cut = rnd.IntN(len(r.data) + 1)
		at = append(at, c)
		jobs = append(jobs, xtermJob{Cols: r.cols, Rows: r.rows, Steps: []xtermStep{{Write: r.data[:c.cut]}}})
	}
	exact := 0
	xterm(t, jobs, func(i int, want *xtermResult) {
		r := recs[at[i].rec]
		s := fed(r.cols, r.rows, r.data[:at[i].cut])
		cells, how := differing(s, want)
		odd := xtermOdd[r.name] != ""
		switch {
		case odd && (len(cells) > 0 || !sameCursor(s, want)):
			t.Logf("%s cut at %d: %d cells differ: %s", r.name, at[i].cut, len(cells), xtermOdd[r.name])
		case len(cells) > 0:
			t.Errorf("%s cut at %d: %d cells differ, %s", r.name, at[i].cut, len(cells), how[0])
		case !sameCursor(s, want):
			t.Errorf("%s cut at %d: cursor at %d,%d, the reference has it at %v", r.name, at[i].cut, s.x, s.y, want.Cursor)
		case want.Alt != (s.g == &s.alt):
			t.Errorf("%s cut at %d: the other screen", r.name, at[i].cut)
		default:
			exact++
		}
	})
	t.Logf("%d of %d cuts exact", exact, total)
	if total-exact > cutsMisses {
		t.Errorf("%d cuts show something else, want %d at most", total-exact, cutsMisses)
	}
}
