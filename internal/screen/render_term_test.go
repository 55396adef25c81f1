package screen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A termCell is one place of a terminal: what it shows, tables resolved.
type termCell struct {
	text string // "" is the right half of a wide character
	pen  Pen    // Link is 0
	link string
}

// A terminal is the viewer's terminal for tests. It knows the renderer's alphabet
// and nothing else: whatever is outside is a fault. It is written from the alphabet
// and not with the model, so that the two cannot err together.
type terminal struct {
	cols, rows int
	main, alt  [][]termCell
	history    [][]termCell // what left the main screen upwards
	x, y       int
	wraps      bool // the next character goes to the next row
	mayWrap    bool // it may: a line goes on over the margin
	pen        Pen
	link       string
	saved      [3]int // x, y, wraps
	savedPen   Pen
	onAlt      bool
	mainCursor [2]int
	modes      map[int]bool
	keys       [2]bool // kitty's flag was pushed, on the main and the alternate screen
	other      string  // modifyOtherKeys
	style      string
	title      string
	titles     []string // saved
	width      func(rune) int
	faults     []string
}

func newTerminal(cols, rows int) *terminal {
	t := &terminal{cols: cols, rows: rows, width: runeWidth}
	t.modes = map[int]bool{7: true, 25: true}
	t.main, t.alt = t.blankRows(rows), t.blankRows(rows)
	return t
}

func (t *terminal) blankRows(n int) [][]termCell {
	rows := make([][]termCell, n)
	for i := range rows {
		rows[i] = t.blankRow()
	}
	return rows
}

func (t *terminal) blankRow() []termCell {
	return slices.Repeat([]termCell{{text: " ", pen: Pen{Bg: t.pen.Bg}}}, t.cols)
}

func (t *terminal) screen() *[][]termCell {
	if t.onAlt {
		return &t.alt
	}
	return &t.main
}

func (t *terminal) fault(format string, args ...any) {
	if len(t.faults) < 5 {
		t.faults = append(t.faults, fmt.Sprintf(format, args...))
	}
}

// write takes what one Draw returned, which must be whole.
func (t *terminal) write(p []byte) {
	for len(p) > 0 {
		n := t.one(p)
		if n == 0 {
			t.fault("not in the alphabet: %q", p[:min(len(p), 12)])
			return
		}
		p = p[n:]
	}
}

// one takes one character or sequence and returns its length, 0 for a fault.
func (t *terminal) one(p []byte) int {
	switch p[0] {
	case '\r':
		t.x, t.wraps = 0, false
		return 1
	case '\n':
		t.lineFeed()
		return 1
	case 0x1b:
		return t.escape(p)
	}
	c, n := utf8.DecodeRune(p)
	if c == utf8.RuneError && n == 1 || !textRune(c) {
		return 0
	}
	t.print(c)
	return n
}

// textRune is what security.md calls printable: no control, no format character but
// the joiner inside an emoji.
func textRune(c rune) bool {
	if c < ' ' || c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029 {
		return false
	}
	return c == 0x200d || !unicode.Is(unicode.Cf, c)
}

func (t *terminal) lineFeed() {
	t.wraps = false
	if t.y < t.rows-1 {
		t.y++
		return
	}
	s := t.screen()
	if !t.onAlt {
		t.history = append(t.history, t.main[0])
	}
	*s = append((*s)[1:], t.blankRow())
}

func (t *terminal) print(c rune) {
	w := min(t.width(c), t.cols)
	if w == 0 {
		t.join(c)
		return
	}
	if t.wraps && t.modes[7] || w == 2 && t.x == t.cols-1 && t.modes[7] {
		if !t.mayWrap || t.y == t.rows-1 || c < ' ' || c > '~' {
			t.fault("%q wraps at the margin", c)
		}
		t.x = 0
		t.lineFeed()
	}
	row := (*t.screen())[t.y]
	x := min(t.x, t.cols-w)
	for i := x; i < x+w; i++ {
		t.split(row, i)
	}
	row[x] = termCell{string(c), t.pen, t.link}
	if w == 2 {
		row[x+1] = termCell{"", t.pen, t.link}
	}
	t.x = min(x+w, t.cols-1)
	t.wraps = x+w >= t.cols && t.modes[7]
}

// join adds mark c to the character before the cursor, wherever that is, as tmux does.
func (t *terminal) join(c rune) {
	row, x := (*t.screen())[t.y], t.x
	if !t.wraps {
		x--
	}
	if x >= 0 && row[x].text == "" {
		x--
	}
	if x < 0 {
		t.fault("mark %U without a base", c)
		return
	}
	row[x].text += string(c)
}

// split makes blank the other half of a wide character when one half goes.
func (t *terminal) split(row []termCell, x int) {
	if row[x].text == "" && x > 0 {
		row[x-1].text = " "
	}
	if x+1 < len(row) && row[x+1].text == "" {
		row[x+1].text = " "
	}
}

func (t *terminal) escape(p []byte) int {
	switch {
	case len(p) < 2:
		return 0
	case p[1] == '7':
		t.saved, t.savedPen = [3]int{t.x, t.y, b2i(t.wraps)}, t.pen
		return 2
	case p[1] == '8':
		t.x, t.y, t.wraps, t.pen = t.saved[0], t.saved[1], t.saved[2] == 1, t.savedPen
		return 2
	case p[1] == ']':
		end := strings.Index(string(p), "\x1b\\")
		if end < 0 || !t.osc(string(p[2:end])) {
			return 0
		}
		return end + 2
	case p[1] != '[':
		return 0
	}
	end := 2
	for end < len(p) && (p[end] < '@' || p[end] > '~') {
		end++
	}
	if end == len(p) || !t.csi(string(p[2:end]), p[end]) {
		return 0
	}
	return end + 1
}

func (t *terminal) osc(s string) bool {
	for _, c := range s {
		if !textRune(c) {
			return false
		}
	}
	switch {
	case strings.HasPrefix(s, "2;gossterm"):
		t.title = s[2:]
		return true
	case s == "8;;":
		t.link = ""
		return true
	case strings.HasPrefix(s, "8;;http://"), strings.HasPrefix(s, "8;;https://"):
		t.link = s[3:]
		return len(t.link) <= 2083
	}
	return false
}

func (t *terminal) csi(params string, final byte) bool {
	if mode, ok := strings.CutPrefix(params, "?"); ok {
		n, err := strconv.Atoi(mode)
		return err == nil && t.mode(n, final)
	}
	if params != "" && strings.ContainsAny(params[:1], "<=>") {
		return t.keyboard(params, final)
	}
	if final == 'm' {
		return t.setSGR(params)
	}
	if final == 'q' {
		t.style = params
		return len(params) == 2 && params[0] >= '0' && params[0] <= '6' && params[1] == ' '
	}
	var n [2]int
	parts := strings.Split(params, ";")
	for i, s := range parts {
		v, err := strconv.Atoi(s)
		if i > 1 || s != "" && err != nil || v > 1000 {
			return false
		}
		n[i] = v
	}
	if len(parts) == 2 && final != 'H' && final != 't' {
		return false
	}
	return t.move(n, final)
}

// keyboard takes the switches of the keyboard, each of which must change something.
func (t *terminal) keyboard(params string, final byte) bool {
	pushed := &t.keys[b2i(t.onAlt)]
	switch params + string(final) {
	case ">1u", "<u":
		on := params == ">1"
		if *pushed == on {
			t.fault("keyboard flag pushed or popped again")
		}
		*pushed = on
	case ">4m", ">4;1m", ">4;2m":
		if t.other == params[2:] {
			t.fault("modifyOtherKeys set again to %s", params)
		}
		t.other = params[2:]
	default:
		return false
	}
	return true
}

func (t *terminal) move(n [2]int, final byte) bool {
	first := max(n[0], 1)
	s := *t.screen()
	switch final {
	case 'A':
		t.y = max(t.y-first, 0)
	case 'B':
		t.y = min(t.y+first, t.rows-1)
	case 'C':
		t.x = min(t.x+first, t.cols-1)
	case 'D':
		t.x = max(t.x-first, 0)
	case 'G':
		t.x = min(first, t.cols) - 1
	case 'H':
		t.y, t.x = min(first, t.rows)-1, min(max(n[1], 1), t.cols)-1
	case 'K':
		t.split(s[t.y], t.x)
		copy(s[t.y][t.x:], t.blankRow())
		return n[0] == 0
	case 'J':
		if n[0] == 2 {
			copy(s, t.blankRows(t.rows))
			return true
		}
		copy(s[t.y][t.x:], t.blankRow())
		copy(s[t.y+1:], t.blankRows(t.rows-t.y-1))
		return n[0] == 0
	case 't':
		if n == [2]int{22, 0} {
			t.titles = append(t.titles, t.title)
			return true
		}
		if n != [2]int{23, 0} || len(t.titles) == 0 {
			return false
		}
		t.title = t.titles[len(t.titles)-1]
		t.titles = t.titles[:len(t.titles)-1]
		return true
	default:
		return false
	}
	t.wraps = false
	return true
}

func (t *terminal) mode(n int, final byte) bool {
	if final != 'h' && final != 'l' {
		return false
	}
	on := final == 'h'
	switch n {
	case 1049:
		if on == t.onAlt {
			return false
		}
		if t.onAlt = on; on {
			t.mainCursor = [2]int{t.x, t.y}
		} else {
			t.x, t.y, t.wraps = 0, t.mainCursor[1], false // some do not restore the column
		}
	case 7, 25, 1000, 1002, 1003, 1004, 1006, 2004, 2026:
		if t.modes[n] == on {
			t.fault("mode %d set again to %v", n, on)
		}
	default:
		return false
	}
	t.modes[n] = on
	return true
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// resize does what xterm does: it cuts or extends, and only if the cursor's row
// would not fit do rows leave at the top.
func (t *terminal) resize(cols, rows int) {
	y := &t.y // of the main screen's cursor
	if t.onAlt {
		t.y = min(t.y, rows-1)
		y = &t.mainCursor[1]
	}
	for ; *y >= rows; *y-- {
		t.history = append(t.history, t.main[0])
		t.main = t.main[1:]
	}
	t.cols, t.rows = cols, rows
	for _, s := range []*[][]termCell{&t.main, &t.alt} {
		for len(*s) < rows {
			*s = append(*s, nil)
		}
		*s = (*s)[:rows]
		for y, row := range *s {
			(*s)[y] = cutRow(row, 0, cols)
		}
	}
	t.x, t.wraps = min(t.x, cols-1), false
}

func rowTexts(rows [][]termCell) []string {
	var lines []string
	for _, row := range rows {
		var b strings.Builder
		for _, c := range row {
			b.WriteString(c.text)
		}
		lines = append(lines, b.String())
	}
	return lines
}

func trimLines(lines []string) []string {
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
