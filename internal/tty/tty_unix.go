//go:build unix

package tty

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// stopDelay is how long Suspend waits to be stopped. Without a shell that
// controls jobs the system ignores the stop.
const stopDelay = 200 * time.Millisecond

// settings are those of the terminal that is typed at: input, or output if input
// is none.
type settings struct {
	fd     int
	before *term.State
	raw    *unix.Termios
}

// makeRaw sets the terminal to raw mode and returns what it was.
func (t *Terminal) makeRaw() (s settings, err error) {
	s.fd = int(t.in.Fd())
	if !t.input {
		s.fd = int(t.out.Fd())
	}
	if s.before, err = term.MakeRaw(s.fd); err != nil {
		return s, err
	}
	if s.raw, err = unix.IoctlGetTermios(s.fd, getTermios); err != nil {
		return s, errors.Join(err, t.putBack(s))
	}
	if !t.input { // no key of it reaches us: ^C must be a signal
		s.raw.Lflag |= unix.ISIG
		if err := t.makeRawAgain(s); err != nil {
			return s, errors.Join(err, t.putBack(s))
		}
	}
	return s, nil
}

// makeRawAgain sets the terminal to raw mode as makeRaw did.
func (t *Terminal) makeRawAgain(s settings) error {
	return unix.IoctlSetTermios(s.fd, setTermios, s.raw)
}

// putBack restores the terminal's settings.
func (t *Terminal) putBack(s settings) error { return term.Restore(s.fd, s.before) }

// writeLast writes p in one write, unless the terminal takes nothing.
func (t *Terminal) writeLast(p []byte) error {
	fds := []unix.PollFd{{Fd: int32(t.out.Fd()), Events: unix.POLLOUT}}
	if n, err := unix.Poll(fds, int(lastWrite/time.Millisecond)); n == 0 && err == nil {
		return os.ErrDeadlineExceeded
	}
	_, err := t.out.Write(p)
	return err
}

// watch rings at each SIGWINCH, and wakes the terminal at each SIGCONT, until Close.
func (t *Terminal) watch() {
	changed, continued := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGWINCH)
	signal.Notify(continued, syscall.SIGCONT)
	t.watcher.Go(func() {
		defer signal.Stop(changed)
		defer signal.Stop(continued)
		for {
			select {
			case <-changed:
				ring(t.resized)
			case <-continued:
				t.wake()
			case <-t.stop:
				return
			}
		}
	})
}

// wake brings the terminal back to raw mode after somebody stopped this process:
// the shell has set it as it likes meanwhile. Its settings of before are kept.
func (t *Terminal) wake() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.asleep != nil { // Suspend does the rest
		close(t.asleep)
		t.asleep = nil
		return
	}
	if !t.raw.Load() {
		return
	}
	// If this fails there is no terminal any more: whoever reads or draws hears of
	// it. In the background it stops this process until it is in front again.
	_ = t.makeRawAgain(t.before)
	_ = t.reset()
	ring(t.continued)
}

// Suspend restores the terminal, stops this process's group as ^Z does, and
// returns in raw mode when it is continued; the caller repaints. Where nothing
// can continue it, it is not stopped. Nothing may read events meanwhile.
func (t *Terminal) Suspend() error {
	if err := t.Restore(); err != nil {
		return err
	}
	continued := make(chan struct{})
	t.setAsleep(continued)
	defer t.setAsleep(nil)
	if err := unix.Kill(0, unix.SIGTSTP); err != nil {
		return err
	}
	// The clock went on while we were stopped: the first wait may end by it, the
	// second then ends by the signal.
	for range 2 {
		timer := time.NewTimer(stopDelay / 2)
		defer timer.Stop()
		select {
		case <-continued:
			return t.Raw()
		case <-timer.C:
		}
	}
	return t.Raw()
}

// setAsleep says who waits for this process to be continued.
func (t *Terminal) setAsleep(continued chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asleep = continued
}
