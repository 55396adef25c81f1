package tty

import "strings"

// A terminal answers some questions with a string: ESC ] for colours and the
// clipboard, ESC P for settings, ESC _ for graphics, up to ESC \ or BEL. The
// same beginnings are typed with Alt, so the next byte decides.
var replyBegins = map[byte]string{
	']': "0123456789lL",
	'P': "0123456789>!+$|",
	'_': "G",
}

const (
	bel = 0x07
	can = 0x18
	sub = 0x1a
)

// opening takes the byte after ESC ], ESC P or ESC _.
func (d *Decoder) opening(b byte) {
	if strings.IndexByte(replyBegins[d.held[1]], b) < 0 {
		d.state = ground
		d.typeHeld()
		d.ground(b)
		return
	}
	d.held = d.held[:0]
	d.state, d.reply = reply, 1
}

// inReply drops a byte of a reply.
func (d *Decoder) inReply(b byte) {
	d.reply++
	switch {
	case b == esc:
		d.state = replyESC
	case b == bel, b == can, b == sub, d.reply > maxString:
		d.state = ground
	}
}

// afterReplyESC takes the byte after an ESC in a reply: its end, or of another
// sequence, which cuts the reply off.
func (d *Decoder) afterReplyESC(b byte) {
	d.state = ground
	if b == '\\' {
		return
	}
	d.held = append(d.held, esc)
	d.state = escape
	d.escape(b)
}
