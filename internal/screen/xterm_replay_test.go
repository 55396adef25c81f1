package screen

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

const (
	replayCuts   = 500
	replayMisses = 7 // 1.5 %: cuts that lead to another terminal
)

// A replay is one cut of one recording.
type replay struct {
	rec, cut int
	used     bool // the terminal showed something before
}

// TestXtermReplay gives the reference our snapshot of a recording's beginning and
// then its rest: in the end it must be as if it had been given all. So a snapshot is
// right for a terminal that is not ours, too, whether new or used.
func TestXtermReplay(t *testing.T) {
	total := fewer(replayCuts)
	recs := recordings(t)
	rnd := rand.New(rand.NewPCG(5, 5))
	var jobs []xtermJob
	for _, r := range recs {
		jobs = append(jobs, xtermJob{Cols: r.cols, Rows: r.rows, Steps: []xtermStep{{Write: r.data}}})
	}
	var replays []replay
	for n := range total {
		at := replay{rec: n % len(recs), used: n%2 == 1}
		r := recs[at.rec]
		at.cut = rnd.IntN(len(r.data) + 1)
		snap := fed(r.cols, r.rows, r.data[:at.cut]).Snapshot()
		steps := []xtermStep{{Write: snap}, {Write: r.data[at.cut:]}}
		if at.used { // on a terminal that another program was killed in
			other := recs[rnd.IntN(len(recs))].data
			steps = append([]xtermStep{{Write: other[:rnd.IntN(len(other)+1)]}}, steps...)
		}
		jobs = append(jobs, xtermJob{Cols: r.cols, Rows: r.rows, Steps: steps})
		replays = append(replays, at)
	}
	wants := make([]*xtermResult, len(recs))
	same := 0
	xterm(t, jobs, func(i int, got *xtermResult) {
		if i < len(recs) {
			wants[i] = got
			return
		}
		at := replays[i-len(recs)]
		d, width := replayDifference(got, wants[at.rec], at.used)
		switch {
		case d == "":
			same++
		case width:
			t.Logf("%s cut at %d: %s: a case of widths", recs[at.rec].name, at.cut, d)
		default:
			t.Errorf("%s cut at %d: %s", recs[at.rec].name, at.cut, d)
		}
	})
	t.Logf("%d of %d cuts lead to the same terminal", same, total)
	if total-same > replayMisses {
		t.Errorf("%d cuts lead to another terminal, want %d at most", total-same, replayMisses)
	}
}

// replayDifference says how got and want differ, and whether that begins at a
// character about whose width, or whether it joins another, terminals disagree.
//
// Two things are left out. The reference keeps the saved cursor of the alternate
// screen while the main one is shown; we drop it. And it does not know DECST8C, so a
// snapshot leaves a used one's tab stops.
func replayDifference(got, want *xtermResult, used bool) (how string, width bool) {
	a, b := got.Inside, want.Inside
	if want.Alt {
		a.Saved, b.Saved = [2]int{}, [2]int{}
	}
	if used {
		a.Tabs, b.Tabs = nil, nil
	}
	switch {
	case got.Cursor != want.Cursor:
		return fmt.Sprintf("cursor at %v, want %v", got.Cursor, want.Cursor), false
	case got.Alt != want.Alt:
		return "the other screen", false
	case !bytes.Equal(got.Modes, want.Modes):
		return fmt.Sprintf("modes %s, want %s", got.Modes, want.Modes), false
	case !reflect.DeepEqual(a, b):
		return fmt.Sprintf("%+v, want %+v", a, b), false
	}
	differ := 0
	for y := range want.Rows {
		a, b := got.cells(y), want.cells(y)
		for x := range b {
			if a[x].looksAs(b[x]) {
				continue
			}
			if differ++; differ == 1 {
				how = fmt.Sprintf("%d,%d: %+v, want %+v", x, y, a[x], b[x])
				near := slices.Concat(a[max(x-1, 0):min(x+2, len(a))], b[max(x-1, 0):min(x+2, len(b))])
				width = slices.ContainsFunc(near, func(c xtermCell) bool { return c.width != 1 || len([]rune(c.text)) > 1 })
			}
		}
	}
	if differ > 1 {
		how += fmt.Sprintf(" and %d more", differ-1)
	}
	return how, width
}
