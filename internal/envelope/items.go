package envelope

import (
	"encoding/binary"
	"fmt"

	"gossterm/internal/id"
)

// A LogItem is one entry of a record of the host's log: Output, Resize, Acks, End,
// Screen, View or Total (PROTOCOL.md §5.1).
type LogItem interface{ appendLog(dst []byte) []byte }

// Output is what the program printed.
type Output struct{ Data []byte }

// Resize says the terminal's size in cells.
type Resize struct{ Cols, Rows uint16 }

// Acks says which input is settled, author by author.
type Acks struct {
	Flushes uint32 // interrupts so far that threw input away
	Authors []Ack
}

// An Ack settles the records of one author up to Through: each was typed, or
// discarded if bit i of Discarded is set for seq = Through - i.
type Ack struct {
	Author      id.Peer
	Incarnation uint64
	Through     uint64
	Discarded   uint64
}

// End ends the session: the command's exit status, or -N when signal N ended it.
type End struct{ Status int32 }

// Screen is a piece of a snapshot's escape string.
type Screen struct{ Data []byte }

// A View says what newcomers get to see, and who sizes the terminal. What a later
// version means by other numbers is not known here: nothing is made of them.
type View struct {
	History Shown
	Sizes   Sizes
}

// Total says how many bytes the program had printed before a snapshot.
type Total struct{ Bytes uint64 }

// A Shown is what a newcomer gets to see of what was before.
type Shown uint8

const (
	ShownLines  Shown = iota // the screen and the lines above it
	ShownScreen              // the screen
	ShownNone                // nothing
)

// Sizes says whose size the terminal has.
type Sizes uint8

const (
	SizesHost     Sizes = iota // the host's
	SizesSmallest              // the smallest, in each direction, of those who type
	SizesLatest                // that of who typed last
)

// Bounds of items.
const (
	ItemHeader = 3     // bytes of kind and length before an item's value
	MinCells   = 2     // the smallest width and height of a terminal
	MaxCells   = 1_000 // the largest

	// MaxAcks is how many authors one Acks item holds in a record of its own; who
	// has more writes several items.
	MaxAcks = (MaxHostPlain - ItemHeader - 4) / ackSize
)

const (
	kindOutput = 1
	kindResize = 2
	kindAcks   = 3
	kindEnd    = 4
	kindScreen = 5
	kindView   = 6
	kindTotal  = 7
	kindPacked = 8 // the only one of its plaintext

	sizeSize  = 2 + 2
	viewSize  = 1 + 1 // at least
	totalSize = 8
	ackSize   = 32 + 8 + 8 + 8
)

// AppendLog appends items as the plaintext of a record of the host's log. Data of
// more than 65,535 bytes is a fault of the caller, as is a plaintext of more than
// [MaxItems] to be packed, or [MaxHostPlain] to be sealed.
func AppendLog(dst []byte, items ...LogItem) []byte {
	for _, it := range items {
		dst = it.appendLog(dst)
	}
	return dst
}

// ParseLog reads the plaintext of a record of the host's log, packed or not. Items of
// unknown kinds are skipped. It fails with ErrMalformed. The items may refer to b.
func ParseLog(b []byte) ([]LogItem, error) {
	if len(b) > MaxHostPlain {
		return nil, fmt.Errorf("%w: plaintext of %d bytes", ErrMalformed, len(b))
	}
	b, err := unpack(b)
	if err != nil {
		return nil, err
	}
	var items []LogItem
	for len(b) > 0 {
		kind, value, rest, err := nextItem(b)
		if err != nil {
			return nil, err
		}
		it, err := parseLogItem(kind, value)
		if err != nil {
			return nil, err
		}
		if it != nil {
			items = append(items, it)
		}
		b = rest
	}
	return items, nil
}

// parseLogItem reads one value; nil is an item of an unknown kind.
func parseLogItem(kind byte, v []byte) (LogItem, error) {
	switch kind {
	case kindOutput:
		return Output{v}, nil
	case kindScreen:
		return Screen{v}, nil
	case kindResize:
		if cols, rows, ok := parseSize(v); ok {
			return Resize{cols, rows}, nil
		}
	case kindView:
		if len(v) >= viewSize {
			return View{History: Shown(v[0]), Sizes: Sizes(v[1])}, nil
		}
	case kindTotal:
		if len(v) == totalSize {
			return Total{binary.BigEndian.Uint64(v)}, nil
		}
	case kindAcks:
		if len(v) >= 4 && (len(v)-4)%ackSize == 0 {
			return parseAcks(v), nil
		}
	case kindEnd:
		if len(v) == 4 {
			return End{int32(binary.BigEndian.Uint32(v))}, nil
		}
	case kindPacked:
	default:
		return nil, nil
	}
	return nil, fmt.Errorf("%w: item %d with a value of %d bytes", ErrMalformed, kind, len(v))
}

// parseSize reads a number of columns and one of rows.
func parseSize(v []byte) (cols, rows uint16, ok bool) {
	if len(v) != sizeSize {
		return 0, 0, false
	}
	cols, rows = binary.BigEndian.Uint16(v), binary.BigEndian.Uint16(v[2:])
	return cols, rows, min(cols, rows) >= MinCells && max(cols, rows) <= MaxCells
}

func appendSize(dst []byte, cols, rows uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(dst, cols), rows)
}

// parseAcks reads an Acks whose length was checked.
func parseAcks(v []byte) Acks {
	a := Acks{Flushes: binary.BigEndian.Uint32(v)}
	for v = v[4:]; len(v) > 0; v = v[ackSize:] {
		a.Authors = append(a.Authors, Ack{
			Author:      id.Peer(v[:32]),
			Incarnation: binary.BigEndian.Uint64(v[32:]),
			Through:     binary.BigEndian.Uint64(v[40:]),
			Discarded:   binary.BigEndian.Uint64(v[48:]),
		})
	}
	return a
}

// nextItem splits the first item off b.
func nextItem(b []byte) (kind byte, value, rest []byte, err error) {
	if len(b) < ItemHeader {
		return 0, nil, nil, fmt.Errorf("%w: item cut", ErrMalformed)
	}
	end := ItemHeader + int(binary.BigEndian.Uint16(b[1:]))
	if len(b) < end {
		return 0, nil, nil, fmt.Errorf("%w: item %d cut", ErrMalformed, b[0])
	}
	return b[0], b[ItemHeader:end:end], b[end:], nil
}

// appendHead appends the head of an item whose value has n bytes.
func appendHead(dst []byte, kind byte, n int) []byte {
	if n > 0xffff {
		panic(fmt.Sprintf("envelope: item %d of %d bytes", kind, n))
	}
	return binary.BigEndian.AppendUint16(append(dst, kind), uint16(n))
}

func (o Output) appendLog(dst []byte) []byte {
	return append(appendHead(dst, kindOutput, len(o.Data)), o.Data...)
}

func (s Screen) appendLog(dst []byte) []byte {
	return append(appendHead(dst, kindScreen, len(s.Data)), s.Data...)
}

func (r Resize) appendLog(dst []byte) []byte {
	return appendSize(appendHead(dst, kindResize, sizeSize), r.Cols, r.Rows)
}

func (v View) appendLog(dst []byte) []byte {
	return append(appendHead(dst, kindView, viewSize), byte(v.History), byte(v.Sizes))
}

func (t Total) appendLog(dst []byte) []byte {
	return binary.BigEndian.AppendUint64(appendHead(dst, kindTotal, totalSize), t.Bytes)
}

func (a Acks) appendLog(dst []byte) []byte {
	dst = appendHead(dst, kindAcks, 4+len(a.Authors)*ackSize)
	dst = binary.BigEndian.AppendUint32(dst, a.Flushes)
	for _, k := range a.Authors {
		dst = append(dst, k.Author[:]...)
		dst = binary.BigEndian.AppendUint64(dst, k.Incarnation)
		dst = binary.BigEndian.AppendUint64(dst, k.Through)
		dst = binary.BigEndian.AppendUint64(dst, k.Discarded)
	}
	return dst
}

func (e End) appendLog(dst []byte) []byte {
	return binary.BigEndian.AppendUint32(appendHead(dst, kindEnd, 4), uint32(e.Status))
}
