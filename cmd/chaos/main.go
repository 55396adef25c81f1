// Command chaos shows what a session survives: it runs gossterm on real terminals, does
// to it what networks, laptops and people do, and prints a table of what became of the
// keys and the screens.
//
//	host --- line --- switch --- line --- a, b, c ...     each its own network namespace
//	 |                                                     a line is late, lossy, slow or cut
//	the host's command writes down each byte that it reads
//
// Run it by scripts/chaos, which builds both programs:
//
//	scripts/chaos                  every case, three runs each
//	scripts/chaos --short          the cases of continuous integration, one run of each
//	scripts/chaos --list           what cases there are
//	scripts/chaos --case 'cut*'    these cases (may be given more than once; a * stands for anything)
//	scripts/chaos --runs N         N runs of each case
//	scripts/chaos --logs DIR       keep logs and screens of each run there
//	scripts/chaos --jobs N         N cases at a time, of those that do not load the machine
//	scripts/chaos --slack 4        targets of time are four times as long
//	scripts/chaos --json           the results as JSON, one object a case
//
// Those who type are called a, b, c and so on, h at the host's own terminal, and each
// types tokens of its own: a:1; a:2; and so on. What the host's command read must have
// each confirmed token once and in its author's order, and none that nobody typed. A
// token is confirmed when its author's status (~s) says that all is acknowledged, or
// when its gossterm, at its end, does not name it among what is not known to be typed.
// Who is cut off also presses ^A, which is held with what follows until its author has
// been asked and has said that it is to be sent.
// At the end of a case each viewer's screen must equal the host's own within 2 s of
// quiet; the last row, where notices come and go, a notice later.
//
// It needs Linux, root (or user namespaces), ip and nft; strace for one case. Where it
// cannot make networks, the cases that need none run over loopback, and it says which were
// skipped. Status 1 means that a promise was broken, 2 that the lab itself failed.
//
// All namespaces and processes of a run hang on one process that is the first of a PID
// namespace: however the run ends, by SIGKILL too, the kernel takes them away.
package main

import (
	"os"
	"runtime"
)

// The exit statuses.
const (
	exitBroken = 1 // a promise was broken
	exitFailed = 2 // the lab failed
)

func main() {
	runtime.LockOSThread() // the lab dies with this thread, see lab.Isolate
	os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
}
