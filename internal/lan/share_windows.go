package lan

import (
	"errors"
	"syscall"
)

// shareAddress lets several hosts of one machine have the port.
func shareAddress(_, _ string, c syscall.RawConn) error {
	var err error
	ctlErr := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	})
	return errors.Join(err, ctlErr)
}
