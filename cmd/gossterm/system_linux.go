package main

import "golang.org/x/sys/unix"

// The requests that read and set a terminal's settings.
const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
)

// ownProgram returns the path of the program that this process runs, also if its
// file was replaced or removed since.
func ownProgram() (string, error) { return "/proc/self/exe", nil }
