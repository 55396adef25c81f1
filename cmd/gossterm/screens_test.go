//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gossterm/internal/screen"
)

// A theater is a host on a terminal of its own and those who watch it on theirs.
type theater struct {
	testing.TB
	*stage
	ticket string
	host   *program
}

// newTheater starts a host on a terminal of a size, that shares argv.
func newTheater(t testing.TB, cols, rows int, argv ...string) *theater {
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	th := &theater{TB: t, stage: newStage(dir, append(os.Environ(), scriptEnv(home)...))}
	t.Cleanup(th.stage.close)
	th.host = th.start("host", cols, rows, append([]string{"gossterm", "host", "--"}, argv...)...)
	re := regexp.MustCompile(`(gst1[a-z2-7]+)\r?\n`)
	th.wait("the host prints a ticket", func() bool {
		if found := re.FindSubmatch(th.host.raw); found != nil {
			th.ticket = string(found[1])
		}
		return th.ticket != ""
	})
	return th
}

func (th *theater) start(name string, cols, rows int, argv ...string) *program {
	th.Helper()
	p, err := th.onTerminal(name, cols, rows, nil, argv)
	if err != nil {
		th.Fatal(err)
	}
	return p
}

func (th *theater) join(name string, cols, rows int) *program {
	th.Helper()
	return th.start(name, cols, rows, "gossterm", "join", "--name", name, th.ticket)
}

// wait waits until ok, which is called under the stage's lock.
func (th *theater) wait(what string, ok func() bool) {
	th.Helper()
	if !th.until(patience, ok) {
		th.Fatalf("not within %v: %s\n%s", patience, what, th.show())
	}
}

func (th *theater) expect(pattern string, ps ...*program) {
	th.Helper()
	re := regexp.MustCompile("(?m)" + pattern)
	for _, p := range ps {
		th.wait(fmt.Sprintf("%s shows %q", p.name, pattern), func() bool { return re.MatchString(p.text()) })
	}
}

func (th *theater) types(p *program, text string) {
	th.Helper()
	if !p.typeIn([]byte(text)) {
		th.Fatal("too much typed")
	}
}

// A pane is a joiner in tmux, which fills a terminal of ours.
type pane struct {
	*program
	socket     string
	cols, rows int
}

// joinInTmux starts a joiner in a tmux of its own.
func (th *theater) joinInTmux(name string, cols, rows int) *pane {
	th.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		th.Skip("tmux is not installed")
	}
	conf := filepath.Join(th.dir, "tmux.conf")
	if err := os.WriteFile(conf, []byte("set -g status off\nset -g history-limit 5000\nset -s escape-time 0\n"), 0o600); err != nil {
		th.Fatal(err)
	}
	p := &pane{socket: filepath.Join(th.dir, name+".sock"), cols: cols, rows: rows}
	th.Cleanup(func() { exec.Command("tmux", "-S", p.socket, "kill-server").Run() })
	p.program = th.start(name, cols, rows, "env", "-u", "TMUX", "tmux", "-S", p.socket, "-f", conf,
		"new-session", "gossterm", "join", "--name", name, th.ticket)
	return p
}

// capture returns the rows that tmux shows, from row first on: 0 is the first on the
// screen, what is above has negative numbers.
func (p *pane) capture(first string) []string {
	out, err := exec.Command("tmux", "-S", p.socket, "capture-pane", "-p", "-S", first).Output()
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// shows waits until ok of what tmux shows from row first on is "", which it looks at
// after each change of that terminal or of the host's.
func (th *theater) shows(p *pane, first, what string, ok func(rows []string) string) {
	th.Helper()
	late := time.After(patience)
	for {
		th.mu.Lock()
		changed := th.changed
		th.mu.Unlock()
		rows := p.capture(first)
		why := ok(rows)
		if why == "" {
			return
		}
		select {
		case <-changed:
		case <-late:
			th.Fatalf("%s: %s: %s\n%s\n%s", p.name, what, why, strings.Join(rows, "\n"), th.host.show())
		}
	}
}

// grid returns what a terminal shows, a rune a cell. Of a wide character the right half
// is no cell.
func (p *program) grid() (rows [][]rune, cursor screen.Cursor) {
	p.stage.mu.Lock()
	defer p.stage.mu.Unlock()
	var f screen.Frame
	p.screen.Frame(&f)
	for y := range f.Rows {
		row := make([]rune, 0, f.Cols)
		for _, c := range f.Row(y) {
			switch {
			case c.Width == 0:
			case c.Rune == 0:
				row = append(row, ' ')
			default:
				row = append(row, c.Rune)
			}
		}
		rows = append(rows, row)
	}
	return rows, f.Cursor
}

// cut returns a part of rows as tmux prints it, without blanks at the ends.
func cut(rows [][]rune, x, y, cols, n int) []string {
	var out []string
	for _, row := range rows[y:min(y+n, len(rows))] {
		out = append(out, strings.TrimRight(string(row[min(x, len(row)):min(x+cols, len(row))]), " "))
	}
	return out
}
