//go:build linux || darwin || freebsd

package pty

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// interruptDue is how long ^C may take to reach a program, however full the
// terminal is.
const interruptDue = 500 * time.Millisecond

func TestInterruptOfAFullTerminalLeavesNothingForThePrompt(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash")
	}
	for _, tt := range []struct{ desc, stty string }{
		{"a program that does not read", ":"},
		{"a raw program that does not read", "stty raw isig -echo"},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			dir := t.TempDir()
			s, out := start(t, Config{Dir: dir}, "bash", "--norc", "--noprofile", "-i")
			// The program itself says that it runs: before, bash may have the signal.
			typeAll(t, s, "sh -c '"+tt.stty+`; echo run""ning; exec sleep 100'`+"\n")
			out.wait(t, "running")
			n := 0
			for more := true; more; { // the kernel's worker moves it on and makes room
				took := fill(t, s, "touch stale\n")
				n += took
				more = took > 0
			}
			if n < 8<<10 {
				t.Fatalf("only %d bytes stuffed", n)
			}
			began := time.Now()
			if err := s.Interrupt(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			typeAll(t, s, "echo st''atus $?; stty sane\n")
			out.wait(t, "status 130")
			took := time.Since(began)
			t.Logf("%d bytes stuffed, interrupted after %v", n, took)
			if took > interruptDue {
				t.Errorf("interrupted after %v, want %v", took, interruptDue)
			}
			typeAll(t, s, "exit 5\n") // whatever was queued before runs first
			if st := status(t, s); st.Code != 5 {
				t.Errorf("bash ended with %+v, want code 5", st)
			}
			if _, err := os.Stat(filepath.Join(dir, "stale")); err == nil {
				t.Error("a stale line was run")
			}
			if strings.Contains(strings.Split(out.String(), "status 130")[1], "stale") {
				t.Errorf("a stale byte was read at the prompt: %q", out)
			}
		})
	}
}

func TestInterruptRespectsNoFlush(t *testing.T) {
	for _, tt := range []struct{ desc, stty, want string }{
		{"pending input is discarded", "stty -echo", "got:later"},
		{"pending input is kept", "stty -echo noflsh", "got:pending"},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			s, out := script(t, Config{},
				tt.stty+`; trap "echo INT" INT; sh -c "echo ready; exec sleep 100"; read line; echo got:$line`)
			out.wait(t, "ready")
			typeAll(t, s, "pending\n")
			if err := s.Interrupt(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			out.wait(t, "INT")
			s.Write([]byte("later\n")) // fails if the shell has read a line and is gone
			out.wait(t, "got:")
			status(t, s)
			if !strings.Contains(out.String(), tt.want) {
				t.Errorf("printed %q, want %q", out, tt.want)
			}
		})
	}
}

func TestInterruptQuitsAndStops(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash")
	}
	for sig, want := range map[syscall.Signal]string{
		syscall.SIGQUIT: "status 131",
		syscall.SIGTSTP: "status 148",
	} {
		t.Run(want, func(t *testing.T) {
			s, out := start(t, Config{}, "bash", "-c", // with jobs: what has no shell cannot be stopped
				`set -m; ulimit -c 0; sh -c "echo ready; exec sleep 100"; echo "status $?"; kill -9 %1 2>/dev/null`)
			out.wait(t, "ready")
			if err := s.Interrupt(sig); err != nil {
				t.Fatal(err)
			}
			out.wait(t, want)
		})
	}
	s, _ := start(t, Config{}, "cat")
	if err := s.Interrupt(syscall.SIGKILL); err == nil {
		t.Error("a signal that no key sends was sent")
	}
}
