//go:build linux || darwin || freebsd

package pty

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// fifo makes a named pipe that a script can wait on.
func fifo(t *testing.T) (path string, open func()) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, func() {
		if err := os.WriteFile(path, []byte("go\n"), 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWriteTakesWhatFitsAndEveryByteArrivesOnce(t *testing.T) {
	const size = 1 << 20
	data := make([]byte, size)
	r := rand.NewChaCha8([32]byte{1})
	r.Read(data)
	room := make(chan struct{}, 16) // more than one would be a mistake that must not block
	path, open := fifo(t)
	s, out := script(t, Config{Room: func() { room <- struct{}{} }},
		fmt.Sprintf("stty raw -echo; echo ready; read x <%s; head -c %d | sha256sum", path, size))
	out.wait(t, "ready")

	left := data
	n, err := s.Write(left)
	if err != nil || n == 0 || n == size {
		t.Fatalf("Write to a child that does not read = %d, %v", n, err)
	}
	t.Logf("the terminal took %d bytes", n)
	left = left[n:]
	// The kernel's worker may have made a little room since.
	for quiet := false; !quiet; {
		select {
		case <-room:
			n, err := s.Write(left)
			if err != nil {
				t.Fatal(err)
			}
			left = left[n:]
		case <-time.After(4 * roomCheck):
			quiet = true
		}
	}
	open()
	calls := 0
	for len(left) > 0 {
		select {
		case <-room:
			calls++
		case <-time.After(patience):
			t.Fatalf("no room with %d bytes left", len(left))
		}
		n, err := s.Write(left)
		if err != nil {
			t.Fatal(err)
		}
		left = left[n:]
	}
	out.wait(t, fmt.Sprintf("%x", sha256.Sum256(data)))
	status(t, s)
	select {
	case <-room:
		t.Error("Room was called after a Write that took all")
	default:
	}
	t.Logf("%d calls of Room", calls)
}

func TestRoomIsCalledOnceForManyWrites(t *testing.T) {
	room := make(chan struct{}, 16)
	path, open := fifo(t)
	s, out := script(t, Config{Room: func() { room <- struct{}{} }},
		fmt.Sprintf("stty raw -echo; echo ready; read x <%s; cat >/dev/null", path))
	out.wait(t, "ready")
	for {
		fill(t, s, "0123456789")
		select {
		case <-room: // the kernel's worker made a little room
			continue
		case <-time.After(4 * roomCheck):
		}
		break
	}
	for range 5 {
		if n, err := s.Write([]byte("x")); n != 0 || err != nil {
			t.Fatalf("Write to a full terminal = %d, %v", n, err)
		}
	}
	open()
	select {
	case <-room:
	case <-time.After(patience):
		t.Fatal("Room was not called")
	}
	select {
	case <-room:
		t.Error("Room was called twice")
	case <-time.After(4 * roomCheck):
	}
}

func TestRoomIsCalledWhenTheShellGoes(t *testing.T) {
	room := make(chan struct{}, 16)
	path, open := fifo(t)
	s, out := script(t, Config{Room: func() { room <- struct{}{} }},
		fmt.Sprintf("stty raw -echo; echo ready; read x <%s", path))
	out.wait(t, "ready")
	fill(t, s, "x")
	open()
	status(t, s)
	select {
	case <-room:
	case <-time.After(patience):
		t.Fatal("Room was not called")
	}
}
