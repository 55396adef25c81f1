package session

import (
	"gossterm/dedup"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
)

const (
	// queueBytes is how much admitted input of one author waits for the shell:
	// the 64 full records that it may have unacked, so that an interrupt behind
	// them is seen. What is beyond stays in the window.
	queueBytes = maxUnacked * (envelope.MaxInputItems + 32)
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
	mayType     bool
	here        bool // in the roster

	window    dedup.Window
	queue     []dedup.Fresh // admitted and not yet given to the shell
	queued    int           // bytes in queue
	through   uint64        // all records up to this one are settled
	discarded uint64        // bit i: record through-i was discarded
	dirty     bool          // has news for the next ack
	mustKnow  uint32        // records that carry fewer flushes are discarded
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

// fill moves what is next in the window to the queue while there is room.
func (a *author) fill(admitted func(*dedup.Fresh)) {
	for a.queued < queueBytes {
		f, ok := a.window.Next()
		if !ok {
			return
		}
		a.queued += f.Len()
		a.queue = append(a.queue, f)
		admitted(&a.queue[len(a.queue)-1])
	}
}

// pop takes the oldest queued record.
func (a *author) pop() dedup.Fresh {
	f := a.queue[0]
	a.queued -= f.Len()
	a.queue[0] = dedup.Fresh{}
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

type closedAuthor struct{ through, discarded uint64 }

// close remembers a and forgets the oldest if there are too many.
func (c *closedAuthors) close(a *author) {
	if c.byName == nil {
		c.byName = make(map[authorName]closedAuthor)
	}
	name := authorName{a.key, a.incarnation}
	c.byName[name] = closedAuthor{a.through, a.discarded}
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
		a.through, a.discarded = old.through, old.discarded
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
