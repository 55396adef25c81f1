package screen

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// shellPieces is what a shell's screen is made of: lines of any length that are
// only printed.
var shellPieces = []string{
	"hello ", "world ", "\r\n", "\r\n", "a line that is long enough to wrap at most widths ", "日本語", "😀", "e\u0301\u0302",
	"\t", "한か\u3099", "─│┌", "  ", "\x1b[31m", "\x1b[1;44m", "\x1b[m", "\x1b[4:3;58:5:9m", "\x1b[38;2;1;2;3m", "\x1b[K",
	"\x1b]8;;https://example.org/a\x1b\\", "\x1b]8;;\x1b\\",
}

func randomShell(rnd *rand.Rand, pieces int) []byte {
	var b []byte
	for range pieces {
		b = append(b, shellPieces[rnd.IntN(len(shellPieces))]...)
	}
	return b
}

// atCursor returns what stands left of the cursor in its line, however that is
// wrapped.
func atCursor(s *Screen) string {
	rows := append(pastRows(s), s.main.rows...)
	y := len(rows) - len(s.main.rows) + s.y
	x := s.x
	if s.wrapNext {
		x++
	}
	line := []row{{cells: slices.Clone(rows[y].cells[:x])}}
	for y--; y >= 0 && rows[y].wrapped; y-- {
		line = append([]row{rows[y]}, line...)
	}
	return strings.Join(logical(s, line), "|")
}

// However often the main screen is resized, its text and that of its past stay what
// they were, and the cursor stays where it is in them.
func TestResizeKeepsText(t *testing.T) {
	for seed := range uint64(150) {
		rnd := rand.New(rand.NewPCG(seed, 11))
		s := New(2+rnd.IntN(60), 2+rnd.IntN(20))
		s.KeepHistory(true)
		for step := range 12 {
			s.Write(randomShell(rnd, rnd.IntN(80)))
			want, at := logicalAll(s), atCursor(s)
			cols, rows := 2+rnd.IntN(60), 2+rnd.IntN(20)
			was := describe(s, s)
			s.Resize(cols, rows)
			if err := invariant(s); err != nil {
				t.Fatal(err)
			}
			checkRebuilt(t, s, nil, s, used)
			if got := logicalAll(s); !slices.Equal(got, want) {
				t.Fatalf("seed %d step %d: to %dx%d\n%s\ngot  %q\nwant %q", seed, step, cols, rows, was, got, want)
			}
			if got := atCursor(s); got != at {
				t.Fatalf("seed %d step %d: to %dx%d: left of the cursor\n%s\ngot  %q\nwant %q\n%s", seed, step, cols, rows, was, got, at, describe(s, s))
			}
		}
	}
}

// The same behind an alternate screen: the saved cursor stays at its character.
func TestResizeKeepsTextBehindAlternate(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 12))
		s := New(2+rnd.IntN(60), 2+rnd.IntN(20))
		s.KeepHistory(true)
		s.Write(randomShell(rnd, rnd.IntN(200)))
		want, at := logicalAll(s), atCursor(s)
		s.Write([]byte("\x1b[?1049h\x1b[31mvim\x1b7"))
		for range 3 {
			s.Resize(2+rnd.IntN(60), 2+rnd.IntN(20))
			checkRebuilt(t, s, nil, s, used)
		}
		s.Write([]byte("\x1b[?1049l"))
		if got := logicalAll(s); !slices.Equal(got, want) {
			t.Fatalf("seed %d:\ngot  %q\nwant %q", seed, got, want)
		}
		if got := atCursor(s); got != at {
			t.Fatalf("seed %d: left of the cursor\ngot  %q\nwant %q", seed, got, at)
		}
	}
}

// A viewer's scrollback, and below it its screen, hold all text once and in order,
// however the screen was resized and whenever it was drawn.
func TestScrolledHoldsEachLineOnce(t *testing.T) {
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(seed, 13))
		s := New(10+rnd.IntN(60), 2+rnd.IntN(20))
		s.KeepScrolled(true)
		s.KeepHistory(rnd.IntN(2) == 0)
		var f Frame
		var scrollback strings.Builder
		frame := func() {
			s.Frame(&f)
			if f.Lost != 0 {
				t.Fatalf("seed %d: %d lines lost", seed, f.Lost)
			}
			for _, line := range f.Scrolled {
				scrollback.WriteString(s.rowText(line))
			}
		}
		n, want := 0, ""
		for range 12 {
			for range rnd.IntN(40) {
				n++
				line := fmt.Sprintf("<%d%s>", n, strings.Repeat([]string{"日a", "b"}[rnd.IntN(2)], rnd.IntN(50)))
				fmt.Fprintf(writerTo{s}, "%s\r\n", line)
				want += line
			}
			if rnd.IntN(2) == 0 {
				frame()
			}
			s.Resize(10+rnd.IntN(60), 2+rnd.IntN(20))
			if rnd.IntN(2) == 0 {
				frame()
			}
		}
		_, rows := s.Size()
		s.Write(bytes.Repeat([]byte("\r\n"), rows)) // all leave
		frame()
		if got := scrollback.String(); got != want {
			t.Fatalf("seed %d:\ngot  %s\nwant %s", seed, got, want)
		}
	}
}

// A row that came back is a new one when it is written or erased.
func TestRowsThatCameBackAndChanged(t *testing.T) {
	for _, c := range []struct{ desc, in, want string }{
		{"as they were", "", ""},
		{"printed over", "\x1b[Hx", "xine 0"},
		{"printed over with another", "\x1b[H日", "日ne 0"},
		{"erased and printed", "\x1b[H\x1b[Knew", "new"},
		{"erased in part", "\x1b[2;3H\x1b[1K", "   e 1"},
		{"with characters taken out", "\x1b[H\x1b[P", "ine 0"},
		{"with characters put in", "\x1b[H\x1b[@", " line 0"},
		{"cleared", "\x1b[H\x1b[2Jnew\r\nlines", "new lines"},
		{"moved by a line that came in", "\x1b[H\x1b[L", ""},
	} {
		s := New(20, 4)
		s.KeepScrolled(true)
		for i := range 10 {
			fmt.Fprintf(writerTo{s}, "line %d\r\n", i)
		}
		s.Write([]byte("$"))
		var f Frame
		s.Frame(&f)
		s.Resize(20, 11)
		if got := s.Text()[0]; got != "line 0" {
			t.Fatalf("%s: %q came back", c.desc, got)
		}
		s.Write([]byte(c.in + "\x1b[11;1H" + strings.Repeat("\n", 5)))
		s.Frame(&f)
		var got []string
		for _, line := range f.Scrolled {
			if text := s.rowText(line); text != "" {
				got = append(got, text)
			}
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: scrolled off %q, want %q", c.desc, got, c.want)
		}
	}
}

// checkRows checks what rows say of their cells.
func checkRows(t *testing.T, s *Screen) {
	t.Helper()
	for _, g := range []*grid{&s.main, &s.alt} {
		for y, r := range g.rows {
			if textEnd(r.cells) > int(r.end) {
				t.Fatalf("row %d ends at %d, not at %d", y, textEnd(r.cells), r.end)
			}
			for x, c := range r.cells {
				if r.plain && (c.Rune > '~' || c.Mark != 0 || c.Width != 1 || c.Pen != Pen{}) {
					t.Fatalf("row %d column %d is not plain: %+v", y, x, c)
				}
			}
		}
	}
}

func TestRowsKnowTheirCells(t *testing.T) {
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(seed, 17))
		s := New(2+rnd.IntN(40), 2+rnd.IntN(10))
		for range 200 {
			s.Write(randomOutput(rnd, 3))
			s.Write([]byte([]string{"\x1b#8", "\x1b[3@", "\x1b[2P", "\x1b[4h", "\x1b[4l", "\x1b[K", "\x1b[3X", "abc"}[rnd.IntN(8)]))
			if rnd.IntN(30) == 0 {
				s.Resize(2+rnd.IntN(40), 2+rnd.IntN(10))
			}
			checkRows(t, s)
		}
	}
}
