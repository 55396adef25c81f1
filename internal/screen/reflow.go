package screen

import "math"

// maxReflow is how many cells of one line are wrapped anew at most. Of a longer one
// only the rows at its end are; those before keep the width they have, until they are
// wrapped as a line of their own.
const maxReflow = 1 << 16

// A standing is where a cursor stands: in front of a cell, or behind the last one of its
// row while a wrap is pending.
type standing struct {
	x, y int
	wrap bool
}

// A wrapping wraps lines anew at another width, so that no text comes or goes, no
// wide character is cut, and each standing stays at its character.
type wrapping struct {
	cols   int
	stands []*standing
	rows   []row // wrapped anew
	flat   []Cell
	moved  []standing
}

// all wraps rows, whose y the stands are in, and moves the stands.
func (w *wrapping) all(rows []row) []row {
	w.moved = make([]standing, len(w.stands))
	for y := 0; y < len(rows); {
		n := 1
		for y+n < len(rows) && rows[y+n-1].wrapped {
			n++
		}
		w.line(rows[y:y+n], y)
		y += n
	}
	for i, p := range w.stands {
		*p = w.moved[i]
	}
	return w.rows
}

// line wraps one line, whose first row is y.
func (w *wrapping) line(rows []row, y int) {
	starts := make([]int, len(rows)+1) // of the rows in flat, and its end
	w.flat = w.flat[:0]
	told := 0
	for i := range rows {
		r := &rows[i]
		cells := r.cells[:r.textEnd()]
		switch {
		case told < len(w.flat): // something before is news
		case int(r.told) < len(r.cells):
			told += min(int(r.told), len(cells))
		case i == len(rows)-1:
			told = math.MaxInt32 // with what is blank behind it
		default:
			told += len(cells)
		}
		w.flat = append(w.flat, cells...)
		starts[i+1] = len(w.flat)
	}
	last := &rows[len(rows)-1]
	first := len(w.rows)
	ends := w.split(told, last)
	for i, p := range w.stands {
		if p.y < y || p.y >= y+len(rows) {
			continue
		}
		r := p.y - y
		at, beyond := starts[r]+p.x, 0
		if p.wrap {
			at++
		}
		if end := starts[r+1]; at > end {
			at, beyond = end, at-end
			if r < len(rows)-1 {
				beyond = 0
			}
		}
		w.moved[i] = w.find(at, beyond, first, ends)
	}
}

// split makes rows of flat, of which so many cells are told, and returns where each
// ends. What is blank behind it in the line's last row goes along as far as there is
// room.
func (w *wrapping) split(told int, last *row) (ends []int) {
	for from := 0; ; {
		n := min(w.cols, len(w.flat)-from)
		r := row{cells: make([]Cell, w.cols), wrapped: true, end: uint16(w.cols)}
		if n == w.cols && w.flat[from+n-1].Width == 2 {
			n--
		}
		copy(r.cells, w.flat[from:from+n])
		if n > 0 && from+n < len(w.flat) && !r.cells[n-1].printed() {
			r.cells[n-1].Rune = ' ' // or it would be taken for one without a character
		}
		fillCells(r.cells[n:], blankCell(DefaultColor))
		r.told = uint16(min(max(told-from, 0), w.cols))
		from += n
		ends = append(ends, from)
		if from == len(w.flat) {
			if r.wrapped = last.wrapped && n == w.cols; !last.wrapped {
				copy(r.cells[n:], last.cells[last.textEnd():])
			}
			w.rows = append(w.rows, r)
			return ends
		}
		if told >= from {
			r.told = uint16(w.cols)
		}
		w.rows = append(w.rows, r)
	}
}

// find returns the standing so many cells into the line that now begins at row first.
func (w *wrapping) find(at, beyond, first int, ends []int) standing {
	start := 0
	for i, end := range ends {
		if at < end {
			return standing{x: at - start, y: first + i}
		}
		if i < len(ends)-1 {
			start = end
		}
	}
	x := at - start + beyond
	y := first + len(ends) - 1
	if x >= w.cols {
		return standing{x: w.cols - 1, y: y, wrap: ends[len(ends)-1]-start == w.cols}
	}
	return standing{x: x, y: y}
}

// textEnd returns how many cells of r are text.
func (r *row) textEnd() int {
	n := len(r.cells)
	switch {
	case !r.wrapped:
		return printedEnd(r.cells)
	case r.cells[n-1].printed():
		return n
	}
	return n - 1
}

// printedEnd returns where only blanks follow, of whatever background.
func printedEnd(cells []Cell) int {
	end := textEnd(cells)
	for end > 0 && !cells[end-1].printed() {
		end--
	}
	return end
}
