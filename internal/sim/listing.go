package sim

import (
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	// listingOneIn is how many plans there are for one with listings, listingsMost how
	// many it has.
	listingOneIn = 5
	listingsMost = 3
	// A listing has so many lines a second, of so many bytes: the host is to leave out
	// what nobody reads of most, and to record the slow ones whole.
	linesLeast, linesMost = 10_000, 60_000
	bytesLeast, bytesMost = 20, 100
	// listTurn is how long it has printed at most when it has its turn again.
	listTurn = 50 * time.Millisecond
	// listPiece is how much of it is read from a PTY at once.
	listPiece = 16 << 10
)

// A listing is lines as fast as a program can print them.
type listing struct {
	until, at time.Time // at is how far it has printed
	rate      int       // lines a second
	line      int       // bytes of each, more or less
	n         int       // lines printed
}

var listingKind = kind{"listing", 0, listLines}

// drawListings draws the listings of one run. They have numbers of their own, so that the
// histories of other seeds are what they were before there were any.
func drawListings(seed uint64, p plan) []fault {
	rng := rand.New(rand.NewPCG(seed, 0x6c697374))
	if rng.IntN(listingOneIn) > 0 {
		return nil
	}
	fs := make([]fault, 1+rng.IntN(listingsMost))
	for i := range fs {
		fs[i] = fault{
			kind:   listingKind,
			at:     between(rng, 0, p.storm),
			length: between(rng, lengthLeast, lengthMost),
			place:  1, typist: 1,
			n: linesLeast + rng.IntN(linesMost-linesLeast),
		}
	}
	return fs
}

func listLines(s *Sim, f fault) {
	t := s.host.terminal
	t.lists = listing{until: s.queue.now.Add(f.length), at: s.queue.now, rate: f.n, line: bytesLeast + f.n%(bytesMost-bytesLeast)}
}

func (l *listing) on(now time.Time) bool { return now.Before(l.until) }

// list prints the lines of the time since it printed the last.
func (t *terminal) list() {
	l := &t.lists
	lines := int(min(t.q.now.Sub(l.at), listTurn).Seconds() * float64(l.rate))
	l.at = t.q.now
	var b []byte
	for range lines {
		l.n++
		b = fmt.Appendf(b, "\x1b[3%dm%d %0*x\r\n", t.rng.IntN(8), l.n, t.rng.IntN(2*l.line), t.rng.Uint64())
	}
	for len(b) > 0 {
		n := min(len(b), 1+t.rng.IntN(listPiece))
		t.output(b[:n])
		b = b[n:]
	}
}
