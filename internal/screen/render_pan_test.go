package screen

import (
	"math/rand/v2"
	"testing"
)

// checkView draws, checks the terminal, and that View said before what is shown.
func (v *viewing) checkView(desc string, x, y int) {
	v.t.Helper()
	cols, rows := min(v.src.cols, v.term.cols), min(v.src.rows, v.term.rows)
	f := v.src.frame()
	f.Scrolled = nil
	gotX, gotY, gotCols, gotRows := v.r.View(f)
	if got, want := [4]int{gotX, gotY, gotCols, gotRows}, [4]int{x, y, cols, rows}; got != want {
		v.t.Fatalf("%s: view %v, want %v", desc, got, want)
	}
	v.draw()
	v.check()
	if p := v.r.plane(); p.panX != x || p.panY != y {
		v.t.Fatalf("%s: drawn from %d,%d, want %d,%d", desc, p.panX, p.panY, x, y)
	}
}

// TestPanByHand moves the view by hand over both screens.
func TestPanByHand(t *testing.T) {
	v := newViewing(t, 1, 10, 4, 30, 12)
	for y := range 12 {
		for x := range 30 {
			v.src.main[y][x].text = string(rune('a' + (x+y)%26))
			v.src.alt[y][x].text = string(rune('A' + (x+y)%26))
		}
	}
	v.src.x, v.src.y = 3, 2
	v.checkView("at first", 0, 0)
	v.r.Pan(2, 0)
	v.checkView("two to the right", 2, 0)
	v.r.Pan(4, 3)
	v.checkView("the cursor is out of view", 6, 3)
	v.src.x, v.src.y = 29, 11
	v.checkView("held there", 6, 3)
	v.r.Pan(1<<62, 1<<62)
	v.checkView("the far corner", 20, 8)
	v.r.Pan(-1, -1<<62)
	v.checkView("the top", 19, 0)
	v.src.toggleAlt()
	v.checkView("the alternate screen", 19, 0)
	v.src.toggleAlt()
	v.checkView("and back", 19, 0)
	v.src.resize(25, 12)
	v.checkView("a narrower frame", 15, 0)
	v.src.resize(30, 12)
	v.checkView("and as before", 15, 0)
	v.r.Follow()
	v.src.x, v.src.y = 0, 0
	v.checkView("following again", 0, 0)
	v.r.Pan(3, 3)
	v.src.resize(10, 4)
	v.checkView("a frame that fits", 0, 0)
	v.r.Pan(5, 5)
	v.checkView("has nowhere to go", 0, 0)
	v.src.resize(30, 12)
	v.src.x, v.src.y = 29, 0
	v.checkView("and is followed when it does not", 20, 0)
}

// TestPanTranscript pans while output flies by: nothing of it may be missing or
// twice, wherever the view is.
func TestPanTranscript(t *testing.T) {
	for seed := range uint64(25) {
		v := newViewing(t, seed, 12, 5, 20, 9)
		rnd := rand.New(rand.NewPCG(seed, 7))
		for range 60 {
			for range rnd.IntN(5) {
				v.src.write()
			}
			switch rnd.IntN(8) {
			case 0:
				v.r.Follow()
			case 1, 2:
				v.r.Pan(rnd.IntN(21)-10, rnd.IntN(11)-5)
			case 3:
				v.src.toggleAlt()
			case 4:
				v.overlay.Notice = []string{"", "12x5 of 20x9"}[rnd.IntN(2)]
			}
			v.draw()
			v.check()
			behind := v.term.rows - len(v.covered())
			if !v.r.held && v.src.visible && v.r.plane().known() && v.term.y >= behind {
				t.Fatalf("the cursor is behind the notice, in row %d", v.term.y)
			}
		}
		v.checkEnd()
	}
}
