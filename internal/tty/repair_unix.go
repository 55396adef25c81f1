//go:build unix

package tty

import (
	"os"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// makeSane gives the terminal that in is, or else out, the settings of 'stty sane'
// (POSIX: "some reasonable, unspecified, values"; these are those of GNU and the BSDs).
// Its special characters, its speed and whether it knows UTF-8 stay: no program that
// shows a session changes them.
func makeSane(in, out *os.File) error {
	fd := int(out.Fd())
	if in != nil && term.IsTerminal(int(in.Fd())) {
		fd = int(in.Fd())
	}
	t, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return err
	}
	sane(t)
	return unix.IoctlSetTermios(fd, setTermios, t)
}

func sane(t *unix.Termios) {
	t.Iflag &^= unix.IGNBRK | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.IXOFF
	t.Iflag |= unix.BRKINT | unix.ICRNL | unix.IXON | unix.IMAXBEL
	t.Oflag &^= unix.OCRNL | unix.ONOCR | unix.ONLRET
	t.Oflag |= unix.OPOST | unix.ONLCR
	t.Cflag &^= unix.CSIZE | unix.PARENB
	t.Cflag |= unix.CS8 | unix.CREAD
	t.Lflag &^= unix.ECHONL | unix.NOFLSH | unix.TOSTOP | unix.ECHOPRT | unix.FLUSHO
	t.Lflag |= unix.ICANON | unix.ISIG | unix.IEXTEN | unix.ECHO | unix.ECHOE | unix.ECHOK | unix.ECHOCTL | unix.ECHOKE
	// Raw mode borrows these two places, which on some systems are those of the
	// characters that end a line and a file.
	if unix.VMIN != unix.VEOF {
		t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	} else {
		t.Cc[unix.VEOF], t.Cc[unix.VEOL] = 'D'&0x1f, 0
	}
}
