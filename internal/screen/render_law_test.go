package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What a Draw may send, in bytes: so much for each cell that changes on the terminal,
// for each line that leaves the top, and for all else.
const (
	lawCellBytes = 96
	lawLineBytes = 64
	lawBytes     = 256
)

// A witness is a second terminal, our own model, that is sent what the first is.
type witness struct {
	*Screen
	frame Frame
	gone  [][]termCell // what left its top
}

func newWitness(v *viewing) *witness {
	w := &witness{Screen: New(v.term.cols, v.term.rows)}
	w.KeepScrolled(true)
	for _, row := range rowTexts(slices.Concat(v.term.history, v.term.main[:v.term.y])) {
		w.Write([]byte(strings.TrimRight(row, " ") + "\r\n"))
	}
	for y := v.term.y + 1; y < v.term.rows; y++ {
		w.Write(fmt.Appendf(nil, "\x1b7\x1b[%dH?\x1b8", y+1))
	}
	w.Write([]byte("\x1b[1;43m"))
	w.look()
	return w
}

// look returns what the model shows.
func (w *witness) look() [][]termCell {
	w.Frame(&w.frame)
	for _, line := range w.frame.Scrolled {
		w.gone = append(w.gone, termCells(line, &w.frame))
	}
	var rows [][]termCell
	for y := range w.frame.Rows {
		rows = append(rows, termCells(w.frame.Row(y), &w.frame))
	}
	return rows
}

func termCells(cells []Cell, f *Frame) []termCell {
	var row []termCell
	for _, c := range cells {
		t := termCell{text: string(max(c.Rune, ' ')) + lookUp(f.Marks, c.Mark), pen: c.Pen, link: lookUp(f.Links, c.Pen.Link)}
		if t.pen.Link = 0; c.Width == 0 {
			t.text = ""
		}
		row = append(row, t)
	}
	return row
}

// agree checks that both terminals show the same, and have the same behind them.
func (v *viewing) agree(w *witness, modes Frame) {
	v.t.Helper()
	w.Write(v.sent)
	got := w.look()
	v.same("the model as a terminal", trimRows(got), trimRows(*v.term.screen()))
	v.same("what left its top", trimRows(w.gone), trimRows(v.term.history))
	c := w.frame.Cursor
	if c.Visible != v.term.modes[25] || c.Visible && (c.X != v.term.x || c.Y != v.term.y) {
		v.t.Fatalf("cursor %+v, the other terminal's at %d,%d; sent %q", c, v.term.x, v.term.y, v.sent)
	}
	if f := &w.frame; f.Title != v.term.title || f.Alt != v.term.onAlt || f.Mouse != modes.Mouse || f.KeyFlags != modes.KeyFlags&1 || f.OtherKeys != modes.OtherKeys {
		v.t.Fatalf("title %q, alternate %v, mouse %d, keys %d %d, want %q %v %d %d %d; sent %q",
			f.Title, f.Alt, f.Mouse, f.KeyFlags, f.OtherKeys, v.term.title, v.term.onAlt, modes.Mouse, modes.KeyFlags&1, modes.OtherKeys, v.sent)
	}
}

// A tape is all that a terminal holds: what left its top and its main screen, and the
// alternate screen.
type tape struct{ main, alt [][]termCell }

func (t *terminal) tape() tape {
	copied := func(rows [][]termCell) [][]termCell {
		var out [][]termCell
		for _, row := range rows {
			out = append(out, slices.Clone(row))
		}
		return out
	}
	if !t.onAlt {
		return tape{main: copied(slices.Concat(t.history, t.main))}
	}
	return tape{copied(slices.Concat(t.history, t.main)), copied(t.alt)}
}

// changed counts the cells in which a terminal differs from what it was. What was not
// there before was blank.
func changed(was, is [][]termCell) (n int) {
	for y, row := range is {
		for x, c := range row {
			before := emptyTerm
			if y < len(was) && x < len(was[y]) {
				before = looks(was[y][x])
			}
			if looks(c) != before {
				n++
			}
		}
	}
	return n
}

// TestRendererLaw draws pairs of random frames on terminals of many sizes: what is
// sent for each, in nothing but the alphabet, makes two terminals that know nothing of
// each other show it, and costs no more than what changed allows.
func TestRendererLaw(t *testing.T) {
	for _, size := range [][4]int{{20, 6, 20, 6}, {27, 11, 20, 6}, {13, 4, 20, 7}, {40, 10, 60, 18}, {60, 20, 30, 9}, {2, 2, 20, 6}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			most := 0.0
			for seed := range uint64(12) {
				v := newViewing(t, seed, size[0], size[1], size[2], size[3])
				w := newWitness(v)
				for range 60 {
					most = max(most, v.lawStep(w))
				}
			}
			t.Logf("at most %.2f of the bytes allowed", most)
		})
	}
}

// lawStep goes on by one frame and returns which part of the bytes allowed it took.
func (v *viewing) lawStep(w *witness) float64 {
	v.t.Helper()
	rnd := v.src.rnd
	for range rnd.IntN(5) {
		v.src.write()
	}
	switch rnd.IntN(12) {
	case 0:
		v.src.toggleAlt()
	case 1:
		v.overlay.Notice = []string{"", "李 joined", "2x2 of 20x6"}[rnd.IntN(3)]
	case 2:
		v.src.resize(15+rnd.IntN(10), 3+rnd.IntN(6))
	case 3:
		v.r.Pan(rnd.IntN(9)-4, rnd.IntN(5)-2)
	case 4:
		v.r.Follow()
	}
	f := v.frame()
	f.Title = []string{"", "vim", "make\x1b]2;x\a"}[rnd.IntN(3)]
	f.Mouse, f.KeyFlags, f.OtherKeys = MouseMode(rnd.IntN(5)), uint8(rnd.IntN(2)), uint8(rnd.IntN(3))
	modes := *f
	if v.overlay.Writer = rnd.IntN(3) > 0; !v.overlay.Writer {
		modes.Mouse, modes.KeyFlags, modes.OtherKeys = 0, 0, 0
	}
	if modes.Mouse == MouseX10 {
		modes.Mouse = MouseClick
	}
	was, lines := v.term.tape(), len(v.lines)
	v.sent = slices.Clone(v.r.Draw(f, v.overlay))
	v.drawn()
	v.term.write(v.sent)
	v.check()
	v.agree(w, modes)
	is := v.term.tape()
	n := changed(was.main, is.main) + changed(was.alt, is.alt)
	lines = len(v.lines) - lines
	allowed := lawCellBytes*n + lawLineBytes*lines + lawBytes
	if len(v.sent) > allowed {
		v.t.Fatalf("%d bytes for %d cells and %d lines, want at most %d: %q", len(v.sent), n, lines, allowed, v.sent)
	}
	return float64(len(v.sent)) / float64(allowed)
}

// TestRendererLawWorst draws frames whose cells share nothing: each is of another pen
// with all that a pen has, marks and links. An address counts once more whenever a link
// begins.
func TestRendererLawWorst(t *testing.T) {
	const cols, rows = 80, 24
	for seed := range uint64(2) {
		v := newViewing(t, seed, cols, rows, cols, rows)
		v.draw()
		for range 2 {
			addresses := 0
			for y, row := range v.src.main {
				for x := range row {
					color := func() Color {
						return RGB(uint8(100+v.src.rnd.IntN(150)), uint8(100+v.src.rnd.IntN(150)), uint8(100+v.src.rnd.IntN(150)))
					}
					attr := Attr(v.src.rnd.IntN(256))
					link := ""
					if v.src.rnd.IntN(2) > 0 {
						link = fmt.Sprintf("https://example.org/%d/%d", y%3, x%4)
						addresses += len(link)
					}
					row[x] = termCell{"e\u0301", Pen{Fg: color(), Bg: color(), Ul: color(), Attr: attr, Underline: uint8(1 + x%5)}, link}
				}
			}
			v.draw()
			v.check()
			if got, want := len(v.sent), lawCellBytes*cols*rows+addresses+lawBytes; got > want {
				t.Errorf("%d bytes, want at most %d", got, want)
			} else {
				t.Logf("%d bytes a cell without addresses", (got-addresses)/(cols*rows))
			}
		}
	}
}
