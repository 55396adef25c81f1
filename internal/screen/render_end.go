package screen

// End returns the bytes that leave the terminal as a shell wants it: the alternate
// screen and the notice gone, modes, pen, title and cursor as before, the cursor at
// the start of an empty line below what was drawn. The Renderer is then as new: it
// may draw again from there.
func (r *Renderer) End() []byte {
	if !r.begun {
		return nil
	}
	r.body = r.body[:0]
	if r.onAlt {
		r.leaveAlt()
	}
	r.uncover(&r.main)
	r.flush(&r.main)
	r.freshLine(&r.main)
	r.setMouse(MouseOff)
	r.setOtherKeys(0)
	r.setKeyFlags(&r.main, false)
	if r.focus {
		r.body = appendMode(r.body, 1004, false)
	}
	if r.paste {
		r.body = appendMode(r.body, 2004, false)
	}
	r.setPen(Pen{})
	r.wrapOn()
	r.setStyle(0)
	if r.titled {
		r.body = append(r.body, "\x1b[23;0t"...)
	}
	out := r.finish(true)
	*r = *NewRenderer(r.cols, r.rows)
	return out
}

// uncover takes the notice off p.
func (r *Renderer) uncover(p *plane) {
	switch {
	case p.stale: // it is anywhere
	case r.floating:
		r.hideFloating()
	case len(p.under) > 0:
		for y := p.rows - len(p.under)/p.cols; len(p.under) > 0; y++ {
			r.paintRow(p, y, p.under[:p.cols])
			p.under = p.under[p.cols:]
		}
	}
}

// flush writes the lines that waited for the main screen.
func (r *Renderer) flush(p *plane) {
	if p.stale || r.later.count() == 0 {
		return
	}
	r.pushLines(&Frame{}, nil, p)
	if over := p.top + p.height - p.rows; over > 0 {
		r.make(p, p.rows)
		r.scroll(p, over)
	}
}

// freshLine moves the cursor to the start of the first blank row below all else,
// making one if there is none. On a terminal that was resized, that is below the
// row where we would have the lowest.
func (r *Renderer) freshLine(p *plane) {
	if p.stale {
		r.body = append(r.body, '\r')
		r.body = appendCSI(r.body, p.made, 'B')
		r.body = append(r.body, '\n')
		return
	}
	y := p.made
	for y > 0 && blankFrom(p.row(y-1)) == 0 {
		y--
	}
	switch {
	case y < p.made:
		r.moveTo(p, 0, y)
	case p.known():
		r.scroll(p, 1)
	default:
		r.make(p, y+1)
	}
}
