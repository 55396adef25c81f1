package screen

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// allCuts tries what takes minutes: see scripts/screen-laws.
var allCuts = flag.Bool("all-cuts", false, "test the laws of the screen at every cut of small recordings and at 1,000 of large ones")

const (
	smallRecording = 4 << 10 // bytes; up to so many every cut is tried, if all are
	largeCuts      = 1000    // of a larger one
)

// recording is output of a real program, and the size it was written for.
type recording struct {
	name       string
	cols, rows int
	data       []byte
}

// recordings reads testdata: files named program.COLSxROWS.rec.
func recordings(t testing.TB) []recording {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.rec")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	var recs []recording
	for _, p := range paths {
		r := recording{name: filepath.Base(p)}
		parts := strings.Split(r.name, ".")
		if _, err := fmt.Sscanf(parts[len(parts)-2], "%dx%d", &r.cols, &r.rows); err != nil {
			t.Fatalf("%s: no size in the name: %v", p, err)
		}
		if r.data, err = os.ReadFile(p); err != nil {
			t.Fatal(err)
		}
		recs = append(recs, r)
	}
	return recs
}

func fed(cols, rows int, chunks ...[]byte) *Screen {
	s := New(cols, rows)
	for _, c := range chunks {
		s.Write(c)
	}
	return s
}

// used returns a Screen that is in about as odd a state as one can be in.
func used(cols, rows int) *Screen {
	return fed(cols, rows, []byte("\x1b[?1049h\x1b[1;4:3;38;2;1;2;3mgarbage\x1b]8;;http://x\x1b\\\x1b[?6;1;1003;1006;2004;1004;66;5;12;1007;2026h"+
		"\x1b[?1;7;1000;1006;2004s\x1b[?7;25l\x1b[2;3r\x1b7\x1b[4;20h\x1b[3g\x1b(0\x1b)A\x0e\x1b]2;old\a\x1b[22t\x1b]2;older\a\x1b[22t\x1b[>5u\x1b[>9u"+
		"\x1b[>4;2m\x1b[4 q\x1b[?1047l\x1b[>3u\x1b[?1047h\x1b[99;99Hx\x1b7\x1b]0;unfinished"))
}

// checkRebuilt checks the snapshot and fixpoint laws for s, and that rest has the
// same effect on a Screen rebuilt from it as on want.
func checkRebuilt(t *testing.T, s *Screen, rest []byte, want *Screen, onto func(cols, rows int) *Screen) {
	t.Helper()
	snap := s.Snapshot()
	v := onto(s.cols, s.rows)
	v.Write(snap)
	if d := s.difference(v); d != "" {
		t.Fatalf("rebuilt: %s differs\n%s", d, describe(s, v))
	}
	if again := v.Snapshot(); !bytes.Equal(snap, again) {
		t.Fatalf("snapshot of the rebuilt: got %q\nwant %q", again, snap)
	}
	v.Write(rest)
	if d := want.difference(v); d != "" {
		t.Fatalf("rest after rebuilt: %s differs\n%s", d, describe(want, v))
	}
}

func describe(want, got *Screen) string {
	return fmt.Sprintf("want %q at %d,%d\ngot  %q at %d,%d", want.Text(), want.x, want.y, got.Text(), got.x, got.y)
}

// cuts returns the places, in order, at which data is cut: every one, 1,000 or fewer.
func cuts(data []byte, rnd *rand.Rand) []int {
	n := len(data) + 1
	if *allCuts && len(data) < smallRecording {
		at := make([]int, n)
		for i := range at {
			at[i] = i
		}
		return at
	}
	at := make([]int, fewCuts())
	for i := range at {
		at[i] = rnd.IntN(n)
	}
	slices.Sort(at)
	return at
}

func fewCuts() int {
	switch {
	case *allCuts:
		return largeCuts
	case testing.Short() || raceEnabled:
		return 8
	}
	return 100
}

// eachRecording runs law on all recordings, which returns how many cuts it tried.
func eachRecording(t *testing.T, law func(t *testing.T, r recording) int) {
	var tried atomic.Int64
	recs := recordings(t)
	t.Run("of", func(t *testing.T) {
		for _, r := range recs {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				tried.Add(int64(law(t, r)))
			})
		}
	})
	t.Logf("%d cuts of %d recordings", tried.Load(), len(recs))
}

// A stream's effect does not depend on where it is cut.
func TestSplitInvariance(t *testing.T) {
	eachRecording(t, func(t *testing.T, r recording) int {
		want := fed(r.cols, r.rows, r.data)
		got := New(r.cols, r.rows)
		for i := range r.data {
			got.Write(r.data[i : i+1])
			if i%64 != 0 {
				continue
			}
			if err := invariant(got); err != nil {
				t.Fatalf("after byte %d: %v", i, err)
			}
		}
		if d := want.difference(got); d != "" {
			t.Fatalf("byte by byte: %s differs\n%s", d, describe(want, got))
		}
		at := cuts(r.data, rand.New(rand.NewPCG(1, 1)))
		for _, cut := range at {
			if d := want.difference(fed(r.cols, r.rows, r.data[:cut], r.data[cut:])); d != "" {
				t.Fatalf("cut at %d: %s differs", cut, d)
			}
		}
		return len(at)
	})
}

// What is rebuilt from a snapshot goes on as the original does, on a Screen that is
// new and on one that is not.
func TestSnapshotLaw(t *testing.T) {
	eachRecording(t, func(t *testing.T, r recording) int {
		want := fed(r.cols, r.rows, r.data)
		at := cuts(r.data, rand.New(rand.NewPCG(2, 2)))
		s := New(r.cols, r.rows)
		done, tried := 0, 0
		for _, cut := range at {
			s.Write(r.data[done:cut])
			done = cut
			for i, onto := range []func(cols, rows int) *Screen{New, used} {
				if *allCuts || cut%2 == i {
					checkRebuilt(t, s, r.data[cut:], want, onto)
					tried++
				}
			}
		}
		return tried
	})
}

// invariant checks what the snapshot relies on.
func invariant(s *Screen) error {
	for y, r := range s.g.rows {
		if len(r.cells) != s.cols {
			return fmt.Errorf("row %d has %d cells", y, len(r.cells))
		}
		if r.wrapped && y == s.rows-1 {
			return fmt.Errorf("row %d is wrapped behind nothing", y)
		}
		for x := range r.cells {
			c := &r.cells[x]
			switch {
			case c.Width == 2 && (x == s.cols-1 || r.cells[x+1].Width != 0):
				return fmt.Errorf("half a wide character at %d,%d", x, y)
			case c.Width == 0 && (x == 0 || r.cells[x-1].Width != 2 || r.cells[x-1].Pen != c.Pen):
				return fmt.Errorf("a right half alone at %d,%d", x, y)
			case c.Width == 1 && c.Rune == 0 && *c != blankCell(c.Pen.Bg):
				return fmt.Errorf("a blank with a pen at %d,%d", x, y)
			}
		}
	}
	switch {
	case s.x < 0 || s.x >= s.cols || s.y < 0 || s.y >= s.rows:
		return fmt.Errorf("cursor at %d,%d", s.x, s.y)
	case s.wrapNext && !s.canWrap():
		return fmt.Errorf("a wrap is pending where none can be")
	case s.wrapNext && s.g.rows[s.y].wrapped:
		return fmt.Errorf("a wrap is pending in a row that is wrapped")
	case s.top >= s.bottom || s.top < 0 || s.bottom >= s.rows:
		return fmt.Errorf("region %d to %d", s.top, s.bottom)
	case s.modes.has(modeOrigin) && !s.inRegion():
		return fmt.Errorf("cursor left its region")
	case len(s.pending()) > maxString+maxSequence:
		return fmt.Errorf("%d bytes pending", len(s.pending()))
	}
	return nil
}
