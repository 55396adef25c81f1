package sim

import (
	"time"

	"gossterm/internal/envelope"
	"gossterm/session"
)

const (
	// resizeGap is the least time between two sizes of the terminal (PROTOCOL.md §5.1).
	resizeGap = 100 * time.Millisecond
	// dragged is how many sizes a window has while somebody drags its corner, and
	// dragPace how far they are apart.
	dragged  = 40
	dragPace = 12 * time.Millisecond
	// sizedCols and sizedRows are the least that members make of the terminal (§5.2).
	sizedCols, sizedRows = 20, 5
)

// A window is the size of somebody's terminal.
type window struct{ cols, rows int }

// resize changes the size of the host's window.
func resize(s *Sim, f fault) { s.resizeHost(f.n) }

func (s *Sim) resizeHost(n int) {
	s.window0 = window{20 + n%100, 5 + n%40}
	s.host.awake(func() { s.host.step(session.Resized{Cols: s.window0.cols, Rows: s.window0.rows}) })
}

// dragHost drags the corner of the host's window.
func dragHost(s *Sim, f fault) {
	for i := range dragged {
		s.queue.after(time.Duration(i)*dragPace, func() { s.resizeHost(f.n + 7*i) })
	}
}

// dragWindow drags the corner of a typist's window.
func dragWindow(s *Sim, f fault) {
	for i := range dragged {
		s.queue.after(time.Duration(i)*dragPace, func() {
			s.people[f.typist].window = window{3 + (f.n+11*i)%100, 3 + (f.n+i)%40}
			if p := s.procs[f.typist]; p != nil {
				p.awake(p.tellWindow)
			}
		})
	}
}

// tellWindow gives a viewer the size of the window in front of it.
func (v *viewer) tellWindow() {
	if v.person != nil {
		v.step(session.Sized{Cols: v.person.window.cols, Rows: v.person.window.rows})
	}
}

// resized is the terminal's new size: its program draws for it.
func (h *host) resized(a session.ResizeShell) {
	h.s.tracef("size %dx%d", a.Cols, a.Rows)
	h.s.counts.sizes++
	if gap := h.s.queue.now.Sub(h.sizedAt); gap < resizeGap {
		h.s.failf("the terminal has another size after %v", gap)
	}
	h.size, h.sizedAt = window{a.Cols, a.Rows}, h.s.queue.now
	h.s.queue.after(h.terminal.pace(), func() { h.terminal.print(50) })
}

// checkSize asserts that the terminal has the size that it should have when all is
// quiet: the host's, or, if all who have a say live, what they make it.
func (s *Sim) checkSize() {
	cols, rows := s.host.core.Screen().Size()
	if got := (window{cols, rows}); s.host.size != (window{}) && got != s.host.size {
		s.failf("the model is %v, the shell was told %v", got, s.host.size)
	}
	var windows []window
	for _, r := range s.host.table.rows {
		if !r.MayType || r.Away {
			continue
		}
		p := s.procs[s.placeOf(r.Key)]
		if p == nil || p.key != r.Key || p.person == nil {
			return // the host does not know yet that it is gone
		}
		windows = append(windows, p.person.window)
	}
	if !s.fits(window{cols, rows}, windows) {
		s.failf("the terminal is %dx%d by policy %d of %v, the host's %v", cols, rows, s.plan.sizes, windows, s.window0)
	}
}

// fits reports whether a size is what windows make of it.
func (s *Sim) fits(got window, windows []window) bool {
	if s.plan.sizes == envelope.SizesHost || len(windows) == 0 {
		return got == s.window0
	}
	least := window{envelope.MaxCells, envelope.MaxCells}
	for _, w := range windows {
		if s.plan.sizes == envelope.SizesLatest && got == (window{max(w.cols, sizedCols), max(w.rows, sizedRows)}) {
			s.counts.latest++
			return true
		}
		least = window{min(least.cols, w.cols), min(least.rows, w.rows)}
	}
	if s.plan.sizes == envelope.SizesSmallest {
		s.counts.smallest++
		return got == window{max(least.cols, sizedCols), max(least.rows, sizedRows)}
	}
	return false
}
