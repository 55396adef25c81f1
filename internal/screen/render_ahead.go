package screen

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
	looks      []uint64 // by row of the frame
	cols, rows int      // of the frame
}

// leaving returns those of the lines that left f which are not on the terminal yet.
func (r *Renderer) leaving(f *Frame) [][]Cell {
	a := &r.ahead
	if f.Cols != a.cols || f.Rows != a.rows || f.Lost > 0 { // which row is which is not known
		*a = ahead{looks: a.looks[:0], cols: f.Cols, rows: f.Rows}
	}
	n := min(len(a.looks), len(f.Scrolled))
	lines := r.lines[:0]
	for i, line := range f.Scrolled {
		if i >= n || lookOf(line, f) != a.looks[i] {
			lines = append(lines, line)
		}
	}
	a.looks = append(a.looks[:0], a.looks[n:]...)
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
	for y := len(a.looks); y < p.panY; y++ {
		lines = append(lines, f.Row(y))
		a.looks = append(a.looks, lookOf(f.Row(y), f))
	}
	r.lines = lines
	return lines
}

// lookOf returns a hash of how line looks but for its links, blanks at its end apart
// (FNV-1a over words).
func lookOf(line []Cell, f *Frame) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	end := len(line)
	for end > 0 && (line[end-1] == Cell{Rune: line[end-1].Rune, Width: 1}) && (line[end-1].Rune == 0 || line[end-1].Rune == ' ') {
		end--
	}
	h := uint64(offset)
	mix := func(v uint64) { h = (h ^ v) * prime }
	for i := range line[:end] {
		c := &line[i]
		mix(uint64(max(c.Rune, ' '))<<16 | uint64(c.Width))
		mix(uint64(c.Pen.Fg)<<32 | uint64(c.Pen.Bg))
		mix(uint64(c.Pen.Ul)<<32 | uint64(c.Pen.Attr)<<8 | uint64(c.Pen.Underline))
		for _, b := range []byte(lookUp(f.Marks, c.Mark)) {
			mix(uint64(b))
		}
	}
	return h
}
