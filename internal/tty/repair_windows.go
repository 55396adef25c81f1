package tty

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
	"golang.org/x/term"
)

// makeSane gives a console the modes that it begins with, and has it understand
// sequences: the reset list follows.
func makeSane(in, out *os.File) error {
	err := windows.SetConsoleMode(windows.Handle(out.Fd()),
		windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_WRAP_AT_EOL_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING)
	if in == nil || !term.IsTerminal(int(in.Fd())) {
		return err
	}
	return errors.Join(err, windows.SetConsoleMode(windows.Handle(in.Fd()),
		windows.ENABLE_PROCESSED_INPUT|windows.ENABLE_LINE_INPUT|windows.ENABLE_ECHO_INPUT|
			windows.ENABLE_EXTENDED_FLAGS|windows.ENABLE_QUICK_EDIT_MODE|windows.ENABLE_INSERT_MODE))
}
