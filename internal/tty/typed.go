package tty

import "strings"

// typeHeld types what is held: a character, one with Alt, or a sequence that
// is nothing else. It is one unit: no event's end cuts it.
func (d *Decoder) typeHeld() {
	unit := d.held
	if len(unit) == 0 {
		return
	}
	d.held = d.held[:0]
	if d.command(unit) {
		return
	}
	d.addText(unit)
	last := unit[len(unit)-1]
	d.lineStart = last == '\r' || last == '\n'
}

// command handles the escape character and the key after it. It reports
// whether unit was one of these and must not be typed.
func (d *Decoder) command(unit []byte) bool {
	if d.opt.Escape == 0 {
		return false
	}
	single := len(unit) == 1
	switch {
	case !d.escaped:
		d.escaped = d.lineStart && single && unit[0] == d.opt.Escape
		return d.escaped
	case single && unit[0] == d.opt.Escape: // twice: typed once
		d.escaped = false
		return false
	case single && strings.IndexByte(d.opt.Commands, unit[0]) >= 0:
		d.escaped = false
		d.emit(Command{Key: unit[0]}) // the line has still not begun
		return true
	}
	d.releaseEscape()
	return false
}

// releaseEscape types an escape character held back for a command that did not come.
func (d *Decoder) releaseEscape() {
	if d.escaped {
		d.escaped = false
		d.addText([]byte{d.opt.Escape})
	}
}

// pans are the arrow keys as directions.
var pans = map[byte]Pan{'A': {DY: -1}, 'B': {DY: 1}, 'C': {DX: 1}, 'D': {DX: -1}}

// key makes an event of a key. An arrow alone after the escape character pans.
func (d *Decoder) key(k Key) {
	if pan, ok := pans[k.Final]; ok && k.Mod == 0 && d.escaped {
		d.escaped = false
		d.emit(pan) // the line has still not begun
		return
	}
	if c, ok := k.control(); ok && d.command([]byte{c}) {
		return
	}
	d.releaseEscape()
	d.lineStart = false
	d.emit(k)
}

// emit makes an event of something other than text, after the text before it.
func (d *Decoder) emit(ev Event) {
	d.flushText()
	d.out = append(d.out, ev)
}

// addText adds a unit to the text, in a new event if it is too much for one.
func (d *Decoder) addText(unit []byte) {
	if len(d.text)+len(unit) > MaxBytes {
		d.flushText()
	}
	d.text = append(d.text, unit...)
}

// flushText makes an event of the text so far.
func (d *Decoder) flushText() {
	if len(d.text) > 0 {
		d.out = append(d.out, Typed{Bytes: append([]byte{}, d.text...)})
		d.text = d.text[:0]
	}
}
