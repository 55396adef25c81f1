package screen

// control executes a C0 control.
func (s *Screen) control(b byte) {
	switch b {
	case '\b':
		s.moveTo(s.x-1, s.y)
	case '\t':
		s.tab(1)
	case '\n', '\v', '\f':
		s.lineFeed()
		if s.modes.has(modeNewline) {
			s.x = 0
		}
	case '\r':
		s.moveTo(0, s.y)
	case 0x0e: // SO, LS1
		s.codes.gl = 1
	case 0x0f: // SI, LS0
		s.codes.gl = 0
	}
}

// escapeDispatch executes an escape sequence: its intermediates and this final.
func (s *Screen) escapeDispatch(final byte) {
	switch s.suffix() {
	case 0:
		s.escapePlain(final)
	case '(':
		s.codes.sets[0] = charsetOf(final)
	case ')':
		s.codes.sets[1] = charsetOf(final)
	case '*':
		s.codes.sets[2] = charsetOf(final)
	case '+':
		s.codes.sets[3] = charsetOf(final)
	case '#':
		if final == '8' {
			s.align()
		}
	}
}

func (s *Screen) escapePlain(final byte) {
	switch final {
	case '7':
		s.save()
	case '8':
		s.restore()
	case '=':
		s.modes.set(modeAppKeypad, true)
	case '>':
		s.modes.set(modeAppKeypad, false)
	case 'D': // IND
		s.lineFeed()
	case 'E': // NEL
		s.lineFeed()
		s.x = 0
	case 'H': // HTS
		s.tabs[s.x] = true
	case 'M': // RI
		s.reverseFeed()
	case 'N': // SS2
		s.codes.single = 2
	case 'O': // SS3
		s.codes.single = 3
	case 'c': // RIS
		s.reset()
		s.eraseHistory()
	case 'n': // LS2
		s.codes.gl = 2
	case 'o': // LS3
		s.codes.gl = 3
	}
}

// align is DECALN: the screen full of E.
func (s *Screen) align() {
	s.top, s.bottom = 0, s.rows-1
	s.moveTo(0, 0)
	for _, r := range s.g.rows {
		for x := range r.cells {
			r.cells[x] = Cell{Rune: 'E', Width: 1}
		}
	}
	for y := range s.g.rows {
		s.g.rows[y] = row{cells: s.g.rows[y].cells, end: uint16(s.cols)}
	}
	s.cutBefore(0)
}

// moveTo moves the cursor into the grid, nearest to x, y.
func (s *Screen) moveTo(x, y int) {
	s.x = min(max(x, 0), s.cols-1)
	s.y = min(max(y, 0), s.rows-1)
	s.wrapNext = false
}

// address moves the cursor to a place counted from the origin, from 0.
func (s *Screen) address(x, y int) {
	if s.modes.has(modeOrigin) {
		s.moveTo(x, min(y+s.top, s.bottom))
		return
	}
	s.moveTo(x, y)
}

// up moves the cursor n rows up, at most to the edge of the region it is in.
func (s *Screen) up(n int) {
	limit := 0
	if s.y >= s.top {
		limit = s.top
	}
	s.moveTo(s.x, max(s.y-n, limit))
}

// down moves the cursor n rows down, at most to the edge of the region it is in.
func (s *Screen) down(n int) {
	limit := s.rows - 1
	if s.y <= s.bottom {
		limit = s.bottom
	}
	s.moveTo(s.x, min(s.y+n, limit))
}

func (s *Screen) reverseFeed() {
	s.wrapNext = false
	if s.y == s.top {
		s.scrollDown(s.top, s.bottom, 1)
	} else if s.y > 0 {
		s.y--
	}
}

// tab moves n tab stops to the right. At the right edge it does nothing at all,
// so that a pending wrap stays.
func (s *Screen) tab(n int) {
	for ; n > 0 && s.x < s.cols-1; n-- {
		for s.x++; s.x < s.cols-1 && !s.tabs[s.x]; s.x++ {
		}
	}
}

func (s *Screen) backTab(n int) {
	s.wrapNext = false
	for ; n > 0 && s.x > 0; n-- {
		for s.x--; s.x > 0 && !s.tabs[s.x]; s.x-- {
		}
	}
}
