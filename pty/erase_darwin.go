package pty

import "golang.org/x/sys/unix"

// eraseUTF8 makes the line editor erase whole UTF-8 characters.
func eraseUTF8(fd int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TIOCGETA)
	if err != nil {
		return err
	}
	t.Iflag |= unix.IUTF8
	return unix.IoctlSetTermios(fd, unix.TIOCSETA, t)
}
