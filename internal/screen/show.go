package screen

// Frame fills f with what is shown, reusing its memory, and hands over the lines
// that left the top of the main screen since the last call, unless they are held.
//
// The lines are f's until the next call with f, which takes their memory back.
// The tables of marks and links are shared with the Screen, which only appends
// to them: f stays valid while the Screen goes on.
func (s *Screen) Frame(f *Frame) {
	f.Waits = s.hold
	if s.hold {
		f.Scrolled, f.Lost = f.Scrolled[:0], 0
	} else { // first, for it may renumber the marks and links of all cells
		f.Scrolled, f.Lost = s.handOver(f.Scrolled)
	}
	f.Cols, f.Rows = s.cols, s.rows
	f.Cells, f.Wrapped = f.Cells[:0], f.Wrapped[:0]
	for _, r := range s.g.rows {
		f.Cells = append(f.Cells, r.cells...)
		f.Wrapped = append(f.Wrapped, r.wrapped)
	}
	f.Cursor = Cursor{X: s.x, Y: s.y, Visible: s.modes.has(modeVisible), Style: s.modes.cursorStyle}
	f.Alt = s.g == &s.alt
	for f.Back = 0; f.Back < s.rows && int(s.main.rows[f.Back].told) >= s.cols; {
		f.Back++
	}
	f.Title = s.title
	f.Reverse = s.modes.has(modeReverse)
	f.Mouse = s.modes.mouse
	f.Focus = s.modes.has(modeFocus)
	f.Paste = s.modes.has(modePaste)
	f.KeyFlags, f.OtherKeys = s.g.keys.now, s.modes.otherKeys
	f.Marks = s.marks.list[:len(s.marks.list):len(s.marks.list)]
	f.Links = s.links.list[:len(s.links.list):len(s.links.list)]
}
