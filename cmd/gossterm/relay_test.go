package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// quietly returns a stdio whose output is kept in a file.
func quietly(t *testing.T) (stdio, func() string) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return stdio{in: os.Stdin, out: f, err: f}, func() string {
		b, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
}

func TestRelayKeyStays(t *testing.T) {
	std, said := quietly(t)
	file := filepath.Join(t.TempDir(), "new", "key")
	first, err := relayKey(std, file)
	if err != nil {
		t.Fatal(err)
	}
	again, err := relayKey(std, file)
	if err != nil || again.Peer() != first.Peer() {
		t.Errorf("another key from the same file, or %v", err)
	}
	if identity, err := loadIdentity(file); err != nil || identity.Peer() == first.Peer() {
		t.Errorf("the relay shows the key of the file itself, %v", err)
	}
	if said() != "" {
		t.Errorf("said %q", said())
	}
}

func TestRelayKeyWithoutAHome(t *testing.T) {
	std, said := quietly(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"XDG_CONFIG_HOME", "HOME", "AppData"} {
		t.Setenv(name, file) // nothing can be in it
	}
	a, err := relayKey(std, "")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := relayKey(std, ""); err != nil || a.Peer() == b.Peer() {
		t.Errorf("one key twice, or %v", err)
	}
	if !strings.Contains(said(), "another after each start") {
		t.Errorf("said %q", said())
	}
}

func TestRelayRefusesAFileThatIsNoKey(t *testing.T) {
	std, _ := quietly(t)
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (relayFlags{listen: ":0", keyFile: file, maxClients: 1, rate: 1}).config(std); err == nil {
		t.Errorf("a file of something else is a key")
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "something else" {
		t.Errorf("it was written to: %q, %v", b, err)
	}
}

func TestRelayHints(t *testing.T) {
	for _, c := range []struct {
		err  error
		hint string
	}{
		{syscall.EADDRINUSE, "running already"},
		{fs.ErrPermission, "below 1024"},
		{syscall.EADDRNOTAVAIL, "of this machine"},
		{errors.New("another"), ""},
	} {
		f, ok := errors.AsType[*failure](relayFailure(c.err))
		if !ok || f.status != exitHost || !strings.Contains(f.hint, c.hint) || (c.hint == "") != (f.hint == "") {
			t.Errorf("%v: %+v", c.err, f)
		}
	}
}

func TestQuotedForAShell(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7:4433/abc":     "192.0.2.7:4433/abc",
		"[2001:db8::7]:4433/abc": "'[2001:db8::7]:4433/abc'",
	} {
		if got := quoted(in); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
