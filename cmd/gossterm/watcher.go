package main

// watcherCommand is the one argument of a watcher. It is for no person.
const watcherCommand = "__restore"

// A terminalState is what a watcher is told.
type terminalState byte

const (
	restored terminalState = iota
	raw
)
