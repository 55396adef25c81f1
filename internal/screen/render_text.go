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
	// maxDrawTexts bounds a table of marks or links. What is not shown any more leaves a
	// table that is half full at the start of a Draw.
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

// boundTables drops from the tables of marks and links, when they are half full, what
// is on no cell that the terminal shows or that waits. If they stay full, what has no
// room is drawn without.
func (r *Renderer) boundTables() {
	if r.marks.full() {
		r.compact(&r.marks, func(c *Cell) *uint16 { return &c.Mark })
	}
	if r.links.full() {
		r.compact(&r.links, func(c *Cell) *uint16 { return &c.Pen.Link })
	}
}

// compact numbers anew what of a table is in use.
func (r *Renderer) compact(t *textTable, number func(*Cell) *uint16) {
	old := *t
	kept := make([]uint16, len(old.texts)) // the new number of each, if it has one
	*t = textTable{ids: make(map[string]uint16), texts: []string{""}}
	move := func(cells []Cell) {
		for i := range cells {
			n := number(&cells[i])
			if *n == 0 {
				continue
			}
			if kept[*n] == 0 {
				kept[*n] = uint16(len(t.texts))
				t.texts = append(t.texts, old.texts[*n])
			}
			*n = kept[*n]
		}
	}
	for _, p := range []*plane{&r.main, &r.alt} {
		if !p.stale { // else nothing of it is used again
			move(p.cells[:p.made*p.cols])
		}
		move(p.under)
	}
	move(r.notice)
	for _, line := range r.later.lines {
		move(line)
	}
	for text, n := range old.ids {
		if kept[n] > 0 {
			t.ids[text] = kept[n]
		}
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
