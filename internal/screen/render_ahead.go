package screen

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"unicode/utf8"
)

// An ahead is the rows at the top of a frame higher than the terminal that are in the
// terminal's own scrollback before they left the frame: else what is between that and
// the view would be nowhere on this terminal.
//
//	1 ... 470    left the frame: in the scrollback
//	471 ... 476  above the view: in the scrollback ahead of time
//	477 ... $    the view
//
// Each row enters once, however often it changes while it is above the view. What it
// looked like is kept as a hash: a row that looks the same when it leaves the frame is
// there already, another is written then.
type ahead struct {
	looks      []uint64 // by row of the frame, behind those that have left it before
	cols, rows int      // of the frame
	newest     []uint64 // what entered ahead of time or changed since, newest last, for a frame of another size
	seed       maphash.Seed
	text       []byte // scratch
}

// maxNewest is how many lines of the scrollback a frame of another size is compared
// with: no frame has more rows.
const maxNewest = MaxSize

// leaving returns those of the lines that left f which are not on the terminal yet.
func (r *Renderer) leaving(f *Frame) [][]Cell {
	a := &r.ahead
	if f.Lost > 0 { // which row is which is not known
		a.looks = a.looks[:0]
	}
	n := min(len(a.looks), len(f.Scrolled))
	lines := r.lines[:0]
	for i, line := range f.Scrolled[:n] {
		if look := a.look(line, f); look != a.looks[i] {
			lines = append(lines, line)
			a.entered(look)
		}
	}
	// If there are more, nothing is ahead now, and find looks for none of them.
	lines = append(lines, f.Scrolled[n:]...)
	a.looks = append(a.looks[:0], a.looks[n:]...)
	if f.Cols != a.cols || f.Rows != a.rows {
		a.cols, a.rows = f.Cols, f.Rows
		a.find(f)
	}
	r.lines = lines
	return lines
}

// above appends to lines the rows of f above p's view that are not on the terminal yet.
// A view that was moved by hand says nothing, and what waits belongs before them.
func (r *Renderer) above(lines [][]Cell, f *Frame, p *plane) [][]Cell {
	if r.held || f.Waits {
		return lines
	}
	a := &r.ahead
	for y := f.Back + len(a.looks); y < p.panY; y++ {
		look := a.look(f.Row(y), f)
		lines = append(lines, f.Row(y))
		a.looks = append(a.looks, look)
		a.entered(look)
	}
	r.lines = lines
	return lines
}

// entered notes that a line enters the scrollback.
func (a *ahead) entered(look uint64) {
	if len(a.newest) == 2*maxNewest {
		a.newest = append(a.newest[:0], a.newest[maxNewest:]...)
	}
	a.newest = append(a.newest, look)
}

// find finds which rows at the top of a frame of another size are those that were there
// ahead of time: the scrollback ends in them. Rows that are wrapped anew look different,
// and enter once more.
func (a *ahead) find(f *Frame) {
	n := min(len(a.looks), len(a.newest), f.Rows-f.Back)
	a.looks = a.looks[:0]
	if f.Alt {
		return
	}
	for y := range n {
		a.looks = append(a.looks, a.look(f.Row(f.Back+y), f))
	}
	for n > 0 && !slices.Equal(a.looks[:n], a.newest[len(a.newest)-n:]) {
		n--
	}
	a.looks = a.looks[:n]
}

// look returns a hash of how line looks but for its links, blanks at its end apart. It
// has a key of its own, so that nobody finds two lines of one hash.
func (a *ahead) look(line []Cell, f *Frame) uint64 {
	if a.seed == (maphash.Seed{}) {
		a.seed = maphash.MakeSeed()
	}
	b, end := a.text[:0], 0
	for i := range line {
		c := &line[i]
		char := max(c.Rune, ' ')
		pen := seenPen(c.Pen, char == ' ' && c.Mark == 0)
		pen.Link = 0
		b = utf8.AppendRune(b, char)
		b = append(b, lookUp(f.Marks, c.Mark)...)
		b = binary.BigEndian.AppendUint32(append(b, 0, byte(c.Width)), uint32(pen.Fg))
		b = binary.BigEndian.AppendUint32(b, uint32(pen.Bg))
		b = binary.BigEndian.AppendUint32(b, uint32(pen.Ul))
		b = append(b, byte(pen.Attr), pen.Underline)
		if char != ' ' || c.Mark != 0 || c.Width != 1 || pen != (Pen{}) {
			end = len(b)
		}
	}
	a.text = b
	return maphash.Bytes(a.seed, b[:end])
}
