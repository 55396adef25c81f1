package session

import (
	"time"

	"gossterm/internal/envelope"
)

const (
	// resizeGap is the least time between two sizes of the shell: each is a signal to
	// its program and a snapshot for everybody. In between the newest wins.
	resizeGap = 100 * time.Millisecond
	// resizeBytes is how many bytes of the snapshots behind them sizes may cost each
	// member in a second.
	resizeBytes = 1 << 20
	// sizedCols and sizedRows are the least that members can make of the terminal: one
	// window as small as can be must not make it useless to all.
	sizedCols, sizedRows = 20, 5
)

// A sizing is which size the terminal should have.
type sizing struct {
	view       envelope.View
	own        cells // the host's
	turns      uint64
	lastResize time.Time
	resizeDue  time.Time
	resizeCost int // bytes of the snapshot behind the last
}

// cells is a size; the zero one is not known.
type cells struct{ cols, rows int }

// clamped returns the size next to c that a terminal can have.
func (c cells) clamped() cells {
	return cells{clampCells(c.cols), clampCells(c.rows)}
}

func clampCells(n int) int { return min(max(n, envelope.MinCells), envelope.MaxCells) }

// A claim is the size of the terminal of somebody who has a say.
type claim struct {
	cells
	turn uint64 // rises with whoever typed last
}

// fitting returns the size that the terminal takes by a policy, and own if nobody has
// a say in it.
func fitting(by envelope.Sizes, own cells, claims []claim) cells {
	if len(claims) == 0 {
		return own
	}
	best := claims[0]
	for _, c := range claims[1:] {
		switch by {
		case envelope.SizesSmallest:
			best.cols, best.rows = min(best.cols, c.cols), min(best.rows, c.rows)
		case envelope.SizesLatest:
			if c.turn > best.turn {
				best = c
			}
		}
	}
	return cells{max(best.cols, sizedCols), max(best.rows, sizedRows)}
}

// claims returns who has a say: who may type, is there, and has told a size.
func (h *HostCore) claims() []claim {
	if h.view.Sizes != envelope.SizesSmallest && h.view.Sizes != envelope.SizesLatest {
		return nil
	}
	var cs []claim
	for _, a := range h.authors {
		if a.here && !a.barred && !a.away && a.size != (cells{}) {
			cs = append(cs, claim{a.size, a.turn})
		}
	}
	return cs
}

// fit has the terminal take the size it should have, as soon as it may.
func (h *HostCore) fit(now time.Time) {
	h.resizeDue = time.Time{}
	if h.wanted() != (cells{h.cols, h.rows}) {
		cost := time.Duration(h.resizeCost) * time.Second / resizeBytes
		h.resizeDue = later(now, h.lastResize.Add(max(resizeGap, cost)))
	}
}

func (h *HostCore) wanted() cells { return fitting(h.view.Sizes, h.own, h.claims()) }

// sized takes in what an admitted record of a says of its terminal, and whose turn it
// is: that does not wait for the shell.
func (h *HostCore) sized(now time.Time, a *author, plain []byte) {
	if h.view.Sizes == envelope.SizesHost || a.barred || len(plain) == 0 {
		return
	}
	t, _ := envelope.ParseTyping(plain) // valid since it was offered
	for _, it := range t.Items {
		if s, ok := it.(envelope.Size); ok {
			a.size = cells{int(s.Cols), int(s.Rows)}
		}
	}
	if isTyping(t.Items) {
		h.turns++
		a.turn = h.turns
		h.fit(now)
	}
}

// resize gives the terminal its size: a record at its place in the log, a snapshot,
// for nobody else's model has all the lines that may come back, and then the shell,
// so that what it draws for that size comes behind.
func (h *HostCore) resize(now time.Time) {
	h.resizeDue = time.Time{}
	to := h.wanted()
	h.flushOutput(now)
	h.lastResize = now
	h.cols, h.rows = to.cols, to.rows
	h.screen.Resize(to.cols, to.rows)
	h.remark()
	h.record(now, envelope.AppendLog(nil, envelope.Resize{Cols: uint16(to.cols), Rows: uint16(to.rows)}))
	h.resizeCost = h.snapshot(now)
	h.stats.Resizes++
	h.do(ResizeShell{Cols: to.cols, Rows: to.rows})
}
