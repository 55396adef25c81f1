package session

import (
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
)

// find returns the author of that life in the roster, nil if there is none.
func (h *HostCore) find(key id.Peer, incarnation uint64) *author {
	for _, a := range h.authors {
		if a.key == key && a.incarnation == incarnation && a.here {
			return a
		}
	}
	return nil
}

// roster takes over who is in the session. A newcomer is served a snapshot.
func (h *HostCore) roster(now time.Time, people []Person) {
	for _, a := range h.authors {
		a.here = false
	}
	newcomer := false
	for _, p := range people {
		a := h.of(p)
		if a == nil {
			if a = h.closed.open(authorName{p.Key, p.Incarnation}); a == nil {
				continue
			}
			h.authors = append(h.authors, a)
			newcomer = true
		}
		a.here, a.barred, a.away = true, false, p.Away
		if a.away {
			a.window.Rest()
		}
		if !p.MayType {
			h.bar(now, a)
		}
	}
	h.dropDeparted(now)
	h.fit(now)
	if newcomer {
		if h.view.History != envelope.ShownLines {
			h.remark()
		}
		h.snapshotSoon(now)
	}
}

func (h *HostCore) of(p Person) *author {
	for _, a := range h.authors {
		if a.key == p.Key && a.incarnation == p.Incarnation {
			return a
		}
	}
	return nil
}

// bar discards what waits of an author who may not type any more, after the
// record that the shell has taken a part of.
func (h *HostCore) bar(now time.Time, a *author) {
	a.barred = true
	if h.writer == a {
		return
	}
	for h.admit(now, a); len(a.queue) > 0; h.admit(now, a) {
		f := a.pop()
		h.discard(now, a, f.Seq())
	}
}

// dropDeparted closes the authors who left. What they typed before is typed.
func (h *HostCore) dropDeparted(now time.Time) {
	waiting := 0
	for i := len(h.authors) - 1; i >= 0; i-- { // newest first
		if a := h.authors[i]; !a.here && len(a.queue) > 0 {
			if waiting++; waiting > departedKept {
				h.bar(now, a)
			}
		}
	}
	kept := h.authors[:0]
	for _, a := range h.authors {
		if !a.here && len(a.queue) == 0 && h.writer != a {
			h.closed.close(a)
			continue
		}
		kept = append(kept, a)
	}
	clear(h.authors[len(kept):])
	h.authors = kept
	h.turn = 0
}
