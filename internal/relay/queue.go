package relay

import (
	"sync"
	"sync/atomic"
)

// A queue holds frames for one writer. It never makes anybody wait: when it is full, the
// oldest gives way.
type queue struct {
	limit  int
	budget *budget // what all queues together may hold; nil is no bound
	// bell rings when there is something in the queue that was empty.
	bell    chan struct{}
	dropped *atomic.Uint64

	mu     sync.Mutex
	items  []*frame // those before head are gone
	head   int
	closed bool
}

// A budget is how many frames may wait in all queues together.
type budget struct{ left atomic.Int64 }

func newBudget(n int) *budget {
	b := &budget{}
	b.left.Store(int64(n))
	return b
}

// take takes one frame out of the budget, if there is one.
func (b *budget) take() bool {
	if b == nil || b.left.Add(-1) >= 0 {
		return true
	}
	b.left.Add(1)
	return false
}

func (b *budget) give() {
	if b != nil {
		b.left.Add(1)
	}
}

func newQueue(limit int, b *budget, dropped *atomic.Uint64) *queue {
	return &queue{limit: limit, budget: b, bell: make(chan struct{}, 1), dropped: dropped}
}

// push takes f over.
func (q *queue) push(f *frame) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		q.drop(f)
		return
	case len(q.items)-q.head >= q.limit:
		q.drop(q.oldest())
	case q.budget.take():
	case q.head < len(q.items): // its place in the budget goes to f
		q.drop(q.oldest())
	default:
		q.drop(f)
		return
	}
	if len(q.items) == cap(q.items) && q.head > 0 {
		q.items = q.items[:copy(q.items, q.items[q.head:])]
		q.head = 0
	}
	q.items = append(q.items, f)
	select {
	case q.bell <- struct{}{}:
	default:
	}
}

func (q *queue) drop(f *frame) {
	f.free()
	q.dropped.Add(1)
}

// oldest takes the oldest frame out.
func (q *queue) oldest() *frame {
	f := q.items[q.head]
	q.items[q.head] = nil
	q.head++
	if q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	return f
}

// pop returns the oldest frame, or nil if there is none.
func (q *queue) pop() *frame {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return nil
	}
	q.budget.give()
	return q.oldest()
}

// close throws away what waits and what comes.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for len(q.items) > 0 {
		q.budget.give()
		q.oldest().free()
	}
	q.items = nil
}

// write sends what is pushed until done or a send fails.
func (q *queue) write(done <-chan struct{}, c carrier) error {
	for {
		f := q.pop()
		if f == nil {
			select {
			case <-q.bell:
				continue
			case <-done:
				return nil
			}
		}
		err := c.send(f)
		f.free()
		if err != nil {
			return err
		}
	}
}
