package screen

import (
	"slices"
	"strings"
	"testing"
)

// fullViewing returns a viewing whose terminal of 120 by 40 is full of text.
func fullViewing(t *testing.T) *viewing {
	v := newViewing(t, 1, 120, 40, 120, 40)
	for range 45 {
		v.typeText(strings.Repeat("word ", 20))
		v.src.newline()
	}
	v.typeText("$ ")
	v.draw()
	v.check()
	return v
}

func (v *viewing) typeText(text string) {
	for _, c := range text {
		v.src.put(string(c), 1)
	}
}

// TestDrawCost bounds what small changes cost in bytes: this is what a slow line and a
// remote terminal feel.
func TestDrawCost(t *testing.T) {
	tests := []struct {
		desc  string
		do    func(*viewing)
		bytes int
	}{
		{"nothing", func(*viewing) {}, 0},
		{"a character is typed", func(v *viewing) { v.typeText("l") }, 1},
		{"a wide character is typed", func(v *viewing) { v.src.put("中", 2) }, 3 + 5},
		{"a character is typed over text", func(v *viewing) {
			v.src.y = 5
			v.typeText("l")
		}, 16},
		{"a character is typed in the last column", func(v *viewing) {
			v.src.x = 119
			v.typeText("l")
		}, 16 + 8},
		{"a character is rubbed out", func(v *viewing) {
			v.src.x--
			v.src.screen()[v.src.y][v.src.x] = emptyTerm
		}, 24},
		{"the cursor moves", func(v *viewing) { v.src.x, v.src.y = 5, 5 }, 22},
		{"a short line is printed at the bottom", func(v *viewing) {
			v.src.newline()
			v.typeText("hello, world")
		}, 17 + 12 + 4},
		{"ten lines are printed at the bottom", func(v *viewing) {
			for range 10 {
				v.src.newline()
				v.typeText("hello, world")
			}
		}, 17 + 10*(12+6) + 20},
		{"a word changes its colour", func(v *viewing) {
			for i := range 5 {
				v.src.screen()[3][10+i].pen.Fg = Palette(1)
			}
		}, 17 + 5 + 30},
		{"two near characters change", func(v *viewing) {
			v.src.screen()[3][10].text, v.src.screen()[3][13].text = "x", "y"
		}, 17 + 4 + 16},
		{"two characters of one row change", func(v *viewing) {
			v.src.screen()[3][1].text, v.src.screen()[3][95].text = "x", "y"
		}, 30},
		{"the screen is cleared", func(v *viewing) { v.src.clear() }, 40*6 + 40},
		{"200 lines fly by", func(v *viewing) {
			for range 200 {
				v.typeText("0123456789")
				v.src.newline()
			}
		}, 200*12 + 40*15 + 60},
	}
	for _, test := range tests {
		t.Run(test.desc, func(t *testing.T) {
			v := fullViewing(t)
			test.do(v)
			v.draw()
			v.check()
			if got := len(v.sent); got > test.bytes {
				t.Errorf("%d bytes, want at most %d: %q", got, test.bytes, v.sent)
			}
			t.Logf("%d bytes", len(v.sent))
		})
	}
}

// TestTypedInline types at a prompt below a ticket, on a terminal that is not full.
func TestTypedInline(t *testing.T) {
	v := newViewing(t, 1, 80, 24, 80, 24)
	v.typeText("$ ")
	v.draw()
	v.typeText("l")
	v.draw()
	v.check()
	if got := string(v.sent); got != "l" {
		t.Errorf("typing one character sends %q", got)
	}
}

// BenchmarkDrawOne draws one typed character on a full terminal of 120 by 40.
func BenchmarkDrawOne(b *testing.B) {
	v := fullViewing(&testing.T{})
	f := v.src.frame()
	c := &f.Cells[39*120+2]
	b.ReportAllocs()
	n := 0
	for i := 0; b.Loop(); i++ {
		c.Rune = 'a' + rune(i&1)
		n += len(v.r.Draw(f, Overlay{}))
	}
	b.ReportMetric(float64(n)/float64(b.N), "B/draw")
}

// BenchmarkDrawAll draws 120 by 40 cells that all change, half of them coloured.
func BenchmarkDrawAll(b *testing.B) {
	v := fullViewing(&testing.T{})
	f := v.src.frame()
	b.ReportAllocs()
	n := 0
	for i := 0; b.Loop(); i++ {
		for j := range f.Cells {
			f.Cells[j].Rune = 'a' + rune((i+j)&15)
			f.Cells[j].Pen = Pen{}
			if j/8&1 == 0 {
				f.Cells[j].Pen = Pen{Fg: Palette(uint8(j / 16 & 255)), Attr: Bold}
			}
		}
		n += len(v.r.Draw(f, Overlay{}))
	}
	b.ReportMetric(float64(n)/float64(b.N), "B/draw")
}

// BenchmarkRepaint paints anew what full-screen programs show three quarters into their
// recordings.
func BenchmarkRepaint(b *testing.B) {
	for _, rec := range recordings(b) {
		if rec.cols*rec.rows < 90*26 {
			continue
		}
		b.Run(rec.name, func(b *testing.B) {
			s := New(rec.cols, rec.rows)
			s.Write(rec.data[:len(rec.data)*3/4])
			var f Frame
			s.Frame(&f)
			r := NewRenderer(rec.cols, rec.rows)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				r.Resize(rec.cols, rec.rows)
				n += len(r.Draw(&f, Overlay{}))
			}
			b.ReportMetric(float64(n)/float64(b.N), "B/draw")
		})
	}
}

// TestScrolledFillsTheTerminal shows a low frame below what scrolled off: at the bottom
// of the terminal, with no row blank.
func TestScrolledFillsTheTerminal(t *testing.T) {
	for lines := range 40 {
		v := newViewing(t, 1, 40, 12, 40, 4)
		for range 60 {
			v.typeText("before")
			v.src.newline()
		}
		v.draw()
		for range lines {
			v.typeText("line")
			v.src.newline()
		}
		v.typeText("$ ls")
		v.draw()
		v.check()
		rows := trimRows(*v.term.screen())
		if len(rows) != 12 || slices.ContainsFunc(rows, func(row []termCell) bool { return len(trimRow(row)) == 0 }) {
			t.Errorf("after %d lines %d rows are full: %q", lines, len(rows), v.sent)
		}
	}
}

// BenchmarkDrawScrolled draws a frame with as many lines that scrolled off as one has.
func BenchmarkDrawScrolled(b *testing.B) {
	v := fullViewing(&testing.T{})
	f := v.src.frame()
	for i := range MaxScrolled {
		line := slices.Clone(f.Row(i % f.Rows))
		line[i%f.Cols].Rune = 'a' + rune(i&15)
		f.Scrolled = append(f.Scrolled, line)
	}
	lines := f.Scrolled
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		f.Scrolled = lines
		n += len(v.r.Draw(f, Overlay{}))
	}
	b.ReportMetric(float64(n)/float64(b.N), "B/draw")
}
