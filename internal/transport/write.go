package transport

import "time"

// write is the writer of one class: it moves the queue's bytes to a stream, in
// batches, and opens the stream when there is something to send.
func (l *Link) write(q *queue) {
	var batch []byte
	for {
		select {
		case <-q.wake:
		case <-l.ctx.Done():
			return
		}
		for more := true; more; {
			batch, more = l.writeBatch(q, batch[:0])
			if q.wrote() {
				l.emit(Room{Link: l, Class: q.class})
			}
		}
		if cap(batch) > keepSize {
			batch = nil
		}
	}
}

// writeBatch writes one batch and reports whether there may be another. It
// returns the buffer for the next.
func (l *Link) writeBatch(q *queue, batch []byte) ([]byte, bool) {
	batch = append(batch, byte(q.class)) // sent only as the first byte of a stream
	batch, n, life := q.take(batch)
	if n == 0 {
		return batch, false
	}
	skip := 1
	s, ok := q.current(life)
	if ok && s == nil {
		var err error
		if s, err = l.conn.open(l.ctx, q.class); err != nil {
			return batch, false // the conn has ended
		}
		ok = q.adopt(s, life)
		skip = 0
	}
	if !ok {
		return batch, true // dropped
	}
	if _, err := s.Write(batch[skip:]); err != nil {
		if _, ok := q.current(life); !ok {
			return batch, true // reset by a drop
		}
		if err == errStopped {
			l.awaitEnd()
			l.stop(violation("the peer does not read our %v stream", q.class))
		}
		return batch, false // the conn has ended; run learns why
	}
	l.counts.bytesOut.Add(uint64(n))
	return batch, true
}

// closingTime is how long the end of a conn may take to arrive behind that of one of
// its streams.
const closingTime = time.Second

// awaitEnd waits a moment for the end of the link: a peer that closes it stops
// reading, and why it does so may be still under way.
func (l *Link) awaitEnd() {
	timer := time.NewTimer(closingTime)
	defer timer.Stop()
	select {
	case <-l.ctx.Done():
	case <-timer.C:
	}
}
