package screen

import "strconv"

// sgr sets the pen (SGR).
func (s *Screen) sgr() {
	if s.n == 0 {
		s.pen = Pen{Link: s.pen.Link}
		return
	}
	for i := 0; i < s.n; {
		i = s.sgrParam(i)
	}
}

// isSub reports whether parameter i exists and followed a colon.
func (s *Screen) isSub(i int) bool { return i < s.n && s.subs>>i&1 != 0 }

// afterSubs returns the first parameter after i that followed no colon.
func (s *Screen) afterSubs(i int) int {
	for i++; s.isSub(i); i++ {
	}
	return i
}

// sgrParam applies parameter i and returns the index of the next.
func (s *Screen) sgrParam(i int) int {
	p := &s.pen
	next := s.afterSubs(i)
	v := int(s.params[i])
	switch {
	case v == 0:
		*p = Pen{Link: p.Link}
	case v == 4:
		p.Underline = SingleUnderline
		if s.isSub(i+1) && s.params[i+1] <= uint16(DashedUnderline) {
			p.Underline = uint8(s.params[i+1])
		}
	case v == 21:
		p.Underline = DoubleUnderline
	case v == 22:
		p.Attr &^= Bold | Faint
	case v == 221:
		p.Attr &^= Bold
	case v == 222:
		p.Attr &^= Faint
	case v == 24:
		p.Underline = NoUnderline
	case v == 25:
		p.Attr &^= Blink
	case v < len(attrOf) && attrOf[v] != 0:
		p.Attr |= attrOf[v]
	case v > 20 && v < 30 && attrOf[v-20] != 0:
		p.Attr &^= attrOf[v-20]
	case v >= 30 && v <= 37:
		p.Fg = Palette(uint8(v - 30))
	case v >= 40 && v <= 47:
		p.Bg = Palette(uint8(v - 40))
	case v >= 90 && v <= 97:
		p.Fg = Palette(uint8(v - 90 + 8))
	case v >= 100 && v <= 107:
		p.Bg = Palette(uint8(v - 100 + 8))
	case v == 38:
		return s.sgrColor(&p.Fg, i)
	case v == 48:
		return s.sgrColor(&p.Bg, i)
	case v == 58:
		return s.sgrColor(&p.Ul, i)
	case v == 39:
		p.Fg = DefaultColor
	case v == 49:
		p.Bg = DefaultColor
	case v == 59:
		p.Ul = DefaultColor
	case v == 53:
		p.Attr |= Overline
	case v == 55:
		p.Attr &^= Overline
	}
	return next
}

// attrOf are the attributes by their parameter; 20 more takes them off.
var attrOf = [...]Attr{1: Bold, 2: Faint, 3: Italic, 5: Blink, 6: Blink, 7: Reverse, 8: Conceal, 9: Strike}

// sgrColor reads the colour that begins at parameter i, as 38;5;n, 38;2;r;g;b,
// 38:5:n, 38:2:r:g:b or 38:2:space:r:g:b, and returns the index of what follows.
func (s *Screen) sgrColor(c *Color, i int) int {
	if s.isSub(i + 1) {
		next := s.afterSubs(i)
		n := next - i - 2 // numbers after the kind
		switch kind := s.params[i+1]; {
		case kind == 5 && n >= 1:
			setColor(c, s.params[i+2:i+3])
		case kind == 2 && n >= 4:
			setColor(c, s.params[i+3:i+6])
		case kind == 2 && n == 3:
			setColor(c, s.params[i+2:i+5])
		}
		return next
	}
	switch {
	case i+2 < s.n && s.params[i+1] == 5:
		setColor(c, s.params[i+2:i+3])
		return i + 3
	case i+4 < s.n && s.params[i+1] == 2:
		setColor(c, s.params[i+2:i+5])
		return i + 5
	}
	return s.n // cut off: what follows cannot be told apart
}

// setColor sets c to a palette index or to red, green and blue. Numbers that are
// too large change nothing.
func setColor(c *Color, v []uint16) {
	for _, n := range v {
		if n > 255 {
			return
		}
	}
	if len(v) == 1 {
		*c = Palette(uint8(v[0]))
		return
	}
	*c = RGB(uint8(v[0]), uint8(v[1]), uint8(v[2]))
}

// appendSGR appends the sequence that gives the pen p but for its link, whatever
// the pen was.
func appendSGR(b []byte, p Pen) []byte {
	b = append(b, "\x1b[0"...)
	for v, a := range attrOf {
		if a != 0 && p.Attr&a != 0 && v != 6 { // 6 is blink again
			b = append(b, ';', byte('0'+v))
		}
	}
	if p.Attr&Overline != 0 {
		b = append(b, ";53"...)
	}
	switch p.Underline {
	case NoUnderline:
	case SingleUnderline:
		b = append(b, ";4"...)
	default:
		b = append(b, ";4:"...)
		b = append(b, '0'+p.Underline)
	}
	b = appendSGRColor(b, p.Fg, 30)
	b = appendSGRColor(b, p.Bg, 40)
	b = appendSGRColor(b, p.Ul, 50)
	return append(b, 'm')
}

// appendSGRColor appends a colour; base is 30, 40, or 50 for the underline's.
func appendSGRColor(b []byte, c Color, base int) []byte {
	sep := byte(';')
	if base == 50 {
		sep = ':' // a terminal that does not know it must not see 5 as blink
	}
	if i, ok := c.Index(); ok {
		switch {
		case i < 8 && base < 50:
			return appendNumber(append(b, ';'), base+int(i))
		case i < 16 && base < 50:
			return appendNumber(append(b, ';'), base+60+int(i)-8)
		}
		b = appendNumber(append(b, ';'), base+8)
		b = append(b, sep, '5', sep)
		return appendNumber(b, int(i))
	}
	r, g, bl, ok := c.RGB()
	if !ok {
		return b
	}
	b = appendNumber(append(b, ';'), base+8)
	b = append(b, sep, '2')
	if sep == ':' {
		b = append(b, ':') // the colour space
	}
	for _, v := range [...]uint8{r, g, bl} {
		b = appendNumber(append(b, sep), int(v))
	}
	return b
}

func appendNumber(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }
