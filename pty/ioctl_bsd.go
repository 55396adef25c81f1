//go:build darwin || freebsd

package pty

import (
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	getTermios   = unix.TIOCGETA
	disabledChar = 0xff // _POSIX_VDISABLE
	flushRead    = 1    // FREAD in sys/fcntl.h
)

// flushInput discards what was typed and not yet read.
func flushInput(fd int) error {
	return unix.IoctlSetPointerInt(fd, unix.TIOCFLUSH, flushRead)
}

// unread does not know: FIONREAD on a master counts the other direction.
func unread(int) int { return 0 }

// signalForeground sends sig to the terminal's foreground process group.
// TIOCSIG differs between these systems; asking for the group does not.
func signalForeground(fd int, sig syscall.Signal) error {
	if sig != unix.SIGINT && sig != unix.SIGQUIT && sig != unix.SIGTSTP {
		return unix.EINVAL // as TIOCSIG on Linux
	}
	pgrp, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	if err != nil {
		return err
	}
	if pgrp <= 1 { // none: kill would read it as everybody
		return unix.ESRCH
	}
	return unix.Kill(-pgrp, sig)
}
