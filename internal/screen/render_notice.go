package screen

// lastRow is the line number that leads to a terminal's last row, whatever its
// size: maxDrawSide.
const lastRow = "\x1b[1000H"

// cleanNotice returns text as it is shown on this terminal.
func (r *Renderer) cleanNotice(text string) string {
	if text == "" {
		return ""
	}
	return cleanText(text, r.cols)
}

// setNotice makes r.notice the row that shows text, which is clean.
func (r *Renderer) setNotice(text string) {
	r.noticeText, r.notice = text, r.notice[:0]
	if text == "" {
		return
	}
	pen := Pen{Attr: Reverse}
	var marks string
	for _, c := range text {
		n := len(r.notice)
		switch {
		case joins(c):
			marks += string(c)
			i := n - 1
			if r.notice[i].Width == 0 {
				i--
			}
			r.notice[i].Mark = r.marks.id(marks, cleanMarks)
		case runeWidth(c) == 2:
			marks = ""
			r.notice = append(r.notice, Cell{Rune: c, Width: 2, Pen: pen}, Cell{Pen: pen})
		default:
			marks = ""
			r.notice = append(r.notice, Cell{Rune: c, Width: 1, Pen: pen})
		}
	}
	for len(r.notice) < r.cols {
		r.notice = append(r.notice, emptyCell)
	}
}

// coverRow returns what p's last row shows instead of row: the notice, if any.
// What it hides is kept for End.
func (r *Renderer) coverRow(p *plane, row []Cell) []Cell {
	p.under = p.under[:0]
	if len(r.notice) == 0 {
		return row
	}
	p.under = append(p.under, row...)
	return r.notice
}

// showFloating puts the notice on the terminal's last row while we do not know
// which one that is. It may be our own lowest row: then that row was hidden, and
// the notice is shown again whenever something was painted there, which is what
// r.floating being off says.
func (r *Renderer) showFloating(p *plane) {
	if p.known() || len(r.notice) == 0 || r.floating {
		return
	}
	r.floating = true
	r.setPen(Pen{})
	r.body = append(r.body, "\x1b7"+lastRow+"\x1b[K"...)
	last := plane{cols: p.cols, rows: 1, cells: make([]Cell, p.cols), made: 1}
	fillCells(last.cells, emptyCell)
	r.paintRow(&last, 0, r.notice)
	r.setPen(Pen{})
	r.body = append(r.body, "\x1b8"...)
}

// hideFloating takes such a notice away, before the row it is on moves, and draws
// again what it may have hidden.
func (r *Renderer) hideFloating() {
	if !r.floating {
		return
	}
	r.floating = false
	r.setPen(Pen{})
	r.body = append(r.body, "\x1b7"+lastRow+"\x1b[K\x1b8"...)
	p := &r.main
	copy(r.line, p.row(p.made-1))
	fillCells(p.row(p.made-1), unknownCell)
	r.paintRow(p, p.made-1, r.line)
}
