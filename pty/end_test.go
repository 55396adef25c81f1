//go:build linux || darwin || freebsd

package pty

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestBackgroundProcessDoesNotHoldDone(t *testing.T) {
	for _, tt := range []struct{ desc, background string }{
		{"silent", "sleep 1000"},
		{"trickling", "while :; do echo tick; sleep 0.05; done"},
		{"flooding", "yes"},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			s, out := script(t, Config{},
				`trap "" HUP; (`+tt.background+`) & echo "pid=$!."; exit 3`)
			if st := status(t, s); st.Code != 3 {
				t.Errorf("status %+v, want code 3", st)
			}
			_, rest, ok := strings.Cut(out.String(), "pid=")
			digits, _, _ := strings.Cut(rest, ".")
			pid, err := strconv.Atoi(digits)
			if !ok || err != nil {
				t.Fatalf("the shell's last line came after Done: %q", out)
			}
			if n := len(out.String()); n > 8<<20 { // a second of yes is several times that
				t.Errorf("%d bytes were read before Done", n)
			}
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Errorf("the background process had ended: the test shows nothing (%v)", err)
			}
		})
	}
}

func TestClose(t *testing.T) {
	for _, tt := range []struct {
		desc, script string
		sig          syscall.Signal
	}{
		{"a shell that hangs up", "echo ready; while :; do sleep 0.1; done", syscall.SIGHUP},
		{"a shell that ignores it", `trap "" HUP; echo ready; while :; do sleep 0.1; done`, syscall.SIGKILL},
		{"a stopped shell", "echo ready; kill -STOP $$; sleep 100", syscall.SIGHUP},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			s, out := script(t, Config{}, tt.script)
			out.wait(t, "ready")
			var both sync.WaitGroup // from two goroutines: both must wait
			for range 2 {
				both.Go(func() {
					if err := s.Close(); err != nil {
						t.Error(err)
					}
					if err := syscall.Kill(s.cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
						t.Errorf("shell after Close: %v, want gone", err)
					}
				})
			}
			both.Wait()
			if st := status(t, s); st.Signal != tt.sig {
				t.Errorf("status %+v, want signal %v", st, tt.sig)
			}
			if err := s.Close(); err != nil {
				t.Errorf("Close again: %v", err)
			}
			_, err := s.Write([]byte("x"))
			_, merr := s.Modes()
			for _, err := range []error{err, merr, s.Resize(10, 10), s.Interrupt(syscall.SIGINT)} {
				if !errors.Is(err, ErrClosed) {
					t.Errorf("after Close: %v, want ErrClosed", err)
				}
			}
		})
	}
}

func TestCloseHangsUpTheForeground(t *testing.T) {
	path, _ := fifo(t)
	s, out := start(t, Config{}, "sh", "-i")
	typeAll(t, s, "sh -c 'trap \"echo hangup >"+path+"; exit\" HUP; echo rea\"\"dy; while :; do sleep 0.1; done'\n")
	out.wait(t, "ready")
	s.Close()
	if got, err := os.ReadFile(path); string(got) != "hangup\n" {
		t.Errorf("the program in the foreground said %q, %v", got, err)
	}
}

func TestCloseDoesNotWaitForOutputToBeTaken(t *testing.T) {
	first := make(chan struct{})
	var once sync.Once
	s, _ := start(t, Config{Output: func([]byte) { once.Do(func() { close(first) }) }}, "yes")
	<-first
	began := time.Now()
	s.Close()
	if took := time.Since(began); took > hangupGrace {
		t.Errorf("Close of a flooding shell took %v", took)
	}
}
