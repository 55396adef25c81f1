package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Every line that leaves the top of the main screen is handed over once, in
// order, and what is lost is counted.
func TestScrolledLines(t *testing.T) {
	s := New(10, 3)
	s.KeepScrolled(true)
	var f Frame
	next := 0
	for _, n := range []int{1, 2, 7, 0, 40, MaxScrolled + 25, 3} {
		for range n {
			fmt.Fprintf(writerTo{s}, "line %d\r\n", next)
			next++
		}
		s.Frame(&f)
		first := next - 2 - len(f.Scrolled)
		for i, l := range f.Scrolled {
			if got, want := s.rowText(l), fmt.Sprintf("line %d", first+i); got != want {
				t.Fatalf("after %d lines: got %q, want %q", next, got, want)
			}
		}
		if n <= MaxScrolled && f.Lost != 0 || n > MaxScrolled && f.Lost+len(f.Scrolled) != n {
			t.Fatalf("after %d lines: %d lost, %d kept", next, f.Lost, len(f.Scrolled))
		}
	}
}

type writerTo struct{ s *Screen }

func (w writerTo) Write(p []byte) (int, error) {
	w.s.Write(p)
	return len(p), nil
}

// Only what goes by on the main screen is kept, and only if it is wanted.
func TestNotScrolled(t *testing.T) {
	for _, c := range []struct {
		desc, in string
		want     int
	}{
		{"line feed", "1\r\n2\r\n3\r\n4", 1},
		{"wrap", "0123456789\x1b[3;1H0123456789x", 1},
		{"SU", "\x1b[2S", 2},
		{"a region from the top", "\x1b[1;2r\x1b[2;1H\n", 1},
		{"a region below the top", "\x1b[2;3r\x1b[3;1H\n", 0},
		{"the alternate screen", "\x1b[?1049h\x1b[3;1H\n\n", 0},
		{"deleted lines", "\x1b[2M", 0},
		{"erased ones", "1\x1b[2J\x1bc", 0},
	} {
		s := New(10, 3)
		s.KeepScrolled(true)
		s.Write([]byte(c.in))
		var f Frame
		if s.Frame(&f); len(f.Scrolled) != c.want {
			t.Errorf("%s: got %d lines, want %d", c.desc, len(f.Scrolled), c.want)
		}
		s = fed(10, 3, []byte(c.in))
		if s.Frame(&f); len(f.Scrolled) != 0 {
			t.Errorf("%s: kept though nobody draws", c.desc)
		}
	}
}

func TestFrame(t *testing.T) {
	s := fed(4, 2, []byte("\x1b]0;title\a\x1b[3 q\x1b[?1002;1004;2004;5hab\u0301cde\x1b[?25l"))
	var f Frame
	for range 2 { // the second reuses the memory of the first
		s.Frame(&f)
		if f.Cols != 4 || f.Rows != 2 || len(f.Cells) != 8 || !slices.Equal(f.Wrapped, []bool{true, false}) {
			t.Fatalf("got %d by %d, %d cells, wrapped %v", f.Cols, f.Rows, len(f.Cells), f.Wrapped)
		}
		if c := f.Row(0)[1]; c.Rune != 'b' || f.Marks[c.Mark] != "\u0301" {
			t.Errorf("got cell %+v with mark %q", c, f.Marks[c.Mark])
		}
		if want := (Cursor{X: 1, Y: 1, Style: 3}); f.Cursor != want {
			t.Errorf("got cursor %+v, want %+v", f.Cursor, want)
		}
		if f.Title != "title" || f.Mouse != MouseDrag || !f.Focus || !f.Paste || !f.Reverse || f.Alt {
			t.Errorf("got %+v", f)
		}
	}
	s.Write([]byte("\x1b[?1049h"))
	if s.Frame(&f); !f.Alt {
		t.Error("the alternate screen is not shown")
	}
}

// A Frame stays what it was while the Screen goes on and renumbers its tables.
func TestFrameKeepsItsTables(t *testing.T) {
	s := fed(10, 3, []byte("a\u0301"))
	var f Frame
	s.Frame(&f)
	writeMarks(s, 0, maxTexts+10)
	if got := f.Marks[f.Cells[0].Mark]; got != "\u0301" {
		t.Errorf("got %q", got)
	}
}

func writeMarks(s *Screen, from, to int) {
	for i := from; i < to; i++ {
		fmt.Fprintf(writerTo{s}, "\rx%c%c%c", 0x300+i%64, 0x300+i/64%64, 0x300+i/4096%64)
	}
}

// The tables forget what nothing shows, keep what something does, and stay
// within their bounds.
func TestTextsBounded(t *testing.T) {
	s := New(10, 3)
	s.KeepScrolled(true)
	s.Write([]byte("1\r\n2\r\ns\u0302\r\n\n\n\x1b[H\x1b]8;;http://kept\x1b\\k\u0301\x1b]8;;\x1b\\\x1b7\r\n"))
	writeMarks(s, 0, 5*maxTexts)
	for i := range 3 * maxTexts {
		fmt.Fprintf(writerTo{s}, "\x1b]8;;http://%0200d\x1b\\x\x1b]8;;\x1b\\\r", i)
	}
	for _, tab := range []*texts{&s.marks, &s.links} {
		if len(tab.list) > maxTexts || tab.bytes > maxTextBytes || len(tab.index) != len(tab.list) {
			t.Errorf("%d texts of %d bytes, %d indexed", len(tab.list), tab.bytes, len(tab.index))
		}
	}
	var f Frame
	s.Frame(&f)
	if c := f.Cells[0]; f.Marks[c.Mark] != "\u0301" || f.Links[c.Pen.Link] != "http://kept" {
		t.Errorf("got mark %q and link %q", f.Marks[c.Mark], f.Links[c.Pen.Link])
	}
	if c := f.Scrolled[2][0]; f.Marks[c.Mark] != "\u0302" {
		t.Errorf("a line that scrolled off got mark %q", f.Marks[c.Mark])
	}
	if c := f.Row(1)[0]; !strings.HasSuffix(f.Links[c.Pen.Link], fmt.Sprint(3*maxTexts-1)) {
		t.Errorf("the newest link is %q", f.Links[c.Pen.Link])
	}
}

// Rebuilding a viewer's Screen pushes nothing off it, whatever it was doing.
func TestSnapshotScrollsNothing(t *testing.T) {
	for _, r := range recordings(t) {
		v := New(r.cols, r.rows)
		v.KeepScrolled(true)
		v.Write([]byte("\x1b[99;99Hx\xe4\xb8"))
		v.Write(fed(r.cols, r.rows, r.data[:len(r.data)/2]).Snapshot())
		var f Frame
		if v.Frame(&f); len(f.Scrolled) != 0 {
			t.Errorf("%s: %d lines", r.name, len(f.Scrolled))
		}
	}
}

// Once the memory is there, output takes no more of it.
func TestNoGarbage(t *testing.T) {
	s := New(80, 24)
	s.KeepScrolled(true)
	text := []byte(strings.Repeat("plain \x1b[1;31mred\x1b[m e\u0301 日本 \x1b[5;7H\x1b[K\x1b[2;9r\x1b[L\x1b[r\x1b[24;1H\r\n", 50))
	var f Frame
	got := testing.AllocsPerRun(50, func() {
		s.Write(text)
		s.Frame(&f)
	})
	if got > 1 {
		t.Errorf("%v allocations for %d bytes and a frame", got, len(text))
	}
}
