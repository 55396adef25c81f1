//go:build linux || darwin || freebsd

package pty

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// roomCheck is how often room is looked for besides waiting to be told: the
// kernel moves input with a worker, and its wake-up can come before the room.
const roomCheck = 50 * time.Millisecond

// Write types p into the shell's terminal as far as it fits and never blocks.
// If n < len(p) and the error is nil the terminal is full, and Config.Room is
// called when it is not. A shell that is gone gives ErrClosed.
//
// In canonical mode the kernel itself drops what exceeds 4,095 bytes of one
// line; no terminal can do better.
func (s *Shell) Write(p []byte) (int, error) {
	s.typing.Lock()
	defer s.typing.Unlock()
	n, err := s.writeSome(p)
	if err == nil && n < len(p) && !s.waiting {
		s.waiting = true
		s.full <- struct{}{} // has a place: the last token was taken before waiting was reset
	}
	return n, err
}

// writeSome writes until all is written or the terminal is full.
func (s *Shell) writeSome(p []byte) (n int, err error) {
	// Linux takes bytes for a terminal that nobody has open any more.
	if s.closing.Load() || s.childGone() {
		return 0, ErrClosed
	}
	// Control, unlike Write, does not wait for a goroutine that waits for room.
	cerr := s.conn.Control(func(fd uintptr) {
		for n < len(p) && err == nil {
			var m int
			m, err = unix.Write(int(fd), p[n:])
			n += max(m, 0)
			if err == unix.EINTR {
				err = nil
			}
		}
	})
	switch {
	case cerr != nil, err == unix.EIO:
		return n, ErrClosed
	case err == unix.EAGAIN:
		return n, nil
	case err != nil:
		return n, fmt.Errorf("type into shell: %w", err)
	}
	return n, nil
}

// watchRoom calls Room once for each time Write found the terminal full.
func (s *Shell) watchRoom() {
	for {
		select {
		case <-s.full:
		case <-s.gone:
			return
		}
		s.waitRoom()
		if s.closing.Load() {
			return
		}
		s.typing.Lock()
		s.waiting = false // before the call: a Write in it may ask again
		s.typing.Unlock()
		if s.cfg.Room != nil {
			s.cfg.Room()
		}
	}
}

// waitRoom returns when the terminal takes input, or the shell is gone. A hangup
// is neither: the child has closed the terminal and may open it again.
func (s *Shell) waitRoom() {
	for {
		s.file.SetWriteDeadline(time.Now().Add(roomCheck))
		err := s.conn.Write(func(fd uintptr) bool {
			p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
			n, err := unix.Poll(p, 0)
			if n > 0 && p[0].Revents&unix.POLLOUT == 0 && p[0].Revents&unix.POLLHUP != 0 {
				return s.childGone()
			}
			return n > 0 || (err != nil && err != unix.EINTR)
		})
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
}

// Resize tells the shell its terminal has cols columns and rows rows. Programs
// on it get SIGWINCH if that is a change.
func (s *Shell) Resize(cols, rows int) error {
	return s.control("resize terminal", func(fd int) error { return setSize(fd, cols, rows) })
}

// Modes reads the terminal's settings as the program on it has set them.
func (s *Shell) Modes() (m Modes, err error) {
	err = s.control("read terminal modes", func(fd int) error {
		m, err = readModes(fd)
		return err
	})
	return m, err
}

// Interrupt does what typing ^C, ^\ or ^Z does, but also when the terminal is
// full and would not take that byte: it discards the input that no program has
// read yet, unless the terminal is set to keep it (NOFLSH), and then sends sig,
// SIGINT, SIGQUIT or SIGTSTP, to the foreground process group. Whether the
// terminal wants signals at all (ISIG) is the caller's to ask.
func (s *Shell) Interrupt(sig syscall.Signal) error {
	s.typing.Lock()
	defer s.typing.Unlock()
	return s.control("interrupt shell", func(fd int) error {
		m, err := readModes(fd)
		if err != nil {
			return err
		}
		if !m.NoFlush {
			if err := flushInput(fd); err != nil {
				return err
			}
		}
		return signalForeground(fd, sig)
	})
}

// control runs f on the master's descriptor.
func (s *Shell) control(what string, f func(fd int) error) error {
	if s.closing.Load() {
		return ErrClosed
	}
	var err error
	if s.conn.Control(func(fd uintptr) { err = f(int(fd)) }) != nil || errors.Is(err, unix.EIO) {
		return ErrClosed
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
