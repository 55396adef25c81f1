package screen

import "unicode/utf8"

const (
	pasteBegin = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
	mark       = "[201~" // pasteEnd without its ESC
)

// paste is a paste under way, which may come in many chunks.
type paste struct {
	open      bool
	bracketed bool   // decided at its first chunk
	part      []byte // of a character
	cr        bool   // the last was CR, so LF belongs to it

	// An ESC or CSI was taken out. What follows it is held back as long as it
	// may be the rest of an end mark: mark[from:held].
	holding    bool
	from, held int
}

// EncodePaste returns what the program gets to read for a chunk of a paste; first
// and last say which chunk it is. If the program asked for it (mode 2004) the
// whole is bracketed, and then nothing inside can end it: ESC and the C1 controls
// are taken out, with the rest of an end mark, wherever it was cut. Newlines
// become CR, as the key sends.
func (s *Screen) EncodePaste(b []byte, first, last bool) []byte {
	p := &s.paste
	out := make([]byte, 0, len(b)+len(pasteBegin)+len(pasteEnd))
	if first && p.open {
		out = p.finish(out) // the end of the one before never came
	}
	if !p.open {
		*p = paste{open: true, bracketed: s.modes.has(modePaste)}
		if p.bracketed {
			out = append(out, pasteBegin...)
		}
	}
	for _, c := range b {
		out = p.add(out, c)
	}
	if last {
		out = p.finish(out)
	}
	return out
}

func (p *paste) finish(out []byte) []byte {
	for _, c := range p.part { // never completed
		out = p.addRune(out, utf8.RuneError, c)
	}
	out = p.flush(out)
	if p.bracketed {
		out = append(out, pasteEnd...)
	}
	*p = paste{}
	return out
}

// add takes one byte and appends the characters that are complete with it.
func (p *paste) add(out []byte, c byte) []byte {
	p.part = append(p.part, c)
	for len(p.part) > 0 && utf8.FullRune(p.part) {
		r, n := utf8.DecodeRune(p.part)
		out = p.addRune(out, r, p.part[:n]...)
		p.part = append(p.part[:0], p.part[n:]...)
	}
	return out
}

// addRune appends the character r, whose bytes are b, unless it is taken out.
func (p *paste) addRune(out []byte, r rune, b ...byte) []byte {
	if p.bracketed {
		stray := r == utf8.RuneError && len(b) == 1 // a byte that is no character
		switch {
		case r == 0x9b || stray && b[0] == 0x9b:
			return p.hold(out, 1) // it stands for ESC [
		case r == esc || r >= 0x80 && r < 0xa0 || stray && b[0] < 0xa0:
			return p.hold(out, 0)
		case p.match(r):
			return out
		}
		out = p.flush(out)
	}
	cr := p.cr
	p.cr = r == '\r'
	if r == '\n' {
		if cr {
			return out
		}
		return append(out, '\r')
	}
	return append(out, b...)
}

// hold starts to hold back what may be the rest of an end mark, from there on.
func (p *paste) hold(out []byte, from int) []byte {
	out = p.flush(out)
	p.holding, p.from, p.held = true, from, from
	return out
}

// match reports whether r goes on the mark that is held. A complete one is gone.
func (p *paste) match(r rune) bool {
	if !p.holding || r != rune(mark[p.held]) {
		return false
	}
	p.held++
	p.holding = p.held < len(mark)
	return true
}

// flush appends what was held and turned out to be no mark.
func (p *paste) flush(out []byte) []byte {
	if p.holding {
		p.holding = false
		out = append(out, mark[p.from:p.held]...)
	}
	return out
}
