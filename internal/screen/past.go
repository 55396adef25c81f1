package screen

import "encoding/binary"

const (
	maxPastLines = 10_000   // lines that a past holds
	maxPastBytes = 4 << 20  // and the bytes they are packed into
	minPastBytes = 64 << 10 // what a past has room for at first
)

// A past holds the newest lines that left the top of the main screen, packed one
// behind the other into a ring. The oldest give way to new ones.
//
//	lines    0 ....... closed ....... count-fresh ....... count
//	         ED 3 forgot them         no Frame has these yet
type past struct {
	text  []byte     // the ring; each line is in one piece
	lines []pastLine // where they are: a ring as well, from first on
	first int
	count int

	closed  int // the oldest, which wait for a Frame and are forgotten otherwise
	fresh   int // the newest, which no Frame has
	lost    int // lines that gave way before a Frame had them
	scratch []byte
}

type pastLine struct{ at, size uint32 }

// slot returns where line i of p is.
func (p *past) slot(i int) *pastLine {
	i += p.first
	if i >= len(p.lines) {
		i -= len(p.lines)
	}
	return &p.lines[i]
}

// line returns line i of p, 0 being the oldest. It is valid until the next push.
func (p *past) line(i int) packed {
	l := p.slot(i)
	return packed(p.text[l.at : l.at+l.size])
}

// open reports whether p has a line that can come back.
func (p *past) open() bool { return p.count > p.closed }

// last returns the newest line, nil if there is none that can come back.
func (p *past) last() packed {
	if !p.open() {
		return nil
	}
	return p.line(p.count - 1)
}

// push takes in a line, as one that no Frame has.
func (p *past) push(l packed) {
	if p.count == maxPastLines {
		p.dropFirst()
	}
	at := p.place(len(l))
	if p.count == len(p.lines) {
		p.growLines()
	}
	copy(p.text[at:], l)
	p.count++
	p.fresh++
	*p.slot(p.count - 1) = pastLine{uint32(at), uint32(len(l))}
}

// pop takes out the newest line, of which there must be one. What a Frame has of it
// counts as told. It is valid until the next push.
func (p *past) pop() packed {
	l := p.line(p.count - 1)
	p.count--
	if p.fresh > 0 {
		p.fresh--
	} else {
		l.tellAll()
	}
	return l
}

func (p *past) dropFirst() {
	if p.fresh == p.count {
		if !p.line(0).told() {
			p.lost++
		}
		p.fresh--
	}
	p.closed = max(p.closed-1, 0)
	p.first++
	if p.first == len(p.lines) {
		p.first = 0
	}
	p.count--
}

// place returns where n bytes, at most maxLineBytes of them, have room behind the
// newest line, and makes that room.
func (p *past) place(n int) int {
	for p.count > 0 {
		head := int(p.slot(0).at)
		newest := p.slot(p.count - 1)
		tail := int(newest.at + newest.size)
		switch {
		case tail > head && len(p.text)-tail >= n:
			return tail
		case tail > head && head > n:
			return 0
		case tail <= head && head-tail > n:
			return tail
		case len(p.text) < maxPastBytes:
			p.growText()
		default:
			p.dropFirst()
		}
	}
	if len(p.text) == 0 {
		p.text = make([]byte, minPastBytes)
	}
	return 0
}

func (p *past) growText() {
	text := make([]byte, min(2*len(p.text), maxPastBytes))
	at := 0
	for i := range p.count {
		n := copy(text[at:], p.line(i))
		p.slot(i).at = uint32(at)
		at += n
	}
	p.text = text
}

func (p *past) growLines() {
	lines := make([]pastLine, min(max(2*len(p.lines), 256), maxPastLines))
	for i := range p.count {
		lines[i] = *p.slot(i)
	}
	p.lines, p.first = lines, 0
}

// forget is ED 3: what a Frame still must have is closed, all else goes.
func (p *past) forget(framed bool) {
	if !framed {
		p.fresh, p.lost = 0, 0
	}
	for p.count > p.fresh {
		p.dropFirst()
	}
	p.closed = p.count
}

// cut ends the newest line: what it went on in is no more.
func (p *past) cut() {
	if l := p.last(); l != nil {
		l.setWrapped(false)
	}
}

// A packed is one row of the past.
//
//	0  2  columns it was written in
//	2  2  told: how many of them, from the left, Frames have had
//	4  1  flags
//	5  .. its cells, see pack
type packed []byte

const packedHead = 5

const (
	flagWrapped = 1 << iota // the text goes on in the next line
	flagPlain               // each byte is a cell of plain ASCII, or 0: a blank
)

func (l packed) cols() int     { return int(binary.BigEndian.Uint16(l)) }
func (l packed) wrapped() bool { return l[4]&flagWrapped != 0 }
func (l packed) plain() bool   { return l[4]&flagPlain != 0 }
func (l packed) tellAll()      { copy(l[2:4], l[:2]) }

// told reports whether Frames have had all of l.
func (l packed) told() bool { return l.toldColumns() >= l.cols() }

func (l packed) toldColumns() int { return int(binary.BigEndian.Uint16(l[2:])) }

func (l packed) setWrapped(on bool) {
	l[4] &^= flagWrapped
	if on {
		l[4] |= flagWrapped
	}
}
