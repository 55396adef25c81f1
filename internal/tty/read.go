package tty

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// readSize is how much is read at once; events bound what comes of it.
const readSize = 4 << 10

// ReadEvents reads the terminal and calls emit with each event, in order,
// until ctx ends or the terminal is gone (io.EOF). It needs no key to stop.
// While emit runs nothing is read: the terminal holds what is typed. There is
// one reader at a time; a second gets ErrReading. Without input it waits for
// ctx.
func (t *Terminal) ReadEvents(ctx context.Context, opt Options, emit func(Event)) error {
	if !t.reading.CompareAndSwap(false, true) {
		return ErrReading
	}
	defer t.reading.Store(false)
	if !t.input {
		<-ctx.Done()
		return ctx.Err()
	}
	src, err := newSource(ctx, t.in)
	if err != nil {
		return err
	}
	defer src.close()
	r := &reader{src: src, d: NewDecoder(opt), emit: emit}
	t.setReader(r)
	defer t.setReader(nil)
	return r.run(ctx)
}

// A reader is one ReadEvents under way.
type reader struct {
	src  *source
	emit func(Event)
	open bool // emit got the beginning of a paste and not its end

	mu      sync.Mutex // orders a read and its decoding with FlushInput
	d       *Decoder
	flushed atomic.Bool // FlushInput wants what came before it to be forgotten
}

// run reads until ctx ends.
func (r *reader) run(ctx context.Context) error {
	buf := make([]byte, readSize)
	for ctx.Err() == nil {
		events, err := r.next(buf)
		if err != nil {
			return err
		}
		for _, ev := range events {
			if r.flushed.Load() {
				break // they came before
			}
			if p, ok := ev.(Paste); ok {
				r.open = !p.Last
			}
			r.emit(ev)
		}
	}
	return ctx.Err()
}

// next waits and returns the events that come of it, if any. A paste whose
// beginning was emitted and whose rest was flushed ends.
func (r *reader) next(buf []byte) (events []Event, err error) {
	ready, err := r.src.wait(r.patience())
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flushed.Swap(false) {
		r.d.Forget()
		if r.open {
			events = append(events, Paste{Last: true})
		}
	}
	// Only a silence ticks: bytes that came in time but waited for us belong
	// together.
	if !ready {
		return append(events, r.d.Tick(time.Now())...), nil
	}
	n, err := r.src.take(buf)
	if err != nil {
		return nil, err
	}
	return append(events, r.d.Feed(time.Now(), buf[:n])...), nil
}

// patience is how long to wait for bytes; for ever if negative.
func (r *reader) patience() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	due, ok := r.d.Deadline()
	if !ok {
		return -1
	}
	return max(0, time.Until(due))
}
