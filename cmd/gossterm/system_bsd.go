//go:build darwin || freebsd

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// The requests that read and set a terminal's settings.
const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
)

// ownProgram returns the path of the program that this process runs.
func ownProgram() (string, error) { return os.Executable() }
