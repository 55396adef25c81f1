package screen

// A Screen is the state of one terminal. It belongs to one loop: it has no lock.
type Screen struct {
	parser

	cols, rows  int
	main, alt   grid
	g           *grid // the one that is shown
	x, y        int
	wrapNext    bool // the next character goes to the next row: x is the last column
	pen         Pen
	codes       codes
	top, bottom int // scroll region, both inclusive
	tabs        []bool
	modes       modes
	title       string
	titles      []string // pushed, oldest first

	marks, links texts
	blank        []Cell // a blank row with background blankBg
	blankBg      Color
	tmpRows      []row

	keep         bool // lines that leave the top are kept: one of the next two
	keepScrolled bool
	keepHistory  bool
	hold         bool // no Frame has what left the top
	past         past
	loose        [][]Cell // cells in work that came out of the past
	erasures     uint64

	answer     bool
	replies    []Reply
	replyBytes int

	paste paste
}

// saved is what DECSC keeps.
type saved struct {
	x, y     int
	pen      Pen
	codes    codes
	origin   bool
	wrapNext bool
}

// New returns a blank Screen. Sizes outside MinSize to MaxSize are cut to them.
func New(cols, rows int) *Screen {
	s := &Screen{cols: clampSize(cols), rows: clampSize(rows)}
	s.marks.init()
	s.links.init()
	s.main.rows = s.newRows(s.rows)
	s.g = &s.main
	s.reset()
	return s
}

func clampSize(n int) int { return min(max(n, MinSize), MaxSize) }

// Size returns the number of columns and of rows.
func (s *Screen) Size() (cols, rows int) { return s.cols, s.rows }

// Title returns the title that the program set.
func (s *Screen) Title() string { return s.title }

// Text returns the rows as text, without the blanks at their ends.
func (s *Screen) Text() []string {
	text := make([]string, s.rows)
	for y, r := range s.g.rows {
		text[y] = s.rowText(r.cells)
	}
	return text
}

func (s *Screen) rowText(cells []Cell) string {
	var b []rune
	end := 0
	for _, c := range cells {
		if c.Width == 0 {
			continue
		}
		if c.Rune == 0 {
			b = append(b, ' ')
			continue
		}
		b = append(b, c.Rune)
		b = append(b, []rune(s.marks.list[c.Mark])...)
		if c.Rune != ' ' || c.Mark != 0 {
			end = len(b)
		}
	}
	return string(b[:end])
}

// reset is RIS: everything but the title and what waits to be taken.
func (s *Screen) reset() {
	s.showMain()
	s.softReset()
	s.modes = defaultModes
	s.main.keys = keyFlags{}
	s.titles = s.titles[:0]
	s.resetTabs(0)
	s.eraseRows(0, s.rows)
	s.x, s.y = 0, 0
}

// softReset is DECSTR.
func (s *Screen) softReset() {
	s.modes.on &^= bit(modeOrigin) | bit(modeInsert) | bit(modeAppCursor) | bit(modeAppKeypad)
	s.modes.on |= bit(modeVisible) | bit(modeAutowrap)
	s.top, s.bottom = 0, s.rows-1
	s.pen = Pen{}
	s.codes = codes{}
	s.g.saved = saved{}
	s.wrapNext = false
}

// resetTabs sets the tab stops from column from on: one at every eighth.
func (s *Screen) resetTabs(from int) {
	s.tabs = s.tabs[:min(from, len(s.tabs))]
	for x := len(s.tabs); x < s.cols; x++ {
		s.tabs = append(s.tabs, isDefaultTab(x))
	}
}

func isDefaultTab(x int) bool { return x%8 == 0 && x > 0 }
