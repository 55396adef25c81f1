package screen

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// maxFuzz is how many bytes of an input are looked at.
const maxFuzz = 1024

// maxCellBytes is more than a cell of these programs takes in a snapshot.
const maxCellBytes = 200

// FuzzParser checks that any bytes, cut anywhere, do the same.
func FuzzParser(f *testing.F) {
	for _, seed := range rawSeeds(f) {
		f.Add(seed, uint16(len(seed)/2), uint8(20), uint8(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint16, cols, rows uint8) {
		data = data[:min(len(data), maxFuzz)]
		at := min(int(cut), len(data))
		c, r := fuzzSize(cols, rows)
		want := fed(c, r, data)
		sound(t, "written at once", want)
		if d := want.difference(fed(c, r, data[:at], data[at:])); d != "" {
			t.Fatalf("cut at %d: %s differs", at, d)
		}
		split := New(c, r)
		for i := range data {
			split.Write(data[i : i+1])
		}
		if d := want.difference(split); d != "" {
			t.Fatalf("byte by byte: %s differs", d)
		}
	})
}

// FuzzModel runs programs of whole sequences and checks the model after each.
func FuzzModel(f *testing.F) {
	addPrograms(f)
	f.Fuzz(func(t *testing.T, data []byte, cols, rows uint8) {
		s := New(fuzzSize(cols, rows))
		s.AnswerQueries(true)
		s.KeepScrolled(true)
		for i, step := range program(data) {
			s.Write(step)
			sound(t, fmt.Sprintf("step %d, %q", i, step), s)
			if i%64 == 63 {
				s.TakeReplies()
			}
		}
		if n := len(s.Snapshot()); n > 2*(s.cols+8)*(s.rows+8)*maxCellBytes+(maxTitleStack+1)*maxTitle+maxString {
			t.Fatalf("a snapshot of %d bytes", n)
		}
	})
}

// FuzzResize resizes amid programs: the model stays sound, and what was rebuilt from
// a snapshot goes on as it does.
func FuzzResize(f *testing.F) {
	addPrograms(f)
	f.Fuzz(func(t *testing.T, data []byte, cols, rows uint8) {
		s := New(fuzzSize(cols, rows))
		s.KeepScrolled(true)
		s.KeepHistory(true)
		var fr Frame
		for i, step := range program(data) {
			if i%5 < 3 {
				s.Write(step)
				continue
			}
			c, r := fuzzSize(data[2*i], data[2*i+1])
			s.Resize(c, r)
			sound(t, fmt.Sprintf("step %d: resize to %d by %d", i, c, r), s)
			if i%3 == 0 {
				s.Frame(&fr)
				frameSound(t, s, &fr)
			}
		}
		checkRebuilt(t, s, nil, s, New)
		c, r := s.Size()
		before := fed(c, r, s.Snapshot())
		s.Resize(c, r)
		if d := before.difference(s); d != "" {
			t.Fatalf("resized to the size it has: %s differs", d)
		}
	})
}

// FuzzSnapshot checks the snapshot laws for programs cut anywhere, and for any bytes.
func FuzzSnapshot(f *testing.F) {
	addPrograms(f)
	for _, seed := range rawSeeds(f) {
		f.Add(seed, uint8(0), uint8(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, cols, rows uint8) {
		stream := bytes.Join(program(data), nil)
		if cols%2 == 0 {
			stream = data[:min(len(data), maxFuzz)]
		}
		c, r := fuzzSize(cols, rows)
		want := fed(c, r, stream)
		s := New(c, r)
		rnd := rand.New(rand.NewPCG(uint64(cols), uint64(rows)))
		done := 0
		for i, cut := range []int{rnd.IntN(len(stream) + 1), rnd.IntN(len(stream) + 1)} {
			cut = max(cut, done)
			s.Write(stream[done:cut])
			done = cut
			onto := New
			if i == 1 {
				onto = used
			}
			checkRebuilt(t, s, stream[cut:], want, onto)
		}
	})
}

// sound fails if s is not what the rest of the package may rely on, or has grown
// beyond its bounds.
func sound(t *testing.T, when string, s *Screen) {
	t.Helper()
	if err := invariant(s); err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	if err := grown(s); err != nil {
		t.Fatalf("%s: %v", when, err)
	}
}

// grown checks everything that a program could make grow.
func grown(s *Screen) error {
	for name, table := range map[string]*texts{"marks": &s.marks, "links": &s.links} {
		if len(table.list) > maxTexts || table.bytes > maxTextBytes {
			return fmt.Errorf("%d %s of %d bytes", len(table.list), name, table.bytes)
		}
	}
	switch {
	case len(s.title) > maxTitle || len(s.titles) > maxTitleStack:
		return fmt.Errorf("a title of %d bytes, %d pushed", len(s.title), len(s.titles))
	case s.replyBytes > maxReplies:
		return fmt.Errorf("%d bytes of answers", s.replyBytes)
	case s.past.count > maxPastLines || len(s.past.text) > maxPastBytes:
		return fmt.Errorf("%d lines of the past in %d bytes", s.past.count, len(s.past.text))
	case !s.keep && s.past.count > 0:
		return fmt.Errorf("%d lines of a past that nobody wants", s.past.count)
	}
	return nil
}

// frameSound fails if f cannot be drawn.
func frameSound(t *testing.T, s *Screen, f *Frame) {
	t.Helper()
	if len(f.Cells) != f.Cols*f.Rows || f.Cols != s.cols || f.Rows != s.rows || len(f.Scrolled) > MaxScrolled || f.Lost < 0 {
		t.Fatalf("frame of %d by %d has %d cells, %d lines, %d lost", f.Cols, f.Rows, len(f.Cells), len(f.Scrolled), f.Lost)
	}
	check := func(cells []Cell) {
		for _, c := range cells {
			if int(c.Mark) >= len(f.Marks) || int(c.Pen.Link) >= len(f.Links) {
				t.Fatalf("cell %+v is not in the tables", c)
			}
		}
	}
	check(f.Cells)
	for _, l := range f.Scrolled {
		check(l)
	}
}

// fuzzSize keeps screens small, so that much happens at their edges.
func fuzzSize(cols, rows uint8) (int, int) {
	return MinSize + int(cols)%40, MinSize + int(rows)%14
}
