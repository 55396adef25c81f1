package main

import (
	"os"
	"runtime/debug"
)

// hostGC is by how many percent a host's memory may grow before the next collection. By
// Go's own 100 it takes 17 % more memory in a flood and a tenth less processor time: the
// host is somebody's own machine, on which something is being debugged.
const hostGC = 40

// spareMemory sets that, unless GOGC says otherwise.
func spareMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(hostGC)
	}
}
