package session

import (
	"strings"
	"time"

	"gossterm/internal/envelope"
)

const (
	// A plain key is an answer only when the question has been on the terminal for
	// answerSeen, nothing was typed for answerQuiet before it, and nothing is for
	// answerAlone after it: who types to the shell answers nothing.
	answerSeen  = time.Second
	answerQuiet = time.Second
	answerAlone = 500 * time.Millisecond
)

// A prompt is the question that is on the terminal, or will be: one key answers it,
// pressed by itself.
type prompt struct {
	drawn  bool      // it was given to the terminal
	seen   time.Time // since when it is on it; zero if not
	typed  time.Time // when something was typed last
	held   byte      // a key that is an answer if nothing follows it; 0 if none
	heldAt time.Time
}

// anew makes it another question, that nobody has seen.
func (p *prompt) anew() { *p = prompt{} }

// unseen says that nothing that was drawn can be relied on.
func (p *prompt) unseen() { p.drawn, p.seen = false, time.Time{} }

// shown takes note of a frame that has the question on it, or has not. It is on the
// terminal when the frame after that may be drawn; it reports whether that has yet to be.
func (p *prompt) shown(now time.Time, asks bool) (wait bool) {
	switch {
	case !asks:
		p.unseen()
	case !p.drawn:
		p.drawn = true
		return true
	case p.seen.IsZero():
		p.seen = now
	}
	return false
}

// take takes what was typed and reports whether it is one of keys that answers,
// perhaps: if nothing follows.
func (p *prompt) take(now time.Time, items []envelope.InputItem, keys string) bool {
	quiet := now.Sub(p.typed) >= answerQuiet
	p.typed = now
	key := plainKey(items)
	if key == 0 || strings.IndexByte(keys, key) < 0 || !quiet || p.seen.IsZero() || now.Sub(p.seen) < answerSeen {
		return false
	}
	p.held, p.heldAt = key, now
	return true
}

// untake returns the key that is held, 0 if none is: it is no answer.
func (p *prompt) untake() byte {
	key := p.held
	p.held = 0
	return key
}

// answer returns the key that is held when nothing has followed it for long enough,
// else 0.
func (p *prompt) answer(now time.Time) byte {
	if p.held == 0 || now.Before(p.heldAt.Add(answerAlone)) {
		return 0
	}
	return p.untake()
}

// due returns when a key becomes an answer, zero if none is held.
func (p *prompt) due() time.Time {
	if p.held == 0 {
		return time.Time{}
	}
	return p.heldAt.Add(answerAlone)
}

// isTyping reports whether somebody typed, rather than moved the mouse or the focus.
func isTyping(items []envelope.InputItem) bool {
	for _, it := range items {
		switch it.(type) {
		case envelope.Mouse, envelope.Focus:
		default:
			return true
		}
	}
	return false
}

// plainKey returns the character that items are nothing but, or 0.
func plainKey(items []envelope.InputItem) byte {
	if len(items) != 1 {
		return 0
	}
	t, ok := items[0].(envelope.Typed)
	if !ok || len(t.Data) != 1 {
		return 0
	}
	return t.Data[0]
}
