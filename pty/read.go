//go:build linux || darwin || freebsd

package pty

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// readSize bounds one call of Output. Linux hands out at most 4 KiB a
	// read, so several reads fill it.
	readSize = 64 << 10

	// When the child is gone a background process may keep the terminal open
	// for ever. What the child printed is in the kernel's buffers by then
	// (about 20 KB on Linux) and comes before what is printed later, so what comes
	// after a pause, after waiting for longer in all than for a pause, or after a
	// multiple of that size is not the child's.
	drainQuiet = 200 * time.Millisecond
	drainWait  = 500 * time.Millisecond
	drainBytes = 256 << 10

	// A child may close the terminal and open it again. Nothing tells when, so
	// the reader looks again after this long.
	reopenCheck = 50 * time.Millisecond
)

// readOutput is the only reader of the shell: it hands what comes to Output
// until Close, or the child is gone and its output drained. That nobody has the
// terminal open is no end while the child lives.
func (s *Shell) readOutput() {
	defer close(s.drained)
	buf := make([]byte, readSize)
	left, wait := drainBytes, drainWait
	for left > 0 && wait > 0 {
		gone := s.childGone()
		began := time.Now()
		if gone {
			s.file.SetReadDeadline(began.Add(min(drainQuiet, wait)))
		}
		n, err := s.readSome(buf)
		waited := time.Since(began)
		if n > 0 && !s.closing.Load() {
			s.cfg.Output(buf[:n])
		}
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && !gone:
			<-s.exited // waitChild wakes us just before it closes that
		case errors.Is(err, unix.EIO) && !gone:
			s.waitReopen()
		case err != nil:
			return
		case gone:
			left -= n
			wait -= waited // not the time Output took: its slowness must lose nothing
		}
	}
}

// waitReopen lets some time pass, or the child end.
func (s *Shell) waitReopen() {
	timer := time.NewTimer(reopenCheck)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.exited:
	}
}

// readSome waits for output and takes as much of it as there is at once.
// That nobody has the terminal open is EIO or EOF, depending on the system.
func (s *Shell) readSome(buf []byte) (n int, err error) {
	werr := s.conn.Read(func(fd uintptr) bool {
		for n < len(buf) {
			m, rerr := unix.Read(int(fd), buf[n:])
			switch {
			case rerr == unix.EINTR:
				continue
			case rerr == unix.EAGAIN:
				return n > 0
			case rerr != nil:
				err = rerr
				return true
			case m == 0:
				err = unix.EIO
				return true
			}
			n += m
		}
		return true
	})
	if err == nil {
		err = werr
	}
	return n, err
}

// childGone reports whether the child was reaped.
func (s *Shell) childGone() bool {
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}
