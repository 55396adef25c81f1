//go:build linux || darwin || freebsd

package pty

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestEcho(t *testing.T) {
	s, out := start(t, Config{}, "cat")
	typeAll(t, s, "hello\n")
	out.wait(t, "hello\r\nhello\r\n") // the terminal's echo, then cat's
}

func TestSize(t *testing.T) {
	s, out := script(t, Config{Cols: 100, Rows: 30},
		`trap 'stty size' WINCH; stty size; echo ready; while :; do read x; done`)
	out.wait(t, "30 100\r\nready")
	if err := s.Resize(132, 43); err != nil {
		t.Fatal(err)
	}
	typeAll(t, s, "\n") // some shells run a trap only between commands
	out.wait(t, "43 132")
	for _, c := range [][2]int{{0, 24}, {80, -1}, {1 << 16, 24}} {
		if s.Resize(c[0], c[1]) == nil {
			t.Errorf("Resize(%d, %d) was accepted", c[0], c[1])
		}
	}
}

func TestStatus(t *testing.T) {
	for _, tt := range []struct {
		desc, script string
		want         Status
	}{
		{"exits well", "exit 0", Status{}},
		{"exits with a code", "exit 7", Status{Code: 7}},
		{"is killed", "kill -TERM $$; read x", Status{Code: 128 + 15, Signal: syscall.SIGTERM}},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			s, _ := script(t, Config{}, tt.script)
			if got := status(t, s); got != tt.want {
				t.Errorf("status %+v, want %+v", got, tt.want)
			}
			if _, err := s.Write([]byte("x")); !errors.Is(err, ErrClosed) {
				t.Errorf("Write to a shell that ended: %v, want ErrClosed", err)
			}
		})
	}
}

func TestStartErrors(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	none := func([]byte) {}
	for _, tt := range []struct {
		desc string
		cfg  Config
		want error
	}{
		{"program not in PATH", Config{Argv: []string{"no-such-shell"}, Output: none}, exec.ErrNotFound},
		{"program file missing", Config{Argv: []string{dir + "/missing"}, Output: none}, fs.ErrNotExist},
		{"program not executable", Config{Argv: []string{plain}, Output: none}, fs.ErrPermission},
		{"directory missing", Config{Argv: []string{"cat"}, Dir: dir + "/missing", Output: none}, fs.ErrNotExist},
		{"directory is a file", Config{Argv: []string{"cat"}, Dir: plain, Output: none}, unix.ENOTDIR},
		{"size out of range", Config{Argv: []string{"cat"}, Cols: 1 << 20, Rows: 1, Output: none}, nil},
		{"no program", Config{Output: none}, nil},
		{"no output function", Config{Argv: []string{"cat"}}, nil},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			s, err := Start(tt.cfg)
			if err == nil {
				s.Close()
				t.Fatal("started")
			}
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error %q, want %q", err, tt.want)
			}
			if tt.want != nil && !strings.HasPrefix(err.Error(), "start "+tt.cfg.Argv[0]) {
				t.Errorf("error %q does not say what was started", err)
			}
		})
	}
}

func TestChildGetsOnlyItsTerminalAndEnvironment(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("no /proc/self/fd on this system")
	}
	leak, err := unix.Dup(0) // without close-on-exec, as if inherited
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(leak)

	out := newPaper()
	s, err := Start(Config{
		Argv:   []string{"/bin/sh", "-c", `/bin/ls -l /proc/self/fd; echo "[$HOME$GOSSTERM_TEST]"`},
		Env:    []string{"GOSSTERM_TEST=mine"},
		Output: out.print,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	status(t, s)
	var fds []string
	for line := range strings.Lines(out.String()) {
		if f := strings.Fields(line); len(f) > 3 && f[len(f)-2] == "->" {
			if strings.HasPrefix(f[len(f)-1], "/proc/") {
				continue // the listing itself
			}
			fds = append(fds, f[len(f)-3])
		}
	}
	if got := strings.Join(fds, " "); got != "0 1 2" {
		t.Errorf("child has descriptors %q, want 0 1 2:\n%s", got, out)
	}
	if !strings.Contains(out.String(), "[mine]") {
		t.Errorf("environment is not the given one:\n%s", out)
	}
}

func TestModes(t *testing.T) {
	cooked := Modes{ISIG: true, Echo: true, Canonical: true, Intr: 3, Quit: 0x1c, Susp: 0x1a}
	changed := cooked
	changed.NoFlush, changed.Echo, changed.Intr, changed.Susp = true, false, 0x18, 0
	raw := cooked
	raw.ISIG, raw.Echo, raw.Canonical = false, false, false
	for _, tt := range []struct {
		desc, stty string
		want       Modes
	}{
		{"at start", ":", cooked},
		{"changed", "stty noflsh -echo intr ^X susp undef", changed},
		{"raw", "stty raw -echo", raw},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			s, out := script(t, Config{}, tt.stty+"; echo ready; read x")
			out.wait(t, "ready")
			got, err := s.Modes()
			if err != nil || got != tt.want {
				t.Errorf("Modes() = %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

// A program that does not read leaves whole lines in the line discipline, and
// the host must see them there before it trusts a ^C to get through.
func TestUnreadLinesAreCounted(t *testing.T) {
	s, out := script(t, Config{}, "stty -echo; echo ready; exec sleep 100")
	out.wait(t, "ready")
	typeAll(t, s, "one\ntwo\npart")
	deadline := time.Now().Add(5 * time.Second)
	for {
		m, err := s.Modes()
		if err != nil {
			t.Fatal(err)
		}
		if m.Unread == len("one\ntwo\n") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes unread, want %d: two whole lines", m.Unread, len("one\ntwo\n"))
		}
	}
}

func TestRawChildGetsEveryByte(t *testing.T) {
	s, out := script(t, Config{}, "stty raw -echo; echo ready; dd bs=1 count=5 2>/dev/null | od -An -tx1")
	out.wait(t, "ready")
	typeAll(t, s, "\x03\x04\x11\x1b\r")
	out.wait(t, "03 04 11 1b 0d")
}

func TestLastByteComesBeforeDone(t *testing.T) {
	gate := make(chan struct{})
	out := newPaper()
	s, _ := script(t, Config{Output: func(b []byte) {
		<-gate
		out.print(b)
	}}, "head -c 10000 /dev/zero | tr '\\0' x; printf end")
	<-s.exited // all is printed, next to nothing was taken
	select {
	case st := <-s.Done():
		t.Errorf("Done gave %+v before the output", st)
	default:
	}
	close(gate)
	status(t, s)
	if got := out.String(); got != strings.Repeat("x", 10000)+"end" {
		t.Errorf("got %d bytes before Done, want 10003", len(got))
	}
}
