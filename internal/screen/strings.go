package screen

// beginString starts a string whose content is what raw will get from here on.
func (s *Screen) beginString(kind state, bel bool) {
	s.state = kind
	s.bel = bel
	s.head = len(s.raw)
}

// ignore takes a string's bytes without keeping them, up to its end. Whatever
// began it, SOS does the same.
func (s *Screen) ignore() {
	s.raw = append(s.raw[:0], esc, 'X')
	s.beginString(ignoreString, false)
}

// dcsFinal begins the content of a device control string. Only requests for a
// setting (DECRQSS) and for a capability (XTGETTCAP) are kept.
func (s *Screen) dcsFinal(b byte) {
	if b == 'q' && s.prefix == 0 && (s.suffix() == '$' || s.suffix() == '+') {
		s.beginString(dcsString, false)
		return
	}
	s.ignore()
}

// stringByte takes a byte of a string. A string ends with ESC \, and if it is an
// operating system command with BEL too; any other sequence aborts it.
func (s *Screen) stringByte(b byte) {
	switch {
	case b == esc:
		s.from, s.state = s.state, stringEscape
	case b == bel && s.bel:
		s.endString(s.state, "\a")
	case b < 0x20 || b == del || s.state == ignoreString:
	case len(s.raw)-s.head < maxString:
		s.raw = append(s.raw, b)
	case s.bel: // kept so long that who gets raw ignores the rest too
		s.raw = append(s.raw, b)
		s.state = ignoreString
	default:
		s.ignore()
	}
}

// endString does what a complete string asks for; terminator is how it ended.
func (s *Screen) endString(kind state, terminator string) {
	data := s.raw[s.head:]
	switch kind {
	case oscString:
		s.osc(data, terminator)
	case dcsString:
		s.dcs(data)
	}
	s.end()
}
