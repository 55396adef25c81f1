package screen

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode"
)

// A hostile reads a Frame and an Overlay out of arbitrary bytes: any runes, widths,
// marks, links, titles, sizes and places.
type hostile struct{ data []byte }

func (h *hostile) n(limit int) int {
	var b [4]byte
	h.data = h.data[copy(b[:], h.data):]
	return int(binary.LittleEndian.Uint32(b[:]) % uint32(limit))
}

func (h *hostile) text() string {
	n := min(h.n(40), len(h.data))
	s := string(h.data[:n])
	h.data = h.data[n:]
	switch h.n(4) {
	case 0:
		s = "https://" + s
	case 1:
		s += "\u202e\u0300\u009b31m\x1b]0;x\a"
	}
	return s
}

func (h *hostile) cell() Cell {
	runes := []rune{'a', '中', 0x1b, '\n', 0x9b, 0x202e, 0x2066, 0x200b, 0x300, 0x1160, 0xd800, -1, 0x110000, 0xfeff, 0xe0041, '😀', 0xad, ' '}
	c := Cell{Rune: rune(h.n(0x120000)), Width: uint16(h.n(4)), Mark: uint16(h.n(6))}
	if h.n(3) > 0 {
		c.Rune = runes[h.n(len(runes))]
	}
	c.Pen = Pen{Fg: Color(h.n(1 << 30)), Attr: Attr(h.n(1 << 16)), Underline: uint8(h.n(256)), Link: uint16(h.n(6))}
	return c
}

func (h *hostile) frame() (*Frame, Overlay) {
	f := &Frame{Cols: 1 + h.n(12), Rows: 1 + h.n(8), Alt: h.n(4) == 0, Title: h.text(), Reverse: h.n(5) == 0}
	f.Cursor = Cursor{X: h.n(40) - 20, Y: h.n(40) - 20, Visible: h.n(3) > 0, Style: uint8(h.n(256))}
	f.Mouse, f.Focus, f.Paste = MouseMode(h.n(9)), h.n(2) == 0, h.n(2) == 0
	f.KeyFlags, f.OtherKeys = uint8(h.n(256)), uint8(h.n(256))
	f.Marks, f.Links = []string{"", h.text(), "\u0301\u202e"}, []string{"", h.text(), h.text(), strings.Repeat("http://", 400)}
	for range f.Cols * f.Rows {
		f.Cells = append(f.Cells, h.cell())
	}
	for range h.n(10) {
		var line []Cell
		for range h.n(20) {
			line = append(line, h.cell())
		}
		f.Scrolled = append(f.Scrolled, line)
	}
	f.Lost = h.n(3) * h.n(1000)
	o := Overlay{Writer: h.n(2) == 0}
	if h.n(3) == 0 {
		o.Notice = h.text()
	}
	for range h.n(9) % 4 {
		o.Lines = append(o.Lines, h.text())
	}
	if h.n(9) == 0 {
		f.Cells = f.Cells[:h.n(len(f.Cells))]
	}
	return f, o
}

// FuzzRenderer draws hostile Frames. Nothing outside the alphabet may come out, the
// terminal must never wrap by itself but in a line that goes on, and a repaint must put all right again.
func FuzzRenderer(f *testing.F) {
	seed := uint64(1)
	for range 40 {
		data := make([]byte, 6000)
		for i := range data {
			seed = seed*6364136223846793005 + 1442695040888963407
			data[i] = byte(seed >> 56)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h := &hostile{data}
		cols, rows := 1+h.n(14), 1+h.n(9)
		v := newViewing(t, 1, cols, rows, cols, rows)
		for len(h.data) > 0 {
			f, o := h.frame()
			v.term.mayWrap = o.Lines != nil
			v.sent = append([]byte(nil), v.r.Draw(f, o)...)
			v.term.write(v.sent)
			for _, fault := range v.term.faults {
				t.Fatalf("%s; sent %q", fault, v.sent)
			}
			if h.n(20) == 0 {
				cols, rows = 1+h.n(14), 1+h.n(9)
				v.term.resize(cols, rows)
				v.r.Resize(cols, rows)
			}
		}
		v.src.resize(cols, rows)
		for range 2 * rows {
			v.src.put("x", 1)
			v.src.newline()
		}
		v.draw()
		v.r.Resize(cols, rows)
		v.draw()
		v.same("repaint", v.term.main, v.window())
		v.term.write(v.r.End())
		for _, fault := range v.term.faults {
			t.Fatalf("End: %s", fault)
		}
	})
}

// TestFitText names what may not reach a terminal through a title or a notice.
func TestFitText(t *testing.T) {
	tests := []struct{ desc, in, want string }{
		{"plain text stays", "make test", "make test"},
		{"controls go", "a\x1b]0;b\x07c\u009bd\x7fe\nf", "a]0;bcdef"},
		{"bidi controls go", "a\u202eb\u2066c\u200fd", "abcd"},
		{"invisible ones go", "a\u200bb\u00adc\ufeffd\U000e0041e\u3164f", "abcdef"},
		{"a mark stays with its base", "e\u0301", "e\u0301"},
		{"a mark without a base goes", "\u0301e", "e"},
		{"wide characters count twice", "中文中文中文", "中文中文中"},
		{"cut to width", "0123456789abc", "0123456789"},
		{"broken UTF-8 is shown as such", "a\xffb", "a\ufffdb"},
	}
	for _, test := range tests {
		if got := FitText(test.in, 10); got != test.want {
			t.Errorf("%s: got %q, want %q", test.desc, got, test.want)
		}
	}
}

// TestCleanLink names which addresses are passed on.
func TestCleanLink(t *testing.T) {
	for address, want := range map[string]bool{
		"https://example.org/a?b=c#d":                          true,
		"http://example.org":                                   true,
		"file:///etc/passwd":                                   false,
		"javascript:alert(1)":                                  false,
		"https://example.org/\x1b\\":                           false,
		"https://example.org/a b":                              false,
		"https://ex\u202eample.org":                            false,
		"https://" + strings.Repeat("a", maxLinkBytes-8):       true,
		"https://" + strings.Repeat("a", maxLinkBytes-8) + "a": false,
	} {
		if got := cleanLink(address) != ""; got != want {
			t.Errorf("cleanLink(%.40q) passes: %v, want %v", address, got, want)
		}
	}
}

// TestDrawable names what is printed for characters that are not text.
func TestDrawable(t *testing.T) {
	for c, want := range map[rune]rune{
		'a': 'a', 0: ' ', '中': '中', 0xA0: 0xA0, 0xE0B0: 0xE0B0, 0xAD: '-',
		0x1b: '\ufffd', '\n': '\ufffd', 0x7f: '\ufffd', 0x9b: '\ufffd', 0x202e: '\ufffd', 0x2069: '\ufffd',
		0x200b: '\ufffd', 0x2028: '\ufffd', 0x301: '\ufffd', 0xd800: '\ufffd', -5: '\ufffd', 0x110000: '\ufffd',
		0xffff: '\ufffd', 0xfdd0: '\ufffd', 0xe0041: '\ufffd', 0x1160: '\ufffd', 0x3164: '\ufffd', 0xfeff: '\ufffd',
	} {
		if got := drawable(c); got != want {
			t.Errorf("drawable(%U) = %U, want %U", c, got, want)
		}
	}
	for c := rune(0); c <= unicode.MaxRune; c++ {
		if steady(c) && (runeWidth(c) != 1 || !textRune(c) || drawable(c) != c) {
			t.Errorf("%U is taken for one column of text on every terminal", c)
		}
	}
}

// TestTablesBounded draws ever new links and marks: the tables must not grow, and
// what is shown must stay right.
func TestTablesBounded(t *testing.T) {
	v := newViewing(t, 3, 20, 6, 20, 6)
	for i := range 3 * maxDrawTexts {
		v.src.link = "https://example.org/" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/182)
		v.src.put("x", 1)
		if i%5 == 0 {
			v.draw()
		}
		if len(v.r.links.texts) > maxDrawTexts || len(v.r.links.ids) > maxDrawTexts {
			t.Fatalf("%d links kept", len(v.r.links.texts))
		}
	}
	v.draw()
	v.check()
}
