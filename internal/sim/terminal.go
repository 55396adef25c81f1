package sim

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"time"

	"gossterm/session"
)

// lineMost is how much a terminal's line discipline holds for its program; what
// was written beyond waits before it, and a ^C in there is not seen.
const lineMost = 4095

// A terminal is a PTY and the program on it. All that it ever took is kept, and
// where its input was thrown away: that is the oracle.
type terminal struct {
	q       *queue
	rng     *rand.Rand
	output  func([]byte)
	room    func()
	size    int    // how much is taken before the line discipline
	taken   []byte // all that was ever written
	before  int    // taken[before:] waits before the line discipline
	read    int    // taken[read:before] waits for the program
	flushes []flush
	waiting bool // room is waited for
	signals bool // ISIG
	stopped time.Time
	floods  int // pieces of output still to come
	lists   listing
	ended   bool
}

// A flush threw away what the program had not read of the first upTo bytes taken.
type flush struct {
	from, upTo int
	asked      bool // by an interrupt of the session, not by a typed ^C
}

func newTerminal(q *queue, rng *rand.Rand) *terminal {
	t := &terminal{q: q, rng: rng, size: 4096 * (1 + rng.IntN(5)), signals: true}
	q.after(t.pace(), t.turn)
	return t
}

// write takes what fits and returns how much.
func (t *terminal) write(p []byte) int {
	n := 0
	for n < len(p) {
		k := min(len(p)-n, t.size-(len(t.taken)-t.before))
		if k == 0 {
			t.waiting = true
			break
		}
		t.taken = append(t.taken, p[n:n+k]...)
		n += k
		t.discipline()
	}
	return n
}

// discipline moves input on to the program and makes signals of ^C.
func (t *terminal) discipline() {
	for t.before < len(t.taken) && t.before-t.read < lineMost {
		c := t.taken[t.before]
		t.before++
		if c == interruptKey && t.signals {
			t.flush(t.before, false)
			t.signal()
		}
	}
}

func (t *terminal) flush(upTo int, asked bool) {
	t.flushes = append(t.flushes, flush{t.read, upTo, asked})
	t.read, t.before = upTo, max(t.before, upTo)
}

func (t *terminal) signal() {
	t.stopped = t.q.now
	if t.lists.on(t.q.now) {
		t.lists.until = t.q.now
		t.q.after(time.Millisecond, func() { t.output([]byte("^C\r\n$ ")) })
	}
}

// interrupt does what the session asks for.
func (t *terminal) interrupt() {
	t.flush(len(t.taken), true)
	t.signal()
	t.tellRoom()
}

func (t *terminal) tellRoom() {
	if t.waiting && len(t.taken)-t.before < t.size {
		t.waiting = false
		t.q.after(time.Millisecond, t.room)
	}
}

func (t *terminal) modes() session.Modes {
	return session.Modes{Signals: t.signals, Intr: interruptKey, Quit: 0x1c, Susp: 0x1a, Unread: t.before - t.read}
}

// stop keeps the program from reading for d.
func (t *terminal) stop(d time.Duration) { t.stopped = later(t.stopped, t.q.now.Add(d)) }

func (t *terminal) pace() time.Duration { return between(t.rng, time.Millisecond, 40*time.Millisecond) }

// turn is one turn of the program: it reads some and prints some.
func (t *terminal) turn() {
	if t.ended {
		return
	}
	t.q.after(t.pace(), t.turn)
	if t.q.now.Before(t.stopped) {
		return
	}
	n := min(t.before-t.read, 1+t.rng.IntN(3000))
	t.read += n
	t.discipline()
	t.tellRoom()
	switch {
	case t.lists.on(t.q.now):
		t.list()
	case t.floods > 0:
		t.floods--
		t.print(4000)
	case n > 0:
		t.print(1 + t.rng.IntN(200))
	}
	if t.rng.IntN(100) == 0 {
		t.output([]byte("\x1b[6n")) // where is the cursor? The answer is typed
	}
}

// print writes about n bytes that move, colour and scroll.
func (t *terminal) print(n int) {
	var b bytes.Buffer
	for b.Len() < n {
		switch t.rng.IntN(8) {
		case 0:
			fmt.Fprintf(&b, "\x1b[%d;%dH", 1+t.rng.IntN(30), 1+t.rng.IntN(90))
		case 1:
			fmt.Fprintf(&b, "\x1b[3%dm", t.rng.IntN(8))
		case 2:
			b.WriteString("\r\n")
		case 3:
			if t.rng.IntN(20) == 0 {
				fmt.Fprintf(&b, "\x1b[?1049%c", "hl"[t.rng.IntN(2)])
			}
		default:
			fmt.Fprintf(&b, "%x ", t.rng.Uint64())
		}
	}
	t.output(b.Bytes()[:n]) // also in the middle of a sequence
}

// drained reports whether the program has read all that was typed.
func (t *terminal) drained() bool { return t.read == len(t.taken) }

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
