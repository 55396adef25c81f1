package screen

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A viewing is a source, a renderer and a terminal that has some lines on it.
type viewing struct {
	t    *testing.T
	src  *source
	r    *Renderer
	term *terminal
	// tickets is what the terminal showed before, sent what it was sent last.
	tickets [][]termCell
	overlay Overlay
	sent    []byte
	gone
}

// gone is what must be above the view: what left the frame, and the rows that a window
// lower than the frame has above its view.
type gone struct {
	lines  [][]termCell
	ahead  [][]termCell // the frame's top rows, as they were when they became such lines
	size   [2]int       // of the frame
	leaves [][]termCell // what the source let go since the last frame
}

func newViewing(t *testing.T, seed uint64, cols, rows, frameCols, frameRows int) *viewing {
	rnd := rand.New(rand.NewPCG(seed, 1))
	v := &viewing{t: t, src: newSource(rnd, frameCols, frameRows), r: NewRenderer(cols, rows), term: newTerminal(cols, rows)}
	for i := range rnd.IntN(rows + 3) {
		for _, c := range fmt.Sprint("ticket", i)[:min(cols, 7)] {
			v.term.print(c)
		}
		v.term.x, v.term.wraps = 0, false
		v.term.lineFeed()
	}
	v.tickets = trimRows(slices.Concat(v.term.history, v.term.main))
	for _, row := range v.term.main[v.term.y+1:] { // left by a program that moved the cursor
		row[0] = termCell{text: "?"}
	}
	v.term.pen = Pen{Bg: Palette(3), Attr: Bold}
	return v
}

// draw draws the source as it is.
func (v *viewing) draw() {
	v.term.mayWrap = v.overlay.Lines != nil
	v.sent = slices.Clone(v.bytes())
	v.term.write(v.sent)
}

// bytes returns what is sent for the source as it is.
func (v *viewing) bytes() []byte {
	b := v.r.Draw(v.frame(), v.overlay)
	v.drawn()
	return b
}

// frame returns what the source shows.
func (v *viewing) frame() *Frame {
	v.leaves = v.src.scrolled
	return v.src.frame()
}

// drawn notes what a frame has put above the view.
func (v *viewing) drawn() {
	same := func(a, b []termCell) bool {
		return slices.EqualFunc(trimRow(a), trimRow(b), func(a, b termCell) bool {
			a.link, b.link = "", ""
			return a == b
		})
	}
	for _, row := range v.leaves {
		known := len(v.ahead) > 0 && same(row, v.ahead[0])
		v.ahead = v.ahead[min(1, len(v.ahead)):]
		if !known {
			v.lines = append(v.lines, row)
		}
	}
	if size := [2]int{v.src.cols, v.src.rows}; size != v.size {
		v.size = size
		n := min(len(v.ahead), len(v.lines), v.src.rows)
		if v.src.onAlt {
			n = 0
		}
		for n > 0 && !slices.EqualFunc(v.src.main[:n], v.lines[len(v.lines)-n:], same) {
			n--
		}
		v.ahead = nil
		for _, row := range v.src.main[:n] {
			v.ahead = append(v.ahead, slices.Clone(row))
		}
	}
	if v.leaves = nil; v.src.onAlt || v.r.held {
		return
	}
	for y := len(v.ahead); y < v.r.main.panY; y++ {
		row := slices.Clone(v.src.main[y])
		v.ahead, v.lines = append(v.ahead, row), append(v.lines, row)
	}
}

// window returns what of the source the terminal should show.
func (v *viewing) window() [][]termCell {
	p := v.r.plane()
	var rows [][]termCell
	for y := p.panY; y < min(v.src.rows, p.panY+v.term.rows); y++ {
		rows = append(rows, cutRow(v.src.screen()[y], p.panX, v.term.cols))
	}
	return rows
}

// cutRow returns width cells of row from column x on.
func cutRow(row []termCell, x, width int) []termCell {
	row = slices.Clone(row[min(x, len(row)):])
	if len(row) > 0 && row[0].text == "" {
		row[0].text = " "
	}
	if len(row) > width {
		if row[width].text == "" {
			row[width-1].text = " "
		}
		row = row[:width]
	}
	return append(row, slices.Repeat([]termCell{emptyTerm}, width-len(row))...)
}

// looks returns c without what cannot be seen.
func looks(c termCell) termCell {
	if c.pen.Underline == 0 {
		c.pen.Ul = 0
	}
	if c.text == " " && c.pen.Underline == 0 && c.pen.Attr&(Reverse|Strike|Overline) == 0 {
		c.pen = Pen{Bg: c.pen.Bg}
	}
	return c
}

// trimRows returns rows without the blank ones at the end.
func trimRows(rows [][]termCell) [][]termCell {
	for n := len(rows); n > 0; n-- {
		for _, c := range rows[n-1] {
			if looks(c) != emptyTerm {
				return rows[:n]
			}
		}
	}
	return nil
}

// same compares rows and reports the first difference.
func (v *viewing) same(what string, got, want [][]termCell) {
	v.t.Helper()
	for y := range max(len(got), len(want)) {
		if y >= len(got) || y >= len(want) {
			v.t.Fatalf("%s: %d rows, want %d\ngot:\n%s\nwant:\n%s\nsent %q", what, len(got), len(want), showRows(got), showRows(want), v.sent)
		}
		for x := range max(len(got[y]), len(want[y])) {
			if x >= len(got[y]) || x >= len(want[y]) || looks(got[y][x]) != looks(want[y][x]) {
				v.t.Fatalf("%s: row %d column %d:\n got %+v\nwant %+v\ngot:\n%s\nwant:\n%s\nsent %q", what, y, x, got[y][x], want[y][x], showRows(got), showRows(want), v.sent)
			}
		}
	}
}

func showRows(rows [][]termCell) string {
	var b strings.Builder
	for i, row := range rows {
		if i < len(rows)-60 {
			continue
		}
		fmt.Fprintf(&b, "%4d|", i)
		for _, c := range row {
			b.WriteString(c.text)
		}
		b.WriteString("|\n")
	}
	return b.String()
}

// check compares the terminal with the source: all that was ever on it.
func (v *viewing) check() {
	v.t.Helper()
	for _, f := range v.term.faults {
		v.t.Fatalf("%s; sent %q", f, v.sent)
	}
	got := slices.Clone(*v.term.screen())
	want := v.window()
	covered := v.covered()
	for i, row := range covered {
		if s := trimLines(rowTexts(got[v.term.rows-len(covered)+i:][:1])); strings.Join(s, "") != strings.TrimRight(row, " ") {
			v.t.Fatalf("row %d of the notice is %q, want %q; sent %q", i, s, row, v.sent)
		}
	}
	if v.src.onAlt {
		want = v.bordered(want)
	} else {
		top := v.lines
		want = slices.Concat(v.tickets, mapRows(top, v.term.cols), want)
		got = slices.Concat(v.term.history, got)
	}
	v.checkCursor(len(got))
	if p := &v.r.main; !v.src.onAlt && p.known() && v.src.rows >= v.term.rows && p.top != 0 {
		v.t.Fatalf("a frame that fills the terminal begins in row %d", p.top)
	}
	if len(covered) > 0 {
		n := len(got) - len(covered)
		got = got[:n]
		want = want[:min(n, len(want))]
	}
	v.same("terminal", trimRows(got), trimRows(want))
}

// covered returns what the terminal's last rows should show instead of the frame.
func (v *viewing) covered() []string {
	var rows []string
	for _, line := range v.overlay.Lines {
		rows = append(rows, fold(line, v.term.cols)...)
	}
	if len(rows) >= v.term.rows || len(rows) > 0 && len(rows)+1 >= v.term.rows && v.overlay.Notice != "" {
		rows = nil
	}
	if v.overlay.Notice != "" {
		rows = append(rows, fold(v.overlay.Notice, v.term.cols)[0])
	}
	return rows
}

// fold cuts a line of printable text into rows of cols columns.
func fold(line string, cols int) []string {
	rows, n := []string{""}, 0
	for _, c := range line {
		if n += runeWidth(c); n > cols {
			rows, n = append(rows, ""), runeWidth(c)
		}
		rows[len(rows)-1] += string(c)
	}
	return rows
}

// bordered returns rows with the border that an alternate screen has, if larger.
func (v *viewing) bordered(rows [][]termCell) [][]termCell {
	faint := Pen{Attr: Faint}
	cols := v.src.cols
	if cols < v.term.cols {
		for _, row := range rows {
			row[cols] = termCell{text: "│", pen: faint}
		}
	}
	for len(rows) < v.term.rows {
		rows = append(rows, cutRow(nil, 0, v.term.cols))
	}
	if y := v.src.rows; y < v.term.rows {
		for x := range min(cols, v.term.cols) {
			rows[y][x] = termCell{text: "─", pen: faint}
		}
		if cols < v.term.cols {
			rows[y][cols] = termCell{text: "┘", pen: faint}
		}
	}
	return rows
}

func (v *viewing) checkCursor(total int) {
	v.t.Helper()
	p := v.r.plane()
	x, y := v.src.x-p.panX, v.src.y-p.panY
	visible := v.src.visible && x >= 0 && x < v.term.cols && y >= 0 && y < v.term.rows
	if v.term.modes[25] != visible {
		v.t.Fatalf("cursor visible %v, want %v", v.term.modes[25], visible)
	}
	if v.term.modes[2026] || !v.term.modes[7] || v.term.pen != (Pen{}) || v.term.link != "" {
		v.t.Fatalf("a Draw must leave no update open, wrapping on, no pen; sent %q", v.sent)
	}
	if !visible {
		return
	}
	if !v.src.onAlt { // counted from the start of all
		y += len(v.tickets) + len(v.lines) - (total - v.term.rows)
	}
	if v.term.x != x || v.term.y != y || v.term.wraps {
		v.t.Fatalf("cursor at %d,%d wraps %v, want %d,%d; sent %q\n%s", v.term.x, v.term.y, v.term.wraps, x, y, v.sent, showRows(*v.term.screen()))
	}
}

func mapRows(rows [][]termCell, cols int) [][]termCell {
	var out [][]termCell
	for _, row := range rows {
		out = append(out, cutRow(row, 0, cols))
	}
	return out
}

// TestDrawTranscript draws random output on terminals of many sizes. After each Draw
// the terminal and its history, read as one text, must be: what was there before,
// each line that scrolled off, once and in order, and the frame, cell for cell.
func TestDrawTranscript(t *testing.T) {
	sizes := []struct {
		desc                     string
		cols, rows, fcols, frows int
		alt, notice, hostResize  int // one in how many steps; 0 is never
		lines                    int
	}{
		{desc: "same size", cols: 20, rows: 6, fcols: 20, frows: 6},
		{desc: "same size, alternate screen", cols: 20, rows: 6, fcols: 20, frows: 6, alt: 6},
		{desc: "terminal larger", cols: 27, rows: 11, fcols: 20, frows: 6, alt: 9},
		{desc: "terminal smaller", cols: 13, rows: 4, fcols: 20, frows: 7, alt: 9},
		{desc: "terminal lower", cols: 20, rows: 3, fcols: 20, frows: 7},
		{desc: "one row", cols: 20, rows: 1, fcols: 20, frows: 7, alt: 9},
		{desc: "one column", cols: 1, rows: 5, fcols: 4, frows: 5, alt: 9},
		{desc: "notices", cols: 20, rows: 6, fcols: 20, frows: 6, alt: 9, notice: 3},
		{desc: "notices, terminal larger", cols: 22, rows: 9, fcols: 20, frows: 6, alt: 9, notice: 3},
		{desc: "lines", cols: 20, rows: 9, fcols: 20, frows: 9, alt: 9, notice: 5, lines: 3},
		{desc: "lines, terminal larger", cols: 22, rows: 11, fcols: 20, frows: 4, alt: 9, notice: 5, lines: 3},
		{desc: "lines, terminal smaller", cols: 12, rows: 8, fcols: 20, frows: 9, alt: 9, notice: 5, lines: 3},
		{desc: "lines, host resizes", cols: 20, rows: 9, fcols: 20, frows: 6, alt: 9, notice: 5, lines: 3, hostResize: 5},
		{desc: "host resizes", cols: 20, rows: 6, fcols: 20, frows: 6, hostResize: 5, notice: 5},
	}
	for _, c := range sizes {
		t.Run(c.desc, func(t *testing.T) {
			for seed := range uint64(25) {
				v := newViewing(t, seed, c.cols, c.rows, c.fcols, c.frows)
				one := func(n int) bool { return n > 0 && v.src.rnd.IntN(n) == 0 }
				for range 60 {
					for range v.src.rnd.IntN(5) {
						v.src.write()
					}
					if one(c.alt) {
						v.src.toggleAlt()
					}
					if one(c.notice) {
						v.overlay.Notice = []string{"", "one is gone", "two", "李 joined"}[v.src.rnd.IntN(4)]
					}
					if one(c.lines) {
						v.overlay.Lines = [][]string{nil, {strings.Repeat("gst1", 13)}, {strings.Repeat("x", c.cols), "gsr1"}, {strings.Repeat("long", 99)}, {strings.Repeat("中e\u0301", 9), "gsr1"}}[v.src.rnd.IntN(5)]
					}
					if one(c.hostResize) {
						v.src.resize(15+v.src.rnd.IntN(10), 3+v.src.rnd.IntN(6))
					}
					v.draw()
					v.check()
				}
				v.checkEnd()
			}
		})
	}
}

// checkEnd ends the viewing and checks what a shell would find.
func (v *viewing) checkEnd() {
	v.t.Helper()
	if v.src.onAlt {
		v.src.toggleAlt() // as the terminal will
	}
	before := v.overlay.Notice
	v.sent = slices.Clone(v.r.End())
	v.term.write(v.sent)
	for _, f := range v.term.faults {
		v.t.Fatalf("End: %s; sent %q", f, v.sent)
	}
	if v.term.onAlt || !v.term.modes[25] || v.term.modes[2004] || v.term.pen != (Pen{}) {
		v.t.Fatalf("End leaves modes; sent %q", v.sent)
	}
	got := v.term.main
	if v.term.x != 0 || trimRows(got[v.term.y:]) != nil {
		v.t.Fatalf("End leaves the cursor at %d,%d (notice %q) on\n%s", v.term.x, v.term.y, before, showRows(got))
	}
	if y := v.term.y; y > 0 && trimRows(got[y-1:y]) == nil && len(v.tickets)+len(v.lines) > 0 && trimRows(got) != nil {
		v.t.Fatalf("End leaves a gap above row %d\n%s", y, showRows(got))
	}
	all := slices.Concat(v.term.history, got)
	head := slices.Concat(v.tickets, mapRows(v.lines, v.term.cols))
	v.same("End", trimRows(all[:len(head)]), trimRows(head))
	if s := showRows(got); strings.Contains(s, "one is gone") || strings.Contains(s, "gst1") || strings.Contains(s, "中e\u0301中e\u0301") {
		v.t.Fatalf("End leaves the notice on\n%s", showRows(got))
	}
	if again := v.r.End(); again != nil {
		v.t.Fatalf("a second End sends %q", again)
	}
}
