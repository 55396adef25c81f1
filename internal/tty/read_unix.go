//go:build unix

package tty

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A source reads a file that may be in blocking mode, and must stay in the
// mode it is in: the user's shell has it too.
type source struct {
	in          *os.File
	wake, waker *os.File // a pipe: readable when ctx has ended
	stopWaking  func() bool
	woken       chan struct{}
}

// newSource prepares reading in until ctx ends.
func newSource(ctx context.Context, in *os.File) (*source, error) {
	wake, waker, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("read terminal: %w", err)
	}
	s := &source{in: in, wake: wake, waker: waker, woken: make(chan struct{})}
	s.stopWaking = context.AfterFunc(ctx, func() {
		defer close(s.woken)
		waker.Write([]byte{0})
	})
	return s, nil
}

// close frees the pipe, once nothing will write to it.
func (s *source) close() {
	if !s.stopWaking() {
		<-s.woken
	}
	s.wake.Close()
	s.waker.Close()
}

// wait reports whether there is input, after at most the given time if that is
// not negative; false comes earlier if ctx has ended or flush wakes it.
func (s *source) wait(most time.Duration) (bool, error) {
	timeout := -1
	if most >= 0 {
		timeout = int((most + time.Millisecond - 1) / time.Millisecond)
	}
	fds := []unix.PollFd{
		{Fd: int32(s.in.Fd()), Events: unix.POLLIN},
		{Fd: int32(s.wake.Fd()), Events: unix.POLLIN},
	}
	for {
		n, err := unix.Poll(fds, timeout)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return false, fmt.Errorf("wait for terminal: %w", err)
		}
		if fds[1].Revents != 0 {
			_, err := s.wake.Read(make([]byte, 1)) // one for the end of ctx is not needed any more
			return false, err
		}
		return n > 0, nil
	}
}

// take reads what there is, without waiting.
func (s *source) take(buf []byte) (int, error) {
	fds := []unix.PollFd{{Fd: int32(s.in.Fd()), Events: unix.POLLIN}}
	if n, err := unix.Poll(fds, 0); n == 0 || err != nil {
		return 0, nil // somebody else took it; an error comes again in wait
	}
	n, err := unix.Read(int(s.in.Fd()), buf)
	switch {
	case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
		return 0, nil
	case n == 0 && err == nil, errors.Is(err, unix.EIO):
		return 0, io.EOF // hung up
	case err != nil:
		return 0, fmt.Errorf("read terminal: %w", err)
	}
	return n, nil
}

// flushMost bounds what one flush takes; terminals hold a few KiB, but somebody
// may be filling it.
const flushMost = 64 << 10

// flush lets the decoder see what is thrown away: a paste, of which the rest is
// yet to come, must not become typing. The reader does the rest, and is woken.
func (r *reader) flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	buf := make([]byte, readSize)
	for total := 0; total < flushMost; {
		n, err := r.src.take(buf)
		if err != nil && err != io.EOF { // the end is for whoever waits
			return fmt.Errorf("flush terminal: %w", err)
		}
		if n == 0 {
			break
		}
		r.d.Feed(time.Now(), buf[:n])
		total += n
	}
	if r.flushed.CompareAndSwap(false, true) { // one byte at a time: the pipe must not fill
		if _, err := r.src.waker.Write([]byte{0}); err != nil {
			return fmt.Errorf("flush terminal: %w", err)
		}
	}
	return nil
}

// flushQueue throws away what is in the terminal.
func (t *Terminal) flushQueue() error {
	if err := flushQueue(int(t.in.Fd())); err != nil {
		return fmt.Errorf("flush terminal: %w", err)
	}
	return nil
}
