//go:build unix

package lan

import (
	"errors"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// shareAddress lets several hosts of one machine have the port. Linux does so by
// SO_REUSEADDR, whoever they belong to, and gives each what is sent to all; the BSDs
// want SO_REUSEPORT too.
func shareAddress(_, _ string, c syscall.RawConn) error {
	var err error
	ctlErr := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
		if err == nil && runtime.GOOS != "linux" {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		}
	})
	return errors.Join(err, ctlErr)
}
