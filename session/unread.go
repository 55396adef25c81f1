package session

import (
	"time"

	"gossterm/internal/envelope"
)

const (
	// Of a flood of lines that nobody reads the host records its screen each unreadGap,
	// each typedGap within typedFor of something that was typed, and when the output
	// pauses for unreadPause.
	unreadGap   = 100 * time.Millisecond
	typedGap    = 40 * time.Millisecond
	typedFor    = 500 * time.Millisecond
	unreadPause = 40 * time.Millisecond
	// promptMost is how many bytes a shell may print at once behind ^C.
	promptMost = 512
	// When it ends, its last lines are recorded: those behind the older of two marks that
	// are markEvery bytes apart, and the screen at that mark before them. No snapshot must
	// follow them at once, at which readers would go on.
	markEvery = 80 << 10
	// mostScreen is the largest screen, in bytes of its escape string, that this begins
	// with: there must be a snapshot of what the flood makes of it.
	mostScreen = envelope.MaxParts * envelope.MaxHostPlain / 2
)

const _ = uint(snapshotBytes - 3*markEvery)

// An unread is the output of a flood that is not recorded: its screen alone is. What is
// pending then follows the first mark.
type unread struct {
	marks   []mark // at most two; none if output is recorded
	typedAt time.Time
}

// A mark is the screen after some output.
type mark struct {
	at     int    // bytes of pending output before it
	total  uint64 // bytes of output before it
	screen []byte
}

// on reports whether output is left out.
func (u *unread) on() bool { return len(u.marks) > 0 }

// passes decides, before the model has what was printed at now, whether it is left out.
func (h *HostCore) passes(now time.Time) bool {
	switch {
	case h.unread.on():
		if h.flood.unread(now) || !h.readOn(now) {
			h.mark()
		}
	case h.flood.gathers() && h.flood.unread(now):
		if m := h.newMark(); len(m.screen) <= mostScreen {
			h.unread.marks = append(h.unread.marks, m)
		}
	}
	return h.unread.on()
}

// newMark returns a mark behind all output.
func (h *HostCore) newMark() mark {
	return mark{len(h.pending), h.stats.OutputBytes, h.screen.Snapshot()}
}

// mark notes the screen if the last mark is far enough behind, and forgets what is before
// the second last.
func (h *HostCore) mark() {
	u := &h.unread
	if len(h.pending)-u.marks[len(u.marks)-1].at < markEvery {
		return
	}
	u.marks = append(u.marks, h.newMark())
	if len(u.marks) <= 2 {
		return
	}
	h.forget(u.marks[1].at)
	u.marks = append(u.marks[:0], u.marks[1:]...)
}

// forget drops the first n bytes of pending output.
func (h *HostCore) forget(n int) {
	h.stats.UnreadBytes += uint64(n)
	h.pending = h.pending[:copy(h.pending, h.pending[n:])]
	for i := range h.unread.marks {
		h.unread.marks[i].at -= n
	}
}

// remark forgets all that was left out until now: it is for a screen of another size, or
// somebody has stopped it, or is not to see it.
func (h *HostCore) remark() {
	if h.unread.on() {
		h.forget(len(h.pending))
		h.unread.marks = append(h.unread.marks[:0], h.newMark())
	}
}

// dueUnread returns when the screen is recorded next, after n bytes of output: after a
// while, or a short pause; soon if it may be the prompt that somebody waits for who has
// stopped the flood.
func (h *HostCore) dueUnread(now time.Time, n int) time.Time {
	if !h.fresh.due.IsZero() && n <= promptMost {
		return later(now, h.lastSnap.Add(freshAfter))
	}
	gap := unreadGap
	if now.Sub(h.unread.typedAt) < typedFor {
		gap = typedGap
	}
	return earlier(later(now, h.lastSnap.Add(gap)), h.lastOutput.Add(unreadPause))
}

// flushUnread records the screen, or goes back to recording output if the flood is over.
func (h *HostCore) flushUnread(now time.Time) {
	if over := h.lastOutput.Add(floodRest); now.Before(over) {
		h.snapshot(now)
		h.outputDue = over
		return
	}
	h.outputDue = time.Time{}
	h.readOn(now)
}

// readOn goes back to recording output, from a mark before the last lines of the flood, or
// from here if that would be too large. It reports false if there is no snapshot that
// readers could begin at.
func (h *HostCore) readOn(now time.Time) bool {
	from := h.unread.marks[0]
	if h.recordScreen(now, from) == 0 {
		from = h.newMark()
		if h.recordScreen(now, from) == 0 {
			return false
		}
	}
	h.forget(from.at)
	h.unread.marks = nil
	h.lastOutput = now // the next snapshot is a pause away
	h.flushOutput(now)
	h.newcomerDue = now.Add(snapshotPause) // that one has a history
	return true
}
