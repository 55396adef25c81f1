package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// lowWindow is a terminal of fewer rows than the host's screen.
type lowWindow struct {
	host, terminal *Screen
	r              *Renderer
	frame, shown   Frame
	lines          []string // what left the terminal's top
}

func newLowWindow() *lowWindow {
	w := &lowWindow{host: New(40, 12), terminal: New(30, 8), r: NewRenderer(30, 8)}
	w.host.KeepScrolled(true)
	w.terminal.KeepScrolled(true)
	return w
}

// play has the host's program write, and draws that.
func (w *lowWindow) play(format string, args ...any) {
	w.host.Write(fmt.Appendf(nil, format, args...))
	w.host.Frame(&w.frame)
	w.terminal.Write(w.r.Draw(&w.frame, Overlay{}))
	w.terminal.Frame(&w.shown)
	for _, line := range w.shown.Scrolled {
		w.lines = append(w.lines, w.terminal.rowText(line))
	}
}

// all returns what is in the terminal's scrollback and on it.
func (w *lowWindow) all() []string { return slices.Concat(w.lines, w.terminal.Text()) }

// checkOnce fails unless the terminal holds all of want, in order and each once.
func (w *lowWindow) checkOnce(t *testing.T, want []string) {
	t.Helper()
	var got []string
	for _, line := range w.all() {
		if slices.Contains(want, line) {
			got = append(got, line)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the terminal holds\n%q\nwant\n%q", got, want)
	}
}

func numbered(from, to int) []string {
	var lines []string
	for i := from; i <= to; i++ {
		lines = append(lines, fmt.Sprint("line ", i))
	}
	return lines
}

// A window that is lower than the host's screen has each line once, in order, in its
// scrollback and on it, however many come at a time.
func TestLowWindowHasAllLines(t *testing.T) {
	for _, at := range []int{1, 3, 7, 100} {
		w := newLowWindow()
		all := numbered(1, 100)
		for lines := range slices.Chunk(all, at) {
			w.play("%s\r\n", strings.Join(lines, "\r\n"))
		}
		w.play("$ ")
		w.checkOnce(t, all)
	}
}

// What comes to stand above the view after a row was there before is written when it
// leaves: a row that is in the scrollback already is taken for nothing else.
func TestLowWindowAfterClear(t *testing.T) {
	w := newLowWindow()
	w.play("%s", strings.Join(numbered(1, 12), "\r\n"))
	w.play("\x1b[H\x1b[2J%s", strings.Join(numbered(13, 24), "\r\n"))
	w.play("\r\n%s", strings.Join(numbered(25, 60), "\r\n"))
	w.checkOnce(t, append(numbered(1, 4), numbered(13, 60)...))
}

// A program that draws up and down a screen again and again does not fill the
// scrollback with it.
func TestLowWindowIsNotFilled(t *testing.T) {
	w := newLowWindow()
	for i := range 50 {
		w.play("\x1b[Hround %d\x1b[12Hbottom", i)
	}
	if len(w.lines) > 4 {
		t.Errorf("%d lines in the scrollback, want 4 at most: %q", len(w.lines), w.lines)
	}
}

// Rows above the view wait for the lines that belong before them.
func TestLowWindowWaits(t *testing.T) {
	w := newLowWindow()
	w.host.HoldScrolled(true)
	w.play("%s", strings.Join(numbered(1, 30), "\r\n"))
	w.host.HoldScrolled(false)
	w.play("")
	w.checkOnce(t, numbered(1, 30))
}

// Nor does a window moved by hand put rows into its scrollback.
func TestLowWindowMovedByHand(t *testing.T) {
	w := newLowWindow()
	w.play("%s\x1b[H", strings.Join(numbered(1, 12), "\r\n"))
	before := len(w.lines)
	w.r.Pan(0, 4)
	w.play("")
	if len(w.lines) > before {
		t.Errorf("%q went into the scrollback", w.lines[before:])
	}
}

// A host whose window is dragged puts no row into the scrollback twice, as long as its
// lines are not wrapped anew.
func TestLowWindowWhileTheHostResizes(t *testing.T) {
	w := newLowWindow()
	w.play("%s\r\n$ ", strings.Join(numbered(1, 30), "\r\n"))
	for i := range 30 {
		w.host.Resize(40-i%3, 12+(i*5)%7)
		w.play("")
	}
	w.play("\r\n%s", strings.Join(numbered(31, 60), "\r\n"))
	w.checkOnce(t, numbered(1, 60))
}

// After a change of the host's size no line is lost.
func TestLowWindowAfterResize(t *testing.T) {
	w := newLowWindow()
	w.play("%s", strings.Join(numbered(1, 12), "\r\n"))
	w.host.Resize(40, 10)
	w.play("\r\n%s", strings.Join(numbered(13, 40), "\r\n"))
	for _, want := range numbered(1, 40) {
		if !slices.Contains(w.all(), want) {
			t.Errorf("%q is nowhere", want)
		}
	}
}

// A row that changed after it was put into the scrollback ahead of time is written
// again when it leaves, whatever changed; one that did not is not.
func TestLowWindowRowChanges(t *testing.T) {
	for _, c := range []struct {
		desc, was, is string
		want          int // how often it is there
	}{
		{"nothing", "abc\u0301", "abc\u0301", 1},
		{"blanks at the end", "abc", "abc  ", 1},
		{"the text", "abc", "abd", 2},
		{"a colour", "\x1b[31mabc\x1b[m", "\x1b[32mabc\x1b[m", 2},
		{"an attribute", "abc", "\x1b[1mabc\x1b[m", 2},
		{"an underline", "\x1b[4mabc\x1b[m", "\x1b[4:3mabc\x1b[m", 2},
		{"a mark", "abc\u0301", "abc\u0302", 2},
	} {
		w := newLowWindow()
		w.play("%s\x1b[12H", c.was)
		w.play("\x1b7\x1b[H%s\x1b[K\x1b8", c.is)
		w.play("\r\n\n\n")
		n := 0
		for _, line := range w.all() {
			if strings.HasPrefix(line, "ab") {
				n++
			}
		}
		if n != c.want {
			t.Errorf("%s: the row is there %d times, want %d: %q", c.desc, n, c.want, w.all())
		}
	}
}

// When lines left of which nobody knows which, those that follow are none of the rows
// that were above the view, though they look like them.
func TestLowWindowLost(t *testing.T) {
	w := newLowWindow()
	w.play("%s", strings.Repeat("same\r\n", 11))
	w.host.Write([]byte(strings.Repeat("same\r\n", MaxScrolled+50)))
	w.host.Frame(&w.frame)
	if len(w.r.ahead.looks) == 0 || w.frame.Lost == 0 {
		t.Fatalf("%d rows ahead, %d lines lost", len(w.r.ahead.looks), w.frame.Lost)
	}
	if got := len(w.r.leaving(&w.frame)); got != MaxScrolled {
		t.Errorf("%d lines are written, want %d", got, MaxScrolled)
	}
}
