package screen

import "fmt"

// csiDispatch executes a control sequence: its prefix, parameters, intermediate
// and this final.
func (s *Screen) csiDispatch(final byte) {
	suffix := s.suffix()
	switch {
	case s.prefix == 0 && suffix == 0:
		if !s.csiMove(final) && !s.csiEdit(final) {
			s.csiOther(final)
		}
	case s.prefix == '?' && suffix == 0:
		s.csiPrivate(final)
	case s.prefix == '=' && suffix == 0 && final == 'c' && s.param(0, 0) == 0: // DA3
		s.reply("\x1bP!|00000000\x1b\\")
	case s.prefix == '?' && suffix == '$' && final == 'p':
		s.answerMode(true)
	case s.prefix == 0 && suffix == '$' && final == 'p':
		s.answerMode(false)
	case s.prefix == 0 && suffix == '!' && final == 'p':
		s.softReset()
	case s.prefix == 0 && suffix == ' ' && final == 'q':
		if n := s.param(0, 0); n <= 6 {
			s.modes.cursorStyle = uint8(n)
		}
	case s.prefix == 0 && (suffix == ' ' || suffix == '\''):
		s.csiColumns(suffix, final)
	case suffix == 0:
		s.csiKeyboard(final)
	}
}

// csiMove executes what moves the cursor and reports whether it knows final.
func (s *Screen) csiMove(final byte) bool {
	n := s.param(0, 1)
	switch final {
	case 'A':
		s.up(n)
	case 'B', 'e':
		s.down(n)
	case 'C', 'a':
		s.moveTo(s.x+n, s.y)
	case 'D':
		s.moveTo(s.x-n, s.y)
	case 'E':
		s.down(n)
		s.x = 0
	case 'F':
		s.up(n)
		s.x = 0
	case 'G', '`':
		s.moveTo(n-1, s.y)
	case 'H', 'f':
		s.address(s.param(1, 1)-1, n-1)
	case 'I':
		s.tab(n)
	case 'Z':
		s.backTab(n)
	case 'd':
		s.address(s.x, n-1)
	default:
		return false
	}
	return true
}

// csiEdit executes what changes cells and reports whether it knows final.
func (s *Screen) csiEdit(final byte) bool {
	n := s.param(0, 1)
	switch final {
	case 'b':
		s.repeat(n)
		return true
	case 'J':
		s.eraseDisplay(s.param(0, 0))
		return true
	case 'K':
		s.eraseLine(s.param(0, 0))
		return true
	case '@':
		s.insertCells(s.y, s.x, n)
	case 'P':
		s.deleteCells(s.y, s.x, n)
	case 'X':
		s.erase(s.y, s.x, min(s.x+n, s.cols))
	case 'L':
		if s.inRegion() {
			s.scrollDown(s.y, s.bottom, n)
			s.x = 0
		}
	case 'M':
		if s.inRegion() {
			s.deleteRows(s.y, s.bottom, n)
			s.x = 0
		}
	case 'S':
		s.scrollUp(s.top, s.bottom, n)
	case 'T':
		if s.n <= 1 { // with more it is highlight tracking
			s.scrollDown(s.top, s.bottom, n)
		}
	default:
		return false
	}
	s.wrapNext = false
	return true
}

// csiColumns moves columns of the region to the left or to the right: all (SL, SR),
// or those from the cursor on (DECIC, DECDC).
func (s *Screen) csiColumns(suffix, final byte) {
	if !s.inRegion() {
		return
	}
	n, x := s.param(0, 1), 0
	if suffix == '\'' {
		x = s.x
	}
	move := s.insertCells
	switch {
	case suffix == ' ' && final == '@', suffix == '\'' && final == '~':
		move = s.deleteCells
	case suffix == ' ' && final == 'A', suffix == '\'' && final == '}':
	default:
		return
	}
	s.cutBefore(s.top)
	for y := s.top; y <= s.bottom; y++ {
		move(y, x, n)
	}
	s.wrapNext = false
}

func (s *Screen) inRegion() bool { return s.y >= s.top && s.y <= s.bottom }

func (s *Screen) eraseDisplay(what int) {
	switch what {
	case 0:
		s.eraseLine(0)
		s.eraseRows(s.y+1, s.rows)
	case 1:
		s.eraseRows(0, s.y)
		s.eraseLine(1)
	case 2:
		s.eraseRows(0, s.rows)
		s.wrapNext = false
	case 3:
		s.eraseHistory()
	}
}

// eraseLine is EL. While a wrap is pending the cursor stands behind the last column:
// there is nothing to the right of it, and the wrap waits on.
func (s *Screen) eraseLine(what int) {
	if what == 0 && s.wrapNext {
		return
	}
	s.wrapNext = false
	switch what {
	case 0:
		s.erase(s.y, s.x, s.cols)
	case 1:
		s.erase(s.y, 0, s.x+1)
	case 2:
		s.erase(s.y, 0, s.cols)
	}
}

func (s *Screen) csiOther(final byte) {
	switch final {
	case 'g':
		s.clearTabs(s.param(0, 0))
	case 'h', 'l':
		for i := range s.n {
			s.setANSI(int(s.params[i]), final == 'h')
		}
	case 'm':
		s.sgr()
	case 'r':
		s.setRegion(s.param(0, 1)-1, s.param(1, s.rows)-1)
	case 's':
		s.save()
	case 'u':
		s.restore()
	case 't':
		s.windowOp()
	case 'c', 'n':
		s.answerStatus(final)
	}
}

func (s *Screen) csiPrivate(final byte) {
	switch final {
	case 'J':
		s.eraseDisplay(s.param(0, 0))
	case 'K':
		s.eraseLine(s.param(0, 0))
	case 'u':
		s.reply(fmt.Sprintf("\x1b[?%du", s.g.keys.now&keyDisambiguate)) // what is done of them
	case 'W':
		if s.param(0, 0) == 5 { // DECST8C
			s.resetTabs(0)
		}
	case 'h', 'l':
		for i := range s.n {
			s.setPrivate(int(s.params[i]), final == 'h')
		}
	case 's', 'r':
		for i := range s.n {
			s.keepMode(int(s.params[i]), final == 's')
		}
	case 'n':
		s.answerStatus(final)
	}
}

func (s *Screen) clearTabs(what int) {
	switch what {
	case 0:
		s.tabs[s.x] = false
	case 3:
		clear(s.tabs)
	}
}

// setRegion is DECSTBM. A region has at least two rows.
func (s *Screen) setRegion(top, bottom int) {
	bottom = min(bottom, s.rows-1)
	if top >= bottom {
		return
	}
	s.top, s.bottom = top, bottom
	s.address(0, 0)
}

// windowOp knows the title stack and, of the reports, the size alone.
func (s *Screen) windowOp() {
	switch s.param(0, 0) {
	case 18:
		s.answerSize()
	case 22:
		if s.param(1, 0) != 1 { // 1 is the icon's title
			s.pushTitle()
		}
	case 23:
		if s.param(1, 0) != 1 {
			s.popTitle()
		}
	}
}
