//go:build linux || darwin || freebsd

package pty

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds how long a test waits for something that must happen.
const patience = 20 * time.Second

// A paper keeps what a shell prints and lets tests wait for words on it.
type paper struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newPaper() *paper { return &paper{changed: make(chan struct{}, 1)} }

func (p *paper) print(b []byte) {
	p.mu.Lock()
	p.text.Write(b)
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// wait returns when words were printed.
func (p *paper) wait(t *testing.T, words string) {
	t.Helper()
	late := time.After(patience)
	for !strings.Contains(p.String(), words) {
		select {
		case <-p.changed:
		case <-late:
			t.Fatalf("never printed %q; printed %q", words, p)
		}
	}
}

// start runs argv and closes it when the test ends.
func start(t *testing.T, cfg Config, argv ...string) (*Shell, *paper) {
	t.Helper()
	out := newPaper()
	cfg.Argv = argv
	cfg.Env = append(os.Environ(), "LC_ALL=C", "PS1=$ ", "HISTFILE=")
	if cfg.Output == nil {
		cfg.Output = out.print
	}
	s, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, out
}

// script runs a shell script.
func script(t *testing.T, cfg Config, text string) (*Shell, *paper) {
	t.Helper()
	return start(t, cfg, "sh", "-c", text)
}

// typeAll writes text, which must fit.
func typeAll(t *testing.T, s *Shell, text string) {
	t.Helper()
	if n, err := s.Write([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("Write(%q) = %d, %v", text, n, err)
	}
}

// fill types line again and again until the terminal takes no more, and says
// how many bytes that were.
func fill(t *testing.T, s *Shell, line string) (total int) {
	t.Helper()
	const bound = 1 << 20
	for total < bound {
		n, err := s.Write([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if total += n; n == 0 {
			return total
		}
	}
	t.Fatalf("terminal took %d bytes that nobody reads", total)
	return 0
}

// status waits for the shell to end.
func status(t *testing.T, s *Shell) Status {
	t.Helper()
	select {
	case st := <-s.Done():
		return st
	case <-time.After(patience):
		t.Fatal("Done never came")
		return Status{}
	}
}

// awaitLine returns when a script has written to a named pipe.
func awaitLine(t *testing.T, path string) {
	t.Helper()
	if _, err := os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
}
