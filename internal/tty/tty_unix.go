//go:build unix

package tty

import (
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

// settings are those of the input, if it is a terminal.
type settings = *term.State

// makeRaw sets the input to raw mode and returns what it was.
func (t *Terminal) makeRaw() (settings, error) {
	if !t.input {
		return nil, nil
	}
	return term.MakeRaw(int(t.in.Fd()))
}

// putBack restores the input's settings.
func (t *Terminal) putBack(s settings) error {
	if s == nil {
		return nil
	}
	return term.Restore(int(t.in.Fd()), s)
}

// writeLast writes p in one write, unless the terminal takes nothing.
func (t *Terminal) writeLast(p []byte) error {
	fds := []unix.PollFd{{Fd: int32(t.out.Fd()), Events: unix.POLLOUT}}
	if n, err := unix.Poll(fds, int(lastWrite/time.Millisecond)); n == 0 && err == nil {
		return os.ErrDeadlineExceeded
	}
	_, err := t.out.Write(p)
	return err
}

// watchSize rings at each SIGWINCH until Close.
func (t *Terminal) watchSize() {
	changed := make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGWINCH)
	t.watcher.Go(func() {
		defer signal.Stop(changed)
		for {
			select {
			case <-changed:
				t.ring()
			case <-t.stop:
				return
			}
		}
	})
}

// Suspend restores the terminal, stops this process's group as ^Z does, and
// returns in raw mode when it is continued; the caller repaints. Where nothing
// can continue it, it is not stopped. Nothing may read events meanwhile.
func (t *Terminal) Suspend() error {
	if err := t.Restore(); err != nil {
		return err
	}
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	defer signal.Stop(continued)
	if err := unix.Kill(0, unix.SIGTSTP); err != nil {
		return err
	}
	timer := time.NewTimer(stopDelay)
	defer timer.Stop()
	select {
	case <-continued:
	case <-timer.C:
	}
	return t.Raw()
}
