package sim

import "time"

// began is the virtual instant at which every run begins.
var began = time.Unix(1_000_000_000, 0).UTC()

// A queue holds what will happen, in order of time and then of planning: a heap of
// four children a place, as fewer levels are faster.
type queue struct {
	now    time.Time
	heap   []event
	serial uint64
}

type event struct {
	at     time.Duration // since the beginning
	serial uint64
	do     func()
}

func (e *event) before(f *event) bool {
	return e.at < f.at || e.at == f.at && e.serial < f.serial
}

// after plans f in d from now.
func (q *queue) after(d time.Duration, f func()) { q.at(q.now.Add(d), f) }

// at plans f at t, or now if that is past.
func (q *queue) at(t time.Time, f func()) {
	if t.Before(q.now) {
		t = q.now
	}
	q.serial++
	q.heap = append(q.heap, event{t.Sub(began), q.serial, f})
	for i := len(q.heap) - 1; i > 0; {
		up := (i - 1) / 4
		if !q.heap[i].before(&q.heap[up]) {
			break
		}
		q.heap[i], q.heap[up] = q.heap[up], q.heap[i]
		i = up
	}
}

// run lets happen all that is planned before end.
func (q *queue) run(end time.Time) {
	last := end.Sub(began)
	for len(q.heap) > 0 && q.heap[0].at < last {
		ev := q.pop()
		q.now = began.Add(ev.at)
		ev.do()
	}
	q.now = end
}

// pop removes the first event. There is one.
func (q *queue) pop() event {
	first, n := q.heap[0], len(q.heap)-1
	q.heap[0], q.heap[n] = q.heap[n], event{}
	q.heap = q.heap[:n]
	for i := 0; ; {
		least := i
		for c := 4*i + 1; c <= 4*i+4 && c < n; c++ {
			if q.heap[c].before(&q.heap[least]) {
				least = c
			}
		}
		if least == i {
			return first
		}
		q.heap[i], q.heap[least] = q.heap[least], q.heap[i]
		i = least
	}
}

// elapsed returns the virtual time since the beginning.
func (q *queue) elapsed() time.Duration { return q.now.Sub(began) }
