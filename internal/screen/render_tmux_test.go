//go:build unix

package screen

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tmuxPatience is how long tmux may take for anything.
const tmuxPatience = 20 * time.Second

// A tmux is a real terminal with a history, into which a test writes.
type tmux struct {
	t      *testing.T
	ctx    context.Context
	socket string
	pipe   *os.File
	marks  int
}

// newTmux starts a tmux server of its own with one pane that shows what is written
// to a pipe, byte for byte.
func newTmux(t *testing.T, cols, rows int) *tmux {
	return newTmuxRunning(t, cols, rows, "stty raw -echo; exec cat %s")
}

// newTmuxRunning does so with a shell command of its own, in which %s is the pipe.
func newTmuxRunning(t *testing.T, cols, rows int, command string) *tmux {
	if testing.Short() {
		t.Skip("starts tmux")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed: ", err)
	}
	dir, err := os.MkdirTemp("", "tmux") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	ctx, cancel := context.WithTimeout(t.Context(), tmuxPatience)
	t.Cleanup(cancel)
	x := &tmux{t: t, ctx: ctx, socket: filepath.Join(dir, "s")}
	fifo := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	x.run("-f", "/dev/null", "-u", "new-session", "-d", "-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows),
		fmt.Sprintf(command, fifo))
	t.Cleanup(func() { exec.Command("tmux", "-S", x.socket, "kill-server").Run() })
	x.run("set-option", "-g", "status", "off", ";", "set-option", "-g", "window-size", "manual", ";", "resize-window", "-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows))
	// Opened for reading too, so that it does not wait for cat.
	if x.pipe, err = os.OpenFile(fifo, os.O_RDWR, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.pipe.Close() })
	return x
}

func (x *tmux) run(args ...string) string {
	x.t.Helper()
	cmd := exec.CommandContext(x.ctx, "tmux", append([]string{"-S", x.socket}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm-256color")
	out, err := cmd.CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

// write shows p and returns when tmux has taken all of it, which a title behind it
// tells.
func (x *tmux) write(p []byte) {
	x.t.Helper()
	x.marks++
	mark := fmt.Sprint("mark", x.marks)
	if _, err := x.pipe.Write([]byte(string(p) + "\x1b]2;" + mark + "\x1b\\")); err != nil {
		x.t.Fatal(err)
	}
	for strings.TrimSpace(x.run("display-message", "-p", "#{pane_title}")) != mark {
		if x.ctx.Err() != nil {
			x.t.Fatal("tmux does not take what is written")
		}
	}
}

// print writes lines as a program does that ran before.
func (x *tmux) print(lines []string) {
	for _, line := range lines {
		x.write([]byte(line + "\r\n"))
	}
}

// lines returns history and screen, without blanks at the ends.
func (x *tmux) lines() []string {
	return trimLines(strings.Split(x.run("capture-pane", "-p", "-S", "-", "-E", "-"), "\n"))
}

// cursor returns the cursor's place as "x,y".
func (x *tmux) cursor() string {
	return strings.TrimSpace(x.run("display-message", "-p", "#{cursor_x},#{cursor_y}"))
}

// want is what tmux should hold: the tickets, what scrolled off, and the frame.
func (v *viewing) want(tickets []string) []string {
	return trimLines(slices.Concat(tickets, rowTexts(v.lines), rowTexts(v.window())))
}

func (x *tmux) check(what string, want []string) {
	x.t.Helper()
	if got := x.lines(); !slices.Equal(got, want) {
		x.t.Fatalf("%s: tmux has\n%q\nwant\n%q", what, got, want)
	}
}

// TestTmuxInline has a shell's output drawn below tickets in a real terminal, past
// its bottom, with a notice and an editor in between; the tickets and all output
// must be there in order, and the next prompt on a line of its own.
func TestTmuxInline(t *testing.T) {
	x := newTmux(t, 40, 10)
	tickets := []string{"$ gossterm host", "gst1ticket", "gsr1ticket"}
	x.print(tickets)
	v := newViewing(t, 1, 40, 10, 40, 10)
	draw := func() { x.write(v.bytes()) }

	v.typeText("$ ls")
	draw()
	x.check("a prompt", v.want(tickets))
	if got := x.cursor(); got != "4,3" {
		t.Errorf("cursor at %s, want 4,3", got)
	}
	v.overlay.Notice = "ana joined"
	draw()
	if got := x.lines(); got[len(got)-1] != "ana joined" || len(got) != 10 {
		t.Errorf("notice is not on the last row: %q", got)
	}
	for i := range 4 {
		v.src.newline()
		v.typeText(fmt.Sprint("file", i))
		draw()
	}
	v.overlay.Notice = ""
	draw()
	x.check("a few lines", v.want(tickets))
	v.src.toggleAlt()
	v.typeText("an editor")
	draw()
	v.src.toggleAlt()
	draw()
	x.check("after the editor", v.want(tickets))
	for i := range 30 {
		v.src.newline()
		v.src.pen = Pen{Fg: Palette(uint8(i % 8))}
		v.typeText(fmt.Sprint("line", i))
		draw()
	}
	x.check("past the bottom", v.want(tickets))
	v.src.newline()
	v.overlay.Notice = "over"
	draw()
	x.write(v.r.End())
	want := v.want(tickets)
	x.write([]byte("$ exit"))
	x.check("the prompt after End", append(want, "$ exit"))
}

// TestTmuxLines has lines over the last rows of a real terminal, just below a prompt
// at its bottom, then over a full screen: it must take each for one line, which it
// copies as such, and have all back when they go.
func TestTmuxLines(t *testing.T) {
	x := newTmux(t, 40, 10)
	before := []string{"1", "2", "3", "4", "5", "6", "7", "8", "$ gossterm join"}
	x.print(before)
	v := newViewing(t, 1, 40, 10, 40, 10)
	draw := func() { x.write(v.bytes()) }
	v.typeText("$ ls")
	long := "to join here: gossterm join gst1" + strings.Repeat("abcdefgh", 11)
	full := "gsr1" + strings.Repeat("abcdefghi", 4)
	for i := range 3 {
		v.overlay.Lines = []string{long, full}
		draw()
		joined := strings.Split(strings.TrimRight(x.run("capture-pane", "-p", "-J"), "\n"), "\n")
		if got := joined[len(joined)-2:]; got[0] != long || got[1] != full {
			t.Errorf("round %d: copied as %q", i, got)
		}
		v.overlay.Lines = nil
		draw()
		x.check(fmt.Sprint("after round ", i), v.want(before))
		for range 9 * i {
			v.src.newline()
			v.typeText("output")
		}
		draw()
	}
}

// TestTmuxTranscript draws random output in a real terminal and compares all that
// it holds at the end.
func TestTmuxTranscript(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			x := newTmux(t, 24, 8)
			v := newViewing(t, seed, 24, 8, 24, 8)
			tickets := rowTexts(v.tickets)
			for i := range tickets {
				tickets[i] = strings.TrimSpace(tickets[i])
			}
			x.print(tickets)
			for range 60 {
				for range v.src.rnd.IntN(4) {
					v.src.write()
				}
				if v.src.rnd.IntN(10) == 0 {
					v.src.toggleAlt()
				}
				v.overlay.Notice = []string{"", "", "a notice"}[v.src.rnd.IntN(3)]
				if _, err := x.pipe.Write(v.bytes()); err != nil {
					t.Fatal(err)
				}
			}
			if v.src.onAlt {
				v.src.toggleAlt()
			}
			v.overlay.Notice = ""
			x.write(v.bytes())
			x.check("transcript", v.want(tickets))
		})
	}
}

// TestTmuxResize resizes a real terminal while drawing is inline and after.
func TestTmuxResize(t *testing.T) {
	x := newTmux(t, 40, 10)
	tickets := []string{"gst1ticket", "gsr1ticket"}
	x.print(tickets)
	v := newViewing(t, 1, 40, 10, 40, 10)
	v.typeText("$ ls")
	v.src.newline()
	v.typeText("a file and another file and more")
	v.src.newline()
	v.typeText("$ ")
	x.write(v.bytes())
	for _, size := range [][2]int{{50, 12}, {35, 9}, {60, 20}, {40, 10}} {
		x.run("resize-window", "-x", fmt.Sprint(size[0]), "-y", fmt.Sprint(size[1]))
		v.r.Resize(size[0], size[1])
		v.src.resize(size[0], size[1])
		x.write(v.bytes())
		x.check(fmt.Sprint("inline at ", size), v.want(tickets))
	}
	for i := range 20 {
		v.src.newline()
		v.typeText(fmt.Sprint("line", i))
	}
	x.write(v.bytes())
	x.check("full", v.want(tickets))
	x.run("resize-window", "-x", "45", "-y", "8")
	v.r.Resize(45, 8)
	v.src.resize(45, 8)
	x.write(v.bytes())
	got := x.lines()
	if want := trimLines(rowTexts(v.window())); !slices.Equal(got[len(got)-len(want):], want) {
		t.Errorf("after shrinking: tmux shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
