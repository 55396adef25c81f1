package screen

import "slices"

// lastRow is the line number that leads to a terminal's last row, whatever its
// size: maxDrawSide.
const lastRow = "\x1b[1000H"

// A noticeRow is one row of a notice, clean and no wider than the terminal.
type noticeRow struct {
	text   string
	goesOn bool // in the next row, as one text
}

// Fits reports whether o's Lines, with its Notice below, leave a row of this terminal
// to what is drawn. Lines that do not fit are not shown. A Notice alone always fits.
func (r *Renderer) Fits(o Overlay) bool {
	n := 0
	for _, line := range o.Lines {
		for range wrapText(line, r.cols) {
			if n++; n >= r.rows {
				return false
			}
		}
	}
	return n == 0 || o.Notice == "" || n+1 < r.rows
}

// cleanNotice returns the rows that show o's Lines and Notice on this terminal. They
// are valid until the next call.
func (r *Renderer) cleanNotice(o Overlay) []noticeRow {
	rows := r.wanted[:0]
	if r.Fits(o) {
		for _, line := range o.Lines {
			rows = r.addLine(rows, line)
		}
	}
	if text := FitText(o.Notice, r.cols); text != "" {
		rows = append(rows, noticeRow{text: text})
	}
	r.wanted = rows
	return rows
}

// addLine appends line's rows. One goes on in the next if both are printable ASCII,
// which takes one column on every terminal: nothing else may be printed across a
// margin.
func (r *Renderer) addLine(rows []noticeRow, line string) []noticeRow {
	first := len(rows)
	for text := range wrapText(line, r.cols) {
		if n := len(rows) - 1; n >= first {
			before := rows[n].text
			rows[n].goesOn = len(before) == r.cols && isASCII(before) && isASCII(text)
		}
		rows = append(rows, noticeRow{text: text})
	}
	return rows
}

// isASCII reports whether clean text is printable ASCII.
func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// setNotice makes r.notice the rows that show rows.
func (r *Renderer) setNotice(rows []noticeRow) {
	if slices.Equal(rows, r.noticeRows) {
		return
	}
	r.noticeRows = append(r.noticeRows[:0], rows...)
	r.buildNotice()
}

// buildNotice makes r.notice the cells that show r.noticeRows.
func (r *Renderer) buildNotice() {
	r.notice = r.notice[:0]
	for i, row := range r.noticeRows {
		r.addNoticeRow(row.text)
		for len(r.notice) < (i+1)*r.cols {
			r.notice = append(r.notice, emptyCell)
		}
	}
}

// addNoticeRow appends the cells that show text.
func (r *Renderer) addNoticeRow(text string) {
	pen := Pen{Attr: Reverse}
	var marks string
	for _, c := range text {
		n := len(r.notice)
		switch {
		case isMark(c):
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
}

// paintNotice brings the last rows of p, from row y on, to the notice.
func (r *Renderer) paintNotice(p *plane, y int) {
	for first := 0; first < len(r.noticeRows); {
		n := 1
		for r.noticeRows[first+n-1].goesOn {
			n++
		}
		want := r.notice[first*r.cols : (first+n)*r.cols]
		if n == 1 {
			r.paintRow(p, y+first, want)
		} else {
			r.paintLine(p, y+first, want)
		}
		first += n
	}
}

// paintLine brings rows of p, from row y on, to want, a text of one pen that goes on
// over the margins. If anything differs all is printed, without a motion in between:
// a terminal that wraps by itself takes the rows for one line, and copies one.
func (r *Renderer) paintLine(p *plane, y int, want []Cell) {
	have := p.cells[y*p.cols : y*p.cols+len(want)]
	if slices.Equal(have, want) {
		return
	}
	r.wrapOn()
	r.moveTo(p, 0, y)
	r.setPen(want[0].Pen)
	tail := blankFrom(want)
	for _, c := range want[:tail] {
		r.body = appendRune(r.body, c.Rune)
	}
	p.x, p.y = unknownColumn, y+(tail-1)/p.cols
	if tail < len(want) {
		p.x = tail % p.cols
		r.setPen(Pen{})
		r.body = append(r.body, "\x1b[K"...)
	}
	copy(have, want)
}

// showFloating puts the notice on the terminal's last rows while we do not know
// which ones these are. They may be our own lowest rows, of which there are enough:
// then those were hidden, and the notice is shown again whenever something was
// painted there, which is what r.floating being off says.
func (r *Renderer) showFloating(p *plane) {
	n := len(r.noticeRows)
	if p.known() || n == 0 || r.floating {
		return
	}
	r.setPen(Pen{})
	r.wrapOn() // some terminals save that too
	r.body = append(r.body, "\x1b7"...)
	r.eraseLast(n)
	last := plane{cols: p.cols, rows: n + 1, cells: make([]Cell, n*p.cols), made: n}
	fillCells(last.cells, emptyCell)
	r.paintNotice(&last, 0)
	r.floating = true
	r.setPen(Pen{})
	r.wrapOn()
	r.body = append(r.body, "\x1b8"...)
}

// eraseLast erases the terminal's last n rows and leaves the cursor at their start.
func (r *Renderer) eraseLast(n int) {
	r.body = append(r.body, lastRow...)
	r.body = appendCSI(r.body, n-1, 'A')
	if n == 1 {
		r.body = append(r.body, "\x1b[K"...)
		return
	}
	r.body = append(r.body, "\x1b[J"...)
}

// hideFloating takes such a notice away, before the rows it is on move, and draws
// again what it may have hidden.
func (r *Renderer) hideFloating() {
	if !r.floating {
		return
	}
	r.floating = false
	n := len(r.noticeRows)
	r.setPen(Pen{})
	r.body = append(r.body, "\x1b7"...)
	r.eraseLast(n)
	r.body = append(r.body, "\x1b8"...)
	p := &r.main
	for y := max(p.made-n, 0); y < p.made; y++ {
		copy(r.line, p.row(y))
		fillCells(p.row(y), unknownCell)
		r.paintRow(p, y, r.line)
	}
}
