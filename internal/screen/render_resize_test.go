package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestDrawResized resizes the terminal now and then. The next Draw must show the frame
// whole, wherever it begins, and leave the lines of before above it.
func TestDrawResized(t *testing.T) {
	for seed := range uint64(60) {
		v := newViewing(t, seed, 20, 8, 20, 6)
		for range 25 {
			for range v.src.rnd.IntN(3) {
				v.src.write()
			}
			if v.src.rnd.IntN(8) == 0 {
				v.src.toggleAlt()
			}
			if v.src.rnd.IntN(4) == 0 {
				cols, rows := 20+v.src.rnd.IntN(8), 3+v.src.rnd.IntN(8)
				covers := v.src.rnd.IntN(2) == 0 // with something over the last rows
				if covers {
					v.overlay.Lines = []string{strings.Repeat("gst1", 13)}
					v.draw()
				}
				v.term.resize(cols, rows)
				v.r.Resize(cols, rows)
				if covers {
					v.draw()
					v.overlay.Lines = nil
				}
			}
			v.draw()
			v.checkBottom()
		}
		if missing := v.missing(); missing != "" {
			t.Fatalf("seed %d: %s is gone from\n%s", seed, missing, showRows(slices.Concat(v.term.history, v.term.main)))
		}
		v.term.write(v.r.End())
		if v.term.x != 0 || trimRows(v.term.main[v.term.y:]) != nil {
			t.Fatalf("End leaves the cursor at %d,%d on\n%s", v.term.x, v.term.y, showRows(v.term.main))
		}
	}
}

// checkBottom checks that the window is the last that the terminal shows.
func (v *viewing) checkBottom() {
	v.t.Helper()
	for _, f := range v.term.faults {
		v.t.Fatalf("%s; sent %q", f, v.sent)
	}
	got, want := *v.term.screen(), trimRows(v.window())
	if v.src.onAlt {
		want = trimRows(v.bordered(v.window()))
	}
	top := 0
	if !v.src.onAlt {
		top = v.r.main.top
	}
	if !v.src.onAlt && !v.r.main.known() { // the cursor tells where the frame is
		top = v.term.y - (v.src.y - v.r.main.panY)
		if !v.src.visible {
			top = v.term.y - (v.r.main.y - v.r.main.top)
		}
	}
	v.same("frame", trimRows(got[top:]), want)
}

// missing names the first line of before, or that scrolled off, which the terminal
// does not have in its place.
func (v *viewing) missing() string {
	if v.src.onAlt {
		v.src.toggleAlt()
	}
	v.draw()
	want := slices.Concat(v.tickets, v.lines)
	next := 0
	for _, row := range slices.Concat(v.term.history, v.term.main) {
		if next < len(want) && slices.EqualFunc(trimRow(row), trimRow(want[next]), func(a, b termCell) bool { return looks(a) == looks(b) }) {
			next++
		}
	}
	if next < len(want) {
		return fmt.Sprintf("line %d, %q,", next, rowTexts(want[next:next+1]))
	}
	return ""
}

func trimRow(row []termCell) []termCell {
	for len(row) > 0 && looks(row[len(row)-1]) == emptyTerm {
		row = row[:len(row)-1]
	}
	return row
}

// TestDrawInDoubt has a terminal whose content is all wrong; after Resize the next
// Draw must put it right.
func TestDrawInDoubt(t *testing.T) {
	for seed := range uint64(50) {
		v := newViewing(t, seed, 20, 6, 20, 6)
		for range 60 {
			v.src.write()
		}
		v.src.newline()
		v.draw()
		if !v.r.main.known() {
			continue
		}
		for _, row := range v.term.main {
			for x := range row {
				row[x] = termCell{text: "?", pen: Pen{Attr: Blink}}
			}
		}
		v.term.x, v.term.y = 7, 2
		v.r.Resize(20, 6)
		history := len(v.term.history)
		v.draw()
		if got := len(v.term.history) - history; got != 0 {
			t.Fatalf("%d wrong lines left the terminal upwards", got)
		}
		v.same("terminal", v.term.main, v.window())
	}
}
