package screen

// borderPen draws the border, which is no part of the frame.
var borderPen = Pen{Attr: Faint}

// border adds to r.grid the lines at the right and the bottom of a frame that is
// smaller than the terminal. It is drawn on the alternate screen only: on the main
// screen rows become history, where it would stay.
func (r *Renderer) border(f *Frame, p *plane) {
	rows := len(r.grid) / r.cols
	if f.Cols < r.cols {
		for y := range rows {
			r.gridRow(y)[f.Cols] = Cell{Rune: '│', Width: 1, Pen: borderPen}
		}
	}
	if rows == r.rows {
		return
	}
	r.grid = append(r.grid, r.blankRow()...)
	p.height++
	bottom := r.gridRow(rows)
	for x := range min(f.Cols, r.cols) {
		bottom[x] = Cell{Rune: '─', Width: 1, Pen: borderPen}
	}
	if f.Cols < r.cols {
		bottom[f.Cols] = Cell{Rune: '┘', Width: 1, Pen: borderPen}
	}
}
