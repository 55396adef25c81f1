package screen

import "strconv"

// sgrOn and sgrOff are the SGR parameters that switch each attribute, in Attr's
// order (ECMA-48 8.3.117; 53 and 55 overline). Bold and Faint share 22.
var (
	sgrOn  = [...]int{1, 2, 3, 5, 7, 8, 9, 53}
	sgrOff = [...]int{22, 22, 23, 25, 27, 28, 29, 55}
)

// setPen makes the terminal print with pen, the shorter way: by what changed, or
// from the default on.
func (r *Renderer) setPen(pen Pen) {
	if pen == r.pen {
		return
	}
	if pen.Link != r.pen.Link {
		r.setLink(pen.Link)
	}
	from, to := r.pen, pen
	r.pen = pen
	from.Link, to.Link = 0, 0
	if from == to {
		return
	}
	if to == (Pen{}) {
		r.body = append(r.body, "\x1b[m"...)
		return
	}
	change := appendPen(r.sgr[0][:0], from, to)
	fresh := appendPen(append(r.sgr[1][:0], "0;"...), Pen{}, to)
	r.sgr[0], r.sgr[1] = change, fresh
	if len(fresh) < len(change) {
		change = fresh
	}
	r.body = append(r.body, "\x1b["...)
	r.body = append(r.body, change[:len(change)-1]...) // the last ';'
	r.body = append(r.body, 'm')
}

// setLink begins or ends a hyperlink.
func (r *Renderer) setLink(id uint16) {
	r.body = append(r.body, "\x1b]8;;"...)
	r.body = append(r.body, r.links.text(id)...)
	r.body = append(r.body, "\x1b\\"...)
}

// appendPen appends the SGR parameters that lead from one pen to another, each with
// a ';' after it.
func appendPen(b []byte, from, to Pen) []byte {
	b = appendAttr(b, from.Attr, to.Attr)
	if from.Underline != to.Underline {
		switch to.Underline {
		case NoUnderline:
			b = append(b, "24;"...)
		case SingleUnderline:
			b = append(b, "4;"...)
		default: // with ':', lest an old terminal take the style for an attribute
			b = append(b, '4', ':', '0'+to.Underline, ';')
		}
	}
	if from.Fg != to.Fg {
		b = appendColor(b, to.Fg, 30)
	}
	if from.Bg != to.Bg {
		b = appendColor(b, to.Bg, 40)
	}
	if from.Ul != to.Ul {
		b = appendUnderlineColor(b, to.Ul)
	}
	return b
}

func appendAttr(b []byte, from, to Attr) []byte {
	off := from &^ to
	if off&(Bold|Faint) != 0 {
		b = append(b, "22;"...)
		from &^= Bold | Faint // 22 took both
		off &^= Bold | Faint
	}
	on := to &^ from
	for i := range sgrOn {
		switch bit := Attr(1) << i; {
		case off&bit != 0:
			b = appendParam(b, sgrOff[i])
		case on&bit != 0:
			b = appendParam(b, sgrOn[i])
		}
	}
	return b
}

// appendColor appends c as a foreground (base 30) or background (base 40).
func appendColor(b []byte, c Color, base int) []byte {
	if i, ok := c.Index(); ok {
		switch {
		case i < 8:
			return appendParam(b, base+int(i))
		case i < 16:
			return appendParam(b, base+60+int(i)-8)
		}
		b = appendParam(b, base+8)
		return appendParam(append(b, "5;"...), int(i))
	}
	if red, green, blue, ok := c.RGB(); ok {
		b = appendParam(b, base+8)
		b = appendParam(append(b, "2;"...), int(red))
		return appendParam(appendParam(b, int(green)), int(blue))
	}
	return appendParam(b, base+9)
}

// appendUnderlineColor appends c in the form with ':', for a terminal that does not
// know 58 would take the rest for attributes.
func appendUnderlineColor(b []byte, c Color) []byte {
	if i, ok := c.Index(); ok {
		return appendParam(append(b, "58:5:"...), int(i))
	}
	if red, green, blue, ok := c.RGB(); ok {
		b = append(b, "58:2::"...)
		for _, v := range [...]uint8{red, green} {
			b = strconv.AppendInt(b, int64(v), 10)
			b = append(b, ':')
		}
		return appendParam(b, int(blue))
	}
	return append(b, "59;"...)
}

func appendParam(b []byte, n int) []byte {
	return append(strconv.AppendInt(b, int64(n), 10), ';')
}
