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

// read reads what there is. It gives 0 after wait, if that is not negative,
// without input, or when ctx has ended.
func (s *source) read(buf []byte, wait time.Duration) (int, error) {
	timeout := -1
	if wait >= 0 {
		timeout = int((wait + time.Millisecond - 1) / time.Millisecond)
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
			return 0, fmt.Errorf("wait for terminal: %w", err)
		}
		if n == 0 || fds[1].Revents != 0 {
			return 0, nil
		}
		break
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
