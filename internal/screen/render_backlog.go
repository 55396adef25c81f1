package screen

import "strconv"

// A backlog holds the lines that scrolled off the main screen while the terminal
// shows its alternate screen, where they cannot be written.
type backlog struct {
	lost  int // how many more there were, before lines
	lines [][]Cell
}

// keep takes in lines that left f, and at most MaxScrolled lines in all.
func (b *backlog) keep(r *Renderer, f *Frame, lines [][]Cell) {
	if f.Lost > 0 {
		b.lost += f.Lost + len(b.lines)
		b.lines = nil
	}
	for _, line := range lines {
		r.buildRow(r.line, line, 0, f)
		b.lines = append(b.lines, append([]Cell(nil), r.line[:blankFrom(r.line)]...))
	}
	if over := len(b.lines) - MaxScrolled; over > 0 {
		b.lost += over
		b.lines = append(b.lines[:0], b.lines[over:]...)
	}
}

// Anew returns a Renderer for a terminal that was taken away for a while and whose
// cursor is at the start of an empty line now. What waited for the main screen waits
// on.
func (r *Renderer) Anew(cols, rows int) *Renderer {
	next := NewRenderer(cols, rows)
	next.later, next.ahead, next.marks, next.links = r.later, r.ahead, r.marks, r.links
	return next
}

// count returns how many rows b takes on the terminal.
func (b *backlog) count() int {
	if b.lost > 0 {
		return len(b.lines) + 1
	}
	return len(b.lines)
}

// pushLines writes what scrolled off, first the backlog, then lines of f: in
// order, each in the row where row 0 of the frame was, which it thereby moves down.
// Nearly always that row shows the line already.
func (r *Renderer) pushLines(f *Frame, lines [][]Cell, p *plane) {
	r.pushLost(p, r.later.lost)
	for i, line := range r.later.lines {
		n := copy(r.blankRow(), line)
		if n > 0 && r.line[n-1].Width == 2 { // the terminal got narrower since
			r.line[n-1] = emptyCell
		}
		r.pushLine(p, len(r.later.lines)-i)
	}
	r.later = backlog{}
	r.pushLost(p, f.Lost)
	for i, line := range lines {
		r.buildRow(r.line, line, 0, f)
		r.pushLine(p, len(lines)-i)
	}
}

// pushLine makes r.line the row at top and lets top be the next row. It is the first
// of rest lines that are pushed now: a terminal that is full makes room for as many as
// it can at once.
func (r *Renderer) pushLine(p *plane, rest int) {
	if p.top == p.rows {
		n := min(rest, p.rows)
		r.scroll(p, n)
		p.top -= n
	}
	r.make(p, p.top+1)
	r.paintRow(p, p.top, r.line)
	p.top++
}

// pushLost writes a line that says how many are missing, if any are.
func (r *Renderer) pushLost(p *plane, lost int) {
	if lost < 1 {
		return
	}
	text := "… " + strconv.Itoa(lost) + " lines skipped …"
	if lost == 1 {
		text = "… 1 line skipped …"
	}
	x := 0
	row := r.blankRow()
	for _, c := range text {
		if x < len(row) {
			row[x] = Cell{Rune: c, Width: 1, Pen: Pen{Attr: Faint}}
			if c == ' ' {
				row[x] = emptyCell
			}
			x++
		}
	}
	r.pushLine(p, 1)
}
