package screen

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestModelToModel plays real programs' output to a Screen, draws its Frames, and
// plays what the Renderer sends to another Screen: the viewer's terminal. That must
// show the same, cell for cell, whenever the frame fills it.
func TestModelToModel(t *testing.T) {
	for _, rec := range recordings(t) {
		t.Run(rec.name, func(t *testing.T) {
			for seed := range uint64(4) {
				playTo(t, rec, rand.New(rand.NewPCG(seed, 2)))
			}
		})
	}
}

// TestModelToModelRandom does so with output that no program would write.
func TestModelToModelRandom(t *testing.T) {
	pieces := []string{
		"hello ", "world", "\r\n", "\r\n", "\n", "\t", "中文", "😀", "e\u0301", "한か\u3099", "─│┌", "\b",
		"\x1b[31m", "\x1b[1;44m", "\x1b[m", "\x1b[7m", "\x1b[4:3;58:5:9m", "\x1b[38;2;1;2;3m", "\x1b[9;53m",
		"\x1b[H", "\x1b[5;9H", "\x1b[20;70H", "\x1b[A", "\x1b[3B", "\x1b[J", "\x1b[1J", "\x1b[2J", "\x1b[K", "\x1b[1K",
		"\x1b[L", "\x1b[2M", "\x1b[3@", "\x1b[2P", "\x1b[5X", "\x1b[3;8r", "\x1b[r", "\x1bM", "\x1bD", "\x1b[2S", "\x1b[T",
		"\x1b[?1049h", "\x1b[?1049l", "\x1b[?5h", "\x1b[?5l", "\x1b[?25l", "\x1b[?25h", "\x1b[?7l", "\x1b[?7h", "\x1b#8", "\x1bc",
		"\x1b]8;;https://example.org\x1b\\", "\x1b]8;;\x1b\\", "\x1b]2;title\a", "\x1b(0qqx\x1b(B", "\x1b[4h", "\x1b[4l",
	}
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		rec := recording{cols: 30, rows: 9}
		for range 400 {
			rec.data = append(rec.data, pieces[rnd.IntN(len(pieces))]...)
		}
		playTo(t, rec, rnd)
	}
}

func playTo(t *testing.T, rec recording, rnd *rand.Rand) {
	host, viewer := New(rec.cols, rec.rows), New(rec.cols, rec.rows)
	host.KeepScrolled(true)
	viewer.KeepScrolled(true)
	r := NewRenderer(rec.cols, rec.rows)
	var f, shown Frame
	var want, got [][]Cell // lines that left the top
	data := rec.data
	for step := 0; len(data) > 0; step++ {
		n := min(1+rnd.IntN(1+rnd.IntN(len(rec.data))), len(data))
		host.Write(data[:n])
		data = data[n:]
		host.Frame(&f)
		want = append(want, resolve(r, f.Scrolled, &f)...)
		cell := resolve(r, [][]Cell{f.Cells}, &f)[0]
		viewer.Write(r.Draw(&f, Overlay{}))
		viewer.Frame(&shown)
		got = append(got, resolve(r, shown.Scrolled, &shown)...)
		if f.Alt != shown.Alt || f.Cursor.Visible != shown.Cursor.Visible {
			t.Fatalf("step %d: alternate screen %v, want %v", step, shown.Alt, f.Alt)
		}
		if p := r.plane(); !p.known() || p.top > 0 {
			continue
		}
		if f.Cursor.Visible && (f.Cursor.X != shown.Cursor.X || f.Cursor.Y != shown.Cursor.Y) {
			t.Fatalf("step %d: cursor %+v, want %+v", step, shown.Cursor, f.Cursor)
		}
		for i, c := range resolve(r, [][]Cell{shown.Cells}, &shown)[0] {
			if c != cell[i] {
				t.Fatalf("step %d: row %d column %d is %+v, want %+v", step, i/f.Cols, i%f.Cols, c, cell[i])
			}
		}
	}
	waiting := len(r.later.lines) // the alternate screen shows
	if p := &r.main; p.known() && p.top == 0 && len(got)+waiting != len(want) || len(got) > len(want) {
		t.Errorf("%d lines in the viewer's history, want %d", len(got), len(want))
	}
	if n := min(len(got), len(want)); !slices.EqualFunc(got[:n], want[:n], slices.Equal) {
		t.Errorf("the viewer's history differs")
	}
}

// resolve returns cells as they look, with marks and links under r's numbers.
func resolve(r *Renderer, lines [][]Cell, f *Frame) [][]Cell {
	var out [][]Cell
	for _, line := range lines {
		row := make([]Cell, len(line))
		r.buildRow(row, line, 0, f)
		out = append(out, row)
	}
	return out
}
