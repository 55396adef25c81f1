//go:build linux || darwin || freebsd

package tty

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"go.uber.org/goleak"
)

// patience bounds how long a test waits for something that must happen.
const patience = 20 * time.Second

// childEnv makes this test's binary a program on a terminal.
const childEnv = "GOSSTERM_TTY_CHILD"

func TestMain(m *testing.M) {
	if way := os.Getenv(childEnv); way != "" {
		child(way)
		return
	}
	goleak.VerifyTestMain(m)
}

// child uses its terminal and leaves in the given way.
func child(way string) {
	t, err := Open(os.Stdin, os.Stdout)
	check(err)
	defer t.Close()
	defer t.Restore()
	check(t.Raw())
	fmt.Fprint(t, "\x1b[?1049h<raw>")
	switch way {
	case "return":
	case "twice":
		check(t.Restore())
		check(t.Raw())
		check(t.Raw())
		check(t.Restore())
		check(t.Restore())
	case "panic":
		panic("a panic on purpose")
	case "panic in a goroutine":
		var g sync.WaitGroup
		g.Go(func() {
			defer t.Restore()
			panic("a panic on purpose")
		})
		g.Wait()
	case "signal":
		sig := make(chan os.Signal, 1)
		signal.Notify(sig, syscall.SIGTERM)
		check(syscall.Kill(os.Getpid(), syscall.SIGTERM))
		<-sig
		check(t.Restore())
		os.Exit(1)
	case "suspend":
		check(t.Suspend())
		fmt.Fprint(t, "<again>")
		check(t.ReadEvents(context.Background(), Options{}, func(ev Event) {
			fmt.Fprintf(t, "<%s>", show([]Event{ev}))
			check(t.Restore())
			os.Exit(0)
		}))
	case "stopped":
		for _, sig := range []syscall.Signal{syscall.SIGTSTP, syscall.SIGSTOP} {
			check(syscall.Kill(os.Getpid(), sig)) // as if by somebody else
			<-t.Continued()
			fmt.Fprintf(t, "<again after %d>", sig)
		}
		check(t.ReadEvents(context.Background(), Options{}, func(ev Event) {
			fmt.Fprintf(t, "<%s>", show([]Event{ev}))
			check(t.Restore())
			stty := exec.Command("stty", "-g") // here: fg itself puts back what it found
			stty.Stdin, stty.Stdout = os.Stdin, os.Stdout
			check(stty.Run())
			os.Exit(0)
		}))
	case "interrupted":
		sig := make(chan os.Signal, 1)
		signal.Notify(sig, syscall.SIGINT)
		fmt.Fprint(t, "<ready>")
		<-sig
		fmt.Fprint(t, "<interrupted>")
	case "size":
		<-t.Resized()
		cols, rows, err := t.Size()
		check(err)
		fmt.Fprintf(t, "<%dx%d>", cols, rows)
	}
}

func check(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(3)
	}
}

// A screen keeps what comes from the master side of a terminal.
type screen struct {
	*os.File
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
	ended   chan struct{}
}

// watch reads master until it ends or the test does.
func watch(t *testing.T, master *os.File) *screen {
	s := &screen{File: master, changed: make(chan struct{}, 1), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			s.mu.Lock()
			s.text.Write(buf[:n])
			s.mu.Unlock()
			select {
			case s.changed <- struct{}{}:
			default:
			}
			if err != nil {
				return
			}
		}
	}()
	return s
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// wait returns when words have come.
func (s *screen) wait(t *testing.T, words string) {
	t.Helper()
	late := time.After(patience)
	for !strings.Contains(s.String(), words) {
		select {
		case <-s.changed:
		case <-late:
			t.Fatalf("%q never came; what came is %q", words, s)
		}
	}
}

// run runs a shell script on a terminal; in it $CHILD is this program.
func run(t *testing.T, way, script string) *screen {
	t.Helper()
	// The shell stays until all was read: Linux may drop what it printed just before its end.
	cmd := exec.Command("bash", "-c", script+"\nread -r _")
	cmd.Env = append(os.Environ(), "CHILD="+os.Args[0], childEnv+"="+way)
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Skip("no bash, or no terminal: ", err)
	}
	s := watch(t, master)
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		<-s.ended
		master.Close()
	})
	return s
}

func TestSettingsAreTheSameAfterEveryWayOut(t *testing.T) {
	for _, way := range []string{"return", "twice", "panic", "panic in a goroutine", "signal"} {
		t.Run(way, func(t *testing.T) {
			s := run(t, way, `stty -ixon intr ^X; stty -g; $CHILD 2>/dev/null; echo; stty -g; echo end`)
			s.wait(t, "end\r\n")
			got := s.String()
			before, rest, _ := strings.Cut(got, "\r\n")
			if strings.Contains(got, "failed:") || !strings.Contains(before, ":") || !strings.Contains(rest, "<raw>") {
				t.Fatalf("printed %q", got)
			}
			if !strings.HasSuffix(rest, "\r\n"+before+"\r\nend\r\n") {
				t.Errorf("settings before and after differ: %q", got)
			}
			if !strings.Contains(rest, "<raw>"+resetList+leaveReset+resetEnd) {
				t.Errorf("no reset after what was drawn: %q", rest)
			}
		})
	}
}

func TestSuspend(t *testing.T) {
	s := run(t, "suspend", `set -m; stty -g; $CHILD; echo; echo "status $?"; stty -g; echo resume; fg >/dev/null; echo; stty -g; echo end`)
	s.wait(t, "resume")
	before, rest, _ := strings.Cut(s.String(), "\r\n")
	if !strings.Contains(rest, "<raw>"+resetList) || !strings.Contains(rest, "\r\n"+before+"\r\nresume") {
		t.Errorf("not restored while stopped: %q", rest)
	}
	s.wait(t, "<again>")
	if _, err := s.Write([]byte("\x03")); err != nil {
		t.Fatal(err)
	}
	s.wait(t, `<typed(\03)>`) // raw again: else ^C would have killed it
	s.wait(t, "end")
	if !strings.HasSuffix(s.String(), "\r\n"+before+"\r\nend\r\n") {
		t.Errorf("settings before and after differ: %q", s)
	}
}

// stopNotice is what a shell says of a job that was stopped.
var stopNotice = regexp.MustCompile(`\r?\n\[1\]\+ +Stopped[^\n]*\n`)

// Whoever else stops this process and lets it go on, it is in raw mode again, on
// the main screen, and in the end the settings are those of the beginning.
func TestStoppedBySomebodyElse(t *testing.T) {
	s := run(t, "stopped", `set -m; stty -g; $CHILD
stty sane; echo first; fg >/dev/null; stty sane; echo second; fg >/dev/null; echo end`)
	s.wait(t, fmt.Sprintf("<again after %d>", syscall.SIGSTOP))
	if _, err := s.Write([]byte("\x03")); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "end\r\n")
	before, rest, _ := strings.Cut(s.String(), "\r\n")
	rest = stopNotice.ReplaceAllString(rest, "")
	reset := resetList + leaveReset + resetEnd
	want := "\x1b[?1049h<raw>" +
		"first\r\n" + reset + fmt.Sprintf("<again after %d>", syscall.SIGTSTP) +
		"second\r\n" + strings.ReplaceAll(reset, leaveReset, "") + fmt.Sprintf("<again after %d>", syscall.SIGSTOP) +
		`<typed(\03)>` + strings.ReplaceAll(reset, leaveReset, "") +
		before + "\r\nend\r\n"
	if rest != want {
		t.Errorf("\n got %q\nwant %q", rest, want)
	}
}

// Suspend rings no bell, and the terminal is not reset a second time, however long
// it lasted.
func TestSuspendDoesNotRing(t *testing.T) {
	s := run(t, "suspend", `set -m; $CHILD; sleep 0.3; echo resume; fg >/dev/null; echo end`) // longer than stopDelay
	s.wait(t, "<again>")
	if _, err := s.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "end\r\n")
	_, rest, _ := strings.Cut(s.String(), "resume\r\n")
	if want := "<again><typed(x)>" + resetList + resetEnd + "end\r\n"; rest != want {
		t.Errorf("\n got %q\nwant %q", rest, want)
	}
}

// With input from a pipe the terminal that is drawn on shows no key, and ^C ends
// the program.
func TestPipedInput(t *testing.T) {
	// The shell has the ^C as well, and must not end by it.
	s := run(t, "interrupted", `trap : INT; stty -g; echo | $CHILD; echo; stty -g; echo end`)
	s.wait(t, "<ready>")
	if _, err := s.Write([]byte("typed\x03")); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "<interrupted>")
	s.wait(t, "end\r\n")
	before, rest, _ := strings.Cut(s.String(), "\r\n")
	want := "\x1b[?1049h<raw><ready><interrupted>" + resetList + leaveReset + resetEnd + "\r\n" + before + "\r\nend\r\n"
	if rest != want {
		t.Errorf("\n got %q\nwant %q", rest, want)
	}
}

func TestSuspendWithoutJobsReturns(t *testing.T) {
	s := run(t, "suspend", `exec $CHILD`)
	s.wait(t, "<again>")
	if _, err := s.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "<typed(x)>")
}

func TestResizedRings(t *testing.T) {
	s := run(t, "size", `$CHILD`)
	s.wait(t, "<raw>")
	if err := pty.Setsize(s.File, &pty.Winsize{Cols: 132, Rows: 43}); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "<132x43>")
}

// local opens a terminal in this process.
func local(t *testing.T) (master *os.File, term *Terminal) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no terminal: ", err)
	}
	term, err = Open(slave, slave)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		go io.Copy(io.Discard, master) // takes the reset list, if nobody else does
		term.Close()
		slave.Close()
		master.Close()
	})
	return master, term
}

func TestOpen(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no terminal: ", err)
	}
	defer master.Close()
	defer slave.Close()
	if _, err := Open(slave, file); !errors.Is(err, ErrNotTerminal) {
		t.Errorf("output to a file: %v, want ErrNotTerminal", err)
	}
	term, err := Open(file, slave)
	if err != nil {
		t.Fatal(err)
	}
	defer term.Close()
	if term.HasInput() {
		t.Error("a file is taken for a terminal's input")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := term.ReadEvents(ctx, Options{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("ReadEvents without input: %v", err)
	}
	if err := errors.Join(term.Raw(), term.Restore()); err != nil {
		t.Errorf("raw mode without input: %v", err)
	}
}

func TestReadEvents(t *testing.T) {
	master, term := local(t)
	if err := term.Raw(); err != nil {
		t.Fatal(err)
	}
	events := make(chan Event, 16)
	result := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		result <- term.ReadEvents(ctx, Options{Escape: '~'}, func(ev Event) { events <- ev })
	}()
	for _, tt := range []struct{ in, want string }{
		{"~.", "command(2e)"},
		{"a", "typed(a)"},
		{"\x1b[1;5A", "key(A,0,4)"},
		{"\x1b", `typed(\1b)`}, // by its deadline: nothing follows
		{"\x03", `typed(\03)`},
	} {
		if _, err := master.Write([]byte(tt.in)); err != nil {
			t.Fatal(err)
		}
		select {
		case ev := <-events:
			if got := show([]Event{ev}); got != tt.want {
				t.Errorf("%q: got %s, want %s", tt.in, got, tt.want)
			}
		case <-time.After(patience):
			t.Fatalf("%q: no event", tt.in)
		}
	}
	if err := term.ReadEvents(ctx, Options{}, nil); !errors.Is(err, ErrReading) {
		t.Errorf("a second reader: %v, want ErrReading", err)
	}
	cancel() // and no key
	select {
	case err := <-result:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("ReadEvents did not stop")
	}
}

func TestReadEventsEndsWithTheTerminal(t *testing.T) {
	master, term := local(t)
	result := make(chan error, 1)
	go func() { result <- term.ReadEvents(t.Context(), Options{}, func(Event) {}) }()
	master.Close()
	select {
	case err := <-result:
		if !errors.Is(err, io.EOF) {
			t.Errorf("ended with %v, want EOF", err)
		}
	case <-time.After(patience):
		t.Fatal("ReadEvents did not end")
	}
}

func TestWriteOnlyInRawMode(t *testing.T) {
	master, term := local(t)
	s := watch(t, master)
	if _, err := term.Write([]byte("early")); !errors.Is(err, ErrNotRaw) {
		t.Errorf("before Raw: %v, want ErrNotRaw", err)
	}
	if err := term.Raw(); err != nil {
		t.Fatal(err)
	}
	if _, err := term.Write([]byte("\x1b[?1049l out \x1b[?1049h drawn")); err != nil {
		t.Fatal(err)
	}
	if err := term.Restore(); err != nil {
		t.Fatal(err)
	}
	if _, err := term.Write([]byte("late")); !errors.Is(err, ErrNotRaw) {
		t.Errorf("after Restore: %v, want ErrNotRaw", err)
	}
	s.wait(t, "drawn"+resetList+leaveReset+resetEnd)
	if err := term.Raw(); err != nil {
		t.Fatal(err)
	}
	if _, err := term.Write([]byte("again")); err != nil {
		t.Fatal(err)
	}
	if err := term.Restore(); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "again"+resetList+resetEnd) // nothing to leave the main screen
	if strings.Contains(s.String(), "early") || strings.Contains(s.String(), "late") {
		t.Errorf("drawn outside raw mode: %q", s)
	}
}

func TestRestoreOfATerminalThatTakesNothing(t *testing.T) {
	master, term := local(t)
	if err := term.Raw(); err != nil {
		t.Fatal(err)
	}
	stuck := make(chan struct{})
	go func() {
		defer close(stuck)
		term.Write(make([]byte, 1<<20)) // nobody reads master
	}()
	for len(term.turn) == 0 { // until it writes
		select {
		case <-stuck:
			t.Fatal("the terminal took everything")
		default:
		}
	}
	if err := term.Restore(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Restore: %v, want it to say that the reset did not go out", err)
	}
	var out bytes.Buffer
	stty := exec.Command("stty", "-a")
	stty.Stdin, stty.Stdout = term.in, &out
	if err := stty.Run(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), " icanon") {
		t.Errorf("settings were not put back: %s", &out)
	}
	go io.Copy(io.Discard, master)
	<-stuck
}
