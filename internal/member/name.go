package member

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"gossterm/internal/id"
)

// MaxName is the length of the longest name in bytes.
const MaxName = 32

const (
	noName   = "guest"
	maxMarks = 2 // combining marks on one character; more cover the lines around
	tagDot   = '·'
)

// CleanName returns a name that is safe to show: printable, on one line, at most
// [MaxName] bytes, without controls, text direction, invisible characters, stacked
// marks or the dot that divides a name from its tag. A name of which nothing is
// left is "guest".
func CleanName(s string) string {
	var b strings.Builder
	marks, blank := maxMarks, false // a mark needs a character to stand on
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			blank = b.Len() > 0
			marks = maxMarks
			continue
		case !shown(r):
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
		}
		n := utf8.RuneLen(r)
		if blank {
			n++
		}
		if b.Len()+n > MaxName {
			break
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		b.WriteRune(r)
	}
	if b.Len() == 0 {
		return noName
	}
	return b.String()
}

// shown reports whether r leaves a mark on the screen that is its own.
func shown(r rune) bool {
	switch r {
	case utf8.RuneError, tagDot, '\u2800': // the last is a Braille pattern without dots
		return false
	}
	return unicode.IsPrint(r) &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) &&
		!unicode.Is(unicode.Variation_Selector, r)
}

// Display returns name and tag as people see them, "ana·3f9a": names may be equal
// or look alike, tags are of the key. It cleans the name again, as a host may have
// sent anything.
func Display(name string, p id.Peer) string {
	return CleanName(name) + string(tagDot) + p.Tag()
}
