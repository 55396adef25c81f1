package screen

// A charset is what the printable ASCII codes mean.
type charset uint8

const (
	charsetASCII charset = iota
	charsetLines         // DEC special graphics
	charsetUK
)

// codes says what the printable codes mean: there are four charsets, G0 to G3, of
// which gl is in use, or for one character only another.
type codes struct {
	sets   [4]charset
	gl     uint8
	single uint8 // after SS2 and SS3: 2 or 3, else 0
}

// plain reports whether the next characters are ASCII.
func (c *codes) plain() bool { return c.single == 0 && c.sets[c.gl] == charsetASCII }

// next returns what the next character means.
func (c *codes) next(b byte) rune {
	set := c.sets[c.gl]
	if c.single != 0 {
		set, c.single = c.sets[c.single], 0
	}
	return set.translate(b)
}

// kept returns what DECSC keeps of c.
func (c codes) kept() codes {
	c.single = 0
	return c
}

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
