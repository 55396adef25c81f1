package screen

// scrollUp moves the rows from top to bottom up by n; blanks come in below. The
// lines that leave the top of the main screen are kept if somebody wants them.
func (s *Screen) scrollUp(top, bottom, n int) {
	n = min(n, bottom-top+1)
	rows := s.g.rows
	s.cutWraps(top, bottom)
	if top == 0 && s.g == &s.main {
		s.leave(rows[:n])
	}
	if n == 1 { // nearly always
		r := rows[top]
		copy(rows[top:bottom], rows[top+1:bottom+1])
		rows[bottom] = r
	} else {
		s.tmpRows = append(s.tmpRows[:0], rows[top:top+n]...)
		copy(rows[top:], rows[top+n:bottom+1])
		copy(rows[bottom+1-n:], s.tmpRows)
	}
	s.blankRows(bottom+1-n, bottom+1)
}

// deleteRows is scrollUp without keeping: lines that the program deletes are
// not lines that went by.
func (s *Screen) deleteRows(top, bottom, n int) {
	keep := s.keep
	s.keep = false
	s.scrollUp(top, bottom, n)
	s.keep = keep
	s.cutBefore(top)
}

// scrollDown moves the rows from top to bottom down by n; blanks come in above.
func (s *Screen) scrollDown(top, bottom, n int) {
	n = min(n, bottom-top+1)
	rows := s.g.rows
	s.cutWraps(top, bottom)
	s.cutBefore(top)
	s.tmpRows = append(s.tmpRows[:0], rows[bottom+1-n:bottom+1]...)
	copy(rows[top+n:bottom+1], rows[top:])
	copy(rows[top:], s.tmpRows)
	s.blankRows(top, top+n)
	rows[bottom].wrapped = false
}

// blankRows blanks whole rows, whatever they held.
func (s *Screen) blankRows(from, to int) {
	for y := from; y < to; y++ {
		r := &s.g.rows[y]
		s.blankCells(r, 0, s.cols)
		r.wrapped, r.plain = false, s.pen.Bg == DefaultColor
	}
}

// cutWraps ends the lines that run over the edges of a region that moves.
func (s *Screen) cutWraps(top, bottom int) {
	if top > 0 {
		s.g.rows[top-1].wrapped = false
	}
	s.g.rows[bottom].wrapped = false
}
