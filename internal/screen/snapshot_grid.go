package screen

import "unicode/utf8"

func (w *writer) text(t string) { w.b = append(w.b, t...) }

// number writes a further parameter.
func (w *writer) number(n int) { w.b = appendNumber(append(w.b, ';'), n) }

// csi writes a sequence of one or two parameters; b 0 is left out.
func (w *writer) csi(a, b int, final byte) {
	w.text("\x1b[")
	w.b = appendNumber(w.b, a)
	if b != 0 {
		w.number(b)
	}
	w.b = append(w.b, final)
}

func (w *writer) private(code int, on bool) {
	if on {
		w.csiPrivate(code, 'h')
	} else {
		w.csiPrivate(code, 'l')
	}
}

func (w *writer) csiPrivate(code int, final byte) {
	w.text("\x1b[?")
	w.b = append(appendNumber(w.b, code), final)
}

func (w *writer) goTo(x, y int) { w.csi(y+1, x+1, 'H') }

// setPen changes the reader's pen to p.
func (w *writer) setPen(p Pen) {
	if w.pen.Link != p.Link {
		w.text("\x1b]8;;" + w.s.links.list[p.Link] + "\x1b\\")
	}
	now := w.pen
	now.Link = p.Link
	if now != p {
		w.b = appendSGR(w.b, p)
	}
	w.pen = p
}

// codes writes the charsets, all of which are ASCII in the reader and G0 in use.
func (w *writer) codes(c codes) {
	for i, set := range c.sets {
		if set != charsetASCII {
			w.b = append(w.b, esc, "()*+"[i], set.final())
		}
	}
	w.text([]string{"", "\x0e", "\x1bn", "\x1bo"}[c.gl])
}

// single writes the charset of the next character alone: that is last.
func (w *writer) single(c codes) {
	if c.single != 0 {
		w.b = append(w.b, esc, 'N'+c.single-2)
	}
}

// grid writes one screen. The saved cursor goes first, because a wrap that is
// pending in it needs a character that the cells then cover.
func (w *writer) grid(g *grid) {
	w.saved(&g.saved)
	w.setPen(Pen{})
	w.text("\x1b[2J")
	for i := range g.keys.nOld {
		if i == 0 {
			w.keyFlags('=', g.keys.old[0])
		} else {
			w.keyFlags('>', g.keys.old[i])
		}
	}
	if g.keys.nOld > 0 {
		w.keyFlags('>', g.keys.now)
	} else if g.keys.now != 0 {
		w.keyFlags('=', g.keys.now)
	}
	for y := range g.rows {
		w.row(g, y)
	}
	w.setPen(Pen{})
}

func (w *writer) keyFlags(kind byte, flags uint8) {
	w.b = append(w.b, esc, '[', kind)
	w.b = appendNumber(w.b, int(flags))
	w.text("u")
}

// saved writes the saved cursor, unless it is as nothing had been saved.
func (w *writer) saved(v *saved) {
	if *v == (saved{}) {
		return // and the reader's is so too, after base
	}
	if v.origin {
		w.private(6, true)
	}
	w.goTo(v.x, v.y)
	if v.wrapNext {
		w.text("x")
	}
	w.setPen(v.pen)
	w.codes(v.codes)
	w.text("\x1b7\x1b(B\x1b)B\x1b*B\x1b+B\x0f")
	if v.origin {
		w.private(6, false)
	}
}

// row writes row y onto a blank one. To get behind a row that is wrapped a character
// is printed through the margin, so that the reader wraps that too.
func (w *writer) row(g *grid, y int) {
	r := &g.rows[y]
	x := 0
	if y > 0 && g.rows[y-1].wrapped {
		x = w.first(&r.cells[0])
	} else if textEnd(r.cells) == 0 && !r.wrapped {
		return
	} else {
		w.goTo(0, y)
	}
	w.cells(r.cells, x, len(r.cells))
	w.margin(r)
}

// noEdge says that the reader may have more columns than a line has cells.
const noEdge = -1

// cells writes the cells of a line from x on. Behind edge the reader has no column.
func (w *writer) cells(cells []Cell, x, edge int) {
	for end := textEnd(cells); x < end; {
		c := &cells[x]
		if c.Rune >= ' ' && c.Rune <= '~' && c.Mark == 0 && c.Pen == w.pen { // most
			w.b = append(w.b, byte(c.Rune))
			x++
			continue
		}
		if c.Rune != 0 {
			w.cell(c)
			x += int(c.Width)
			continue
		}
		n := 1
		for x+n < len(cells) && cells[x+n] == *c {
			n++
		}
		w.blanks(c.Pen, n, x+n == edge)
		x += n
	}
}

// blanksAtOnce is how many blanks textEnd passes at once: one comparison of memory.
const blanksAtOnce = 16

var someBlanks = func() (blanks [blanksAtOnce]Cell) {
	for i := range blanks {
		blanks[i] = blankCell(DefaultColor)
	}
	return blanks
}()

// textEnd returns where only default blanks follow.
func textEnd(cells []Cell) int {
	end := len(cells)
	for end >= blanksAtOnce && *(*[blanksAtOnce]Cell)(cells[end-blanksAtOnce:]) == someBlanks {
		end -= blanksAtOnce
	}
	for end > 0 && cells[end-1] == someBlanks[0] {
		end--
	}
	return end
}

// first makes the reader go to the next row by wrapping, and there writes c, the
// first cell, if it is a blank. It returns how many columns that took.
func (w *writer) first(c *Cell) int {
	w.setPen(Pen{}) // in whose background the next row is made if the reader scrolls
	w.text(" \r")
	if c.Rune != 0 {
		return 0
	}
	w.setPen(Pen{Bg: c.Pen.Bg})
	w.text("\x1b[X\x1b[C")
	return 1
}

// margin goes on to the next row if r is wrapped behind a blank, which only a wide
// character leaves that has no room: it prints one, and erases it.
func (w *writer) margin(r *row) {
	last := &r.cells[len(r.cells)-1]
	if !r.wrapped || last.printed() {
		return
	}
	w.text("\x1b[")
	w.b = appendNumber(w.b, len(r.cells))
	w.text("G")
	w.setPen(Pen{Bg: last.Pen.Bg})
	w.text("\u3000")
	w.setPen(Pen{})
	w.text("\r\x1b[C\x1b[K\r\x1b[X")
}

// blanks writes n blanks and goes behind them; last says that no cell follows.
func (w *writer) blanks(p Pen, n int, last bool) {
	if p != (Pen{}) {
		w.setPen(p)
		if last {
			w.text("\x1b[K")
			return
		}
		w.csi(n, 0, 'X')
	}
	if !last {
		w.csi(n, 0, 'C')
	}
}

func (w *writer) cell(c *Cell) {
	w.setPen(c.Pen)
	w.b = utf8.AppendRune(w.b, c.Rune)
	w.text(w.s.marks.list[c.Mark])
}
