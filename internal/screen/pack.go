package screen

import (
	"encoding/binary"
	"unicode/utf8"
)

// maxLineBytes is how long a packed line is at most. A row of MaxSize cells, each
// with a pen of its own and all the marks it can have, fits, but for its links: if
// these are too many they are left out.
const maxLineBytes = 64 << 10

// A packed line that is not plain is text in UTF-8, marks behind their character,
// between these operations. Blanks do not change the pen.
const (
	opPen     = 1 + iota // which fields are not 0, and they; all others are 0
	opLink               // its length, and the link that the pen has from here on
	opBlanks             // their number
	opBlankBg            // their number and background
)

const (
	penFg = 1 << iota
	penBg
	penUl
	penAttr
	penUnderline
)

// pack appends row r as a line of the past.
func (s *Screen) pack(b []byte, r *row) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.cells)))
	b = binary.BigEndian.AppendUint16(b, r.told)
	flags := byte(0)
	if r.wrapped {
		flags |= flagWrapped
	}
	cells := r.cells[:textEnd(r.cells[:r.end])]
	if r.plain {
		return packPlain(append(b, flags|flagPlain), cells)
	}
	b = append(b, flags)
	n := len(b)
	if b = s.packCells(b, cells, true); len(b) > maxLineBytes {
		b = s.packCells(b[:n], cells, false)
	}
	return b
}

func packPlain(b []byte, cells []Cell) []byte {
	n := len(b)
	if cap(b) < n+len(cells) {
		b = append(b, make([]byte, len(cells))...)
	}
	b = b[:n+len(cells)]
	to := b[n:]
	to = to[:len(cells)]
	for i := range cells {
		to[i] = byte(cells[i].Rune)
	}
	return b
}

func (s *Screen) packCells(b []byte, cells []Cell, links bool) []byte {
	var pen Pen
	for x := 0; x < len(cells) && len(b) <= maxLineBytes; {
		c := &cells[x]
		if c.Rune == 0 {
			n := 1
			for x+n < len(cells) && cells[x+n] == *c {
				n++
			}
			b = packBlanks(b, n, c.Pen.Bg)
			x += n
			continue
		}
		if c.Pen != pen {
			if links && c.Pen.Link != pen.Link {
				link := s.links.list[c.Pen.Link]
				b = binary.AppendUvarint(append(b, opLink), uint64(len(link)))
				b = append(b, link...)
			}
			pen.Link = c.Pen.Link
			if c.Pen != pen {
				b = packPen(b, &c.Pen)
				pen = c.Pen
			}
		}
		if c.Rune < utf8.RuneSelf {
			b = append(b, byte(c.Rune))
		} else {
			b = utf8.AppendRune(b, c.Rune)
		}
		if c.Mark != 0 {
			b = append(b, s.marks.list[c.Mark]...)
		}
		x += int(c.Width)
	}
	return b
}

func packBlanks(b []byte, n int, bg Color) []byte {
	if bg == DefaultColor {
		return binary.AppendUvarint(append(b, opBlanks), uint64(n))
	}
	b = binary.AppendUvarint(append(b, opBlankBg), uint64(n))
	return binary.BigEndian.AppendUint32(b, uint32(bg))
}

func packPen(b []byte, p *Pen) []byte {
	b = append(b, opPen, 0)
	fields := len(b) - 1
	for i, c := range [...]Color{p.Fg, p.Bg, p.Ul} {
		if c != DefaultColor {
			b[fields] |= penFg << i
			b = binary.BigEndian.AppendUint32(b, uint32(c))
		}
	}
	if p.Attr != 0 {
		b[fields] |= penAttr
		b = append(b, byte(p.Attr))
	}
	if p.Underline != 0 {
		b[fields] |= penUnderline
		b = append(b, p.Underline)
	}
	return b
}

// unpack returns the cells of l, in the memory of cells if it suffices. Their marks
// and links are in the tables of s, as long as s.loose has the cells.
func (s *Screen) unpack(l packed, cells []Cell) []Cell {
	cols := l.cols()
	if cap(cells) < cols {
		cells = make([]Cell, cols)
	}
	cells = cells[:cols]
	s.loose = append(s.loose, cells)
	text := l[packedHead:]
	if l.plain() {
		for x, b := range text {
			cells[x] = Cell{Rune: rune(b), Width: 1}
		}
		fillCells(cells[len(text):], blankCell(DefaultColor))
		return cells
	}
	u := unpacker{s: s, text: text}
	x := 0
	for x < cols && len(u.text) > 0 {
		x += u.next(cells[x:])
	}
	fillCells(cells[x:], blankCell(DefaultColor))
	return cells
}

// An unpacker reads what pack wrote.
type unpacker struct {
	s    *Screen
	text []byte
	pen  Pen
}

// next reads one operation or one character with its marks into cells, and returns
// how many of them that filled.
func (u *unpacker) next(cells []Cell) int {
	switch op := u.text[0]; op {
	case opPen:
		u.readPen()
		return 0
	case opLink:
		u.text = u.text[1:]
		n := u.number()
		u.pen.Link = 0 // before the table is compacted
		u.pen.Link, _ = u.s.internLink(u.text[:n])
		u.text = u.text[n:]
		return 0
	case opBlanks, opBlankBg:
		u.text = u.text[1:]
		n, bg := u.number(), DefaultColor
		if op == opBlankBg {
			bg = u.color()
		}
		fillCells(cells[:n], blankCell(bg))
		return n
	}
	r, n := utf8.DecodeRune(u.text)
	u.text = u.text[n:]
	w := runeWidth(r)
	cells[0] = Cell{Rune: r, Width: uint16(w), Pen: u.pen}
	if w == 2 {
		cells[1] = Cell{Pen: u.pen}
	}
	if n = marksEnd(u.text); n > 0 {
		// Not in one assignment: interning may renumber the marks of all cells.
		mark, _ := u.s.internMark(u.text[:n])
		cells[0].Mark = mark
		u.text = u.text[n:]
	}
	return w
}

// marksEnd returns how many bytes of marks b begins with.
func marksEnd(b []byte) int {
	end := 0
	for end < len(b) && b[end] >= utf8.RuneSelf {
		r, n := utf8.DecodeRune(b[end:])
		if runeWidth(r) > 0 {
			break
		}
		end += n
	}
	return end
}

func (u *unpacker) number() int {
	v, n := binary.Uvarint(u.text)
	u.text = u.text[n:]
	return int(v)
}

func (u *unpacker) color() Color {
	c := Color(binary.BigEndian.Uint32(u.text))
	u.text = u.text[4:]
	return c
}

func (u *unpacker) readPen() {
	fields := u.text[1]
	u.text = u.text[2:]
	p := Pen{Link: u.pen.Link}
	for i, c := range [...]*Color{&p.Fg, &p.Bg, &p.Ul} {
		if fields&(penFg<<i) != 0 {
			*c = u.color()
		}
	}
	if fields&penAttr != 0 {
		p.Attr = Attr(u.text[0])
		u.text = u.text[1:]
	}
	if fields&penUnderline != 0 {
		p.Underline = u.text[0]
		u.text = u.text[1:]
	}
	u.pen = p
}
