package session

import (
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

// closedAuthors remembers how far authors who left were settled.
type closedAuthors struct {
	byName map[authorName]closedAuthor
	order  []authorName // oldest first
	floor  uint64       // the highest incarnation that was forgotten
}

type authorName struct {
	key         id.Peer
	incarnation uint64
}

type closedAuthor struct {
	through, discarded uint64
	mustKnow           uint32
	size               cells
}

// close remembers a and forgets the oldest if there are too many.
func (c *closedAuthors) close(a *author) {
	if c.byName == nil {
		c.byName = make(map[authorName]closedAuthor)
	}
	name := authorName{a.key, a.incarnation}
	c.byName[name] = closedAuthor{a.through, a.discarded, a.mustKnow, a.size}
	c.order = append(c.order, name)
	if len(c.order) > closedKept {
		old := c.order[0]
		c.order = c.order[1:]
		delete(c.byName, old)
		c.floor = max(c.floor, old.incarnation)
	}
}

// open returns the author of that name: as it was when it left, or new. It
// returns nil for a life that may have been forgotten.
func (c *closedAuthors) open(name authorName) *author {
	a := &author{key: name.key, incarnation: name.incarnation}
	old, ok := c.byName[name]
	switch {
	case ok:
		a.window.Resume(old.through)
		a.through, a.discarded, a.mustKnow, a.size = old.through, old.discarded, old.mustKnow, old.size
		delete(c.byName, name)
		for i := range c.order {
			if c.order[i] == name {
				c.order = append(c.order[:i:i], c.order[i+1:]...)
				break
			}
		}
	case name.incarnation <= c.floor:
		return nil
	}
	return a
}
