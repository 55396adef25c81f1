package transport

import "sync"

// How much may wait in a queue, in bytes. The log's is small: what waits there
// is old when it arrives, and a snapshot replaces it.
const (
	maxControlQueue = 512 << 10
	maxInputQueue   = 128 << 10
	maxLogQueue     = 64 << 10

	// batchSize is how much is handed to a stream in one Write: many small frames
	// share packets, and Drop cuts off at most this much more than the path holds.
	batchSize = 16 << 10
	// straightSize is the longest frame that may pass the writer by.
	straightSize = 1 << 10
	// keepSize is how much memory an empty queue keeps.
	keepSize = 16 << 10
)

// A queue holds the frames of one class until its writer takes them. Its bound
// counts what the writer has in hand. The link's owner puts and drops, the writer
// takes; mu is held for moments.
type queue struct {
	class Class
	limit int
	wake  chan struct{} // one place: there is something to do

	mu      sync.Mutex
	pending []byte // frames; from head on
	head    int
	inHand  int       // taken, not yet written
	life    int       // counts drops: a writer with an older batch throws it away
	stream  outStream // of this life, once the writer has opened it
	refused bool      // a put failed; Room is due
	closed  bool
	dropped uint64 // bytes thrown away
	direct  uint64 // bytes that a put gave to the stream itself
	scratch []byte // the frame that a put tries to give to the stream
}

func newQueue(c Class) *queue {
	limits := [classes]int{Control: maxControlQueue, Input: maxInputQueue, Log: maxLogQueue}
	return &queue{class: c, limit: limits[c], wake: make(chan struct{}, 1)}
}

// put appends a frame, or reports false and remembers to announce room. While
// nothing waits, a short frame goes straight to the stream if that takes it at
// once: a key does not wait for the writer to wake up.
func (q *queue) put(kind byte, body []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	if q.size()+headSize+len(body) > q.limit {
		q.refused = true
		return false
	}
	if q.straight(kind, body) {
		return true
	}
	q.pending = appendFrame(q.pending, kind, body)
	q.ring()
	return true
}

// straight gives a frame to the stream and reports whether it was taken, whole.
// mu is held: nothing can come between the frames.
func (q *queue) straight(kind byte, body []byte) bool {
	if q.stream == nil || q.size() > 0 || headSize+len(body) > straightSize {
		return false
	}
	q.scratch = appendFrame(q.scratch[:0], kind, body)
	if !q.stream.try(q.scratch) {
		return false
	}
	q.direct += uint64(len(q.scratch))
	return true
}

// take moves the next bytes behind what is in batch. It returns their number and
// the life they belong to.
func (q *queue) take(batch []byte) (out []byte, n, life int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n = min(len(q.pending)-q.head, batchSize)
	out = append(batch, q.pending[q.head:q.head+n]...)
	q.head += n
	q.inHand = n
	q.compact()
	return out, n, q.life
}

// compact gives back the room of what was taken.
func (q *queue) compact() {
	switch {
	case q.head == len(q.pending) && cap(q.pending) > keepSize:
		q.pending, q.head = nil, 0
	case q.head == len(q.pending):
		q.pending, q.head = q.pending[:0], 0
	case q.head > len(q.pending)/2:
		q.pending = q.pending[:copy(q.pending, q.pending[q.head:])]
		q.head = 0
	}
}

// wrote ends what take began and reports whether Room is due.
func (q *queue) wrote() (room bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.inHand = 0
	return q.room()
}

// current returns the stream of the given life; ok is false if there was a drop.
func (q *queue) current(life int) (s outStream, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stream, q.life == life
}

// adopt takes a stream opened for the given life; it reports false, and resets the
// stream, if there was a drop meanwhile.
func (q *queue) adopt(s outStream, life int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.life != life || q.closed {
		s.reset()
		return false
	}
	q.stream = s
	return true
}

// drop throws everything away and resets the stream. If a put was refused there was
// something to write, so the writer is awake and will find the room.
func (q *queue) drop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.dropped += uint64(q.size())
	q.pending, q.head, q.inHand = nil, 0, 0
	q.life++
	if q.stream != nil {
		q.stream.reset()
		q.stream = nil
	}
}

// room reports once that a refused sender may go on. mu is held.
func (q *queue) room() bool {
	if !q.refused || q.size() > q.limit/2 {
		return false
	}
	q.refused = false
	return true
}

// close makes every later put fail.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.pending, q.head = nil, 0
}

// size returns the bytes that wait or are being written. mu is held.
func (q *queue) size() int { return len(q.pending) - q.head + q.inHand }

// ring wakes the writer. mu is held.
func (q *queue) ring() {
	select {
	case q.wake <- struct{}{}:
	default: // it is awake
	}
}
