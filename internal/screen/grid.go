package screen

// A row is one line of the grid. It is wrapped if its text goes on in the next row;
// then it is not the last row, and blanks at its end are no part of the text: a wide
// character had no room there.
type row struct {
	cells   []Cell
	wrapped bool
	plain   bool   // all cells are ASCII or blank, in the default pen; false if not known
	end     uint16 // from this column on, or before, only default blanks follow
	told    uint16 // how many columns from the left Frames had, before the row came back
}

// A grid is the main or the alternate screen with what belongs to it alone.
type grid struct {
	rows  []row
	saved saved
	keys  keyFlags
}

func (s *Screen) newRows(n int) []row {
	rows := make([]row, n)
	for y := range rows {
		rows[y].cells = make([]Cell, s.cols)
		copy(rows[y].cells, s.blankRow(DefaultColor))
		rows[y].plain = true
	}
	return rows
}

// blankRow returns a row of blanks with the given background, to copy from.
func (s *Screen) blankRow(bg Color) []Cell {
	if len(s.blank) != s.cols {
		s.blank = make([]Cell, s.cols)
		s.blankBg = bg + 1
	}
	if s.blankBg != bg {
		s.blankBg = bg
		for x := range s.blank {
			s.blank[x] = blankCell(bg)
		}
	}
	return s.blank
}

func blankCell(bg Color) Cell { return Cell{Width: 1, Pen: Pen{Bg: bg}} }

// printed reports whether c is a character or its right half, not a blank.
func (c *Cell) printed() bool { return c.Rune != 0 || c.Width == 0 }

// mend blanks the halves that are left of wide characters when the cells from
// up to to are overwritten.
func mend(r *row, from, to int) {
	if c := &r.cells[from]; c.Width == 0 {
		l := &r.cells[from-1]
		*l = blankCell(l.Pen.Bg)
	}
	if to < len(r.cells) && r.cells[to].Width == 0 {
		c := &r.cells[to]
		*c = blankCell(c.Pen.Bg)
		if to == len(r.cells)-1 {
			r.wrapped = false
		}
	}
}

// erase blanks the cells from up to to with the background of the pen.
func (s *Screen) erase(y, from, to int) {
	if from >= to {
		return
	}
	r := &s.g.rows[y]
	mend(r, from, to)
	s.blankCells(r, from, to)
	if to == s.cols {
		r.wrapped = false
		if from == 0 {
			r.plain = s.pen.Bg == DefaultColor
			s.cutBefore(y) // nothing is left that it goes on in
		}
	}
}

// blankCells blanks cells of r with the background of the pen.
func (s *Screen) blankCells(r *row, from, to int) {
	r.told = 0
	if s.pen.Bg != DefaultColor {
		r.plain, r.end = false, uint16(s.cols)
	}
	end := min(to, int(r.end))
	if from < end {
		copy(r.cells[from:end], s.blankRow(s.pen.Bg))
	}
	if to == s.cols && s.pen.Bg == DefaultColor {
		r.end = uint16(min(from, end))
	}
}

// cutBefore ends the line that goes on in row y.
func (s *Screen) cutBefore(y int) {
	switch {
	case y > 0:
		s.g.rows[y-1].wrapped = false
	case s.g == &s.main:
		s.past.cut()
	}
}

func (s *Screen) eraseRows(from, to int) {
	for y := from; y < to; y++ {
		s.erase(y, 0, s.cols)
	}
}

// insertCells moves the cells at x by n to the right; the last are lost.
func (s *Screen) insertCells(y, x, n int) {
	r := &s.g.rows[y]
	mend(r, x, x)
	n = min(n, s.cols-x)
	copy(r.cells[x+n:], r.cells[x:])
	r.end = uint16(min(int(r.end)+n, s.cols))
	s.blankCells(r, x, x+n)
	cutWide(r.cells)
	r.wrapped = false
}

// deleteCells removes n cells at x; blanks come in from the right.
func (s *Screen) deleteCells(y, x, n int) {
	r := &s.g.rows[y]
	n = min(n, s.cols-x)
	mend(r, x, x+n)
	copy(r.cells[x:], r.cells[x+n:])
	s.blankCells(r, s.cols-n, s.cols)
	r.wrapped = false
}

// cutWide blanks the last cell if it is the left half of a wide character.
func cutWide(cells []Cell) {
	if c := &cells[len(cells)-1]; c.Width == 2 {
		*c = blankCell(c.Pen.Bg)
	}
}
