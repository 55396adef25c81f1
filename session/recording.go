package session

import (
	"bytes"
	"time"

	"gossterm/internal/envelope"
)

// output feeds the model, queues its answers and records the bytes: at once if
// the last record is a while ago, else gathered with what follows.
func (h *HostCore) output(now time.Time, b []byte) {
	h.flood.printed(now, b)
	passed := h.passes(now)
	h.stats.OutputBytes += uint64(len(b))
	h.screen.Write(b)
	for _, r := range h.screen.TakeReplies() {
		if len(h.replies) < maxReplies {
			h.replies = append(h.replies, r)
		}
	}
	h.pending = append(h.pending, b...)
	h.lastOutput = now
	h.fresh.printed(now)
	switch {
	case passed:
		h.outputDue = h.dueUnread(now, len(b))
		return
	case !h.fresh.due.IsZero(): // whoever interrupted waits for it
		h.outputDue = now
	case h.outputDue.IsZero():
		h.outputDue = later(now, h.lastRecord.Add(h.gap()))
	}
	for len(h.pending) >= h.roomForOutput() {
		h.recordOutput(now)
	}
}

// maxReplies bounds the answers that wait for a shell which takes nothing.
const maxReplies = 256

// maxOutput is how many bytes of output a record holds beside some acks.
const maxOutput = envelope.MaxHostPlain - envelope.ItemHeader - (acksHeader + acksBeside*ackSize)

const (
	acksBeside = 8 // acks that travel with output
	acksHeader = envelope.ItemHeader + 4
	ackSize    = 56
)

// recordDue does what is due: output, acks, a snapshot.
func (h *HostCore) recordDue(now time.Time) {
	if h.ended {
		h.outputDue, h.ackDue, h.pauseDue, h.newcomerDue = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		h.resizeDue, h.fresh.due = time.Time{}, time.Time{}
		return
	}
	if due(now, h.resizeDue) {
		h.resize(now)
	}
	h.freshDue(now)
	switch {
	case !due(now, h.outputDue):
	case h.unread.on():
		h.flushUnread(now)
	default:
		h.flushOutput(now)
	}
	if due(now, h.ackDue) {
		h.flushAcks(now)
	}
	if h.sinceSnap > snapshotPauseBytes {
		h.pauseDue = h.lastOutput.Add(snapshotPause)
	}
	if h.sinceSnap >= snapshotBytes || due(now, h.pauseDue) || due(now, h.newcomerDue) {
		h.snapshot(now)
	}
}

// snapshotSoon asks for a snapshot for a newcomer.
func (h *HostCore) snapshotSoon(now time.Time) {
	h.newcomerDue = later(now, h.lastSnap.Add(snapshotGap))
}

// flushOutput records all output that is not recorded yet, or the last of it.
func (h *HostCore) flushOutput(now time.Time) {
	h.outputDue = time.Time{}
	if h.unread.on() {
		h.readOn(now)
		return
	}
	for len(h.pending) > 0 {
		h.recordOutput(now)
	}
}

// recordOutput records the first bytes of pending, and the acks that fit.
func (h *HostCore) recordOutput(now time.Time) {
	items := []envelope.LogItem{envelope.Output{}}
	if acks := h.takeAcks(acksBeside); len(acks) > 0 {
		items = append(items, envelope.Acks{Flushes: h.flushes, Authors: acks})
	}
	n := min(len(h.pending), h.roomForOutput())
	h.flood.records++
	plain := h.packOutput(n, items)
	if len(plain) > envelope.MaxHostPlain { // as much does not get short enough
		h.flood.records = 0
		n = maxOutput
		plain = h.packOutput(n, items)
	}
	h.pending = h.pending[:copy(h.pending, h.pending[n:])]
	h.sinceSnap += n
	h.record(now, bytes.Clone(plain))
}

// packOutput returns a plaintext of the first n bytes of pending in place of the first
// of items. It is valid until the next call.
func (h *HostCore) packOutput(n int, items []envelope.LogItem) []byte {
	items[0] = envelope.Output{Data: h.pending[:n]}
	return h.packer.Pack(envelope.AppendLog(make([]byte, 0, n+256), items...))
}

// record appends one record to the host's log.
func (h *HostCore) record(now time.Time, plain []byte) {
	h.seq++
	h.stats.Records++
	h.lastRecord = now
	h.do(Append{Seq: h.seq, Plain: plain})
}

// ackSoon makes sure that a's news are recorded within ackDelay.
func (h *HostCore) ackSoon(now time.Time, a *author) {
	a.dirty = true
	if h.ackDue.IsZero() {
		h.ackDue = now.Add(ackDelay)
	}
}

// takeAcks returns the news of at most n authors.
func (h *HostCore) takeAcks(n int) []envelope.Ack {
	var acks []envelope.Ack
	left := false
	for _, a := range h.authors {
		if !a.dirty {
			continue
		}
		if len(acks) == n {
			left = true
			break
		}
		a.dirty = false
		acks = append(acks, a.ack())
	}
	if !left {
		h.ackDue = time.Time{}
	}
	return acks
}

func (a *author) ack() envelope.Ack {
	return envelope.Ack{Author: a.key, Incarnation: a.incarnation, Through: a.through, Discarded: a.discarded}
}

// flushAcks records all news, alone.
func (h *HostCore) flushAcks(now time.Time) {
	for {
		acks := h.takeAcks(envelope.MaxAcks)
		if len(acks) == 0 {
			return
		}
		h.record(now, envelope.AppendLog(nil, envelope.Acks{Flushes: h.flushes, Authors: acks}))
	}
}

// snapshot records the whole screen and how far every author is settled, as a
// run of parts with nothing between them (PROTOCOL.md §5.1). A screen that takes
// more parts than a snapshot may have is left out and tried again later: who follows
// needs none, and a newcomer waits.
func (h *HostCore) snapshot(now time.Time) (size int) {
	if !h.unread.on() {
		h.flushOutput(now)
	}
	h.keepHistory(h.seq + 1)
	return h.recordScreen(now, mark{total: h.stats.OutputBytes, screen: h.screen.Snapshot()})
}

// recordScreen records a snapshot of a screen and returns its size, 0 if that is too much.
func (h *HostCore) recordScreen(now time.Time, m mark) (size int) {
	h.lastSnap, h.sinceSnap = now, 0
	h.pauseDue, h.newcomerDue = time.Time{}, time.Time{}
	acks := make([]envelope.Ack, 0, len(h.authors))
	for _, a := range h.authors {
		acks = append(acks, a.ack())
	}
	parts := snapshotParts(h.snapshotHead(m.total), h.flushes, acks, m.screen)
	if len(parts) > envelope.MaxParts {
		h.stats.TooLarge++
		h.newcomerDue = now.Add(tooLargePause)
		return 0
	}
	for _, a := range h.authors {
		a.dirty = false
	}
	h.ackDue = time.Time{}
	for i, plain := range parts {
		h.seq++
		h.stats.Records++
		size += len(plain)
		h.do(Append{Seq: h.seq, Part: uint16(i + 1), Parts: uint16(len(parts)), Plain: bytes.Clone(h.packer.Pack(plain))})
	}
	h.stats.Snapshots++
	return size
}

// snapshotHead returns what a snapshot after so many bytes of output begins with.
func (h *HostCore) snapshotHead(total uint64) []envelope.LogItem {
	return []envelope.LogItem{
		envelope.Resize{Cols: uint16(h.cols), Rows: uint16(h.rows)},
		h.view,
		envelope.Total{Bytes: total},
	}
}

// snapshotParts cuts a snapshot into records.
func snapshotParts(head []envelope.LogItem, flushes uint32, acks []envelope.Ack, screen []byte) [][]byte {
	var parts [][]byte
	part := envelope.AppendLog(nil, head...)
	// room returns how many bytes the part has left for items, beginning another
	// when they are too few for the smallest.
	room := func() int {
		if left := envelope.MaxHostPlain - len(part); left >= acksHeader+ackSize {
			return left
		}
		parts, part = append(parts, part), nil
		return envelope.MaxHostPlain
	}
	for first := true; first || len(acks) > 0; first = false {
		n := min(len(acks), (room()-acksHeader)/ackSize)
		part = envelope.AppendLog(part, envelope.Acks{Flushes: flushes, Authors: acks[:n]})
		acks = acks[n:]
	}
	for len(screen) > 0 {
		n := min(len(screen), room()-envelope.ItemHeader)
		part = envelope.AppendLog(part, envelope.Screen{Data: screen[:n]})
		screen = screen[n:]
	}
	return append(parts, part)
}

func due(now, at time.Time) bool { return !at.IsZero() && !now.Before(at) }

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// earlier returns the earlier of two due times, of which a may be none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
