// Command natlab shows who reaches whom: it lays out networks with real NATs, runs
// gossterm in them on real terminals and prints a table of what a joiner saw.
//
//	 A ---- natA ---- internet ---- natB ---- B      each its own network namespace
//	host     |         |    |        |     joiner    NATs are nftables', wires are the kernel's
//	       nftables  relay relay2  nftables
//
// Run it by scripts/natlab, which builds both programs:
//
//	scripts/natlab                      every case
//	scripts/natlab --short              the cases of continuous integration
//	scripts/natlab --list               what cases there are, and what each must reach
//	scripts/natlab --case cone/cone     one case (may be given more than once; a trailing * is a wildcard)
//	scripts/natlab --logs DIR           keep each case's logs and screens there
//	scripts/natlab --slack 4            targets of time are four times as long
//	scripts/natlab --json               the results as JSON, one object a line
//
// It needs Linux, root (or user namespaces), ip and nft. Where it cannot make networks
// it says why and exits with status 0. Status 1 means that a target was missed, 2 that
// the lab itself failed.
//
// A case goes like this: the relays start on the internet, the host behind natA, the
// joiner behind natB with the host's ticket. The time to the first screen is from the start of
// the joiner's process until its terminal shows what the host's command printed. Then 200
// keys are typed one by one at the joiner, each is timed until its echo stands on
// the joiner's screen, and what the command read is compared with what was typed. The
// path and its round trip time are what the joiner's log says (msg=path).
//
// Some cases have more people: a member who joins before, a third who comes later, each
// beside the joiner; and machines that have nothing to do with it. Tickets are then
// read from screens (~i). What must not be sent is counted by taps on the machines'
// interfaces; with --logs, what they saw is kept, with times, as MACHINE.packets.
//
// A key that waits for longer than 200 ms where nothing happens has stalled. On a busy
// machine that is longer by what the lab saw itself wait; targets of 500 ms and more,
// and the time to a direct path, hold on every machine.
//
// All namespaces and processes of a run hang on one process that is the first of a
// PID namespace: however the run ends, by SIGKILL too, the kernel takes them away.
// Runs do not see each other.
package main

import (
	"os"
	"runtime"
)

// The exit statuses.
const (
	exitMissed = 1 // a target was missed
	exitFailed = 2 // the lab failed
)

func main() {
	runtime.LockOSThread() // the lab dies with this thread, see lab.Isolate
	os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
}
