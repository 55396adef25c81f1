package screen

import (
	"slices"
	"unicode"
)

// skipGap is the widest run of unchanged cells that is printed again rather than
// jumped over: the jump takes four bytes.
const skipGap = 3

// buildGrid puts into r.grid what p's view shows of f: min(f.Rows, rows) rows.
func (r *Renderer) buildGrid(f *Frame, p *plane) {
	n := min(f.Rows, r.rows)
	if cap(r.grid) < n*r.cols {
		r.grid = make([]Cell, n*r.cols)
	}
	r.grid = r.grid[:n*r.cols]
	for y := range n {
		if p.panY+y < f.Rows {
			r.buildRow(r.gridRow(y), f.Row(p.panY+y), p.panX, f)
		} else { // behind a notice
			fillCells(r.gridRow(y), emptyCell)
		}
	}
}

func (r *Renderer) gridRow(y int) []Cell { return r.grid[y*r.cols : (y+1)*r.cols] }

// used returns how many rows of the view are needed: through the cursor's row and
// the last one that is not blank.
func (r *Renderer) used(f *Frame, p *plane) int {
	n := len(r.grid) / r.cols
	for n > 0 && blankFrom(r.gridRow(n-1)) == 0 {
		n--
	}
	_, y := cursorOf(f)
	return min(max(n, y-p.panY+1), len(r.grid)/r.cols)
}

// blankFrom returns where the blank tail of row begins.
func blankFrom(row []Cell) int {
	n := len(row)
	for n > 0 && row[n-1] == emptyCell {
		n--
	}
	return n
}

// paintAll brings the plane to r.grid from row top on, and the rows below to blank.
// What is above top is history and stays.
func (r *Renderer) paintAll(p *plane) {
	covered := p.made // from this row on
	if p.known() {
		covered -= len(r.noticeRows)
	}
	p.under = p.under[:0]
	for y := p.top; y < p.made; y++ {
		row := r.blankRow()
		if y-p.top < p.height {
			row = r.gridRow(y - p.top)
		}
		if y >= covered { // what the notice hides is kept for End
			p.under = append(p.under, row...)
			continue
		}
		r.paintRow(p, y, row)
	}
	if covered < p.made {
		r.paintNotice(p, covered)
	}
	r.showFloating(p)
}

// blankRow returns r.line, blank.
func (r *Renderer) blankRow() []Cell {
	fillCells(r.line, emptyCell)
	return r.line
}

// paintRow brings row y of p to want, writing what differs.
func (r *Renderer) paintRow(p *plane, y int, want []Cell) {
	row := p.row(y)
	if slices.Equal(row, want) { // most rows of most frames
		return
	}
	tail := blankFrom(want)
	first, last := r.markDirty(row, want)
	if last < 0 {
		return
	}
	if y >= p.made-len(r.noticeRows) {
		r.floating = r.floating && p.known() // see showFloating
	}
	for x := first; x <= min(last, tail-1); {
		if n := r.putRun(p, y, x, want[:min(last+1, tail)]); n > 0 {
			x += n
			continue
		}
		w := max(int(want[x].Width), 1)
		if r.dirty[x] || r.worthPrinting(p, y, x, want) {
			r.put(p, x, y, want[x])
		}
		x += w
	}
	if last >= tail {
		x := max(tail, first)
		for !r.dirty[x] {
			x++
		}
		r.setPen(Pen{})
		r.moveTo(p, x, y)
		r.body = append(r.body, "\x1b[K"...)
	}
	copy(row, want)
}

// putRun prints the changed cells from x on for which the terminal's cursor is there
// and its pen right, and that every terminal moves its cursor by one for: most of what is
// ever printed. It returns how many there were.
func (r *Renderer) putRun(p *plane, y, x int, want []Cell) int {
	if p.y != y || p.x != x {
		return 0
	}
	n := 0
	for x+n < min(len(want), p.cols-1) && r.dirty[x+n] {
		c := &want[x+n]
		if c.Pen != r.pen || c.Width != 1 || c.Mark != 0 || !steady(c.Rune) {
			break
		}
		r.body = appendRune(r.body, c.Rune)
		n++
	}
	p.x += n
	return n
}

// markDirty sets r.dirty where want differs from row and returns the first and last
// such place, last -1 if there is none. A change never begins in the middle of a
// wide character: both halves have one pen, and one half alone is never shown.
func (r *Renderer) markDirty(row, want []Cell) (first, last int) {
	first, last = len(row), -1
	for x := range row {
		r.dirty[x] = row[x] != want[x]
		if r.dirty[x] {
			first, last = min(first, x), x
		}
	}
	return first, last
}

// worthPrinting reports whether the unchanged cell at x is printed rather than
// jumped over: the cursor is there, the pen is right, and a changed cell is near.
func (r *Renderer) worthPrinting(p *plane, y, x int, want []Cell) bool {
	if p.y != y || p.x != x || !plain(want[x]) || want[x].Pen != r.pen {
		return false
	}
	for i := x + 1; i <= x+skipGap && i < len(want); i++ {
		if r.dirty[i] {
			return true
		}
		if !plain(want[i]) || want[i].Pen != r.pen {
			return false
		}
	}
	return false
}

// plain reports whether every terminal moves its cursor by one for c.
func plain(c Cell) bool { return c.Width == 1 && c.Mark == 0 && steady(c.Rune) }

// put prints one cell. After the last column, and after a character whose width
// terminals disagree on, the cursor's column is not known. Where such a character may
// reach the margin, the terminal must not wrap.
func (r *Renderer) put(p *plane, x, y int, c Cell) {
	r.moveTo(p, x, y)
	r.setPen(c.Pen)
	end := x + int(c.Width)
	sure := plain(c) && end < p.cols
	marks := r.marks.text(c.Mark)
	if c.Mark != 0 && x == p.cols-1 {
		marks = r.lastMarks(c.Rune, marks)
	} else if !sure && (c.Mark != 0 || x+2 > p.cols) { // no terminal takes more than two columns
		r.wrapOff()
	}
	if c.Width == 2 && p.row(y)[x+1] != emptyCell {
		r.body = append(r.body, ' ', ' ') // a terminal may take it for narrow
		p.x = unknownColumn
		r.moveTo(p, x, y)
	}
	r.body = appendRune(r.body, c.Rune)
	r.body = append(r.body, marks...)
	p.x = end
	if !sure {
		p.x = unknownColumn
	}
}

// lastMarks returns the marks to print on c in the last column. With wrapping off
// the cursor would stay on c, and tmux would give the marks to the character before
// it. So wrapping is on, which is safe only if c surely takes one column: a symbol,
// which a mark may make an emoji of two, goes without.
func (r *Renderer) lastMarks(c rune, marks string) string {
	if !steady(c) && (!unicode.IsLetter(c) || runeWidth(c) != 1) {
		r.wrapOff()
		return ""
	}
	r.wrapOn()
	return marks
}

// wrapOff keeps the terminal from wrapping at its right margin for the rest of this
// Draw.
func (r *Renderer) wrapOff() {
	if !r.nowrap {
		r.nowrap = true
		r.body = appendMode(r.body, 7, false)
	}
}

func (r *Renderer) wrapOn() {
	if r.nowrap {
		r.nowrap = false
		r.body = appendMode(r.body, 7, true)
	}
}

// placeCursor leaves the terminal's cursor where f's is, or as near as the view has it.
func (r *Renderer) placeCursor(f *Frame) {
	p := r.plane()
	x, y := cursorOf(f)
	x = min(max(x-p.panX, 0), p.cols-1)
	y = min(max(y-p.panY, 0), max(p.height-1, 0))
	r.moveTo(p, x, min(p.top+y, p.made-1))
}
