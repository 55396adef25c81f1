//go:build linux

package main

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"gossterm/internal/screen"
)

// text returns what the terminal shows, or, with pipes, what was printed. A line
// that goes on in the next row is one line. The stage's lock is held.
func (p *program) text() string {
	if p.screen == nil {
		return string(p.raw)
	}
	var f screen.Frame
	p.screen.Frame(&f)
	var b strings.Builder
	for y, row := range p.screen.Text() {
		b.WriteString(row)
		if !f.Wrapped[y] {
			b.WriteByte('\n')
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// above returns what has left the top of the terminal, a line each. The stage's lock is
// held.
func (p *program) above() string {
	cols, rows := p.screen.Size()
	past := screen.New(cols, rows)
	past.KeepScrolled(true)
	if err := past.PrependHistory(p.screen.History()); err != nil {
		return err.Error()
	}
	var f screen.Frame
	past.Frame(&f)
	var b strings.Builder
	for _, line := range f.Scrolled {
		for _, c := range line {
			b.WriteRune(max(c.Rune, ' '))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// show describes a program for a failure's message.
func (p *program) show() string {
	p.stage.mu.Lock()
	defer p.stage.mu.Unlock()
	return p.shown()
}

// shown is show for who holds the lock.
func (p *program) shown() string {
	state := "running"
	if p.exit != "" {
		state = "ended with " + p.exit
	}
	return fmt.Sprintf("-- %s (%s) --\n%s\n--", p.name, state, p.text())
}

// difference says in what two terminals differ, cell by cell, or is "". The
// stage's lock is held.
func difference(p, q *program) string {
	var a, b screen.Frame
	p.screen.Frame(&a)
	q.screen.Frame(&b)
	if a.Cols != b.Cols || a.Rows != b.Rows {
		return fmt.Sprintf("size: %dx%d and %dx%d", a.Cols, a.Rows, b.Cols, b.Rows)
	}
	for i := range a.Cells {
		if x, y := cellText(&a, i), cellText(&b, i); x != y {
			return fmt.Sprintf("row %d column %d: %s and %s", i/a.Cols, i%a.Cols, x, y)
		}
	}
	if x, y := stateText(&a), stateText(&b); x != y {
		return x + " and " + y
	}
	return ""
}

// cellText tells all about one cell, in words that mean the same in any frame.
func cellText(f *screen.Frame, i int) string {
	c := f.Cells[i]
	if c.Rune == 0 && c.Width != 0 {
		c.Rune, c.Width = ' ', 1 // a cell never written shows a blank
	}
	link := f.Links[c.Pen.Link]
	c.Pen.Link = 0
	return fmt.Sprintf("%q%q/%d %+v %q", c.Rune, f.Marks[c.Mark], c.Width, c.Pen, link)
}

// stateText tells what a frame shows beside its cells.
func stateText(f *screen.Frame) string {
	cur := f.Cursor
	if !cur.Visible {
		cur.X, cur.Y = 0, 0
	}
	title := strings.TrimPrefix(f.Title, "gossterm") // alone it stands for no title
	return fmt.Sprintf("cursor %+v alternate %v reverse %v title %q mouse %d focus %v paste %v",
		cur, f.Alt, f.Reverse, title, f.Mouse, f.Focus, f.Paste)
}

// unrestored says what of a terminal is not as a shell wants it, or is "". The
// stage's lock is held.
func (p *program) unrestored() string {
	now, err := p.termios()
	if err != nil {
		return err.Error()
	}
	if now != p.before {
		return "stty: " + sttyText(now) + ", was " + sttyText(p.before)
	}
	var f screen.Frame
	p.screen.Frame(&f)
	switch {
	case f.Alt:
		return "the alternate screen is shown"
	case !f.Cursor.Visible:
		return "the cursor is hidden"
	case f.Mouse != screen.MouseOff, f.Focus:
		return "mouse or focus events are on"
	case f.Paste:
		return "pastes are bracketed"
	case f.Reverse:
		return "the screen is reversed"
	case f.Cursor.X != 0:
		return fmt.Sprintf("the cursor is in column %d", f.Cursor.X)
	}
	return p.penLeft()
}

// penLeft says what is wrong with how the next character is drawn: it draws one.
func (p *program) penLeft() string {
	var f screen.Frame
	p.screen.Frame(&f)
	at := f.Cursor.Y * f.Cols
	p.screen.Write([]byte("q"))
	p.screen.Frame(&f)
	defer p.screen.Write([]byte("\b \b"))
	if c := f.Cells[at]; c.Rune != 'q' || c.Pen != (screen.Pen{}) {
		return fmt.Sprintf("q is drawn as %q %+v", c.Rune, c.Pen)
	}
	return ""
}

// sttyText prints terminal settings as stty -g does.
func sttyText(t unix.Termios) string {
	return fmt.Sprintf("%x:%x:%x:%x:%x", t.Iflag, t.Oflag, t.Cflag, t.Lflag, t.Cc)
}
