package screen

import (
	"slices"
	"strings"
	"testing"
)

// TestPan checks that on a smaller terminal the view moves after the cursor when it
// must, and not before.
func TestPan(t *testing.T) {
	v := newViewing(t, 1, 10, 4, 30, 12)
	for _, step := range []struct {
		desc       string
		x, y       int
		hidden     bool
		panX, panY int
	}{
		{"inside", 9, 3, false, 0, 0},
		{"beyond the right", 10, 3, false, 5, 0},
		{"inside again", 14, 3, false, 5, 0},
		{"at its left", 5, 3, false, 5, 0},
		{"beyond the left", 4, 3, false, 0, 0},
		{"below", 4, 6, false, 0, 3},
		{"inside it", 4, 4, false, 0, 3},
		{"above", 4, 2, false, 0, 2},
		{"a hidden cursor is not followed", 29, 11, true, 0, 2},
		{"the far corner", 29, 11, false, 20, 8},
		{"home", 0, 0, false, 0, 0},
	} {
		v.src.x, v.src.y, v.src.visible = step.x, step.y, !step.hidden
		v.draw()
		v.check()
		if p := &v.r.main; p.panX != step.panX || p.panY != step.panY {
			t.Errorf("%s: the view is at %d,%d, want %d,%d", step.desc, p.panX, p.panY, step.panX, step.panY)
		}
	}
}

// TestNoticeCost checks that a notice on a row which we do not know is not drawn
// again when nothing was drawn where it may be.
func TestNoticeCost(t *testing.T) {
	v := newViewing(t, 1, 40, 10, 40, 10)
	v.src.put("a", 1)
	v.src.newline()
	v.src.newline()
	v.overlay.Notice = "ana joined"
	v.draw()
	v.src.y = 0
	v.src.put("b", 1)
	v.draw()
	v.check()
	if strings.Contains(string(v.sent), "ana") {
		t.Errorf("the notice is drawn again: %q", v.sent)
	}
	v.src.y = 2
	v.src.put("c", 1)
	v.draw()
	v.check()
	if !strings.Contains(string(v.sent), "ana") {
		t.Errorf("the notice is not drawn again, though its row may be: %q", v.sent)
	}
}

// TestNoticeFits checks that a notice is cut to the terminal and whole again when
// that grows.
func TestNoticeFits(t *testing.T) {
	v := newViewing(t, 1, 5, 4, 5, 4)
	v.overlay.Notice = "ana joined"
	v.draw()
	v.check()
	if got := rowTexts(v.term.main[3:])[0]; got != "ana j" {
		t.Errorf("notice %q", got)
	}
	v.term.resize(12, 4)
	v.r.Resize(12, 4)
	v.draw()
	if got := rowTexts(v.term.main[3:])[0]; got != "ana joined  " {
		t.Errorf("notice %q after growing", got)
	}
	v.term.resize(14, 4)
	v.r.Resize(14, 4)
	v.draw()
	if got := rowTexts(v.term.main[3:])[0]; got != "ana joined    " {
		t.Errorf("notice %q after growing more", got)
	}
	v.src.put("a", 1)
	v.src.newline()
	v.overlay.Notice = ""
	v.r.Resize(14, 4)
	v.draw()
	v.checkBottom()
	if strings.Contains(string(v.sent), "\x1b7") {
		t.Errorf("a repaint looks for a notice that is gone: %q", v.sent)
	}
}

// TestLinesAreCopiedWhole checks that a terminal takes the rows of a line for one
// line, and that nothing is drawn again while nothing changes.
func TestLinesAreCopiedWhole(t *testing.T) {
	for _, alt := range []bool{false, true} {
		for _, known := range []bool{false, true} {
			term, src, r := New(10, 6), New(10, 6), NewRenderer(10, 6)
			if known {
				src.Write([]byte("1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7"))
			}
			if alt {
				src.Write([]byte("\x1b[?1049h"))
			}
			var f, got Frame
			src.Frame(&f)
			o := Overlay{Lines: []string{"gst1aaaaaabbbbbbbbbbcccccccccc", "gsr1"}, Notice: "ana joined"}
			term.Write(r.Draw(&f, o))
			term.Frame(&got)
			want := []string{"gst1aaaaaa", "bbbbbbbbbb", "cccccccccc", "gsr1", "ana joined"}
			if rows := term.Text()[1:]; !slices.Equal(rows, want) {
				t.Errorf("alt %v known %v: the rows are %q, want %q", alt, known, rows, want)
			}
			if w := []bool{true, true, false, false, false}; !slices.Equal(got.Wrapped[1:], w) {
				t.Errorf("alt %v known %v: rows go on: %v, want %v", alt, known, got.Wrapped[1:], w)
			}
			src.Frame(&f)
			if b := r.Draw(&f, o); len(b) > 0 {
				t.Errorf("alt %v known %v: nothing changed, drawn %q", alt, known, b)
			}
		}
	}
}

// TestLinesThatDoNotFit checks that they are left out, the notice not, and that Fits
// says so.
func TestLinesThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		desc string
		o    Overlay
		want bool
	}{
		{"nothing", Overlay{}, true},
		{"a notice alone", Overlay{Notice: "n"}, true},
		{"all rows but one", Overlay{Lines: []string{"0123456789", "0123"}}, true},
		{"with a notice below", Overlay{Lines: []string{"0123"}, Notice: "n"}, true},
		{"all rows", Overlay{Lines: []string{"01234567890", "0123"}}, false},
		{"all rows with the notice", Overlay{Lines: []string{"0123456789", "0"}, Notice: "n"}, false},
		{"empty ones take rows too", Overlay{Lines: []string{"", "", ""}}, false},
	} {
		v := newViewing(t, 1, 10, 3, 10, 3)
		v.overlay = c.o
		if got := v.r.Fits(c.o); got != c.want {
			t.Errorf("%s: fits %v, want %v", c.desc, got, c.want)
		}
		v.draw()
		v.check()
		if shown := strings.Contains(strings.Join(rowTexts(v.term.main), ""), "0"); len(c.o.Lines) > 0 && shown != c.want {
			t.Errorf("%s: shown %v", c.desc, shown)
		}
	}
}

// TestResizedUnderANotice resizes the terminal under a notice and then shows the
// alternate screen: there is no telling where the notice is.
func TestResizedUnderANotice(t *testing.T) {
	v := newViewing(t, 1, 20, 10, 20, 10)
	for range 4 {
		v.src.newline()
	}
	v.overlay.Notice = "ana joined"
	v.draw()
	v.term.resize(20, 3)
	v.r.Resize(20, 3)
	v.overlay.Notice = ""
	for range 2 {
		v.src.toggleAlt()
		v.draw()
		v.checkBottom()
	}
}

// TestEndResized checks that End after a Resize that no Draw followed leaves the
// cursor below what was drawn.
func TestEndResized(t *testing.T) {
	v := newViewing(t, 1, 20, 10, 20, 10)
	for range 4 {
		v.src.put("x", 1)
		v.src.newline()
	}
	v.src.y = 1
	v.draw()
	v.r.later.lost = 3 // there is no place to say it any more
	v.term.resize(25, 10)
	v.r.Resize(25, 10)
	v.term.write(v.r.End())
	if got := rowTexts(v.term.main); strings.Count(strings.Join(got, ""), "x") != 4 {
		t.Errorf("what was drawn is written over: %q", got)
	}
	if v.term.x != 0 || trimRows(v.term.main[v.term.y:]) != nil || v.term.faults != nil {
		t.Errorf("cursor at %d,%d; %q\n%s", v.term.x, v.term.y, v.term.faults, showRows(v.term.main))
	}
}

// TestLostFills checks that the line which says what is missing counts when the
// frame comes to fill the terminal.
func TestLostFills(t *testing.T) {
	v := newViewing(t, 1, 40, 4, 40, 4)
	v.src.newline()
	v.src.newline()
	f := v.src.frame()
	f.Lost = 1
	v.term.write(v.r.Draw(f, Overlay{}))
	v.lines = [][]termCell{nil}
	for _, c := range "… 1 line skipped …" {
		cell := termCell{text: string(c), pen: Pen{Attr: Faint}}
		v.lines[0] = append(v.lines[0], cell)
	}
	v.check()
}
