package screen

import (
	"fmt"
	"testing"
)

// linked returns a Screen whose every cell has a link of its own, and a mark.
func linked(cols, rows int) *Screen {
	s := New(cols, rows)
	s.KeepScrolled(true)
	for y := range rows {
		for x := range cols {
			s.Write(fmt.Appendf(nil, "\x1b[%d;%dH\x1b]8;;http://a/%d\x1b\\e%c", y+1, x+1, y*cols+x, 0x300+(y*cols+x)%100))
		}
	}
	s.Write([]byte("\x1b]8;;\x1b\\\x1b[H"))
	return s
}

// A screen of more links than the renderer's table has room for costs once, not with
// each character that changes on it.
func TestManyLinksCostOnce(t *testing.T) {
	for _, rows := range []int{30, 80} { // 2,400 and 6,400 of 4,096
		s := linked(80, rows)
		r, terminal := NewRenderer(80, rows), newTerminal(80, rows)
		var f Frame
		draw := func() int {
			s.Frame(&f)
			b := r.Draw(&f, Overlay{})
			terminal.write(b)
			return len(b)
		}
		draw()
		for i := range 3 {
			s.Write([]byte("x"))
			if n := draw(); n > 128 { // a link that has room now is drawn, too
				t.Errorf("%d rows, character %d: %d bytes", rows, i, n)
			}
		}
		if len(terminal.faults) > 0 {
			t.Errorf("%q", terminal.faults)
		}
		if rows == 30 && terminal.main[29][79].link != "http://a/2399" {
			t.Errorf("the last cell's link is %q", terminal.main[29][79].link)
		}
	}
}

// The tables forget what is not shown any more, and what is keeps its link.
func TestTablesForget(t *testing.T) {
	s := New(80, 24)
	s.KeepScrolled(true)
	r, terminal := NewRenderer(80, 24), newTerminal(80, 24)
	var f Frame
	s.Write([]byte("\x1b[24H\x1b]8;;http://stays\x1b\\stays\x1b]8;;\x1b\\"))
	for i := range 3 * maxDrawTexts / 100 {
		for j := range 100 {
			s.Write(fmt.Appendf(nil, "\x1b[1;%dH\x1b]8;;http://a/%d\x1b\\x\x1b]8;;\x1b\\", j%80+1, 100*i+j))
		}
		s.Frame(&f)
		terminal.write(r.Draw(&f, Overlay{}))
	}
	if n := len(r.links.texts); n > maxDrawTexts/2+100 {
		t.Errorf("%d links are kept", n)
	}
	if got := terminal.main[23][0].link; got != "http://stays" {
		t.Errorf("a link that stays is %q", got)
	}
	if got, want := terminal.main[0][0].link, f.Links[f.Row(0)[0].Pen.Link]; got != want {
		t.Errorf("a new link is %q, want %q", got, want)
	}
}

// A terminal that shrinks while the tables are full is drawn anew.
func TestFullTablesAndResize(t *testing.T) {
	s := linked(80, 40)
	r := NewRenderer(80, 40)
	var f Frame
	s.Frame(&f)
	r.Draw(&f, Overlay{})
	r.Resize(70, 5)
	terminal := newTerminal(70, 5)
	terminal.write(r.Draw(&f, Overlay{}))
	if len(terminal.faults) > 0 {
		t.Errorf("%q", terminal.faults)
	}
}
