package tty

import (
	"context"
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
	return decodeFrom(ctx, src, NewDecoder(opt), emit)
}

// decodeFrom runs d on what src gives.
func decodeFrom(ctx context.Context, src *source, d *Decoder, emit func(Event)) error {
	buf := make([]byte, readSize)
	for ctx.Err() == nil {
		wait := time.Duration(-1)
		if due, ok := d.Deadline(); ok {
			wait = max(0, time.Until(due))
		}
		// Only a silence ticks: bytes that came in time but waited for us
		// belong together.
		n, err := src.read(buf, wait)
		if err != nil {
			return err
		}
		events := d.Feed(time.Now(), buf[:n])
		if n == 0 {
			events = d.Tick(time.Now())
		}
		for _, ev := range events {
			emit(ev)
		}
	}
	return ctx.Err()
}
