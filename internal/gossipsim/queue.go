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
	up                 // the dial of from to to arrives
	answer             // the dial of to to from is answered
	down               // the link of to to from is lost
	silent             // nothing was heard of from for a while
	back               // something was heard of from again
	call               // of the scenario
)

// An entry is one event of the simulation; entries at one instant keep their order.
type entry struct {
	at       time.Duration
	seq      uint64
	kind     kind
	from, to int32
	link     uint32 // which life of the link it travels on
	msg      gossip.Msg
	do       func()
}

func (e *entry) before(f *entry) bool {
	return e.at < f.at || e.at == f.at && e.seq < f.seq
}

// A queue is a 4-ary heap on (at, seq): fewer levels than a binary one, and the
// children of a place lie together.
type queue struct {
	es  []entry
	seq uint64
}

func (q *queue) push(e entry) {
	q.seq++
	e.seq = q.seq
	q.es = append(q.es, e)
	i := len(q.es) - 1
	for i > 0 {
		p := (i - 1) / 4
		if !q.es[i].before(&q.es[p]) {
			break
		}
		q.es[i], q.es[p] = q.es[p], q.es[i]
		i = p
	}
}

// pop removes the first entry. The queue is not empty.
func (q *queue) pop() entry {
	first := q.es[0]
	n := len(q.es) - 1
	q.es[0] = q.es[n]
	q.es[n] = entry{}
	q.es = q.es[:n]
	for i := 0; ; {
		least := i
		for c := 4*i + 1; c <= 4*i+4 && c < n; c++ {
			if q.es[c].before(&q.es[least]) {
				least = c
			}
		}
		if least == i {
			return first
		}
		q.es[i], q.es[least] = q.es[least], q.es[i]
		i = least
	}
}
