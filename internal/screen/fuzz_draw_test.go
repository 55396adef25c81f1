package screen

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unicode"
)

// FuzzDraw draws what programs show: nothing but the alphabet comes out, and a
// second model that is fed with it shows the same.
func FuzzDraw(f *testing.F) {
	addPrograms(f)
	f.Fuzz(func(t *testing.T, data []byte, cols, rows uint8) {
		c, r := fuzzSize(cols, rows)
		stream := bytes.Join(program(data), nil)
		if tooManyLines(c, r, stream) {
			return
		}
		rnd := rand.New(rand.NewPCG(uint64(cols), uint64(rows)))
		host, viewer := New(c, r), New(c, r)
		host.KeepScrolled(true)
		viewer.KeepScrolled(true)
		draw, terminal := NewRenderer(c, r), newTerminal(c, r)
		var want, got Frame
		for len(stream) > 0 {
			n := min(1+rnd.IntN(200), len(stream))
			host.Write(stream[:n])
			stream = stream[n:]
			host.Frame(&want)
			cells := resolve(draw, [][]Cell{want.Cells}, &want)[0] // before Draw renumbers
			sent := draw.Draw(&want, Overlay{})
			terminal.write(sent)
			if len(terminal.faults) > 0 {
				t.Fatalf("%s: sent %q", terminal.faults[0], sent)
			}
			viewer.Write(sent)
			viewer.Frame(&got)
			if p := draw.plane(); p.known() && p.top == 0 {
				sameDrawn(t, draw, cells, &got, &want)
			}
		}
	})
}

// sameDrawn fails if got, what a model made of what draw sent, is not want, whose
// cells are under draw's numbers.
func sameDrawn(t *testing.T, draw *Renderer, cells []Cell, got, want *Frame) {
	t.Helper()
	if want.Alt != got.Alt || want.Cursor.Visible != got.Cursor.Visible {
		t.Fatalf("alternate screen %v, cursor %+v, want %v, %+v", got.Alt, got.Cursor, want.Alt, want.Cursor)
	}
	if want.Cursor.Visible && (want.Cursor.X != got.Cursor.X || want.Cursor.Y != got.Cursor.Y) {
		t.Fatalf("cursor %+v, want %+v", got.Cursor, want.Cursor)
	}
	for i, c := range resolve(draw, [][]Cell{got.Cells}, got)[0] {
		w := cells[i]
		if i%want.Cols == want.Cols-1 && c.Mark == 0 && !steady(w.Rune) && !unicode.IsLetter(w.Rune) {
			w.Mark = 0 // left out there on purpose: see lastMarks
		}
		if c != w {
			t.Fatalf("row %d column %d is %+v, want %+v", i/want.Cols, i%want.Cols, c, w)
		}
	}
}

// tooManyLines reports whether so many lines leave the top that they may be more than
// one Frame carries.
func tooManyLines(cols, rows int, stream []byte) bool {
	s := New(cols, rows)
	s.KeepScrolled(true)
	s.Write(stream)
	var fr Frame
	s.Frame(&fr)
	return fr.Lost > 0
}
