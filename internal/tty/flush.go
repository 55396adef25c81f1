package tty

// FlushInput throws away what was typed and not emitted yet, in the terminal and
// in the reader, but for the one event that emit may have in hand. A paste whose
// beginning was emitted ends; what still comes of it is dropped. Without input it
// does nothing.
func (t *Terminal) FlushInput() error {
	if !t.input {
		return nil
	}
	t.readerMu.Lock()
	defer t.readerMu.Unlock()
	if t.reader == nil {
		return t.flushQueue()
	}
	return t.reader.flush()
}

// setReader says who is to be told of a flush.
func (t *Terminal) setReader(r *reader) {
	t.readerMu.Lock()
	defer t.readerMu.Unlock()
	t.reader = r
}

// Forget drops what is under way, as what came so far is not wanted any more: a
// character, a key, an escape character held back. Of a paste under way the rest
// is dropped when it comes; no event ends it. A terminal's answer is dropped
// anyway.
func (d *Decoder) Forget() {
	d.escaped = false
	switch d.state {
	case pasting:
		d.paste.skip = true
		d.paste.buf = nil
	case reply, replyESC:
	default:
		d.held = d.held[:0]
		d.state = ground
	}
}
