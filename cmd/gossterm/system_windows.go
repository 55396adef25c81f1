package main

import "syscall"

const (
	// hasShells says whether a shell can be run here, and so a session hosted.
	hasShells = false
	// hasModes says whether a file's mode tells who may read it.
	hasModes = false
	// suspendSignal is what ^Z sends: nothing.
	suspendSignal = syscall.Signal(0)
)
