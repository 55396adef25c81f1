package screen

// save is DECSC.
func (s *Screen) save() {
	s.g.saved = saved{
		x: s.x, y: s.y,
		pen:      s.pen,
		codes:    s.codes.kept(),
		origin:   s.modes.has(modeOrigin),
		wrapNext: s.wrapNext,
	}
}

// restore is DECRC.
func (s *Screen) restore() {
	v := &s.g.saved
	s.pen, s.codes = v.pen, v.codes
	s.modes.set(modeOrigin, v.origin)
	y := v.y
	if v.origin {
		y = min(max(y, s.top), s.bottom)
	}
	s.moveTo(v.x, y)
	if s.wrapNext = v.wrapNext && s.canWrap(); s.wrapNext {
		s.g.rows[s.y].wrapped = false // as when its last character is printed again
	}
}

// canWrap reports whether a wrap may be pending here: behind a printed character
// in the last column, while the terminal wraps.
func (s *Screen) canWrap() bool {
	return s.x == s.cols-1 && s.modes.has(modeAutowrap) && s.g.rows[s.y].cells[s.x].printed()
}

// showAlt shows the alternate screen, blank.
func (s *Screen) showAlt() {
	if s.g == &s.alt {
		return
	}
	if len(s.alt.rows) != s.rows || len(s.alt.rows[0].cells) != s.cols {
		s.alt.rows = s.newRows(s.rows)
	}
	s.g = &s.alt
	s.wrapNext = false
	s.eraseRows(0, s.rows)
}

// showMain shows the main screen. The alternate screen is forgotten with all
// that belongs to it.
func (s *Screen) showMain() {
	if s.g == &s.main {
		return
	}
	s.alt.saved, s.alt.keys = saved{}, keyFlags{}
	s.g = &s.main
	s.wrapNext = false
}

// alternate executes the modes 47, 1047 and 1049, the last of which saves and
// restores the cursor of the main screen.
func (s *Screen) alternate(on, cursor bool) {
	switch {
	case on && cursor:
		s.save()
		s.showAlt()
		s.wrapNext = false
		s.eraseRows(0, s.rows)
	case on:
		s.showAlt()
	default:
		s.showMain()
		if cursor {
			s.restore()
		}
	}
}
