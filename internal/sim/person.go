package sim

import (
	"math/rand/v2"
	"strconv"
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/session"
)

const (
	interruptKey = 0x03
	unackedMost  = 64 // PROTOCOL.md §6.1
	// tokenSize divides the 1,020 bytes of text that fit into one record, so that
	// a paste of whole tokens is cut between tokens.
	tokenSize = 12
	// pasteChunk is how much of a paste a terminal brings at once.
	pasteChunk = 85 * tokenSize * 4
)

// A token is the n-th thing that the person at a place typed: "b:00000017;".
type token struct {
	place, n int
}

func (t token) append(b []byte) []byte {
	digits := strconv.Itoa(t.n)
	b = append(b, 'a'+byte(t.place-1), ':')
	b = append(b, "000000000"[len(digits):]...)
	return append(append(b, digits...), ';')
}

// parseToken reads the token at the beginning of b.
func parseToken(b []byte) (token, bool) {
	if len(b) < tokenSize || b[1] != ':' || b[tokenSize-1] != ';' {
		return token{}, false
	}
	n, err := strconv.Atoi(string(b[2 : tokenSize-1]))
	return token{int(b[0]-'a') + 1, n}, err == nil && b[0] >= 'a' && b[0] <= 'z'
}

// A person types tokens at one place, whichever process is there.
type person struct {
	s      *Sim
	rng    *rand.Rand
	place  int
	tokens []known // by number, from 1
	pasted int     // tokens of a paste that are still to come
	first  bool
	window window
}

// token draws the next token.
func (p *person) token(b []byte) []byte {
	p.tokens = append(p.tokens, known{})
	return token{p.place, len(p.tokens)}.append(b)
}

// keys gives items to the process at this place, if it can take them.
func (p *person) keys(n int, items ...envelope.InputItem) {
	proc := p.s.procs[p.place]
	proc.ledger.typed += n
	proc.viewer.step(session.Keys{Items: items})
}

// able reports whether there is a process that reads the keyboard and may type.
func (p *person) able() bool {
	proc := p.s.procs[p.place]
	if proc == nil {
		return false
	}
	_, held := proc.core.HoldUntil(p.s.queue.now)
	return !held && !p.s.queue.now.Before(proc.paused) &&
		(proc.row.incarnation == 0 || proc.row.mayType)
}

// turn is one turn of typing; its pace is that of a fast typist.
func (p *person) turn() {
	if p.s.calm {
		return
	}
	p.s.queue.after(between(p.rng, 20*time.Millisecond, 200*time.Millisecond), p.turn)
	switch {
	case !p.able():
	case p.pasted > 0:
		p.paste()
	default:
		p.keys(tokenSize, envelope.Typed{Data: p.token(nil)})
	}
}

// burst types n tokens at once, each as a key of its own.
func (p *person) burst(n int) {
	if !p.able() || p.pasted > 0 {
		return
	}
	var items []envelope.InputItem
	for range n {
		items = append(items, envelope.Typed{Data: p.token(nil)})
	}
	p.keys(n*tokenSize, items...)
}

// beginPaste begins a paste of n tokens, which comes in pieces.
func (p *person) beginPaste(n int) {
	if p.able() && p.pasted == 0 {
		p.pasted, p.first = n, true
		p.paste()
	}
}

// paste brings the next piece of a paste.
func (p *person) paste() {
	n := min(p.pasted, pasteChunk/tokenSize)
	var b []byte
	for range n {
		b = p.token(b)
	}
	first := p.first
	p.pasted, p.first = p.pasted-n, false
	p.keys(len(b), envelope.Paste{First: first, Last: p.pasted == 0, Data: b})
}

// interrupt presses ^C and types on.
func (p *person) interrupt() {
	if p.able() {
		b := p.token([]byte{interruptKey})
		p.keys(len(b), envelope.Typed{Data: b})
	}
}

// key returns the key of the process at this place, or of the last.
func (p *person) key() id.Peer { return p.s.keys[p.place] }

// lastInput returns the newest record of the process at this place.
func (p *person) lastInput() (gossip.Input, bool) {
	proc := p.s.procs[p.place]
	if proc == nil {
		return gossip.Input{}, false
	}
	return proc.last, proc.last.Seq > 0
}
