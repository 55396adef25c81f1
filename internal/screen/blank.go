package screen

// Blank blanks the cells of both screens. Cursor, modes, title and all else stay.
func (s *Screen) Blank() {
	s.wrapNext = false
	for _, g := range []*grid{&s.main, &s.alt} {
		g.saved.wrapNext = false
		for y := range g.rows {
			r := &g.rows[y]
			copy(r.cells, s.blankRow(DefaultColor))
			*r = row{cells: r.cells}
		}
	}
	s.past.cut() // no row goes on from above
}
