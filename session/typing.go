package session

import (
	"time"

	"gossterm/dedup"
	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

// input offers one record to its author's window.
func (h *HostCore) input(now time.Time, in Input) {
	h.stats.Offered++
	a := h.find(in.Author, in.Incarnation)
	if a == nil || a.barred {
		h.stats.Barred++
		h.do(Note{What: "may not type", Author: in.Author, Incarnation: in.Incarnation, Seq: in.Seq})
		return
	}
	if _, err := envelope.ParseTyping(in.Plain); err != nil {
		h.stats.Malformed++
		h.note("malformed", a, in.Seq)
		in.Plain = nil // it has its place in the order, and is discarded when its turn comes
	}
	v := a.window.Admit(in.Seq, in.Plain)
	switch v {
	case dedup.Held:
		h.stats.Held++
	case dedup.TooFar:
		h.stats.TooFar++
	case dedup.Seen:
		h.stats.Seen++
		if in.Seq <= a.through { // its ack may have been lost
			h.ackSoon(now, a)
		}
	}
	h.note(v.String(), a, in.Seq)
	h.admit(now, a)
}

// admit queues what is next in a's window while there is room. What will be
// discarded anyway is so at once if nothing is before it: its author must learn
// of it even while the shell takes nothing. An interrupt cannot wait for a full
// shell either.
func (h *HostCore) admit(now time.Time, a *author) {
	for len(a.queue) < queueRecords {
		f, ok := a.window.Next()
		if !ok {
			return
		}
		h.stats.Admitted++
		h.note("admitted", a, f.Seq())
		h.sized(now, a, f.Peek())
		if len(a.queue) == 0 && h.writer != a && a.mayNotBeTyped(&f) {
			h.discard(now, a, f.Seq())
			continue
		}
		q := queued{f, mayInterrupt(f.Peek())}
		a.queue = append(a.queue, q)
		if q.stops && h.full {
			h.ask()
		}
	}
}

// ask asks for the terminal's modes, once at a time.
func (h *HostCore) ask() {
	if !h.asked {
		h.asked = true
		h.do(AskModes{})
	}
}

// typeNext gives the shell the next thing to type, if it can take one now: a reply
// of the terminal first, then the authors in turn, one record each.
func (h *HostCore) typeNext(now time.Time) {
	for !h.full && !h.inFlight && !h.asked && !h.ended {
		if len(h.writing) == 0 && !h.next(now) {
			return
		}
		if len(h.writing) == 0 { // a record that types nothing
			h.written(now)
			continue
		}
		h.inFlight = true
		h.do(Type{typed{h.writing}})
	}
}

// next takes the next thing to type into writing and reports whether there was one.
func (h *HostCore) next(now time.Time) bool {
	if len(h.replies) > 0 {
		h.writing = typedReply(h.replies[0]).bytes
		h.replies = h.replies[1:]
		h.writer, h.writeSeq = nil, 0
		return true
	}
	for range h.authors {
		if h.turn++; h.turn >= len(h.authors) {
			h.turn = 0
		}
		a := h.authors[h.turn]
		for len(a.queue) > 0 {
			if q := &a.queue[0]; q.stops && !a.mayNotBeTyped(&q.Fresh) {
				q.stops = false
				h.turn-- // it is still a's
				h.ask()
				return false
			}
			f := a.pop()
			if a.mayNotBeTyped(&f) {
				h.discard(now, a, f.Seq())
				h.admit(now, a)
				continue
			}
			h.writer, h.writeSeq = a, f.Seq()
			h.writing = h.typedInput(&f).bytes
			h.admit(now, a)
			return true
		}
	}
	return false
}

// typedInput takes an admitted record and encodes it for the program by the
// modes it asked for. What has not passed a window cannot get here, and a Fresh
// that was taken is empty.
func (h *HostCore) typedInput(f *dedup.Fresh) typed {
	t, _ := envelope.ParseTyping(f.Take()) // valid since it was offered
	return h.encoded(t.Items)
}

// encoded returns what the program is to read for items. What has the shape of a
// terminal's answer, however it is put together of them, is nothing that anybody typed:
// the model alone answers queries (PROTOCOL.md §5.2). The reports that a program asked
// for have that shape as well, and are the model's own.
func (h *HostCore) encoded(items []envelope.InputItem) typed {
	var b []byte
	from := 0 // where what was typed since the last report begins
	for _, it := range items {
		if report := h.report(it); len(report) > 0 {
			b = append(append(b[:from], screen.StripReplies(b[from:])...), report...)
			from = len(b)
			continue
		}
		b = h.encode(b, it)
	}
	return typed{append(b[:from], screen.StripReplies(b[from:])...)}
}

// wrote goes on after the shell took n bytes of what it was given.
func (h *HostCore) wrote(now time.Time, n int) {
	h.inFlight = false
	n = min(max(n, 0), len(h.writing))
	h.stats.TypedBytes += uint64(n)
	h.writing = h.writing[n:]
	if len(h.writing) == 0 {
		h.written(now)
		return
	}
	h.full = true
	for _, a := range h.authors {
		if a.stops() {
			h.ask()
		}
	}
}

// written settles the record whose last byte the shell has taken.
func (h *HostCore) written(now time.Time) {
	if a := h.writer; a != nil {
		h.unread.typedAt = now
		h.stats.Typed++
		h.note("typed", a, h.writeSeq)
		a.settle(h.writeSeq, false)
		h.ackSoon(now, a)
	}
	h.writer, h.writeSeq, h.writing = nil, 0, nil
}

// discard settles a record of a as not typed.
func (h *HostCore) discard(now time.Time, a *author, seq uint64) {
	h.stats.Discarded++
	h.note("discarded", a, seq)
	a.settle(seq, true)
	h.ackSoon(now, a)
}
