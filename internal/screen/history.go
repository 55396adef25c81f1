package screen

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
)

// MaxHistory is how many bytes a History has at most.
const MaxHistory = 64 << 10

// ErrHistory reports bytes that are no History.
var ErrHistory = errors.New("malformed history")

const (
	historyHead = 2 // the columns, before the escape string
	historyTail = 1 // the line feed behind it
)

// KeepHistory says whether s keeps the lines that left the top of its main screen
// for History.
func (s *Screen) KeepHistory(on bool) {
	s.keepHistory = on
	s.keepPast()
}

// Erasures returns how often the program erased the lines that left the top (ED 3
// or RIS), as 'clear' does. They are in no History after that, and come back on no Resize; a
// terminal that showed them before keeps them.
func (s *Screen) Erasures() uint64 { return s.erasures }

// eraseHistory is ED 3.
func (s *Screen) eraseHistory() {
	s.erasures++
	s.past.forget(s.keepScrolled)
}

// History returns the newest lines that left the top of the main screen: at most
// MaxScrolled of them in at most MaxHistory bytes, nothing if there are none. It
// begins with a number of columns, u16, that of s, and goes on with an escape string
// in the alphabet of a Snapshot. Written to a new Screen of so many columns and
// MinSize rows, that lets those lines, wrapped anew at that width, oldest first and
// nothing else, leave the top.
func (s *Screen) History() []byte {
	h := historian{of: s, tables: New(MinSize, MinSize), same: s.past.count, text: make([]byte, 0, MaxHistory)}
	h.write()
	if len(h.rows) == 0 {
		return nil
	}
	b := make([]byte, 0, historyHead+len(h.text)+historyTail)
	b = binary.BigEndian.AppendUint16(b, uint16(s.cols))
	end := len(h.text)
	for _, size := range slices.Backward(h.rows) {
		b = append(b, h.text[end-size:end]...)
		end -= size
	}
	return append(b, '\n') // the last line leaves, too
}

// A historian writes a History, the newest row first, until there is no more room.
type historian struct {
	of     *Screen
	tables *Screen // has the marks and links of what is written
	text   []byte
	rows   []int // how long the text of each is
	cells  []row // memory
	same   int   // the rows from here to those that are written need no wrapping
}

const (
	// maxHistoryText is how much text there is room for in a History.
	maxHistoryText = MaxHistory - historyHead - historyTail
	// maxHistoryTexts is how many marks or links the tables may have before they
	// are emptied: a line that is wrapped anew has no more.
	maxHistoryTexts = maxTexts / 2
)

func (h *historian) write() {
	p := &h.of.past
	for end := p.count; end > p.closed; {
		begin := h.begin(end)
		if !h.line(begin, end) {
			return
		}
		end = begin
	}
}

// begin returns where the rows begin that are to be written with that before end:
// those of one line if some of them must be wrapped anew, else only that one.
func (h *historian) begin(end int) int {
	p := &h.of.past
	if end > h.same {
		return end - 1
	}
	begin, same := end, true
	for cells := 0; begin > p.closed && cells < maxReflow; {
		if begin < end && !p.line(begin-1).wrapped() {
			break
		}
		begin--
		n := p.line(begin).cols()
		same = same && n == h.of.cols
		cells += n
	}
	if same {
		h.same = begin
		return end - 1
	}
	return begin
}

// line writes the rows of the past from begin to end, and reports whether there was
// room for all.
func (h *historian) line(begin, end int) bool {
	p := &h.of.past
	wrapped := begin > p.closed && p.line(begin-1).wrapped()
	if l := p.line(begin); end-begin == 1 && !wrapped && !l.wrapped() && l.plain() && l.cols() == h.of.cols {
		return h.plain(l[packedHead:])
	}
	t := h.tables
	if len(t.marks.list) > maxHistoryTexts {
		t.marks.init()
	}
	if len(t.links.list) > maxHistoryTexts {
		t.links.init()
	}
	rows := h.cells[:0]
	for i := begin; i < end; i++ {
		l := p.line(i)
		var cells []Cell
		if n := i - begin; n < cap(rows) {
			cells = rows[:n+1][n].cells
		}
		rows = append(rows, row{cells: t.unpack(l, cells), wrapped: l.wrapped()})
	}
	t.loose, h.cells = t.loose[:0], rows
	if end == p.count {
		rows[len(rows)-1].wrapped = false // for the rest of it is on the screen
	}
	if slices.ContainsFunc(rows, func(r row) bool { return len(r.cells) != h.of.cols }) {
		w := wrapping{cols: h.of.cols}
		rows = w.all(rows)
	}
	for i := range slices.Backward(rows) {
		if !h.row(rows[i], i > 0 || wrapped) {
			return false
		}
	}
	return true
}

// row writes one row before those that are written; wrapped says that its text goes
// on from the row before, and does no harm if that is missing in the end. It reports
// whether there was room.
func (h *historian) row(r row, wrapped bool) bool {
	w := writer{s: h.tables, b: h.text}
	w.historyRow(r, wrapped)
	return h.take(w.b)
}

// plain does what row does for one of plain text, as that is packed: most are.
func (h *historian) plain(text []byte) bool {
	w := writer{b: h.text}
	for len(text) > 0 {
		n := bytes.IndexByte(text, 0)
		if n < 0 {
			n = len(text)
		}
		w.b = append(w.b, text[:n]...)
		text = text[n:]
		if n = len(text) - len(bytes.TrimLeft(text, "\x00")); n > 0 {
			w.text("\x1b[")
			w.b = append(appendNumber(w.b, n), 'C')
			text = text[n:]
		}
	}
	w.text("\r\n")
	return h.take(w.b)
}

// take takes in the row that text has behind h.text, if there is room.
func (h *historian) take(text []byte) bool {
	if len(text) > maxHistoryText || len(h.rows) == MaxScrolled {
		return false
	}
	h.rows = append(h.rows, len(text)-len(h.text))
	h.text = text
	return true
}

// PrependHistory puts the lines of another Screen's History before those that left
// the top of s and are in no Frame yet. Together they are MaxScrolled at most, and
// the oldest give way. It fails with ErrHistory, and then changes nothing, but it
// takes any bytes for the escape string: they can make odd lines, no more.
func (s *Screen) PrependHistory(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if len(b) < historyHead || len(b) > MaxHistory {
		return ErrHistory
	}
	cols := int(binary.BigEndian.Uint16(b))
	if cols < MinSize || cols > MaxSize {
		return ErrHistory
	}
	from := New(cols, MinSize)
	from.KeepScrolled(true)
	from.Write(b[historyHead:])
	if s.keep {
		s.past.prepend(&from.past)
	}
	return nil
}

// prepend puts the newest MaxScrolled lines of from before those that no Frame has.
// Of them those that are too many to be in a Frame with these count as told.
func (p *past) prepend(from *past) {
	later := make([]packed, p.fresh)
	news := 0
	for i := range slices.Backward(later) {
		if !p.line(p.count - 1).told() {
			news++
		}
		later[i] = slices.Clone(p.pop())
	}
	p.cut()
	p.fresh = 0
	n := min(from.count, MaxScrolled)
	for i := from.count - n; i < from.count; i++ {
		l := from.line(i)
		if from.count-i > MaxScrolled-news {
			l.tellAll()
		}
		p.push(l)
	}
	for _, l := range later {
		p.push(l)
	}
}

// historyRow writes one row of a History, wherever the reader's cursor is if it does
// not go on from the row before.
func (w *writer) historyRow(r row, wrapped bool) {
	x := 0
	if wrapped {
		x = w.first(&r.cells[0])
	}
	w.cells(r.cells, x, noEdge)
	w.margin(&r)
	w.setPen(Pen{})
	if !r.wrapped {
		w.text("\r\n")
	}
}
