package tty

import (
	"time"
	"unicode/utf8"
)

const (
	// A terminal sends a sequence at once, a person does not: what follows an
	// ESC later than this was typed apart. More is allowed within a sequence,
	// which a slow line may cut.
	escapeDelay   = 10 * time.Millisecond
	sequenceDelay = 50 * time.Millisecond

	// pasteDelay ends a paste whose end was lost.
	pasteDelay = 5 * time.Second

	maxSequence = 64       // bytes of a control sequence; a longer one is typed
	maxString   = 64 << 10 // bytes of a terminal's reply; the rest is typed
)

// A Decoder turns what a terminal sends into events. It reads no clock: the
// caller says when bytes came, and ticks when Deadline passes without any.
//
//	ground --ESC--> escape --[--> sequence --final--> Key, Mouse, Focus, nothing
//	   |               |---O--> single ------------> Key        \--200~--> paste
//	   |               |---] P _--> reply --ST--> nothing
//	   +-- text, and what turns out to be none of these --> Typed
//
// A decoder serves one terminal from its start. What it holds back is bounded
// by MaxBytes.
type Decoder struct {
	opt Options

	state state
	held  []byte    // the character or sequence under way, to be typed if it is none
	due   time.Time // when that, the reply or the paste is given up; zero if none
	reply int       // bytes of the reply so far
	paste paste

	lineStart bool // the escape character would be one
	escaped   bool // it was typed and is held back until the next key

	text []byte // typed, not yet in an event
	out  []Event
}

type state uint8

const (
	ground   state = iota
	escape         // ESC
	single         // ESC O
	sequence       // ESC [
	x10            // ESC [ M, the old mouse report: three bytes follow
	opening        // ESC ] P or _, which may be a key with Alt
	reply          // in the terminal's answer to something
	replyESC       // ESC in it: its end or the next sequence
	pasting
)

// NewDecoder returns a decoder for a terminal at the start of a line.
func NewDecoder(opt Options) *Decoder {
	if opt.Commands == "" {
		opt.Commands = defaultCommands
	}
	return &Decoder{opt: opt, lineStart: true}
}

// Feed decodes p, which came at now, and returns the events it completes. It
// gives nothing up: bytes that waited while the caller was busy stay together.
func (d *Decoder) Feed(now time.Time, p []byte) []Event {
	d.out = nil
	for _, b := range p {
		d.byte(b)
	}
	d.flushPaste()
	d.flushText()
	if len(p) > 0 {
		d.setDue(now)
	}
	return d.out
}

// Deadline reports when Tick must be called if no bytes come before.
func (d *Decoder) Deadline() (time.Time, bool) { return d.due, !d.due.IsZero() }

// Tick gives up what is overdue at now and returns the events that makes. A
// lone ESC is typed, a cut sequence too; a cut reply is dropped; a paste ends.
func (d *Decoder) Tick(now time.Time) []Event {
	d.out = nil
	if d.due.IsZero() || now.Before(d.due) {
		return nil
	}
	d.due = time.Time{}
	if d.state == pasting {
		d.endPaste()
	} else {
		d.typeHeld()
	}
	d.state = ground
	d.flushText()
	return d.out
}

// setDue sets the deadline for what is under way after bytes came at now.
func (d *Decoder) setDue(now time.Time) {
	switch {
	case d.state == pasting:
		d.due = now.Add(pasteDelay)
	case d.state == escape:
		d.due = now.Add(escapeDelay)
	case d.state != ground || len(d.held) > 0:
		d.due = now.Add(sequenceDelay)
	default:
		d.due = time.Time{}
	}
}

// byte takes one byte in the present state.
func (d *Decoder) byte(b byte) {
	switch d.state {
	case ground:
		d.ground(b)
	case escape:
		d.escape(b)
	case single:
		d.single(b)
	case sequence:
		d.sequence(b)
	case x10:
		d.x10(b)
	case opening:
		d.opening(b)
	case reply:
		d.inReply(b)
	case replyESC:
		d.afterReplyESC(b)
	case pasting:
		d.pasteByte(b)
	}
}

// ground takes a byte of text; a character is typed when it is complete. An
// ESC held before it makes it Alt with that character.
func (d *Decoder) ground(b byte) {
	if b == esc {
		d.typeHeld()
		d.held = append(d.held, b)
		d.state = escape
		return
	}
	d.held = append(d.held, b)
	char := d.held
	if char[0] == esc {
		char = char[1:]
	}
	if !utf8.FullRune(char) {
		return
	}
	if _, n := utf8.DecodeRune(char); n == len(char) {
		d.typeHeld()
		return
	}
	// Not UTF-8: what was held is typed as it is, and b begins anew.
	d.held = d.held[:len(d.held)-1]
	d.typeHeld()
	d.ground(b)
}

// escape takes the byte after an ESC.
func (d *Decoder) escape(b byte) {
	switch b {
	case esc: // the first was a key
		d.typeHeld()
		d.held = append(d.held, b)
		return
	case '[':
		d.state = sequence
	case 'O':
		d.state = single
	case ']', 'P', '_':
		d.state = opening
	default: // Alt with a character
		d.state = ground
		d.ground(b)
		return
	}
	d.held = append(d.held, b)
}

// single takes the byte after ESC O.
func (d *Decoder) single(b byte) {
	d.state = ground
	switch {
	case b < '!' || b > '~': // Alt-O, and this
		d.typeHeld()
		d.ground(b)
	case singleKey(b):
		d.held = d.held[:0]
		d.key(Key{Final: b})
	default: // such as a key of the keypad
		d.held = append(d.held, b)
		d.typeHeld()
	}
}

// sequence takes a byte after ESC [.
func (d *Decoder) sequence(b byte) {
	switch {
	case b < ' ' || b > '~' || len(d.held) == maxSequence: // no sequence after all
		d.state = ground
		d.typeHeld()
		d.ground(b)
	case b < '@' || (len(d.held) == 2 && b == '['): // ESC [ [ A to E: F1 to F5 of the Linux console
		d.held = append(d.held, b)
	default:
		d.held = append(d.held, b)
		d.control()
	}
}

// x10 takes a byte of an old mouse report: button, column, row, each plus 32.
// Button 3 is a release, unless with the bits for motion or wheel.
func (d *Decoder) x10(b byte) {
	const prefix, length, bias = 3, 6, 32
	d.held = append(d.held, b)
	if len(d.held) < length {
		return
	}
	m := Mouse{
		Button:  uint16(max(d.held[prefix], bias) - bias),
		X:       int(max(d.held[prefix+1], bias+1) - bias),
		Y:       int(max(d.held[prefix+2], bias+1) - bias),
		Release: d.held[prefix]&3 == 3 && d.held[prefix] < bias+bias,
	}
	d.held = d.held[:0]
	d.state = ground
	d.emit(m)
}
