package envelope

import (
	"encoding/binary"
	"fmt"
)

// A Typing is the plaintext of one record of a member's log (PROTOCOL.md §5.2).
type Typing struct {
	Flushes uint32 // the host's count as the author knew it, §6.3
	Items   []InputItem
}

// An InputItem is one thing that was typed: Typed, Paste, Key, Mouse, Focus or
// Size.
type InputItem interface{ appendInput(dst []byte) []byte }

// Typed is bytes as they are typed.
type Typed struct{ Data []byte }

// Paste is a piece of a paste.
type Paste struct {
	First, Last bool // whether the paste begins, and ends, with this piece
	Data        []byte
}

// Key is a key of the legacy form CSI Number ; Modifiers Final, as xterm counts
// modifiers.
type Key struct {
	Final     byte // from '@' to '~'
	Number    uint16
	Modifiers uint8
}

// Mouse is a report of the mouse. Button is SGR's number; Col and Row are in
// cells from 0.
type Mouse struct {
	Button, Col, Row uint16
	Release          bool
}

// Focus says that the author's terminal got the focus, or lost it.
type Focus struct{ In bool }

// Size says the size of the author's own terminal in cells. It types nothing.
type Size struct{ Cols, Rows uint16 }

const (
	kindTyped = 0
	kindPaste = 1
	kindKey   = 2
	kindMouse = 3
	kindFocus = 4
	kindSize  = 5

	pasteFirst = 1
	pasteLast  = 2
)

// InputSize returns how many of the [MaxInputItems] bytes of a record it takes.
func InputSize(it InputItem) int { return len(it.appendInput(nil)) }

// Append appends t as a plaintext, padded so that its length tells little. Items
// of more than [MaxInputItems] bytes are a fault of the caller.
func (t Typing) Append(dst []byte) []byte {
	start := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, t.Flushes)
	for _, it := range t.Items {
		dst = it.appendInput(dst)
	}
	if n := len(dst) - start - flushSize; n > MaxInputItems {
		panic(fmt.Sprintf("envelope: %d bytes of input items", n))
	}
	for (len(dst)-start)%padding != 0 {
		dst = append(dst, padByte)
	}
	return dst
}

// ParseTyping reads the plaintext of a record of a member's log. It fails with
// ErrMalformed, also for an item of an unknown kind: what cannot be typed whole is
// not typed in part. The items refer to b.
func ParseTyping(b []byte) (Typing, error) {
	if len(b) < flushSize || len(b)%padding != 0 || len(b) > maxInputPlain {
		return Typing{}, fmt.Errorf("%w: plaintext of %d bytes", ErrMalformed, len(b))
	}
	t := Typing{Flushes: binary.BigEndian.Uint32(b)}
	b = b[flushSize:]
	size := len(b)
	for len(b) > 0 && b[0] != padByte {
		kind, value, rest, err := nextItem(b)
		if err != nil {
			return Typing{}, err
		}
		it, ok := parseInputItem(kind, value)
		if !ok {
			return Typing{}, fmt.Errorf("%w: input item %d with a value of %d bytes", ErrMalformed, kind, len(value))
		}
		t.Items, b = append(t.Items, it), rest
	}
	if size-len(b) > MaxInputItems || !padded(b) {
		return Typing{}, fmt.Errorf("%w: %d bytes of items, %d of padding", ErrMalformed, size-len(b), len(b))
	}
	return t, nil
}

// padded reports whether b is what Append pads with: no more than it needs.
func padded(b []byte) bool {
	for _, c := range b {
		if c != padByte {
			return false
		}
	}
	return len(b) < padding
}

func parseInputItem(kind byte, v []byte) (it InputItem, ok bool) {
	switch {
	case kind == kindTyped:
		return Typed{v}, true
	case kind == kindPaste && len(v) >= 1 && v[0] <= pasteFirst|pasteLast:
		return Paste{First: v[0]&pasteFirst != 0, Last: v[0]&pasteLast != 0, Data: v[1:]}, true
	case kind == kindKey && len(v) == 4 && v[0] >= '@' && v[0] <= '~':
		return Key{Final: v[0], Number: binary.BigEndian.Uint16(v[1:]), Modifiers: v[3]}, true
	case kind == kindMouse && len(v) == 7 && v[6] <= 1:
		return Mouse{
			Button:  binary.BigEndian.Uint16(v),
			Col:     binary.BigEndian.Uint16(v[2:]),
			Row:     binary.BigEndian.Uint16(v[4:]),
			Release: v[6] == 1,
		}, true
	case kind == kindFocus && len(v) == 1 && v[0] <= 1:
		return Focus{In: v[0] == 1}, true
	case kind == kindSize:
		if cols, rows, ok := parseSize(v); ok {
			return Size{cols, rows}, true
		}
	}
	return nil, false
}

func (t Typed) appendInput(dst []byte) []byte {
	return append(appendHead(dst, kindTyped, len(t.Data)), t.Data...)
}

func (p Paste) appendInput(dst []byte) []byte {
	dst = append(appendHead(dst, kindPaste, 1+len(p.Data)), flag(p.First, pasteFirst)|flag(p.Last, pasteLast))
	return append(dst, p.Data...)
}

func (k Key) appendInput(dst []byte) []byte {
	dst = append(appendHead(dst, kindKey, 4), k.Final)
	return append(binary.BigEndian.AppendUint16(dst, k.Number), k.Modifiers)
}

func (m Mouse) appendInput(dst []byte) []byte {
	dst = appendHead(dst, kindMouse, 7)
	dst = binary.BigEndian.AppendUint16(dst, m.Button)
	dst = binary.BigEndian.AppendUint16(dst, m.Col)
	dst = binary.BigEndian.AppendUint16(dst, m.Row)
	return append(dst, flag(m.Release, 1))
}

func (f Focus) appendInput(dst []byte) []byte {
	return append(appendHead(dst, kindFocus, 1), flag(f.In, 1))
}

// flag returns bit if on, else 0.
func flag(on bool, bit byte) byte {
	if on {
		return bit
	}
	return 0
}

func (s Size) appendInput(dst []byte) []byte {
	return appendSize(appendHead(dst, kindSize, sizeSize), s.Cols, s.Rows)
}
