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
	enterKey     = '\r'
	// enterOneIn is how many tokens are typed for one Enter.
	enterOneIn  = 8
	unackedMost = 64 // PROTOCOL.md §6.1
	// tokenSize divides the 1,020 bytes of text that fit into one record, so that
	// a paste of whole tokens is cut between tokens.
	tokenSize = 12
	// paceLeast and paceMost bound the pause between two tokens of a fast typist.
	paceLeast = 20 * time.Millisecond
	paceMost  = 200 * time.Millisecond
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
	_, held := proc.core.HoldUntil(proc.node.clock())
	return !held && !p.s.queue.now.Before(proc.paused) &&
		(proc.row.incarnation == 0 || proc.row.mayType)
}

// turn is one turn of typing; its pace is that of a fast typist.
func (p *person) turn() {
	if p.s.calm {
		return
	}
	p.s.queue.after(time.Duration(p.s.plan.pace)*between(p.rng, paceLeast, paceMost), p.turn)
	switch {
	case !p.able():
	case p.pasted > 0:
		p.paste()
	default:
		p.word()
	}
}

// word types one token, and Enter behind it now and then.
func (p *person) word() {
	b := p.token(nil)
	if p.rng.IntN(enterOneIn) == 0 {
		b = append(b, enterKey)
	}
	p.keys(len(b), envelope.Typed{Data: b})
	if len(b) > tokenSize {
		p.acted(len(p.tokens) + 1)
	}
}

// acted notes that what was typed from a token on may do more than put text before
// the cursor: in an outage it waits.
func (p *person) acted(from int) {
	if proc := p.s.procs[p.place]; proc.away && proc.heldFrom == 0 {
		proc.heldFrom = from
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
	if first && p.pasted > 0 {
		p.acted(len(p.tokens) - n + 1)
	}
	p.keys(len(b), envelope.Paste{First: first, Last: p.pasted == 0, Data: b})
}

// interrupt presses ^C and types on.
func (p *person) interrupt() {
	if p.able() {
		b := p.token([]byte{interruptKey})
		p.s.procs[p.place].heldFrom = 0
		p.acted(len(p.tokens))
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
