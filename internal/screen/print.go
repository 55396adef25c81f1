package screen

import "unicode/utf8"

// printASCII prints characters from 0x20 to 0x7e: the fast way, a row at a time.
func (s *Screen) printASCII(p []byte) {
	if s.modes.has(modeInsert) || !s.codes.plain() {
		for _, b := range p {
			s.printRune(s.codes.next(b))
		}
		return
	}
	autowrap := s.modes.has(modeAutowrap)
	pen := s.pen
	plain := pen == Pen{}
	for len(p) > 0 {
		if s.wrapNext {
			s.wrap()
		}
		r := &s.g.rows[s.y]
		n := min(len(p), s.cols-s.x)
		mend(r, s.x, s.x+n)
		r.told, r.end = 0, max(r.end, uint16(s.x+n))
		r.plain = r.plain && plain
		cells := r.cells[s.x : s.x+n]
		for i, b := range p[:n] {
			c := &cells[i] // field by field: a copy of a cell just changed would wait for it
			c.Rune, c.Mark, c.Width = rune(b), 0, 1
			c.Pen = pen
		}
		s.x += n
		p = p[n:]
		if s.x < s.cols {
			return
		}
		s.x--
		r.wrapped = false
		if s.wrapNext = autowrap; !autowrap && len(p) > 1 {
			p = p[len(p)-1:] // each overwrites the last column
		}
	}
}

// printRune prints one character with the width that it has by itself.
func (s *Screen) printRune(c rune) {
	w := runeWidth(c)
	if w == 0 {
		s.combine(c)
		return
	}
	if s.wrapNext {
		s.wrap()
	}
	if w == 2 && s.x == s.cols-1 {
		if !s.modes.has(modeAutowrap) {
			return
		}
		s.put(blankCell(s.pen.Bg))
		s.wrap()
	}
	if s.modes.has(modeInsert) {
		s.insertCells(s.y, s.x, w)
	}
	s.put(Cell{Rune: c, Width: uint16(w), Pen: s.pen})
	s.x += w
	if s.x >= s.cols {
		s.x = s.cols - 1
		s.wrapNext = s.modes.has(modeAutowrap)
	}
}

// put writes c at the cursor, and its right half if it is wide.
func (s *Screen) put(c Cell) {
	r := &s.g.rows[s.y]
	end := s.x + int(c.Width)
	mend(r, s.x, end)
	r.told, r.end, r.plain = 0, max(r.end, uint16(end)), false
	r.cells[s.x] = c
	if c.Width == 2 {
		r.cells[s.x+1] = Cell{Pen: c.Pen}
	}
	if end == s.cols {
		r.wrapped = false
	}
}

// wrap goes to the start of the next row because the line goes on there.
func (s *Screen) wrap() {
	s.x, s.wrapNext = 0, false
	y := s.y
	s.lineFeed()
	if s.y > 0 && (s.y != y || y == s.bottom) {
		s.g.rows[s.y-1].wrapped = true
	}
}

// lineFeed goes down a row and scrolls at the bottom of the region.
func (s *Screen) lineFeed() {
	s.wrapNext = false
	if s.y == s.bottom {
		s.scrollUp(s.top, s.bottom, 1)
	} else if s.y < s.rows-1 {
		s.y++
	}
}

// left returns the character cell left of the cursor, or nil.
func (s *Screen) left() *Cell {
	x := s.x - 1
	if s.wrapNext {
		x = s.x
	}
	if x < 0 {
		return nil
	}
	cells := s.g.rows[s.y].cells
	if cells[x].Width == 0 {
		x--
	}
	return &cells[x]
}

// combine puts a mark on the character left of the cursor.
func (s *Screen) combine(mark rune) {
	c := s.left()
	if c == nil || c.Rune == 0 {
		return
	}
	var buf [maxMarks]byte
	text := append(buf[:0], s.marks.list[c.Mark]...)
	if len(text)+4 > maxMarks {
		return
	}
	text = utf8.AppendRune(text, mark)
	if i, ok := s.internMark(text); ok {
		// Interning may have compacted the table, but never moves a cell.
		c.Mark = i
		s.g.rows[s.y].plain = false
	}
}

// repeat is REP. It repeats the character left of the cursor, which is what was
// printed last if nothing came in between, and needs no state of its own.
func (s *Screen) repeat(n int) {
	c := s.left()
	if c == nil || c.Rune == 0 {
		return
	}
	r := c.Rune
	n = min(n, s.cols*s.rows)
	if r >= utf8.RuneSelf || !s.codes.plain() {
		for range n {
			s.printRune(r)
		}
		return
	}
	var run [64]byte
	for i := range run {
		run[i] = byte(r)
	}
	for ; n > 0; n -= len(run) {
		s.printASCII(run[:min(n, len(run))])
	}
}
