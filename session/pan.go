package session

import (
	"fmt"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

const (
	// panFor is how long after a pan a plain arrow key is another, and not typed.
	panFor = time.Second
	// partFor is how long a window must show the same part before that is said: who
	// drags it, or sizes the terminal by it, knows.
	partFor = 500 * time.Millisecond
)

// panKeys are the arrow keys as directions.
var panKeys = map[byte]Pan{'A': {DY: -1}, 'B': {DY: 1}, 'C': {DX: 1}, 'D': {DX: -1}}

// A panning is how a person looks at a terminal that is larger than the window.
type panning struct {
	until time.Time // until when arrow keys pan
	said  string    // of the part that the window shows; "" if it shows all
	part  string    // what is to be said
	at    time.Time // when; zero if it was
}

// pan moves the view by half a window, if there is more to see than it shows.
func (l *memberLoop) pan(p Pan) {
	if !l.isPart() {
		return
	}
	cols, rows := l.cfg.Terminal.Size()
	l.renderer.Pan(p.DX*max(cols/2, 1), p.DY*max(rows/2, 1))
	l.panning.until = l.cfg.Now().Add(panFor)
	l.dirty = true
}

// pans takes what was typed and reports whether it was a pan, and is not for the shell.
// Any other key has the view follow the cursor again.
func (l *memberLoop) pans(items []envelope.InputItem) bool {
	if !isTyping(items) {
		return false
	}
	if p, ok := panKey(items); ok && l.cfg.Now().Before(l.panning.until) {
		l.pan(p)
		return true
	}
	l.panning.until = time.Time{}
	if l.renderer.Follow() { // else the frame with the echo would wait for one with nothing
		l.dirty = true
	}
	return false
}

// panKey returns where items pan if they are nothing but a plain arrow key.
func panKey(items []envelope.InputItem) (Pan, bool) {
	if len(items) != 1 {
		return Pan{}, false
	}
	k, ok := items[0].(envelope.Key)
	if !ok || k.Modifiers > 1 { // 1 is none
		return Pan{}, false
	}
	p, ok := panKeys[k.Final]
	return p, ok
}

// isPart reports whether the window shows only a part of the terminal.
func (l *memberLoop) isPart() bool {
	_, _, cols, rows := l.renderer.View(&l.frame)
	return cols < l.frame.Cols || rows < l.frame.Rows
}

// sayPart says, when a window has become too small for all of the terminal, that there
// is more and how to see it, and takes that back when it shows all.
func (l *memberLoop) sayPart() {
	part := ""
	if l.core.begun && l.isPart() {
		part = l.partText()
	}
	now, p := l.cfg.Now(), &l.panning
	switch {
	case part == "":
		if p.said != "" && l.notice.text == p.said {
			l.notice = notice{}
		}
		p.said, p.part, p.at = "", "", time.Time{}
	case part != p.part:
		if p.part = part; p.said == "" {
			p.at = now.Add(partFor)
		}
	case p.said == "" && !now.Before(p.at):
		if l.panel.lines != nil || len(l.questions.waiting) > 0 { // what was asked for goes first
			p.at = now.Add(partFor)
			return
		}
		if l.notice.text != "" && !l.fits(l.notice.text+"; "+part) { // and what was said
			p.at = l.notice.until
			return
		}
		p.said, p.at = part, time.Time{}
		l.sayAlso(part)
	}
}

// fits reports whether a notice is shown whole.
func (l *memberLoop) fits(text string) bool {
	cols, _ := l.cfg.Terminal.Size()
	return screen.TextWidth(text) <= cols
}

// partDue reports whether it is time to say which part the window shows.
func (p *panning) partDue(now time.Time) bool { return due(now, p.at) }

func (l *memberLoop) partText() string {
	_, _, cols, rows := l.renderer.View(&l.frame)
	text := fmt.Sprintf("%dx%d of %dx%d", cols, rows, l.frame.Cols, l.frame.Rows)
	how := ""
	if l.cfg.PanBy != "" {
		how = "; " + l.cfg.PanBy + " and an arrow move it"
	}
	if long := "this window shows " + text + how; l.fits(long) {
		return long
	}
	return text + how
}

// placed returns items with what the mouse points at in the terminal, not in the window,
// and without what it does beside an alternate screen. Where in the window a main screen
// is drawn is not known.
func (l *memberLoop) placed(items []envelope.InputItem) []envelope.InputItem {
	x, y, _, _ := l.renderer.View(&l.frame)
	var out []envelope.InputItem
	for _, it := range items {
		if m, ok := it.(envelope.Mouse); ok {
			m.Col, m.Row = m.Col+uint16(x), m.Row+uint16(y)
			if l.frame.Alt && (int(m.Col) >= l.frame.Cols || int(m.Row) >= l.frame.Rows) {
				continue
			}
			it = m
		}
		out = append(out, it)
	}
	return out
}
