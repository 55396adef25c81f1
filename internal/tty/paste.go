package tty

import "unicode/utf8"

// pasteEnd is what a terminal sends after a paste (mode 2004).
const pasteEnd = "\x1b[201~"

// A paste is a bracketed paste under way.
type paste struct {
	buf     []byte // not yet in an event
	matched int    // how much of pasteEnd has come
	begun   bool   // an event with First was made
	skip    bool   // it makes no events any more
}

// beginPaste starts a paste. It is no place for the escape character.
func (d *Decoder) beginPaste() {
	d.releaseEscape()
	d.lineStart = false
	d.flushText()
	d.paste = paste{}
	d.state = pasting
}

// pasteByte takes a byte of a paste or of its end.
func (d *Decoder) pasteByte(b byte) {
	p := &d.paste
	if b == pasteEnd[p.matched] {
		if p.matched++; p.matched == len(pasteEnd) {
			d.endPaste()
		}
		return
	}
	// Not the end. An ESC is dropped; what followed it is text; b may be the
	// ESC of the end.
	if p.matched > 0 {
		for _, c := range []byte(pasteEnd[1:p.matched]) {
			d.pasteText(c)
		}
		p.matched = 0
	}
	if b == esc {
		p.matched = 1
		return
	}
	d.pasteText(b)
}

// pasteText adds a byte and makes an event of what would get too long. A C1
// control, U+0080 to U+009F, is taken out when complete.
func (d *Decoder) pasteText(b byte) {
	p := &d.paste
	if p.skip {
		return
	}
	p.buf = append(p.buf, b)
	if n := len(p.buf); n >= 2 && p.buf[n-2] == 0xc2 && b >= 0x80 && b <= 0x9f {
		p.buf = p.buf[:n-2]
	}
	if len(p.buf) == MaxBytes {
		d.flushPaste()
	}
}

// flushPaste makes an event of the paste so far, but for a cut character.
func (d *Decoder) flushPaste() {
	if d.state == pasting {
		d.emitPaste(wholeRunes(d.paste.buf), false)
	}
}

// endPaste makes the last event of a paste.
func (d *Decoder) endPaste() {
	d.emitPaste(len(d.paste.buf), true)
	d.state = ground
}

// emitPaste makes an event of the first n bytes; none if that says nothing.
func (d *Decoder) emitPaste(n int, last bool) {
	p := &d.paste
	if p.skip || n == 0 && !last {
		return
	}
	d.out = append(d.out, Paste{Bytes: append([]byte{}, p.buf[:n]...), First: !p.begun, Last: last})
	p.buf = append(p.buf[:0], p.buf[n:]...)
	p.begun = true
}

// wholeRunes gives the length of b without a UTF-8 character cut at its end.
func wholeRunes(b []byte) int {
	for i := len(b) - 1; i >= 0 && i > len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return i
			}
			break
		}
	}
	return len(b)
}
