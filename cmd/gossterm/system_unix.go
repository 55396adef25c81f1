//go:build unix

package main

import "syscall"

const (
	// hasShells says whether a shell can be run here, and so a session hosted.
	hasShells = true
	// hasModes says whether a file's mode tells who may read it.
	hasModes = true
	// suspendSignal is what ^Z sends.
	suspendSignal = syscall.SIGTSTP
)
