package screen

// Snapshot returns an escape string that makes any Screen of the same size,
// whatever it was used for, equal to s. It ends inside the sequence, if any, that
// the program has not finished, so output simply goes on behind it.
//
// The order matters: what moves the cursor comes before the cursor, and what
// changes how cells are printed comes after them.
func (s *Screen) Snapshot() []byte {
	w := &writer{s: s, b: make([]byte, 0, 4096)}
	w.base()
	w.titles()
	w.grid(&s.main)
	if s.g == &s.alt {
		w.text("\x1b[?1047h")
		w.grid(&s.alt)
	}
	w.tabs()
	if s.top != 0 || s.bottom != s.rows-1 {
		w.csi(s.top+1, s.bottom+1, 'r')
	}
	w.modes()
	w.cursor()
	w.setPen(s.pen)
	w.codes(s.codes)
	w.lastModes()
	w.single(s.codes)
	return append(w.b, s.pending()...)
}

// writer writes the parts of a snapshot.
type writer struct {
	s   *Screen
	b   []byte
	pen Pen // as the reader has it
}

// base makes the reader blank: no sequence under way (CAN), each mode as after a
// reset, put aside as well, and the main screen.
func (w *writer) base() {
	w.text("\x18\x1b[4;20l\x1b[?1;5;6")
	for _, c := range mouseCodes {
		w.number(c.code)
	}
	for _, c := range encodingCodes {
		w.number(c.code)
	}
	w.text(";12;66;1004;1007;2004;2026l\x1b[?7;25h\x1b[0 q\x1b[>4m")
	w.savedModes()
	w.text("\x1b[?2026h\x1b[?1047l\x1b[!p\x1b[<99u\x1b[?5W")
	w.text("\x1b(B\x1b)B\x1b*B\x1b+B\x0f\x1b[m\x1b]8;;\x1b\\\x1b[r\x1b[H")
}

// savedModes puts aside every mode: as it is now in the reader, which is after a
// reset, and then those that were put aside otherwise.
func (w *writer) savedModes() {
	m := &w.s.modes
	var other []int
	w.text("\x1b[?1")
	for i, c := range mouseCodes {
		w.number(c.code)
		if m.savedMouse>>i&1 != 0 {
			other = append(other, c.code)
		}
	}
	for i, c := range encodingCodes {
		w.number(c.code)
		if m.savedEnc>>i&1 != 0 {
			other = append(other, c.code)
		}
	}
	for _, c := range modeCodes {
		w.number(c.code)
		if (m.saved^defaultOn)&bit(c.mode) != 0 {
			other = append(other, c.code)
		}
	}
	w.text("s")
	for _, code := range other {
		usual := code == 7 || code == 25
		w.private(code, !usual)
		w.csiPrivate(code, 's')
		w.private(code, usual)
	}
}

func (w *writer) titles() {
	for range maxTitleStack {
		w.text("\x1b[23;2t")
	}
	for _, t := range w.s.titles {
		w.title(t)
		w.text("\x1b[22;2t")
	}
	w.title(w.s.title)
}

func (w *writer) title(t string) { w.text("\x1b]2;" + t + "\x1b\\") }

func (w *writer) tabs() {
	changed := false
	for x, on := range w.s.tabs {
		changed = changed || on != isDefaultTab(x)
	}
	if !changed {
		return
	}
	w.text("\x1b[3g")
	for x, on := range w.s.tabs {
		if on {
			w.text("\x1b[")
			w.b = appendNumber(w.b, x+1)
			w.text("G\x1bH")
		}
	}
}

// modes sets the modes that neither move the cursor nor change how a cell is
// printed, and DECOM, which moves it before it is placed.
func (w *writer) modes() {
	m := &w.s.modes
	for _, c := range modeCodes {
		switch c.mode {
		case modeAutowrap, modeVisible, modeSync:
			continue
		}
		if m.has(c.mode) {
			w.private(c.code, true)
		}
	}
	for _, c := range mouseCodes {
		if c.mode == m.mouse {
			w.private(c.code, true)
		}
	}
	for _, c := range encodingCodes {
		if c.encoding == m.encoding {
			w.private(c.code, true)
		}
	}
	if m.cursorStyle != 0 {
		w.text("\x1b[")
		w.b = append(w.b, '0'+m.cursorStyle)
		w.text(" q")
	}
	if m.otherKeys != 0 {
		w.text("\x1b[>4;")
		w.b = append(w.b, '0'+m.otherKeys)
		w.text("m")
	}
	if m.has(modeNewline) {
		w.text("\x1b[20h")
	}
}

// lastModes sets what must not be on while cells are printed.
func (w *writer) lastModes() {
	m := &w.s.modes
	if m.has(modeInsert) {
		w.text("\x1b[4h")
	}
	if !m.has(modeAutowrap) {
		w.private(7, false)
	}
	if !m.has(modeVisible) {
		w.private(25, false)
	}
	if !m.has(modeSync) {
		w.private(2026, false)
	}
}

// cursor places the cursor. A wrap is pending only behind a character, so that
// is printed again.
func (w *writer) cursor() {
	s := w.s
	y := s.y
	if s.modes.has(modeOrigin) {
		y -= s.top
	}
	if !s.wrapNext {
		w.goTo(s.x, y)
		return
	}
	cells := s.g.rows[s.y].cells
	x := s.x
	if cells[x].Width == 0 {
		x--
	}
	w.goTo(x, y)
	w.cell(&cells[x])
}
