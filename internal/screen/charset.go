package screen

// A charset is what the printable ASCII codes mean.
type charset uint8

const (
	charsetASCII charset = iota
	charsetLines         // DEC special graphics
	charsetUK
)

// lines are the DEC special graphics from 0x5f to 0x7e (VT100 user guide, table 3-9).
var lines = [...]rune{
	' ', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼',
	'⎺', '⎻', '─', '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
}

func (c charset) translate(b byte) rune {
	switch {
	case c == charsetLines && b >= 0x5f:
		return lines[b-0x5f]
	case c == charsetUK && b == '#':
		return '£'
	}
	return rune(b)
}

// charsetOf returns the charset that the final byte of a designation names;
// what is not known is ASCII.
func charsetOf(final byte) charset {
	switch final {
	case '0':
		return charsetLines
	case 'A':
		return charsetUK
	}
	return charsetASCII
}

func (c charset) final() byte { return "B0A"[c] }
