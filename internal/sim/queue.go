package sim

import (
	"container/heap"
	"time"
)

// began is the virtual instant at which every run begins.
var began = time.Unix(1_000_000_000, 0).UTC()

// A queue holds what will happen, in order of time and then of planning.
type queue struct {
	now    time.Time
	heap   eventHeap
	serial uint64
}

type event struct {
	at     time.Time
	serial uint64
	do     func()
}

// after plans f in d from now.
func (q *queue) after(d time.Duration, f func()) { q.at(q.now.Add(d), f) }

// at plans f at t, or now if that is past.
func (q *queue) at(t time.Time, f func()) {
	if t.Before(q.now) {
		t = q.now
	}
	q.serial++
	heap.Push(&q.heap, event{t, q.serial, f})
}

// run lets happen all that is planned before end.
func (q *queue) run(end time.Time) {
	for len(q.heap) > 0 && q.heap[0].at.Before(end) {
		ev := heap.Pop(&q.heap).(event)
		q.now = ev.at
		ev.do()
	}
	q.now = end
}

// elapsed returns the virtual time since the beginning.
func (q *queue) elapsed() time.Duration { return q.now.Sub(began) }

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].serial < h[j].serial
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	old := *h
	ev := old[len(old)-1]
	old[len(old)-1] = event{}
	*h = old[:len(old)-1]
	return ev
}
