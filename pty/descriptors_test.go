//go:build linux || darwin || freebsd

package pty

import (
	"errors"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// noDescriptors lets nothing be opened until the test ends or what it returns is called.
func noDescriptors(t *testing.T) (again func()) {
	t.Helper()
	var was unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	none := was
	none.Cur = 3
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	again = func() {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &was); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(again)
	return again
}

// A process that can open nothing more still shows, types, resizes and interrupts.
func TestShellGoesOnWithoutDescriptors(t *testing.T) {
	s, out := script(t, Config{}, `trap "echo interrupted" INT; echo ready; read a; echo got $a; stty size; while :; do sleep 0.1; done`)
	out.wait(t, "ready")
	again := noDescriptors(t)
	if err := s.Resize(50, 20); err != nil {
		t.Error(err)
	}
	if _, err := s.Modes(); err != nil {
		t.Error(err)
	}
	typeAll(t, s, "words\n")
	out.wait(t, "got words")
	out.wait(t, "20 50")
	if err := s.Interrupt(syscall.SIGINT); err != nil {
		t.Error(err)
	}
	out.wait(t, "interrupted")
	if _, err := Start(Config{Argv: []string{"true"}, Output: func([]byte) {}}); !errors.Is(err, unix.EMFILE) {
		t.Errorf("a second shell: %v", err)
	}
	again()
	s.Close()
	if st := status(t, s); st.Signal != syscall.SIGHUP && st.Signal != syscall.SIGKILL {
		t.Errorf("ended with %+v", st)
	}
}
