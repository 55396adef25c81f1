//go:build linux || darwin || freebsd

package pty

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// processorTime is what this process has used so far.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// closedAndBack is a script that closes its terminal, says so by one pipe, waits
// for another and opens the terminal again.
func closedAndBack(closed, back, then string) string {
	return fmt.Sprintf(`echo ready; exec </dev/null >/dev/null 2>&1; echo closed >%s; read x <%s
exec </dev/tty >/dev/tty 2>&1; %s`, closed, back, then)
}

// A child that closes its terminal and opens it again is heard and typed to.
func TestReopenedTerminalIsRead(t *testing.T) {
	closed, _ := fifo(t)
	back, open := fifo(t)
	s, out := script(t, Config{}, closedAndBack(closed, back, "echo back; read line; echo got:$line; exit 3"))
	out.wait(t, "ready")
	awaitLine(t, closed)
	began, used := time.Now(), processorTime(t)
	select { // it sees the end at once, and looks several times
	case <-s.drained:
		t.Fatal("the reader has ended while the child lives")
	case <-time.After(6 * reopenCheck):
	}
	used = processorTime(t) - used
	if took := time.Since(began); used > took/4 {
		t.Errorf("%v of processor time in %v of waiting", used, took)
	}
	open()
	out.wait(t, "back")
	typeAll(t, s, "hello\n")
	out.wait(t, "got:hello")
	if st := status(t, s); st.Code != 3 {
		t.Errorf("status %+v, want code 3", st)
	}
}

// A full terminal that nobody has open does not call Room again and again.
func TestClosedTerminalHasNoRoom(t *testing.T) {
	closed, _ := fifo(t)
	back, open := fifo(t)
	const most = 64 // times that the kernel's worker may make a little room
	room := make(chan struct{}, most)
	s, out := script(t, Config{Room: func() { room <- struct{}{} }},
		"stty raw -echo; "+closedAndBack(closed, back, "cat >/dev/null"))
	out.wait(t, "ready")
	awaitLine(t, closed)
	for calls, quiet := 0, false; !quiet; {
		fill(t, s, "0123456789")
		select {
		case <-room:
			if calls++; calls > most {
				t.Fatal("Room is called without end")
			}
		case <-time.After(4 * roomCheck):
			quiet = true
		}
	}
	open()
	select {
	case <-room:
	case <-time.After(patience):
		t.Fatal("Room was not called when the terminal was read again")
	}
}

// A child without an open terminal can be closed, and its end is seen.
func TestCloseWithoutAnOpenTerminal(t *testing.T) {
	for _, tt := range []struct{ desc, then string }{
		{"it lives", "sleep 1000"},
		{"it ends", "exit 4"},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			closed, _ := fifo(t)
			s, _ := script(t, Config{}, fmt.Sprintf(`exec </dev/null >/dev/null 2>&1; echo closed >%s; %s`, closed, tt.then))
			awaitLine(t, closed)
			if tt.then == "exit 4" {
				if st := status(t, s); st.Code != 4 {
					t.Errorf("status %+v, want code 4", st)
				}
			}
			began := time.Now()
			s.Close()
			if took := time.Since(began); took > hangupGrace {
				t.Errorf("Close took %v", took)
			}
		})
	}
}
