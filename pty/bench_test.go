//go:build linux || darwin || freebsd

package pty

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// bulkSize is the file that BenchmarkBulk prints; large enough that starting
// cat does not count.
const bulkSize = 64 << 20

// BenchmarkBulk compares cat of a large file through a Shell with the least
// that can be done: one blocking read loop on a bare terminal.
func BenchmarkBulk(b *testing.B) {
	line := []byte("The quick brown fox jumps over the lazy dog, 0123456789 times.\n")
	var text []byte
	for len(text) < bulkSize {
		text = append(text, line...)
	}
	path := filepath.Join(b.TempDir(), "bulk")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		b.Fatal(err)
	}
	b.Run("shell", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			calls := 0
			s, err := Start(Config{Argv: []string{"cat", path}, Output: func([]byte) { calls++ }})
			if err != nil {
				b.Fatal(err)
			}
			<-s.Done()
			s.Close()
			b.ReportMetric(float64(len(text))/float64(calls), "B/output")
		}
	})
	b.Run("bare", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			bareCat(b, path)
		}
	})
}

func bareCat(b *testing.B, path string) {
	master, slave, err := openPair(80, 24)
	if err != nil {
		b.Fatal(err)
	}
	defer master.Close()
	cmd := exec.Command("cat", path)
	cmd.Stdin, cmd.Stdout = slave, slave
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	slave.Close()
	fd := int(master.Fd())
	if err := syscall.SetNonblock(fd, false); err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, readSize)
	for {
		if n, err := syscall.Read(fd, buf); n <= 0 || err != nil {
			break
		}
	}
	cmd.Wait()
}
