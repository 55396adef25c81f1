//go:build linux || darwin || freebsd

package pty

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// setSize sets the terminal's size in cells.
func setSize(fd, cols, rows int) error {
	if cols < 1 || rows < 1 || cols > maxCells || rows > maxCells {
		return fmt.Errorf("size %dx%d out of range", cols, rows)
	}
	return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(cols), Row: uint16(rows)})
}

// readModes reads the terminal's modes. On the master side the settings are
// those of the slave.
func readModes(fd int) (Modes, error) {
	t, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return Modes{}, err
	}
	return Modes{
		ISIG:      t.Lflag&unix.ISIG != 0,
		NoFlush:   t.Lflag&unix.NOFLSH != 0,
		Echo:      t.Lflag&unix.ECHO != 0,
		Canonical: t.Lflag&unix.ICANON != 0,
		Intr:      char(t.Cc[unix.VINTR]),
		Quit:      char(t.Cc[unix.VQUIT]),
		Susp:      char(t.Cc[unix.VSUSP]),
		Unread:    unread(fd),
	}, nil
}

// char gives zero for a control character that is disabled.
func char(c byte) byte {
	if c == disabledChar {
		return 0
	}
	return c
}
