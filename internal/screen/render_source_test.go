package screen

import (
	"math/rand/v2"
	"slices"
)

// A source is a program's screen for tests: random output, and a record of every
// line that ever left its top.
type source struct {
	rnd        *rand.Rand
	cols, rows int
	main, alt  [][]termCell
	onAlt      bool
	x, y       int
	mainXY     [2]int
	pen        Pen
	link       string
	visible    bool
	scrolled   [][]termCell // since the last frame
}

var emptyTerm = termCell{text: " "}

func newSource(rnd *rand.Rand, cols, rows int) *source {
	s := &source{rnd: rnd, visible: true}
	s.resize(cols, rows)
	return s
}

func (s *source) screen() [][]termCell {
	if s.onAlt {
		return s.alt
	}
	return s.main
}

// resize cuts or extends at the right and the bottom; what is above the cursor's
// row leaves at the top if the cursor's row would not fit.
func (s *source) resize(cols, rows int) {
	fit := func(grid [][]termCell) [][]termCell {
		for i, row := range grid {
			row = append(slices.Clone(row), slices.Repeat([]termCell{emptyTerm}, cols)...)[:cols]
			if row[cols-1].text != "" && i < len(grid) && cols < s.cols && grid[i][cols].text == "" {
				row[cols-1] = emptyTerm
			}
			grid[i] = row
		}
		for len(grid) < rows {
			grid = append(grid, slices.Repeat([]termCell{emptyTerm}, cols))
		}
		return grid
	}
	for !s.onAlt && s.y >= rows {
		s.dropTop()
		s.y--
	}
	s.main, s.alt = fit(s.main)[:rows], fit(s.alt)[:rows]
	s.cols, s.rows = cols, rows
	s.x, s.y = min(s.x, cols-1), min(s.y, rows-1)
	s.mainXY = [2]int{min(s.mainXY[0], cols-1), min(s.mainXY[1], rows-1)}
}

func (s *source) dropTop() {
	s.scrolled = append(s.scrolled, s.main[0])
	s.main = s.main[1:]
}

func (s *source) newline() {
	s.x = 0
	if s.y < s.rows-1 {
		s.y++
		return
	}
	blank := slices.Repeat([]termCell{emptyTerm}, s.cols)
	if s.onAlt {
		s.alt = append(s.alt[1:], blank)
		return
	}
	s.dropTop()
	s.main = append(s.main, blank)
}

// put prints one character, wrapping at the margin.
func (s *source) put(text string, width int) {
	if s.x+width > s.cols {
		s.newline()
	}
	row := s.screen()[s.y]
	if row[s.x].text == "" {
		row[s.x-1] = emptyTerm
	}
	if end := s.x + width; end < s.cols && row[end].text == "" {
		row[end] = emptyTerm
	}
	row[s.x] = termCell{text, s.pen, s.link}
	if width == 2 {
		row[s.x+1] = termCell{"", s.pen, s.link}
	}
	s.x += width
	if s.x >= s.cols {
		s.newline()
	}
}

func (s *source) clear() {
	for _, row := range s.screen() {
		for x := range row {
			row[x] = emptyTerm
		}
	}
	s.x, s.y = 0, 0
}

var (
	narrowTexts = []string{"a", "b", "Z", "7", " ", " ", "é", "ж", "─", "█", "⣿", "\ue0b0", "\ufffd", "☃", "e\u0301", "x\u0302\u0323"}
	wideTexts   = []string{"中", "文", "ｱ"[:0] + "あ", "😀", "한", "か\u3099"}
)

// write does one random thing that programs do.
func (s *source) write() {
	switch n := s.rnd.IntN(40); {
	case n < 14:
		for range 1 + s.rnd.IntN(s.cols) {
			if s.rnd.IntN(8) == 0 && s.cols > 1 {
				s.put(wideTexts[s.rnd.IntN(len(wideTexts))], 2)
			} else {
				s.put(narrowTexts[s.rnd.IntN(len(narrowTexts))], 1)
			}
		}
	case n < 24:
		s.newline()
	case n < 26:
		s.x, s.y = s.rnd.IntN(s.cols), s.rnd.IntN(s.rows)
		if s.screen()[s.y][s.x].text == "" {
			s.x--
		}
	case n < 30:
		s.pen, s.link = s.randomPen(), ""
		if s.rnd.IntN(4) == 0 {
			s.link = []string{"https://example.org/a", "http://example.org/b"}[s.rnd.IntN(2)]
		}
	case n < 32:
		s.pen, s.link = Pen{}, ""
	case n < 33:
		s.clear()
	case n < 35:
		row := s.screen()[s.y]
		x := s.x
		if row[x].text == "" {
			x--
		}
		for ; x < s.cols; x++ {
			row[x] = termCell{text: " ", pen: Pen{Bg: s.pen.Bg}}
		}
	case n < 36:
		s.visible = !s.visible
	case n < 37:
		for range s.rnd.IntN(3 * s.rows) {
			s.put("#", 1)
			s.newline()
		}
	default:
		s.put("k", 1)
	}
}

func (s *source) toggleAlt() {
	if s.onAlt = !s.onAlt; s.onAlt {
		s.mainXY = [2]int{s.x, s.y}
		s.clear()
		return
	}
	s.x, s.y = s.mainXY[0], s.mainXY[1]
}

func (s *source) randomPen() Pen {
	color := func() Color {
		switch s.rnd.IntN(5) {
		case 0:
			return Palette(uint8(s.rnd.IntN(256)))
		case 1:
			return Palette(uint8(s.rnd.IntN(16)))
		case 2:
			return RGB(uint8(s.rnd.IntN(256)), 1, 255)
		}
		return DefaultColor
	}
	few := Attr(s.rnd.IntN(256))
	p := Pen{Fg: color(), Bg: color(), Attr: few & Attr(s.rnd.IntN(256))}
	if s.rnd.IntN(3) == 0 {
		p.Underline, p.Ul = uint8(s.rnd.IntN(6)), color()
	}
	return p
}

// frame returns what s shows, with marks and links numbered anew each time.
func (s *source) frame() *Frame {
	f := &Frame{Cols: s.cols, Rows: s.rows, Alt: s.onAlt, Wrapped: make([]bool, s.rows)}
	f.Cursor = Cursor{X: s.x, Y: s.y, Visible: s.visible}
	f.Marks = slices.Repeat([]string{""}, 1+s.rnd.IntN(3))
	f.Links = slices.Repeat([]string{""}, 1+s.rnd.IntN(3))
	for _, row := range s.screen() {
		f.Cells = append(f.Cells, f.cells(row)...)
	}
	for _, row := range s.scrolled {
		f.Scrolled = append(f.Scrolled, f.cells(row))
	}
	if over := len(f.Scrolled) - MaxScrolled; over > 0 {
		panic("the test writes too much")
	}
	s.scrolled = nil
	return f
}

func (f *Frame) cells(row []termCell) []Cell {
	number := func(table *[]string, text string) uint16 {
		if text == "" {
			return 0
		}
		if i := slices.Index(*table, text); i > 0 {
			return uint16(i)
		}
		*table = append(*table, text)
		return uint16(len(*table) - 1)
	}
	var cells []Cell
	for x, c := range row {
		cell := Cell{Pen: c.pen, Width: 1}
		cell.Pen.Link = number(&f.Links, c.link)
		for i, r := range c.text {
			if i > 0 {
				cell.Mark = number(&f.Marks, c.text[i:])
				break
			}
			cell.Rune = r
		}
		if c.text == "" {
			cell.Width = 0
		} else if x+1 < len(row) && row[x+1].text == "" {
			cell.Width = 2
		}
		cells = append(cells, cell)
	}
	return cells
}
