package screen

import "strconv"

// unknownColumn says that the terminal's cursor may be in any column of its row:
// terminals differ on where it is after printing in the last one.
const unknownColumn = -1

// unknownRow says that the terminal's cursor may be anywhere.
const unknownRow = -1

// emptyCell is a cell of nothing.
var emptyCell = Cell{Rune: ' ', Width: 1}

// unknownCell is equal to no cell that is drawn.
var unknownCell = Cell{Width: 0xff}

// A plane is what one of the terminal's two screens shows as far as we know: the
// rows made so far, the first of them where drawing began.
type plane struct {
	cols, rows int    // the terminal's size
	cells      []Cell // row by row; rows from made on are blank
	made       int    // rows there are; when it is rows, row 0 is the terminal's first
	anchored   bool   // made was rows before the terminal was resized
	stale      bool   // the terminal was resized: nothing of this is sure
	top        int    // the row that shows row 0 of the view
	height     int    // how many rows of the view are shown; never falls while it can hold
	x, y       int    // the terminal's cursor
	panX, panY int    // the cell of the frame at the view's top left
	keys       bool   // kitty's keyboard flags were pushed: each screen has its own
	under      []Cell // what the notice hides on the last rows; empty if nothing
}

// resize gives p a new size. What it showed is stale unless it is fresh.
func (p *plane) resize(cols, rows int, fresh bool) {
	anchored := p.made == p.rows
	if p.stale {
		anchored = p.anchored
	}
	p.cols, p.rows = cols, rows
	if len(p.cells) != cols*rows {
		p.cells = make([]Cell, cols*rows)
	}
	p.under = nil
	if fresh {
		p.restart()
		return
	}
	p.anchored, p.stale = anchored, true
}

// restart makes p a plane of one blank row in which the cursor is at the start.
func (p *plane) restart() {
	*p = plane{cols: p.cols, rows: p.rows, cells: p.cells, made: 1, panX: p.panX, panY: p.panY, keys: p.keys}
	fillCells(p.cells, emptyCell)
}

// anchor makes p a blank plane that covers the terminal, cursor at the top left.
func (p *plane) anchor() {
	p.restart()
	p.made = p.rows
	p.panX, p.panY = 0, 0
}

// forget keeps p's place, which covers the terminal, and nothing of its content.
func (p *plane) forget() {
	p.stale, p.made, p.top = false, p.rows, 0
	p.x, p.y = unknownColumn, unknownRow
	fillCells(p.cells, unknownCell)
}

// row returns what row y shows.
func (p *plane) row(y int) []Cell { return p.cells[y*p.cols : (y+1)*p.cols] }

// known reports whether row 0 is surely the terminal's first.
func (p *plane) known() bool { return p.made == p.rows }

// cursorOf returns the place of f's cursor, inside f whatever it says.
func cursorOf(f *Frame) (x, y int) {
	return min(max(f.Cursor.X, 0), f.Cols-1), min(max(f.Cursor.Y, 0), f.Rows-1)
}

func fillCells(cells []Cell, c Cell) {
	for i := range cells {
		cells[i] = c
	}
}

// moveTo puts the cursor on a row that is made. While the plane's place on the
// terminal is not known it moves relatively.
func (r *Renderer) moveTo(p *plane, x, y int) {
	if y != p.y {
		switch {
		case y == p.y+1 && x == 0 && p.y != unknownRow:
			r.body = append(r.body, '\r', '\n')
			p.x, p.y = 0, y
			return
		case p.known():
			r.body = appendPosition(r.body, x, y)
			p.x, p.y = x, y
			return
		case y < p.y:
			r.body = appendCSI(r.body, p.y-y, 'A')
		default:
			r.body = appendCSI(r.body, y-p.y, 'B')
		}
		p.y = y
	}
	r.moveColumn(p, x)
}

// moveColumn moves the cursor within its row, the shortest way.
func (r *Renderer) moveColumn(p *plane, x int) {
	from := p.x
	p.x = x
	switch {
	case x == from:
	case x == 0:
		r.body = append(r.body, '\r')
	case from == unknownColumn || digits(max(x-from, from-x)) > digits(x+1):
		r.body = appendCSI(r.body, x+1, 'G')
	case x > from:
		r.body = appendCSI(r.body, x-from, 'C')
	default:
		r.body = appendCSI(r.body, from-x, 'D')
	}
}

// make has at least n rows made: a line feed on the lowest row makes one more, and
// moves everything up if that row is the terminal's last.
func (r *Renderer) make(p *plane, n int) {
	if p.made >= n {
		return
	}
	r.setPen(Pen{})
	for p.made < n {
		r.moveTo(p, p.x, p.made-1)
		r.body = append(r.body, '\r', '\n')
		p.x, p.y = 0, p.made
		p.made++
	}
}

// scroll lets the n rows at the top of a terminal that is full leave upwards.
func (r *Renderer) scroll(p *plane, n int) {
	r.setPen(Pen{}) // the rows that come in take its background
	r.moveTo(p, 0, p.rows-1)
	for range n {
		r.body = append(r.body, '\n')
	}
	n = min(n, p.rows)
	copy(p.cells, p.cells[n*p.cols:])
	fillCells(p.cells[(p.rows-n)*p.cols:], emptyCell)
}

// digits returns how many bytes parameter n takes; 1 is left out.
func digits(n int) int {
	switch {
	case n == 1:
		return 0
	case n < 10:
		return 1
	case n < 100:
		return 2
	case n < 1000:
		return 3
	}
	return 4
}

// appendCSI appends ESC [ n final, nothing if n is below 1.
func appendCSI(b []byte, n int, final byte) []byte {
	if n < 1 {
		return b
	}
	b = append(b, "\x1b["...)
	if n > 1 {
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return append(b, final)
}

// appendPosition appends the move to column x of row y, from 0.
func appendPosition(b []byte, x, y int) []byte {
	b = append(b, "\x1b["...)
	if y > 0 {
		b = strconv.AppendInt(b, int64(y)+1, 10)
	}
	if x > 0 {
		b = append(b, ';')
		b = strconv.AppendInt(b, int64(x)+1, 10)
	}
	return append(b, 'H')
}

// appendMode appends the switch of DEC private mode n.
func appendMode(b []byte, n int, on bool) []byte {
	b = append(b, "\x1b[?"...)
	b = strconv.AppendInt(b, int64(n), 10)
	if on {
		return append(b, 'h')
	}
	return append(b, 'l')
}
