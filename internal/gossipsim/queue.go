package gossipsim

import (
	"time"

	"gossterm/gossip"
)

// A kind says what an entry of the queue is.
type kind uint8

const (
	tick   kind = iota // a deadline of to
	msg                // a message from one to another
	beat               // a head from one to another
	up                 // the dial of from to to arrives
	answer             // the dial of to to from is answered
	done               // from ended its link to to, for which it had no use
	down               // from is seen to be dead, or left
	fail               // the dial of to to from came to nothing
	silent             // nothing was heard of from for a while
	back               // something was heard of from again
	gone               // nothing was heard of from for too long
	call               // of the scenario
)

// travels reports whether an entry is on its way from one peer to another, so
// that it is lost when the way is cut.
func (k kind) travels() bool { return k >= msg && k <= down }

// An entry is one event of the simulation; entries at one instant keep their order.
type entry struct {
	at       time.Duration
	kind     kind
	from, to int32
	link     uint32 // which life of the link it travels on
	msg      gossip.Msg
	head     *gossip.Head
	do       func()
}

// A key is where an entry stands in the queue, and its place in the store.
type key struct {
	at   time.Duration
	seq  uint64
	slot int32
}

func (k *key) before(l *key) bool {
	return k.at < l.at || k.at == l.at && k.seq < l.seq
}

// A queue is a 4-ary heap on (at, seq): fewer levels than a binary one, and the
// children of a place lie together. It orders keys; the entries themselves, which
// are three times as large and hold pointers, stay where they are.
type queue struct {
	keys    []key
	entries []entry
	free    []int32 // places of entries that are empty
	seq     uint64
}

// len returns how many entries there are.
func (q *queue) len() int { return len(q.keys) }

// first returns when the next entry is due. The queue is not empty.
func (q *queue) first() time.Duration { return q.keys[0].at }

func (q *queue) push(e entry) {
	slot := int32(len(q.entries))
	if n := len(q.free); n > 0 {
		slot = q.free[n-1]
		q.free = q.free[:n-1]
		q.entries[slot] = e
	} else {
		q.entries = append(q.entries, e)
	}
	q.seq++
	k := key{e.at, q.seq, slot}
	q.keys = append(q.keys, k)
	i := len(q.keys) - 1
	for i > 0 {
		p := (i - 1) / 4
		if !k.before(&q.keys[p]) {
			break
		}
		q.keys[i] = q.keys[p]
		i = p
	}
	q.keys[i] = k
}

// pop removes the first entry. The queue is not empty.
func (q *queue) pop() entry {
	slot := q.keys[0].slot
	n := len(q.keys) - 1
	last := q.keys[n]
	q.keys = q.keys[:n]
	if n > 0 {
		q.sink(last)
	}
	e := q.entries[slot]
	q.entries[slot] = entry{}
	q.free = append(q.free, slot)
	return e
}

// sink puts a key where the first was, and down to where it belongs.
func (q *queue) sink(k key) {
	keys := q.keys
	i := 0
	for {
		c := 4*i + 1
		if c >= len(keys) {
			break
		}
		least := c
		for d := c + 1; d < min(c+4, len(keys)); d++ {
			if keys[d].before(&keys[least]) {
				least = d
			}
		}
		if !keys[least].before(&k) {
			break
		}
		keys[i] = keys[least]
		i = least
	}
	keys[i] = k
}
