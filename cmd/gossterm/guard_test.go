//go:build linux

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gossterm/internal/screen"
	"gossterm/internal/tty"
)

// panics is the command panics: it draws on its terminal as a full-screen program
// and panics in a goroutine, one of ours (guarded), one of ours that draws (drawing),
// or one of another package.
func panics() {
	how := os.Args[1]
	os.Args[0] = "gossterm" // what the watcher is started as
	t, err := openTerminal(stdio{os.Stdin, os.Stdout, os.Stderr}, tty.Options{}, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	t.Write([]byte("\x1b[?1049h\x1b[?1000h\x1b[?25l\x1b[1;7mfull"))
	switch how {
	case "guarded":
		go guard(func() { panic("out of order") })
	case "drawing":
		go guard(func() { drawUntilPanic(t) })
	default:
		go func() { panic("out of order") }()
	}
	select {}
}

// drawUntilPanic draws a program's screen as a writer sees it, and then a frame that is
// none: the Renderer panics in the middle of drawing.
func drawUntilPanic(t *terminal) {
	s := screen.New(20, 5)
	s.Write([]byte("\x1b[?1049h\x1b[?1003h\x1b[?1004h\x1b[>1u\x1b[>4;2m\x1b]2;vim\a\x1b[31mdrawn"))
	r := screen.NewRenderer(20, 5)
	var f screen.Frame
	s.Frame(&f)
	t.Write(r.Draw(&f, screen.Overlay{Writer: true}))
	r.Draw(nil, screen.Overlay{})
}

// Every goroutine of the command restores the terminal if it panics: it is started
// as go guard(...), and main runs in guard too.
func TestGoroutinesAreGuarded(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			g, ok := n.(*ast.GoStmt)
			if !ok {
				return true
			}
			seen++
			if fn, ok := g.Call.Fun.(*ast.Ident); !ok || fn.Name != "guard" {
				t.Errorf("%s: this goroutine is not guarded", fset.Position(g.Pos()))
			}
			return true
		})
	}
	if seen == 0 {
		t.Error("no goroutine found: the test looks in the wrong place")
	}
}

// cmdWatcher sends a signal to the watcher of a program.
func cmdWatcher(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 2)
	p := programOf(ts, args)
	watcher := 0
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	ts.Check(err)
	for _, name := range stats {
		stat, err := os.ReadFile(name) // pid (comm) state ppid ...
		if err != nil {
			continue // ended meanwhile
		}
		var state string
		var parent int
		_, rest, _ := strings.Cut(string(stat), ") ")
		fmt.Sscan(rest, &state, &parent)
		cmdline, _ := os.ReadFile(filepath.Join(filepath.Dir(name), "cmdline"))
		if parent == p.pid && strings.Contains(string(cmdline), watcherCommand) {
			fmt.Sscan(string(stat), &watcher)
		}
	}
	if watcher == 0 {
		ts.Fatalf("%s has no watcher", p.name)
	}
	awaitDeaf(ts, watcher)
	ts.Check(syscall.Kill(watcher, signalNamed(ts, args[1])))
}

// awaitDeaf waits until a process ignores SIGTERM: until then it is being started.
func awaitDeaf(ts *testscript.TestScript, pid int) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(10 * time.Second); ; <-tick.C {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		ts.Check(err)
		var ignored uint64
		_, rest, _ := strings.Cut(string(status), "SigIgn:")
		fmt.Sscanf(rest, "%x", &ignored)
		if ignored&(1<<(syscall.SIGTERM-1)) != 0 {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("the watcher can be ended")
		}
	}
}

// Who was told to end and does not is made to.
func TestAnEndThatTakesForEverIsCutShort(t *testing.T) {
	for _, c := range []struct {
		desc  string
		takes time.Duration
		want  bool
	}{{"in time", stuckTime - time.Second, false}, {"too long", stuckTime + time.Second, true}} {
		synctest.Test(t, func(t *testing.T) {
			over, left := make(chan struct{}), false
			watched := make(chan struct{})
			go func() {
				defer close(watched)
				patiently(over, func() { left = true })
			}()
			time.Sleep(c.takes)
			close(over)
			<-watched
			if left != c.want {
				t.Errorf("%s: left %v, want %v", c.desc, left, c.want)
			}
		})
	}
}
