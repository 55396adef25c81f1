package session

import (
	"time"

	"gossterm/dedup"
	"gossterm/internal/envelope"
)

// modes looks for an interrupt among what is queued, now that it is known which
// keys are one. If the shell reads nothing, all input makes way for it.
func (h *HostCore) modes(now time.Time, m Modes) {
	h.asked = false
	if m.Signals && h.signalNext(m) {
		h.stopped(now)
	}
	if !m.Signals || !h.full && m.Unread < unreadFull {
		return
	}
	for _, a := range h.authors {
		for i := len(a.queue) - 1; i >= 0; i-- {
			if sig, rest := h.interruptIn(a.queue[i].Peek(), m); sig != 0 {
				h.interrupt(now, a, i, sig, rest)
				return
			}
		}
	}
}

// signalNext reports whether the record that is typed next makes a signal.
func (h *HostCore) signalNext(m Modes) bool {
	for _, a := range h.authors {
		if len(a.queue) == 0 || a.queue[0].stops {
			continue
		}
		if sig, _ := h.interruptIn(a.queue[0].Peek(), m); sig != 0 {
			return true
		}
	}
	return false
}

// interrupt throws away all queued input up to the i-th record of a, which holds
// the key, and sends the signal. What a typed after that key is kept.
func (h *HostCore) interrupt(now time.Time, by *author, i int, sig Signal, rest []envelope.InputItem) {
	h.stats.Interrupts++
	h.stopped(now)
	h.flushes++
	h.dropWriting(now, by)
	h.screen.EncodePaste(nil, false, true) // a paste under way ends here: its rest is thrown away
	for _, a := range h.authors {
		n := len(a.queue)
		if a == by {
			n = i
		} else if n > 0 || a.window.Bytes() > 0 {
			a.mustKnow = h.flushes
		}
		for range n {
			f := a.pop()
			h.discard(now, a, f.Seq())
		}
		h.ackSoon(now, a)
	}
	f := by.pop()
	h.do(Interrupt{Signal: sig})
	h.full = false
	h.writer, h.writeSeq = by, f.Seq()
	h.writing = h.typedRest(&f, rest).bytes
	for _, a := range h.authors {
		h.admit(now, a)
	}
	if len(h.writing) == 0 {
		h.written(now)
	}
}

// typedRest takes an admitted record of which only rest, a part of it, is typed.
func (h *HostCore) typedRest(f *dedup.Fresh, rest []envelope.InputItem) typed {
	f.Take()
	return h.encoded(rest)
}

// dropWriting settles the record that the shell took a part of as discarded.
func (h *HostCore) dropWriting(now time.Time, by *author) {
	if a := h.writer; a != nil {
		if a != by {
			a.mustKnow = h.flushes
		}
		h.discard(now, a, h.writeSeq)
	}
	h.writer, h.writeSeq, h.writing = nil, 0, nil
}
