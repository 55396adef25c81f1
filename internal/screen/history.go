package screen

import (
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

// KeepHistory says whether s keeps the newest lines that left the top of its main
// screen for History. It is for a model that nobody draws from: Frame and History
// take the same lines.
func (s *Screen) KeepHistory(on bool) {
	s.KeepScrolled(on)
	s.keepHistory = on
	s.past = past{}
}

// History returns the newest lines that left the top of the main screen: at most
// MaxScrolled of them in at most MaxHistory bytes, nothing if there are none. It
// begins with a number of columns, u16, that each of them fits in, and goes on with
// an escape string in the alphabet of a Snapshot. Written to a new Screen of so many
// columns and MinSize rows, that lets those lines, oldest first and nothing else,
// leave the top.
func (s *Screen) History() []byte {
	s.past.take(s)
	return s.past.history()
}

// Erasures returns how often the program erased the lines that left the top (ED 3),
// as 'clear' does. They are in no History after that; a terminal that showed them
// before keeps them.
func (s *Screen) Erasures() uint64 { return s.erasures }

// eraseHistory is ED 3.
func (s *Screen) eraseHistory() {
	if s.keepHistory {
		s.erasures++
		lines, _ := s.scrolled.drain(nil)
		s.scrolled.recycle(lines)
		s.past = past{}
	}
}

// HoldScrolled says whether the lines that leave the top wait: the Frames have none
// of them until it is off.
func (s *Screen) HoldScrolled(on bool) { s.hold = on }

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
	lines, _ := from.scrolled.drain(nil)
	room := MaxScrolled - len(s.scrolled.lines)
	s.adopt(lines[max(0, len(lines)-room):], from)
	return nil
}

// adopt puts lines of from before those that wait for the next Frame, of which
// there are so few that none must go.
func (s *Screen) adopt(lines [][]Cell, from *Screen) {
	type named struct {
		cell       *Cell
		mark, link uint16 // as from numbers them
	}
	var cells []named
	for _, line := range lines {
		for x := range line {
			if c := &line[x]; c.Mark != 0 || c.Pen.Link != 0 {
				cells = append(cells, named{c, c.Mark, c.Pen.Link})
				c.Mark, c.Pen.Link = 0, 0
			}
		}
	}
	s.scrolled.lines = slices.Concat(lines, s.scrolled.lines)
	// Only now, for interning may compact the tables, which renumbers the lines above.
	for _, n := range cells {
		if i, ok := s.internMark([]byte(from.marks.list[n.mark])); ok {
			n.cell.Mark = i
		}
		if i, ok := s.internLink([]byte(from.links.list[n.link])); ok {
			n.cell.Pen.Link = i
		}
	}
}

// A past holds the newest lines that left the top as a History has them, so that
// each is written once however many Histories it is in.
type past struct {
	lines []pastLine // oldest first
	text  []byte     // of all of them
	spare []byte
}

// A pastLine is how many bytes of text a line takes, and the columns it was made in.
type pastLine struct{ size, cols int }

// maxPastText is how much text there is room for in a History.
const maxPastText = MaxHistory - historyHead - historyTail

// take moves the lines that left the top of s into p. The newest are written first,
// lest much be written that does not fit.
func (p *past) take(s *Screen) {
	lines, _ := s.scrolled.drain(nil)
	w := writer{s: s, b: p.spare[:0]}
	written := make([]pastLine, 0, len(lines)) // newest first
	for _, line := range slices.Backward(lines) {
		before := len(w.b)
		w.line(line)
		if len(w.b) > maxPastText {
			w.b = w.b[:before]
			p.lines, p.text = p.lines[:0], p.text[:0] // what is older does not adjoin
			break
		}
		written = append(written, pastLine{len(w.b) - before, len(line)})
	}
	s.scrolled.recycle(lines)
	p.spare = w.b
	p.makeRoom(len(written), len(w.b))
	end := len(w.b)
	for _, l := range slices.Backward(written) {
		p.lines = append(p.lines, l)
		p.text = append(p.text, w.b[end-l.size:end]...)
		end -= l.size
	}
}

// makeRoom forgets the oldest lines, so that there is room for some more with so
// much text.
func (p *past) makeRoom(lines, text int) {
	gone, size := 0, 0
	for gone < len(p.lines) && (len(p.lines)-gone+lines > MaxScrolled || len(p.text)-size+text > maxPastText) {
		size += p.lines[gone].size
		gone++
	}
	p.lines = append(p.lines[:0], p.lines[gone:]...)
	p.text = append(p.text[:0], p.text[size:]...)
}

// history returns p as a History.
func (p *past) history() []byte {
	if len(p.lines) == 0 {
		return nil
	}
	cols := 0
	for _, l := range p.lines {
		cols = max(cols, l.cols)
	}
	b := make([]byte, 0, historyHead+len(p.text)+historyTail)
	b = binary.BigEndian.AppendUint16(b, uint16(cols))
	b = append(b, p.text...)
	return append(b, '\n') // the last line leaves, too
}

// line writes one line of a History, wherever the reader's cursor is.
func (w *writer) line(cells []Cell) {
	w.pen = Pen{}
	w.cells(cells, 0, noEdge)
	w.setPen(Pen{})
	w.text("\r\n")
}
