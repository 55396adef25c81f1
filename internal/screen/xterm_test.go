package screen

import (
	"testing"
)

// Bounds on how far we may be from the reference.
const (
	xtermExact = 0.85 // of the recordings are the same in text, style and cursor
	xtermCells = 10   // cells that differ, in all
)

// xtermKnown lists the cells that differ, and why.
var xtermKnown = map[string][]struct {
	spot
	why string
}{}

// TestXterm compares what we show of each recording in the end with what the
// reference shows: text, width, colours, attributes, underlines and cursor.
func TestXterm(t *testing.T) {
	recs := recordings(t)
	var jobs []xtermJob
	for _, r := range recs {
		jobs = append(jobs, xtermJob{Cols: r.cols, Rows: r.rows, Steps: []xtermStep{{Write: r.data}}})
	}
	exact, cells := 0, 0
	xterm(t, jobs, func(i int, want *xtermResult) {
		r := recs[i]
		s := fed(r.cols, r.rows, r.data)
		at, how := differing(s, want)
		cells += len(at)
		if !sameCursor(s, want) {
			t.Errorf("%s: cursor at %d,%d (wrap pending: %v), the reference has it at %v", r.name, s.x, s.y, s.wrapNext, want.Cursor)
		} else if len(at) == 0 {
			exact++
		}
		for n, p := range at {
			if !knownDifference(r.name, p) {
				t.Errorf("%s: %s", r.name, how[n])
			}
			if n == 20 {
				t.Errorf("%s: and %d more", r.name, len(at)-n)
				break
			}
		}
	})
	t.Logf("%d of %d recordings exact, %d cells differ", exact, len(recs), cells)
	if got := float64(exact) / float64(len(recs)); got < xtermExact {
		t.Errorf("%.3f of the recordings are exact, want %.2f", got, xtermExact)
	}
	if cells > xtermCells {
		t.Errorf("%d cells differ, want %d at most", cells, xtermCells)
	}
}

func knownDifference(name string, p spot) bool {
	for _, k := range xtermKnown[name] {
		if k.spot == p {
			return true
		}
	}
	return false
}
