package screen

import (
	"strconv"
	"strings"
)

// setSGR is the terminal's reading of ESC [ params m, by ECMA-48 8.3.117 and the
// forms with ':' of ITU T.416 that xterm and tmux read.
func (t *terminal) setSGR(params string) bool {
	if params == "" {
		t.pen = Pen{}
		return true
	}
	parts := strings.Split(params, ";")
	for len(parts) > 0 {
		n := t.sgrOne(parts)
		if n == 0 {
			return false
		}
		parts = parts[n:]
	}
	return true
}

// sgrOne takes one attribute and returns how many parameters it took, 0 for a fault.
func (t *terminal) sgrOne(parts []string) int {
	if sub := strings.Split(parts[0], ":"); len(sub) > 1 {
		return t.sgrColon(sub)
	}
	n, err := strconv.Atoi(parts[0])
	p := &t.pen
	attrs := map[int]Attr{1: Bold, 2: Faint, 3: Italic, 5: Blink, 7: Reverse, 8: Conceal, 9: Strike, 53: Overline}
	offs := map[int]Attr{22: Bold | Faint, 23: Italic, 25: Blink, 27: Reverse, 28: Conceal, 29: Strike, 55: Overline}
	switch {
	case err != nil:
		return 0
	case n == 0:
		*p = Pen{}
	case attrs[n] != 0:
		p.Attr |= attrs[n]
	case offs[n] != 0:
		p.Attr &^= offs[n]
	case n == 4:
		p.Underline = SingleUnderline
	case n == 24:
		p.Underline = NoUnderline
	case n >= 30 && n <= 37:
		p.Fg = Palette(uint8(n - 30))
	case n >= 90 && n <= 97:
		p.Fg = Palette(uint8(n - 90 + 8))
	case n >= 40 && n <= 47:
		p.Bg = Palette(uint8(n - 40))
	case n >= 100 && n <= 107:
		p.Bg = Palette(uint8(n - 100 + 8))
	case n == 39:
		p.Fg = DefaultColor
	case n == 49:
		p.Bg = DefaultColor
	case n == 59:
		p.Ul = DefaultColor
	case n == 38:
		return sgrColor(parts, &p.Fg)
	case n == 48:
		return sgrColor(parts, &p.Bg)
	default:
		return 0
	}
	return 1
}

func sgrColor(parts []string, c *Color) int {
	if len(parts) < 3 {
		return 0
	}
	if v, ok := sgrBytes(parts[2:], 1); ok && parts[1] == "5" {
		*c = Palette(v[0])
		return 3
	}
	if v, ok := sgrBytes(parts[2:], 3); ok && parts[1] == "2" {
		*c = RGB(v[0], v[1], v[2])
		return 5
	}
	return 0
}

func (t *terminal) sgrColon(sub []string) int {
	switch {
	case sub[0] == "4" && len(sub) == 2:
		v, ok := sgrBytes(sub[1:], 1)
		if !ok || v[0] > DashedUnderline {
			return 0
		}
		t.pen.Underline = v[0]
		return 1
	case sub[0] == "58" && sub[1] == "5":
		v, ok := sgrBytes(sub[2:], 1)
		if ok {
			t.pen.Ul = Palette(v[0])
			return 1
		}
	case sub[0] == "58" && sub[1] == "2" && len(sub) == 6 && sub[2] == "":
		v, ok := sgrBytes(sub[3:], 3)
		if ok {
			t.pen.Ul = RGB(v[0], v[1], v[2])
			return 1
		}
	}
	return 0
}

func sgrBytes(parts []string, n int) ([]uint8, bool) {
	if len(parts) < n {
		return nil, false
	}
	var v []uint8
	for _, s := range parts[:n] {
		i, err := strconv.ParseUint(s, 10, 8)
		if err != nil {
			return nil, false
		}
		v = append(v, uint8(i))
	}
	return v, true
}
