package transport

import (
	"bufio"
	"errors"
	"io"
	"sync"
)

// readBuffer is how much a reader takes from its stream at once, in bytes.
const readBuffer = 4 << 10

// A turn is the place of a class's reader: one stream at a time delivers.
type turn struct {
	mu     sync.Mutex
	stream inStream
	done   chan struct{} // closed when the stream's reader has delivered its last
}

// read delivers the frames of one stream. Errors of the conn are left to run.
func (l *Link) read(s inStream) {
	r := bufio.NewReaderSize(s, readBuffer)
	first, err := r.ReadByte()
	if err != nil {
		s.stop() // reset or ended before it said what it is
		return
	}
	c := Class(first)
	if c < Control || c > Log {
		l.stop(violation("a stream of class %d", first))
		return
	}
	done, ok := l.begin(c, s)
	if !ok {
		return
	}
	defer close(done)
	// What members send is no business of ours before we know that the peer is
	// one; it waits unread, bounded by the conn's window.
	if c != Control && !l.waitProved() {
		return
	}
	l.deliver(c, r)
}

// begin makes s the stream of its class and waits until the one before it has
// delivered its last frame. It reports false if s has no turn.
func (l *Link) begin(c Class, s inStream) (done chan struct{}, ok bool) {
	t := &l.in[c]
	t.mu.Lock()
	before, old := t.done, t.stream
	switch {
	case old != nil && c != Log:
		t.mu.Unlock()
		l.stop(violation("a second %v stream", c))
		return nil, false
	case old != nil && old.number() > s.number(): // overtaken on the way
		t.mu.Unlock()
		s.stop()
		return nil, false
	case old != nil:
		old.stop()
	}
	done = make(chan struct{})
	t.stream, t.done = s, done
	t.mu.Unlock()
	if before != nil {
		<-before // its Read fails now, its delivery ends with the link at the latest
	}
	return done, true
}

// deliver reads frames until the stream or the link ends.
func (l *Link) deliver(c Class, r io.Reader) {
	allow := func(size int) error { return l.allow(c, size) }
	for l.ctx.Err() == nil {
		kind, body, err := readFrame(r, c, allow)
		if err != nil {
			l.ended(c, err)
			return
		}
		l.counts.framesIn.Add(1)
		l.counts.bytesIn.Add(uint64(headSize + len(body)))
		if kind == Paths {
			l.offered(body)
			continue
		}
		l.emit(Got{Link: l, Class: c, Kind: kind, Body: body})
	}
}

// ended judges why a stream gave no further frame.
func (l *Link) ended(c Class, err error) {
	switch {
	case errors.Is(err, errReset), errors.Is(err, errStopped), errors.Is(err, io.EOF):
		if c != Log {
			l.stop(violation("the %v stream ended before the link", c))
		}
	default:
		if ce, ok := errors.AsType[*CloseError](err); ok && ce.Code == Violation && !ce.Remote {
			l.stop(err)
		}
	}
}

// allow judges the length of a coming frame of a peer that may not be proved.
//
// An acceptor has proved the dialler before it answers, so a long frame is early
// and breaks §3. A dialler gets Proof and the long Membership in one flight,
// and its loop may still be looking at the first: the second waits.
func (l *Link) allow(c Class, size int) error {
	if size <= MaxUnproved {
		return nil
	}
	if !l.dialed {
		select {
		case <-l.proved:
		default:
			return violation("a frame of %d bytes before the proof", size)
		}
	}
	if !l.waitProved() {
		return errStopped
	}
	return nil
}

// waitProved waits for Trust; it reports false if the link ends first.
func (l *Link) waitProved() bool {
	select {
	case <-l.proved:
		return true
	case <-l.ctx.Done():
		return false
	}
}
