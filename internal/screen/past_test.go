package screen

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// boundsOf checks that the past of s is as small as it has to be.
func boundsOf(t *testing.T, what string, s *Screen) {
	t.Helper()
	p := &s.past
	if p.count > maxPastLines || len(p.lines) > maxPastLines || len(p.text) > maxPastBytes || cap(p.scratch) > 2*maxLineBytes {
		t.Fatalf("%s: %d lines in an index of %d and %d bytes, %d to pack in", what, p.count, len(p.lines), len(p.text), cap(p.scratch))
	}
	if len(s.loose) != 0 {
		t.Fatalf("%s: %d rows of cells are kept", what, len(s.loose))
	}
}

// Whatever a program prints, its past takes no more than the bounds say, and goes
// on working.
func TestPastIsBounded(t *testing.T) {
	everyCell := func(i int) string {
		return fmt.Sprintf("\x1b]8;;http://x/%0200d\x1b\\\x1b[38;2;1;2;%d;48;2;3;4;%dm%c%c", i, i%256, i%255, 'a'+i%26, 0x300+i%64)
	}
	for _, c := range []struct {
		desc string
		cols int
		n    int
		of   func(i int) string
		kept int // lines there are in the end at least
	}{
		{"empty lines", 80, 200_000, func(int) string { return "\r\n" }, maxPastLines},
		{"one endless line", 80, 100_000, func(int) string { return strings.Repeat("endless ", 13) }, maxPastLines},
		{"an endless line of wide characters", 999, 20_000, func(int) string { return strings.Repeat("漢字", 50) }, maxPastBytes / 1600},
		{"links and marks on each cell", 1000, 100_000, everyCell, 50},
		{"long lines in colour", 1000, 300_000, func(i int) string { return fmt.Sprintf("\x1b[38;2;1;2;%dmx", i%250) }, 250},
	} {
		s := New(c.cols, 10)
		s.KeepScrolled(true)
		for i := range c.n {
			s.Write([]byte(c.of(i)))
		}
		boundsOf(t, c.desc, s)
		if n := s.past.count; n < c.kept {
			t.Errorf("%s: %d lines, want %d", c.desc, n, c.kept)
		}
		for _, size := range [][2]int{{200, 1000}, {20, 5}, {1000, 40}} {
			s.Resize(size[0], size[1])
			boundsOf(t, c.desc, s)
			if err := invariant(s); err != nil {
				t.Fatalf("%s: %v", c.desc, err)
			}
		}
		if n := len(s.History()); n > MaxHistory {
			t.Errorf("%s: a history of %d bytes", c.desc, n)
		}
		var f Frame
		if s.Frame(&f); len(f.Scrolled) != MaxScrolled && f.Lost > 0 {
			t.Errorf("%s: a Frame has %d lines, and %d are lost", c.desc, len(f.Scrolled), f.Lost)
		}
	}
}

// A past is a list whose oldest lines go. Random pushes and pops do to it what they
// do to one.
func TestPastIsAList(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	var p past
	var want [][]byte
	fresh, lost := 0, 0
	for step := range 60_000 {
		switch n := rnd.IntN(100); {
		case n < 70:
			size := packedHead + rnd.IntN(200)
			if rnd.IntN(50) == 0 {
				size = packedHead + rnd.IntN(maxLineBytes-packedHead)
			}
			l := bytes.Repeat([]byte{byte(step)}, size)
			copy(l, []byte{0, 80, 0, 0, 0})
			p.push(l)
			want = append(want, l)
			fresh++
		case n < 95 && p.open():
			got := p.pop()
			last := want[len(want)-1]
			if want = want[:len(want)-1]; fresh > 0 {
				fresh--
			} else {
				packed(last).tellAll()
			}
			if !bytes.Equal(got, last) {
				t.Fatalf("step %d: popped %d bytes of %d, want %d of %d", step, len(got), got[len(got)-1], len(last), last[len(last)-1])
			}
		case n == 95:
			p.fresh, fresh = 0, 0
		}
		if over := len(want) - p.count; over > 0 { // the oldest gave way
			lost += max(fresh-p.count, 0)
			fresh = min(fresh, p.count)
			want = want[over:]
		}
		if p.count != len(want) || p.fresh != fresh || p.lost != lost {
			t.Fatalf("step %d: %d lines, %d fresh, %d lost; want %d, %d, %d", step, p.count, p.fresh, p.lost, len(want), fresh, lost)
		}
		if step%1000 == 0 {
			for i, l := range want {
				if !bytes.Equal(p.line(i), l) {
					t.Fatalf("step %d: line %d differs", step, i)
				}
			}
		}
	}
	if len(p.text) != maxPastBytes {
		t.Errorf("%d bytes: too few to tell", len(p.text))
	}
}

// What is packed comes out as it was, in another screen as well, plain or not.
func TestPackedCells(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		s := New(2+rnd.IntN(100), 6)
		s.Write(randomOutput(rnd, 60))
		other := fed(20, 5, []byte("\x1b]8;;http://other\x1b\\e\u0308"))
		for y := range s.main.rows {
			r := &s.main.rows[y]
			for _, plain := range []bool{r.plain, false} {
				r.plain = plain
				l := packed(s.pack(nil, r))
				cells := other.unpack(l, nil)
				if l.wrapped() != r.wrapped || l.cols() != len(r.cells) || len(cells) != len(r.cells) {
					t.Fatalf("seed %d: row %d has %d cells, want %d", seed, y, len(cells), len(r.cells))
				}
				for x, c := range cells {
					if !other.sameCell(c, s, r.cells[x]) {
						t.Fatalf("seed %d: plain %v: row %d column %d: got %+v, want %+v", seed, plain, y, x, c, r.cells[x])
					}
				}
			}
		}
	}
}

// Frame and History have the same lines, each as if the other were not asked.
func TestFrameAndHistory(t *testing.T) {
	s := New(20, 4)
	s.KeepScrolled(true)
	s.KeepHistory(true)
	var shown, want []string
	var f Frame
	for i := range 50 {
		fmt.Fprintf(writerTo{s}, "line %d\r\n", i)
		if i%7 == 0 {
			s.Frame(&f)
			for _, l := range f.Scrolled {
				shown = append(shown, s.rowText(l))
			}
		}
		if i >= 3 {
			want = append(want, fmt.Sprint("line ", i-3))
		}
		if got := linesOf(t, s.History()); !slices.Equal(got, want) {
			t.Fatalf("after line %d: the history is %q, want %q", i, got, want)
		}
	}
	if !slices.Equal(shown, want[:len(shown)]) || len(shown) < 40 {
		t.Errorf("frames had %q, want %q", shown, want)
	}
}

// A history is wrapped anew at the width of the screen, and tells a newcomer's model
// which rows are one line.
func TestHistoryWrapsAnew(t *testing.T) {
	s := New(10, 2)
	s.KeepHistory(true)
	s.Write([]byte("0123456789abcdefgh\r\n日本語日本語x\r\nend\r\n\r\n"))
	s.Resize(7, 2)
	if got, want := linesOf(t, s.History()), []string{"0123456", "789abcd", "efgh", "日本語", "日本語x", "end"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	v := New(7, 2)
	v.KeepScrolled(true)
	if err := v.PrependHistory(s.History()); err != nil {
		t.Fatal(err)
	}
	if got, want := logicalPast(v), []string{"0123456789abcdefgh", "日本語日本語x", "end"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What came from a history comes back on a Resize, and is not handed out again.
func TestHistoryComesBack(t *testing.T) {
	host := New(20, 4)
	host.KeepHistory(true)
	for i := range 30 {
		fmt.Fprintf(writerTo{host}, "line %d\r\n", i)
	}
	v := New(20, 4)
	v.KeepScrolled(true)
	v.HoldScrolled(true)
	v.Write(host.Snapshot())
	if err := v.PrependHistory(host.History()); err != nil {
		t.Fatal(err)
	}
	v.HoldScrolled(false)
	var f Frame
	if v.Frame(&f); len(f.Scrolled) != 27 {
		t.Fatalf("%d lines, want 27", len(f.Scrolled))
	}
	for _, size := range [][2]int{{20, 15}, {9, 9}, {5, 20}, {20, 4}} {
		host.Resize(size[0], size[1])
		v.Resize(size[0], size[1])
		if d := host.difference(v); d != "" {
			t.Fatalf("at %v the %s differs\n%s", size, d, describe(host, v))
		}
		if v.Frame(&f); len(f.Scrolled) != 0 {
			t.Errorf("at %v %d lines are handed out again", size, len(f.Scrolled))
		}
	}
}

// A Frame counts the lines that it has not, also those that the past could not keep.
func TestFrameCountsWhatIsLost(t *testing.T) {
	const lines = maxPastLines + 500
	s := New(20, 2)
	s.KeepScrolled(true)
	for i := range lines {
		fmt.Fprintf(writerTo{s}, "%d\r\n", i)
	}
	var f Frame
	s.Frame(&f)
	if got, want := f.Lost, lines-1-MaxScrolled; len(f.Scrolled) != MaxScrolled || got != want {
		t.Errorf("%d lines and %d lost, want %d and %d", len(f.Scrolled), got, MaxScrolled, want)
	}
	if s.Frame(&f); len(f.Scrolled) != 0 || f.Lost != 0 {
		t.Errorf("then %d lines and %d lost", len(f.Scrolled), f.Lost)
	}
}

// A line that went on in what a history now comes before does so no more.
func TestHistoryCutsALine(t *testing.T) {
	v := New(10, 2)
	v.KeepScrolled(true)
	v.Write([]byte("0123456789ab\r\n"))
	var f Frame
	v.Frame(&f)
	host := New(10, 2)
	host.KeepHistory(true)
	host.Write([]byte("first\r\n\n"))
	if err := v.PrependHistory(host.History()); err != nil {
		t.Fatal(err)
	}
	if got, want := logicalPast(v), []string{"0123456789", "first"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
