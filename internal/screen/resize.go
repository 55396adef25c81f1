package screen

import "slices"

// Resize changes the size, cut to MinSize and MaxSize.
//
// The lines of the main screen are wrapped anew, and the cursor stays at its
// character. Rows that are too many go: first blank ones below the cursor, then
// from the top, as lines that scrolled off, and only if the cursor has come to the
// top by that those at the bottom. If rows are missing on a screen that was full,
// lines come back that had scrolled off; else blank ones come in below. Rows of the
// alternate screen are cut or extended at the right, and nothing comes back.
//
// That is what xterm.js does with its option reflowCursorLine, but for this: there
// the cursor stays in its column; rows with text below the cursor go before those at
// the top; a full screen is one with the cursor in its last row; and when a line takes
// more rows blank ones stay, and those at the top go.
func (s *Screen) Resize(cols, rows int) {
	cols, rows = clampSize(cols), clampSize(rows)
	if cols == s.cols && rows == s.rows {
		return
	}
	cur := standing{s.x, s.y, s.wrapNext}
	oldCols := s.cols
	s.cols, s.rows = cols, rows
	if s.g == &s.main {
		s.alt.rows = nil
		s.fitMain(&cur)
	} else {
		s.fitMain(s.mainStanding())
		cur.y = s.fitAlt(cur.y)
		cur.wrap = false
	}
	s.resetTabs(min(oldCols, cols))
	s.top, s.bottom = 0, rows-1
	s.moveTo(cur.x, cur.y)
	s.wrapNext = cur.wrap && s.canWrap()
}

// mainStanding returns where the main screen's cursor will be when it is shown again: as
// it was saved, or else, as far as can be told, behind the text.
func (s *Screen) mainStanding() *standing {
	if v := s.main.saved; v != (saved0) {
		return &standing{v.x, v.y, v.wrapNext}
	}
	return &standing{y: usedRows(s.main.rows, 0) - 1}
}

// fitMain gives the main screen the size of s and moves cur with its character.
func (s *Screen) fitMain(cur *standing) {
	g := &s.main
	saved := standing{g.saved.x, g.saved.y, g.saved.wrapNext}
	var top standing // the first cell of the screen
	full := usedRows(g.rows, cur.y) == len(g.rows)
	if s.cols != len(g.rows[0].cells) {
		s.rewrap([]*standing{cur, &saved, &top})
	}
	gone := top.y + s.spare(g.rows[top.y:], cur.y-top.y)
	s.leave(g.rows[:gone])
	kept := g.rows[gone:]
	kept = kept[:min(len(kept), s.rows)]
	kept[len(kept)-1].wrapped = false // if not, what it goes on in was cut
	g.rows = append(g.rows[:0:0], kept...)
	if full {
		back := s.bringBack(s.rows - len(g.rows))
		g.rows = append(back, g.rows...)
		gone -= len(back)
	}
	g.rows = append(g.rows, s.newRows(s.rows-len(g.rows))...)
	s.loose = s.loose[:0]
	cur.y -= gone
	if g.saved != (saved0) {
		g.saved.x, g.saved.y = saved.x, min(max(saved.y-gone, 0), s.rows-1)
		g.saved.wrapNext = saved.wrap
	}
}

// saved0 is a cursor that was never saved, which is at home at any size.
var saved0 saved

// spare returns how many of rows, which follow each other on the main screen, must
// go from the top, given the cursor's row.
func (s *Screen) spare(rows []row, y int) int {
	return min(max(usedRows(rows, y)-s.rows, 0), y)
}

// usedRows returns where only blank rows below the cursor's row y follow.
func usedRows(rows []row, y int) int {
	n := len(rows)
	for n > y+1 && printedEnd(rows[n-1].cells) == 0 {
		n--
	}
	return n
}

// rewrap wraps the rows of the main screen anew, and before them those of the past
// that the first of them goes on from.
func (s *Screen) rewrap(stands []*standing) {
	var head []row
	if l := s.past.last(); l != nil && l.wrapped() {
		head = s.popLine()
	}
	for _, p := range stands {
		p.y += len(head)
	}
	w := wrapping{cols: s.cols, stands: stands}
	s.main.rows = w.all(append(head, s.main.rows...))
}

// popLine takes the newest line out of the past, of which there must be one: all
// its rows, but not many more than maxReflow cells.
func (s *Screen) popLine() []row {
	var rows []row // the newest first
	for cells := 0; cells < maxReflow; cells += s.past.last().cols() {
		l := s.past.pop()
		rows = append(rows, row{
			wrapped: l.wrapped(),
			told:    uint16(l.toldColumns()),
			end:     uint16(l.cols()),
			cells:   s.unpack(l, nil),
		})
		if before := s.past.last(); before == nil || !before.wrapped() {
			break
		}
	}
	slices.Reverse(rows)
	return rows
}

// bringBack returns the newest n rows of the past at the width of s, or fewer if it
// has no more.
func (s *Screen) bringBack(n int) []row {
	var rows []row
	for len(rows) < n && s.past.open() {
		line := s.popLine()
		if slices.ContainsFunc(line, func(r row) bool { return len(r.cells) != s.cols }) {
			w := wrapping{cols: s.cols}
			line = w.all(line)
		}
		rows = append(line, rows...)
		s.loose = s.loose[:0]
		for i := range rows {
			s.loose = append(s.loose, rows[i].cells)
		}
	}
	over := max(len(rows)-n, 0)
	s.leave(rows[:over])
	return rows[over:]
}

// fitAlt gives the alternate screen the size of s, keeps the row y in it and returns
// where that is.
func (s *Screen) fitAlt(y int) int {
	g := &s.alt
	gone := max(0, y-(s.rows-1)) // from the top; the rest from the bottom
	rows := g.rows[gone:]
	g.rows = append(g.rows[:0:0], rows[:min(len(rows), s.rows)]...)
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
		r.end = min(r.end, uint16(s.cols))
		cutWide(r.cells)
	case s.cols > n:
		r.cells = append(r.cells[:n:n], s.blankRow(DefaultColor)[n:]...)
	default:
		return
	}
	r.wrapped = false
}
