package screen

import (
	"iter"
	"strings"
	"unicode/utf8"
)

// A texter takes text for a title, a notice or a line one code point at a time and
// says what is shown of it: what is not printable, every mark without a base, and the
// marks that no terminal would show any more are left out.
type texter struct {
	based bool // there is a character that marks can join
	marks int  // bytes of those it has
}

// take reports whether c is shown, and in how many columns: none for a mark, which
// stays with the character before it.
func (t *texter) take(c rune) (columns int, ok bool) {
	if isMark(c) {
		n := utf8.RuneLen(c)
		if !t.based || c == zeroJoiner || t.marks+n > maxMarkBytes {
			return 0, false
		}
		t.marks += n
		return 0, true
	}
	if c == 0 || c == softHyphen || drawable(c) != c || joins(c) && !t.based {
		return 0, false
	}
	if columns = runeWidth(c); columns < 1 {
		return 0, false
	}
	t.based, t.marks = true, 0
	return columns, true
}

// isMark reports whether c takes no column and joins the character before it.
func isMark(c rune) bool { return joins(c) && runeWidth(c) == 0 }

// wrapText splits text into rows of at most width columns, as they are shown: marks
// stay with their base, and a wide character that is cut by the margin goes to the
// next row, unless there is none it fits in. There is at least one row.
func wrapText(text string, width int) iter.Seq[string] {
	return func(yield func(string) bool) {
		var t texter
		var row strings.Builder
		columns := 0
		for _, c := range text {
			w, ok := t.take(c)
			if !ok || w > width {
				t.based = t.based && w <= width
				continue
			}
			if columns+w > width {
				if !yield(row.String()) {
					return
				}
				row.Reset()
				columns = 0
			}
			columns += w
			row.WriteRune(c)
		}
		yield(row.String())
	}
}

// FitText returns the beginning of text that fits into so many columns, without what
// no terminal is sent: controls, bidi and other format characters, marks without a
// base.
func FitText(text string, columns int) string {
	for row := range wrapText(text, columns) {
		return row
	}
	return ""
}

// TextWidth returns how many columns text takes where all of it is shown, as the
// model counts them: without what FitText leaves out.
func TextWidth(text string) int {
	var t texter
	columns := 0
	for _, c := range text {
		if w, ok := t.take(c); ok {
			columns += w
		}
	}
	return columns
}
