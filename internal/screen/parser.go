package screen

import "unicode/utf8"

// A state is where the parser is: the states of Paul Williams' VT500 parser
// (vt100.net/emu/dec_ansi_parser) with UTF-8 in the ground state.
type state uint8

const (
	ground    state = iota
	escape          // after ESC, and its intermediates
	csiParam        // after CSI, and its parameters
	csiInter        // after an intermediate of a CSI sequence
	csiIgnore       // a CSI sequence that is malformed or too long
	dcsParam        // like csiParam, after DCS
	dcsInter
	dcsIgnore
	oscString
	dcsString
	ignoreString // SOS, PM, APC, and strings that nobody wants or that are too long
	stringEscape // after an ESC in one of the three above: the end, if \ follows
)

const (
	nul = 0x00
	bel = 0x07
	can = 0x18
	sub = 0x1a
	esc = 0x1b
	del = 0x7f
)

// parser is the unfinished sequence.
type parser struct {
	state state
	raw   []byte // the bytes of it, or of an unfinished UTF-8 character
	from  state  // which string is in stringEscape
	bel   bool   // BEL ends the string too
	head  int    // where in raw the string's content begins

	prefix byte // < = > ? or 0
	inter  [maxIntermediate]byte
	inters int
	params [maxParams]uint16
	subs   uint32 // bit i: parameter i followed a colon
	n      int    // parameters so far; those over maxParams are only counted as maxParams+1
}

// Write takes output of the program, cut anywhere.
func (s *Screen) Write(p []byte) {
	for len(p) > 0 {
		if s.state != ground {
			p = s.sequence(p)
			continue
		}
		if len(s.raw) > 0 {
			p = s.resumeRune(p)
			continue
		}
		n := 0
		for n < len(p) && p[n] >= 0x20 && p[n] < del {
			n++
		}
		if n > 0 {
			s.printASCII(p[:n])
			p = p[n:]
		}
		if len(p) > 0 {
			p = s.groundByte(p)
		}
	}
}

// groundByte takes what begins with something that is no printable ASCII.
func (s *Screen) groundByte(p []byte) []byte {
	b := p[0]
	switch {
	case b == esc:
		s.begin()
	case b < 0x20:
		s.control(b)
	case b >= utf8.RuneSelf:
		r, n := utf8.DecodeRune(p)
		if r == utf8.RuneError && n <= 1 {
			s.raw = append(s.raw, b)
			s.finishRune()
			return p[1:]
		}
		s.printUTF8(r)
		return p[n:]
	}
	return p[1:]
}

// resumeRune goes on with an unfinished character, a byte at a time. CAN and SUB
// cancel it, as they do any sequence.
func (s *Screen) resumeRune(p []byte) []byte {
	if p[0] == can || p[0] == sub {
		s.raw = s.raw[:0]
		return p[1:]
	}
	s.raw = append(s.raw, p[0])
	s.finishRune()
	return p[1:]
}

// finishRune prints the characters that raw holds and leaves an unfinished one.
// What is none is U+FFFD, once for as many bytes as could have begun a character
// (Unicode 15, 3.9, U+FFFD substitution of maximal subparts).
func (s *Screen) finishRune() {
	var buf [utf8.UTFMax]byte
	todo := buf[:copy(buf[:], s.raw)]
	s.raw = s.raw[:0]
	for len(todo) > 0 {
		if !utf8.FullRune(todo) {
			s.raw = append(s.raw, todo...)
			return
		}
		r, n := utf8.DecodeRune(todo)
		if r == utf8.RuneError && n == 1 {
			n = subpart(todo)
		}
		switch {
		case todo[0] >= utf8.RuneSelf:
			s.printUTF8(r)
		case todo[0] == esc:
			s.begin()
		case todo[0] < 0x20:
			s.control(todo[0])
		case todo[0] != del:
			s.printASCII(todo[:1])
		}
		todo = todo[n:]
	}
}

// subpart returns how many bytes of b, which begins with no character, could have
// begun one: at least 1.
func subpart(b []byte) int {
	n := 1
	for n < len(b) && !utf8.FullRune(b[:n]) && !utf8.FullRune(b[:n+1]) {
		n++
	}
	return n
}

// printUTF8 prints a character that is not ASCII. The C1 controls are never
// executed: programs that write UTF-8 do not use them.
func (s *Screen) printUTF8(r rune) {
	if r >= 0xa0 {
		s.printRune(r)
	}
}

// pending returns the bytes that bring a parser in its ground state to this one.
func (s *Screen) pending() []byte {
	if s.state == stringEscape {
		return append(s.raw[:len(s.raw):len(s.raw)], esc)
	}
	return s.raw
}
