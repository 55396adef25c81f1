package pty

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	getTermios   = unix.TCGETS
	disabledChar = 0 // _POSIX_VDISABLE
)

// eraseUTF8 makes the line editor erase whole UTF-8 characters.
func eraseUTF8(fd int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag |= unix.IUTF8
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}

// flushInput discards what was typed and not yet read.
//
// It lies in two places: the queue between the sides, and up to 4 KiB in the
// slave's line discipline. TCFLSH on the master reaches only the first, so the
// slave is opened for a moment. Keeping it open would hide the terminal's end. When
// there is no descriptor for that, the first has to do: what is sent after it counts
// more.
func flushInput(fd int) error {
	err := onSlave(fd, func(slave int) error { return unix.IoctlSetInt(slave, unix.TCFLSH, unix.TCIFLUSH) })
	if errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) {
		return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCOFLUSH) // to the slave, as seen from here
	}
	return err
}

// unread asks the line discipline what it holds, zero if it does not say.
func unread(fd int) (n int) {
	onSlave(fd, func(slave int) (err error) {
		n, err = unix.IoctlGetInt(slave, unix.TIOCINQ)
		return err
	})
	return n
}

// onSlave runs f on the slave's descriptor.
func onSlave(fd int, f func(slave int) error) error {
	const flags = unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC
	slave, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, flags)
	if errno != 0 {
		return errno
	}
	defer unix.Close(int(slave))
	return f(int(slave))
}

// signalForeground sends sig to the terminal's foreground process group.
func signalForeground(fd int, sig syscall.Signal) error {
	return unix.IoctlSetInt(fd, unix.TIOCSIG, int(sig))
}
