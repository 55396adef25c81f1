package screen

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxLinkBytes is the longest address that goes into an OSC 8; browsers and
	// terminals agree on at least this.
	maxLinkBytes = 2083
	// maxMarkBytes bounds the combining marks of one cell.
	maxMarkBytes = 64
	// maxDrawTexts bounds a table of marks or links. A table is emptied when it is half
	// full at the start of a Draw; all is then repainted.
	maxDrawTexts = 4096
)

const (
	replacement = '\uFFFD'
	softHyphen  = '\u00AD'
	zeroJoiner  = '\u200D'
)

// A textTable numbers the marks or links that the terminal shows. The numbers in a
// Frame may mean something else in the next Frame; these do not.
type textTable struct {
	ids   map[string]uint16
	texts []string // cleaned; 0 is ""
}

// id returns the number of text, which clean makes fit for the terminal, or 0 if
// nothing is left of it or there is no room.
func (t *textTable) id(text string, clean func(string) string) uint16 {
	if id, ok := t.ids[text]; ok {
		return id
	}
	if len(t.texts) == 0 {
		t.ids, t.texts = make(map[string]uint16), []string{""}
	}
	if len(t.texts) >= maxDrawTexts || len(text) > maxLinkBytes {
		return 0
	}
	cleaned := clean(text)
	if cleaned == "" {
		return 0
	}
	id := uint16(len(t.texts))
	t.ids[text] = id
	t.texts = append(t.texts, cleaned)
	return id
}

// text returns what id names.
func (t *textTable) text(id uint16) string {
	if int(id) >= len(t.texts) {
		return ""
	}
	return t.texts[id]
}

func (t *textTable) full() bool { return len(t.texts) >= maxDrawTexts/2 }

// boundTables empties the tables of marks and links when they are half full. What
// the terminal shows is then not known in our terms.
func (r *Renderer) boundTables() {
	if !r.marks.full() && !r.links.full() {
		return
	}
	r.marks, r.links = textTable{}, textTable{}
	r.later.strip()
	r.buildNotice()
	for _, p := range []*plane{&r.main, &r.alt} {
		stripCells(p.under)
		fillCells(p.cells[:p.made*p.cols], unknownCell)
	}
}

// stripCells takes the marks and links off cells.
func stripCells(cells []Cell) {
	for i := range cells {
		cells[i].Mark, cells[i].Pen.Link = 0, 0
	}
}

// cleanLink returns address if it may go to a terminal: http or https, of printable
// ASCII, as OSC 8 demands, and not overlong. Else "".
func cleanLink(address string) string {
	if len(address) > maxLinkBytes {
		return ""
	}
	if !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") {
		return ""
	}
	for i := range len(address) {
		if address[i] <= ' ' || address[i] > '~' {
			return ""
		}
	}
	return address
}

// cleanMarks returns those code points of marks that join the character before
// them, whole ones within maxMarkBytes.
func cleanMarks(marks string) string {
	var b strings.Builder
	for _, c := range marks {
		if b.Len()+utf8.RuneLen(c) > maxMarkBytes {
			break
		}
		if joins(c) {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// joins reports whether c is drawn into the cell of the character before it.
func joins(c rune) bool {
	return unicode.In(c, unicode.Mn, unicode.Me, unicode.Mc) || c == zeroJoiner ||
		medialJamo(c)
}

// medialJamo reports whether c is a Hangul vowel or final consonant, which joins
// the syllable before it.
func medialJamo(c rune) bool {
	return c >= 0x1160 && c <= 0x11FF || c >= 0xD7B0 && c <= 0xD7FB
}

// drawable returns what is printed for c: c itself, or U+FFFD if c is a control, a
// format character (bidi controls, zero width spaces, tags), a mark without a base,
// invisible, or no character at all.
func drawable(c rune) rune {
	switch {
	case c >= ' ' && c <= '~':
		return c
	case c == 0:
		return ' '
	case steady(c):
		return c
	case c == softHyphen:
		return '-' // terminals have always shown it
	case c < 0xA0, !utf8.ValidRune(c), c&0xFFFE == 0xFFFE, c >= 0xFDD0 && c <= 0xFDEF:
		return replacement
	case c >= 0xE0000 && c <= 0xE0FFF: // tags, and more that is never shown
		return replacement
	case c == 0x115F, c == 0x3164, c == 0xFFA0, medialJamo(c): // Hangul fillers
		return replacement
	case unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Mn, unicode.Me):
		return replacement
	}
	return c
}

// steady reports whether c is a printable character that every terminal draws in
// one column: what is left out is at worst positioned after needlessly.
func steady(c rune) bool {
	switch {
	case c < 0x7F:
		return c >= ' '
	case c < 0x300:
		return c >= 0xA0 && c != softHyphen
	case c < 0x530: // Greek, Cyrillic
		return c >= 0x370 && (c < 0x483 || c > 0x489)
	case c < 0x2800: // dashes and quotes; box drawing
		return c >= 0x2010 && c < 0x2028 || c >= 0x2500 && c < 0x25A0
	}
	return c < 0x2900 || c >= 0xE0A0 && c < 0xE0D5 || c == replacement // Braille; Powerline
}

func appendRune(b []byte, c rune) []byte {
	if c < utf8.RuneSelf {
		return append(b, byte(c))
	}
	return utf8.AppendRune(b, c)
}
