package screen

// begin starts a sequence: an ESC was read.
func (s *Screen) begin() {
	s.state = escape
	s.raw = append(s.raw[:0], esc)
	s.prefix, s.inters = 0, 0
	s.n, s.subs, s.params[0] = 0, 0, 0
}

// end goes back to the ground state.
func (s *Screen) end() {
	s.state = ground
	s.raw = s.raw[:0]
}

// sequence takes bytes of an unfinished sequence and returns what follows it.
// Controls inside are executed at once and so are no part of what is pending.
func (s *Screen) sequence(p []byte) []byte {
	for i, b := range p {
		if s.state == stringEscape {
			if b == '\\' {
				s.endString(s.from, "\x1b\\")
				return p[i+1:]
			}
			s.begin() // some other sequence, which aborts the string
		}
		switch {
		case b == can || b == sub:
			s.end()
			return p[i+1:]
		case s.state >= oscString:
			s.stringByte(b)
		case b == esc:
			s.begin()
			continue
		case b < 0x20:
			s.control(b)
			continue
		case b == del:
			continue
		case b > del: // not ASCII: the sequence is none, the text goes on
			s.end()
			return p[i:]
		default:
			s.sequenceByte(b)
		}
		if s.state == ground {
			return p[i+1:]
		}
	}
	return nil
}

// sequenceByte takes a byte from 0x20 to 0x7e, outside of strings.
func (s *Screen) sequenceByte(b byte) {
	if len(s.raw) > maxSequence {
		s.overflow()
	} else {
		s.raw = append(s.raw, b)
	}
	switch s.state {
	case escape:
		s.escapeByte(b)
	case csiParam, dcsParam:
		s.paramByte(b)
	case csiInter, dcsInter:
		s.interByte(b)
	case csiIgnore:
		if b >= 0x40 {
			s.end()
		}
	case dcsIgnore:
		if b >= 0x40 {
			s.ignore()
		}
	}
}

// overflow ignores the rest of a sequence that is too long.
func (s *Screen) overflow() {
	switch s.state {
	case csiParam, csiInter:
		s.state = csiIgnore
	case dcsParam, dcsInter:
		s.state = dcsIgnore
	case escape:
		s.inters = maxIntermediate + 1
	}
}

func (s *Screen) escapeByte(b byte) {
	if b < 0x30 {
		s.intermediate(b)
		return
	}
	if s.inters == 0 {
		switch b {
		case '[':
			s.state = csiParam
			return
		case 'P':
			s.state = dcsParam
			return
		case ']':
			s.beginString(oscString, true)
			return
		case 'X', '^', '_':
			s.ignore()
			return
		}
	}
	s.escapeDispatch(b)
	s.end()
}

// intermediate keeps a byte from 0x20 to 0x2f; a sequence with too many means
// nothing.
func (s *Screen) intermediate(b byte) {
	if s.inters < maxIntermediate {
		s.inter[s.inters] = b
	}
	s.inters = min(s.inters+1, maxIntermediate+1)
}

func (s *Screen) paramByte(b byte) {
	switch {
	case b >= '0' && b <= '9':
		s.digit(b - '0')
	case b == ';' || b == ':':
		s.nextParam(b == ':')
	case b >= 0x40:
		s.final(b)
	case b < 0x30:
		s.state++ // csiInter, dcsInter
		s.intermediate(b)
	case s.n == 0 && s.prefix == 0: // < = > ?
		s.prefix = b
		return
	default:
		s.malformed()
	}
}

// digit adds a digit to the parameter. s.n is 0 only before the first.
func (s *Screen) digit(d byte) {
	s.n = max(s.n, 1)
	if s.n > maxParams {
		return
	}
	p := &s.params[s.n-1]
	*p = uint16(min(uint32(*p)*10+uint32(d), maxParam))
}

func (s *Screen) nextParam(sub bool) {
	s.n = min(max(s.n, 1)+1, maxParams+1)
	if s.n > maxParams {
		return
	}
	s.params[s.n-1] = 0
	if sub {
		s.subs |= 1 << (s.n - 1)
	}
}

func (s *Screen) interByte(b byte) {
	switch {
	case b < 0x30:
		s.intermediate(b)
	case b < 0x40:
		s.malformed()
	default:
		s.final(b)
	}
}

func (s *Screen) malformed() {
	if s.state == dcsParam || s.state == dcsInter {
		s.state = dcsIgnore
	} else {
		s.state = csiIgnore
	}
}

func (s *Screen) final(b byte) {
	s.n = min(s.n, maxParams)
	if s.state == dcsParam || s.state == dcsInter {
		s.dcsFinal(b)
		return
	}
	if s.inters <= maxIntermediate {
		s.csiDispatch(b)
	}
	s.end()
}

// param returns parameter i, or def if it is absent or 0.
func (s *Screen) param(i, def int) int {
	if i >= s.n || s.params[i] == 0 {
		return def
	}
	return int(s.params[i])
}

// suffix returns the intermediate of the sequence: 0 if it has none, 0xff if it
// has several, which nothing that is understood here has.
func (s *Screen) suffix() byte {
	switch s.inters {
	case 0:
		return 0
	case 1:
		return s.inter[0]
	}
	return 0xff
}
