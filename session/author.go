package session

import (
	"slices"

	"gossterm/dedup"
	"gossterm/internal/id"
)

const (
	// queueRecords is how many admitted records of one author wait for the shell:
	// all that it may have unacked, so that an interrupt behind them is seen.
	// What is beyond stays in the window.
	queueRecords = maxUnacked
	// departedKept is how many authors who left may still have input queued. The
	// oldest of more loses it, or a shell that reads nothing would let those who
	// come and go fill the memory.
	departedKept = 64
	// closedKept is how many authors who left are remembered, so that nothing
	// they typed can be typed again. It is above the number of departed members
	// that admission gives their old incarnation back to.
	closedKept = 8192
)

// An author is one member in one life: its window, what waits for the shell, and
// how far it is settled.
type author struct {
	key         id.Peer
	incarnation uint64
	here        bool // in the roster
	barred      bool // may not type: what is queued is discarded
	away        bool
	size        cells  // of its terminal, zero if it has not told
	turn        uint64 // rises with whoever typed last

	window    dedup.Window
	queue     []queued // admitted and not yet given to the shell
	through   uint64   // all records up to this one are settled
	discarded uint64   // bit i: record through-i was discarded
	dirty     bool     // has news for the next ack
	mustKnow  uint32   // records that carry fewer flushes are discarded
}

// A queued record waits for the shell. It stops if it may hold an interrupt and
// the terminal's modes were not asked for when its turn came.
type queued struct {
	dedup.Fresh
	stops bool
}

// settle says that record seq, the one after through, is typed or discarded.
func (a *author) settle(seq uint64, discarded bool) {
	a.discarded <<= 1
	if discarded {
		a.discarded |= 1
	}
	a.through = seq
	a.dirty = true
}

// mayNotBeTyped reports whether an admitted record is to be discarded: it is
// malformed, or its author may not type any more, or typed it without knowing that
// what came before was thrown away.
func (a *author) mayNotBeTyped(f *dedup.Fresh) bool {
	return f.Len() == 0 || a.barred || flushesOf(f.Peek()) < a.mustKnow
}

// stops reports whether a queued record may hold an interrupt.
func (a *author) stops() bool {
	for i := range a.queue {
		if a.queue[i].stops {
			return true
		}
	}
	return false
}

// pop takes the oldest queued record.
func (a *author) pop() dedup.Fresh {
	f := a.queue[0].Fresh
	a.queue[0] = queued{}
	a.queue = a.queue[1:]
	return f
}

// closedAuthors remembers how far authors who left were settled. It is looked at when
// somebody joins or leaves, and is to be small: there may be thousands.
type closedAuthors struct {
	kept  []closedAuthor // oldest first
	floor uint64         // the highest incarnation that was forgotten
}

type authorName struct {
	key         id.Peer
	incarnation uint64
}

type closedAuthor struct {
	authorName
	through, discarded uint64
	mustKnow           uint32
	size               cells
}

// close remembers a and forgets the oldest if there are too many.
func (c *closedAuthors) close(a *author) {
	if len(c.kept) == closedKept {
		c.floor = max(c.floor, c.kept[0].incarnation)
		c.kept = slices.Delete(c.kept, 0, 1)
	}
	c.kept = append(c.kept, closedAuthor{authorName{a.key, a.incarnation}, a.through, a.discarded, a.mustKnow, a.size})
}

// open returns the author of that name: as it was when it left, or new. It
// returns nil for a life that may have been forgotten.
func (c *closedAuthors) open(name authorName) *author {
	a := &author{key: name.key, incarnation: name.incarnation}
	i := slices.IndexFunc(c.kept, func(old closedAuthor) bool { return old.authorName == name })
	switch {
	case i >= 0:
		old := c.kept[i]
		a.window.Resume(old.through)
		a.through, a.discarded, a.mustKnow, a.size = old.through, old.discarded, old.mustKnow, old.size
		c.kept = slices.Delete(c.kept, i, i+1)
	case name.incarnation <= c.floor:
		return nil
	}
	return a
}
