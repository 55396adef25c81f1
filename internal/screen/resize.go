package screen

// Resize changes the size, cut to MinSize and MaxSize. Rows are cut or extended
// at the right. Rows that are too many go: first blank ones below the cursor,
// then from the top, on the main screen as lines that scrolled off.
func (s *Screen) Resize(cols, rows int) {
	cols, rows = clampSize(cols), clampSize(rows)
	if cols == s.cols && rows == s.rows {
		return
	}
	s.wrapNext = false
	main := s.g == &s.main
	oldCols := s.cols
	s.cols, s.rows = cols, rows
	if main {
		s.alt.rows = nil
		s.y = s.fitGrid(&s.main, s.y)
	} else {
		s.fitGrid(&s.main, s.main.saved.y)
		s.y = s.fitGrid(&s.alt, s.y)
	}
	s.resetTabs(min(oldCols, cols))
	s.top, s.bottom = 0, rows-1
	s.moveTo(s.x, s.y)
}

// fitGrid gives g the size of s, keeps the row y in it and returns where that is.
func (s *Screen) fitGrid(g *grid, y int) int {
	y = min(y, len(g.rows)-1)
	gone := max(0, y-(s.rows-1)) // from the top; the rest from the bottom
	if gone > 0 {
		if s.keepScrolled && g == &s.main {
			for i := range gone {
				s.scrolled.push(&g.rows[i].cells, len(g.rows[i].cells))
			}
		}
		g.rows = append(g.rows[:0:0], g.rows[gone:]...)
	}
	g.rows = g.rows[:min(len(g.rows), s.rows)]
	for i := range g.rows {
		s.fitRow(&g.rows[i])
	}
	g.rows = append(g.rows, s.newRows(s.rows-len(g.rows))...)
	g.rows[s.rows-1].wrapped = false
	v := &g.saved
	v.wrapNext = v.wrapNext && v.x == s.cols-1
	v.x, v.y = min(v.x, s.cols-1), min(max(v.y-gone, 0), s.rows-1)
	return y - gone
}

func (s *Screen) fitRow(r *row) {
	n := len(r.cells)
	switch {
	case s.cols < n:
		r.cells = r.cells[:s.cols:s.cols]
		cutWide(r.cells)
	case s.cols > n:
		r.cells = append(r.cells[:n:n], s.blankRow(DefaultColor)[n:]...)
	default:
		return
	}
	r.wrapped = false
}
