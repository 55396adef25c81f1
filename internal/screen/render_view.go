package screen

// Pan moves the view of a Frame that is larger than the terminal by dx columns to
// the right and dy rows down, no further than the Frame drawn last goes, and holds it
// there until Follow. What is out of view meanwhile is not lost: the cursor is hidden
// while it is, and lines go on to leave the top. Of a Frame that fits, Pan moves
// nothing.
func (r *Renderer) Pan(dx, dy int) {
	if r.farX == 0 && r.farY == 0 {
		return
	}
	if p := r.plane(); !r.held {
		r.held, r.heldX, r.heldY = true, p.panX, p.panY
	}
	r.heldX = min(max(r.heldX+bounded(dx), 0), r.farX)
	r.heldY = min(max(r.heldY+bounded(dy), 0), r.farY)
}

// Follow has the view go after the cursor again, as at the start, and reports whether
// it did not.
func (r *Renderer) Follow() (held bool) {
	held, r.held = r.held, false
	return held
}

// bound takes in how far f lets the view go; one that fits is followed again.
func (r *Renderer) bound(f *Frame) {
	r.farX, r.farY = max(0, f.Cols-r.cols), 0
	if f.Rows > r.rows {
		r.farY = f.Rows - r.bareRows()
	}
	r.heldX, r.heldY = min(r.heldX, r.farX), min(r.heldY, r.farY)
	r.held = r.held && r.farX+r.farY > 0
}

// bareRows returns how many rows of the terminal no notice covers: of a frame that is
// larger, any row can be brought there.
func (r *Renderer) bareRows() int { return max(r.rows-r.covered, 1) }

// View returns which part of f the next Draw of it shows, with as many rows of notices
// as the last: the column and row of its top left corner, and its size.
func (r *Renderer) View(f *Frame) (x, y, cols, rows int) {
	if f.Cols < 1 || f.Rows < 1 {
		return 0, 0, 0, 0
	}
	x, y = r.pan(r.planeOf(f), f)
	return x, y, min(f.Cols, r.cols), min(f.Rows, r.rows)
}

// planeOf returns the plane that f will be drawn on, as it will then be.
func (r *Renderer) planeOf(f *Frame) *plane {
	switch {
	case !f.Alt:
		return &r.main
	case r.onAlt:
		return &r.alt
	}
	return &plane{cols: r.cols, rows: r.rows}
}

// pan returns the cell of f at the top left of p's view. The view moves only when it
// must for f's cursor to be inside and not behind a notice; sideways by half a screen,
// since each such move repaints all.
func (r *Renderer) pan(p *plane, f *Frame) (x, y int) {
	farX, farY, rows := max(0, f.Cols-p.cols), max(0, f.Rows-p.rows), p.rows
	if farY > 0 {
		rows = r.bareRows()
	}
	if r.held {
		if farY > 0 {
			farY = f.Rows - rows
		}
		return min(r.heldX, farX), min(r.heldY, farY)
	}
	x, y = min(p.panX, farX), min(p.panY, farY)
	if !f.Cursor.Visible {
		return x, y
	}
	cx, cy := cursorOf(f)
	if cx < x || cx >= x+p.cols {
		x = min(max(0, cx-p.cols/2), farX)
	}
	return x, max(min(y, cy), cy-rows+1)
}

// inView reports whether f's cursor is in the view.
func (r *Renderer) inView(f *Frame) bool {
	p := r.plane()
	x, y := cursorOf(f)
	return x >= p.panX && x < p.panX+p.cols && y >= p.panY && y < p.panY+p.rows
}

// bounded returns n within what a view can move at all.
func bounded(n int) int { return min(max(n, -maxDrawSide), maxDrawSide) }
