package screen

// A mode is one switch of the terminal.
type mode uint8

const (
	modeAppCursor mode = iota // DECCKM
	modeReverse               // DECSCNM
	modeOrigin                // DECOM
	modeAutowrap              // DECAWM
	modeBlink                 // att610: the cursor blinks
	modeVisible               // DECTCEM
	modeAppKeypad             // DECNKM, DECKPAM
	modeFocus
	modeAltScroll
	modePaste
	modeSync
	modeInsert  // IRM
	modeNewline // LNM
)

// modeCodes are the private numbers of the modes that are plain switches.
var modeCodes = [...]struct {
	code int
	mode mode
}{
	{1, modeAppCursor}, {5, modeReverse}, {6, modeOrigin}, {7, modeAutowrap}, {12, modeBlink},
	{25, modeVisible}, {66, modeAppKeypad}, {1004, modeFocus}, {1007, modeAltScroll},
	{2004, modePaste}, {2026, modeSync},
}

// mouseCodes are the private numbers of the mouse modes, of which one is on.
var mouseCodes = [...]struct {
	code int
	mode MouseMode
}{{9, MouseX10}, {1000, MouseClick}, {1002, MouseDrag}, {1003, MouseMotion}}

// A mouseEncoding is how mouse events are written.
type mouseEncoding uint8

const (
	mouseBytes mouseEncoding = iota // as xterm first did
	mouseUTF8
	mouseSGR
	mouseURXVT
)

// encodingCodes are the private numbers of the encodings, of which one is on.
var encodingCodes = [...]struct {
	code     int
	encoding mouseEncoding
}{{1005, mouseUTF8}, {1006, mouseSGR}, {1015, mouseURXVT}}

// modes are the switches, with those that XTSAVE has put aside.
type modes struct {
	on, saved   uint32 // by mode
	mouse       MouseMode
	encoding    mouseEncoding
	savedMouse  uint8 // bit i: mouseCodes[i] was on
	savedEnc    uint8 // bit i: encodingCodes[i] was on
	cursorStyle uint8 // DECSCUSR
	otherKeys   uint8 // modifyOtherKeys
}

const defaultOn = 1<<modeAutowrap | 1<<modeVisible

var defaultModes = modes{on: defaultOn, saved: defaultOn}

func bit(m mode) uint32 { return 1 << m }

func (m *modes) has(v mode) bool { return m.on&bit(v) != 0 }

func (m *modes) set(v mode, on bool) {
	m.on &^= bit(v)
	if on {
		m.on |= bit(v)
	}
}

func (s *Screen) setANSI(code int, on bool) {
	switch code {
	case 4:
		s.modes.set(modeInsert, on)
	case 20:
		s.modes.set(modeNewline, on)
	}
}

func (s *Screen) setPrivate(code int, on bool) {
	for _, c := range mouseCodes {
		if c.code == code {
			s.setMouse(c.mode, on)
			return
		}
	}
	for _, c := range encodingCodes {
		if c.code == code {
			s.setEncoding(c.encoding, on)
			return
		}
	}
	for _, c := range modeCodes {
		if c.code == code {
			s.setMode(c.mode, on)
			return
		}
	}
	switch code {
	case 47, 1047:
		s.alternate(on, false)
	case 1049:
		s.alternate(on, true)
	case 1048:
		if on {
			s.save()
		} else {
			s.restore()
		}
	}
}

// setMode switches a mode and does what comes with it.
func (s *Screen) setMode(m mode, on bool) {
	s.modes.set(m, on)
	switch m {
	case modeOrigin:
		s.address(0, 0)
	case modeAutowrap:
		s.wrapNext = s.wrapNext && on
	}
}

func (s *Screen) setMouse(m MouseMode, on bool) {
	if on {
		s.modes.mouse = m
	} else {
		s.modes.mouse = MouseOff
	}
}

func (s *Screen) setEncoding(e mouseEncoding, on bool) {
	if on {
		s.modes.encoding = e
	} else if s.modes.encoding == e {
		s.modes.encoding = mouseBytes
	}
}

// keepMode puts a mode aside (XTSAVE) or sets it as it was put aside
// (XTRESTORE). It knows all modes but those that switch screens.
func (s *Screen) keepMode(code int, save bool) {
	m := &s.modes
	for i, c := range mouseCodes {
		if c.code != code {
			continue
		}
		if save {
			keepBit(&m.savedMouse, i, m.mouse == c.mode)
		} else if was := m.savedMouse>>i&1 != 0; was || m.mouse == c.mode {
			s.setMouse(c.mode, was)
		}
		return
	}
	for i, c := range encodingCodes {
		if c.code != code {
			continue
		}
		if save {
			keepBit(&m.savedEnc, i, m.encoding == c.encoding)
		} else {
			s.setEncoding(c.encoding, m.savedEnc>>i&1 != 0)
		}
		return
	}
	for _, c := range modeCodes {
		if c.code != code {
			continue
		}
		if save {
			m.saved = m.saved&^bit(c.mode) | m.on&bit(c.mode)
		} else {
			s.setMode(c.mode, m.saved&bit(c.mode) != 0)
		}
		return
	}
}

func keepBit(set *uint8, i int, on bool) {
	*set &^= 1 << i
	if on {
		*set |= 1 << i
	}
}

// privateState reports whether a private mode is on, and whether it is known.
func (s *Screen) privateState(code int) (on, known bool) {
	for _, c := range mouseCodes {
		if c.code == code {
			return s.modes.mouse == c.mode, true
		}
	}
	for _, c := range encodingCodes {
		if c.code == code {
			return s.modes.encoding == c.encoding, true
		}
	}
	for _, c := range modeCodes {
		if c.code == code {
			return s.modes.has(c.mode), true
		}
	}
	switch code {
	case 47, 1047, 1049:
		return s.g == &s.alt, true
	}
	return false, false
}
