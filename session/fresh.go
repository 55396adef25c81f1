package session

import "time"

const (
	// freshAfter is how long no output follows an interrupt before a snapshot shows
	// everybody what it has led to; freshMost is when one does although output goes on,
	// or none comes.
	freshAfter = time.Millisecond
	freshMost  = 100 * time.Millisecond
)

// A freshness is what an interrupt of a flood asks for. What was printed before it
// and is still on its way to a member who is behind is of no use to anybody: it
// is thrown away, and the member goes on at a snapshot of what there is after the
// interrupt.
type freshness struct {
	due  time.Time // of the snapshot, zero if none is due
	last time.Time // when it is due however much is printed
}

// stopped begins to wait for what an interrupt leads to, if there is a flood to stop. What
// was left out of that is forgotten.
func (h *HostCore) stopped(now time.Time) {
	h.remark()
	flood := h.sinceSnap > snapshotPauseBytes || now.Before(h.lastSnap.Add(snapshotPause))
	if !flood || !h.fresh.due.IsZero() {
		return
	}
	h.fresh.last = now.Add(freshMost)
	h.fresh.due = h.fresh.last
	h.do(Stale{})
}

// printed puts the snapshot off: there is output still.
func (f *freshness) printed(now time.Time) {
	if !f.due.IsZero() {
		f.due = earlier(f.last, now.Add(freshAfter))
	}
}

// freshDue records the snapshot.
func (h *HostCore) freshDue(now time.Time) {
	if due(now, h.fresh.due) {
		h.fresh.due = time.Time{}
		h.snapshot(now)
		h.do(Fresh{})
	}
}
