package screen

// buildRow puts into dst what a terminal shows of src from column pan on: cells
// reduced to what can be seen, marks and links under the Renderer's own numbers,
// blanks beyond src. A wide character cut at either edge is blank.
func (r *Renderer) buildRow(dst, src []Cell, pan int, f *Frame) {
	src = src[min(pan, len(src)):]
	blank := Cell{Width: 1}
	for x := 0; x < len(dst); x++ {
		if x >= len(src) {
			fillCells(dst[x:], emptyCell)
			return
		}
		switch {
		case f.Reverse:
		case src[x] == blank, src[x] == emptyCell:
			dst[x] = emptyCell
			continue
		case common(&src[x]):
			dst[x] = src[x]
			continue
		}
		c := src[x]
		if c.Width == 2 && (x+1 >= len(dst) || x+1 >= len(src)) || c.Width == 0 {
			c = Cell{Rune: ' ', Width: 1, Pen: c.Pen}
		}
		dst[x] = r.seen(c, f)
		if c.Width == 2 {
			x++
			if dst[x-1].Width == 2 {
				dst[x] = Cell{Pen: dst[x-1].Pen}
			} else {
				dst[x] = r.seen(Cell{Rune: ' ', Width: 1, Pen: c.Pen}, f)
			}
		}
	}
}

// common reports whether seen would return c as it is, for what most cells hold.
func common(c *Cell) bool {
	return c.Rune > ' ' && c.Rune <= '~' && c.Width == 1 && c.Mark == 0 && c.Pen.Link == 0 &&
		c.Pen.Underline == NoUnderline && c.Pen.Ul == DefaultColor
}

// seen returns c reduced to what a terminal shows of it, so that cells which look
// alike are equal.
func (r *Renderer) seen(c Cell, f *Frame) Cell {
	if c.Pen == (Pen{}) && (c.Rune == 0 || c.Rune == ' ') && c.Mark == 0 && !f.Reverse {
		return emptyCell
	}
	shown := drawable(c.Rune)
	if c.Width != 2 || shown == ' ' || shown == replacement {
		c.Width = 1
	}
	if c.Mark != 0 {
		c.Mark = r.marks.id(lookUp(f.Marks, c.Mark), cleanMarks)
	}
	if c.Pen.Link != 0 {
		c.Pen.Link = r.links.id(lookUp(f.Links, c.Pen.Link), cleanLink)
	}
	c.Rune = shown
	if f.Reverse {
		c.Pen.Attr ^= Reverse
	}
	c.Pen = seenPen(c.Pen, shown == ' ' && c.Mark == 0)
	return c
}

// seenPen returns pen without what has no effect: the underline's colour when there
// is no underline, and all but the background when nothing is printed.
func seenPen(pen Pen, blank bool) Pen {
	if pen.Underline > DashedUnderline {
		pen.Underline = SingleUnderline
	}
	if pen.Underline == NoUnderline {
		pen.Ul = DefaultColor
	}
	if blank && pen.Underline == NoUnderline && pen.Attr&(Reverse|Strike|Overline) == 0 {
		pen.Fg, pen.Attr = DefaultColor, 0
	}
	return pen
}

// lookUp returns table[i], "" if there is none.
func lookUp(table []string, i uint16) string {
	if int(i) >= len(table) {
		return ""
	}
	return table[i]
}
