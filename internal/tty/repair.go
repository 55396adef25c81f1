package tty

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/term"
)

// eraseBelow takes away what is left below the cursor of what was drawn.
const eraseBelow = "\x1b[J"

// Repair brings back the terminal that out is, and in may be, after a program that was
// killed left it in whatever state: its settings as 'stty sane' has them, and the
// reset list, in one write, on whichever screen it is. If out is no terminal it fails
// with ErrNotTerminal and does nothing.
func Repair(in, out *os.File) error {
	if !term.IsTerminal(int(out.Fd())) {
		return fmt.Errorf("%s: %w", out.Name(), ErrNotTerminal)
	}
	err := makeSane(in, out)
	if err != nil {
		err = fmt.Errorf("set terminal: %w", err)
	}
	_, writeErr := out.Write(append(ResetAll(), eraseBelow...))
	return errors.Join(err, writeErr)
}
