// Command gossterm shares a terminal, peer to peer.
package main

import (
	"os"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == watcherCommand {
		watchOver()
		return
	}
	status := 0
	guard(func() { status = run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr) })
	os.Exit(status)
}
