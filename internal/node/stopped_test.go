package node

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/id"
)

const (
	// stoppedEvery is the time between two records of stoppedSize bytes.
	stoppedEvery = 2 * time.Millisecond
	stoppedSize  = 1024
	// stoppedCalm and stoppedRecords are how many of them are written before and after
	// one stops: the latter take more than twice as long as a stall may.
	stoppedCalm    = 300
	stoppedRecords = 600
	// stoppedDelay is how long a frame takes over a link.
	stoppedDelay = time.Millisecond
	// stoppedStall is how long what a stopped peer passed on may stay away from those
	// who had it from that one.
	stoppedStall = 500 * time.Millisecond
)

// A timed is a member that notes when it had which record. Its node's loop alone
// writes it.
type timed struct {
	*peer
	at []time.Time // by seq, from 0
}

// timed starts a member that notes when the log grew.
func (w *world) timed() *timed {
	w.Helper()
	p := &timed{peer: w.startBare()}
	bell := func() {
		log, now := p.core.Log(), time.Now()
		for uint64(len(p.at)) <= log.Head() {
			p.at = append(p.at, now)
		}
	}
	if err := p.Attach(MemberPorts{Bell: bell, State: func(State) {}}); err != nil {
		w.Fatal(err)
	}
	return p
}

// stream writes so many records at their pace, and returns when each was written and
// the seq of the first.
func (w *world) stream(n int) (first uint64, at []time.Time) {
	w.Helper()
	first = w.seq + 1
	for i := range n {
		at = append(at, time.Now())
		w.say(stoppedSize)
		if i%256 == 255 {
			at = append(at, time.Now())
			w.snapshot(1, 4_000)
		}
		<-time.After(stoppedEvery)
	}
	return first, at
}

// slowest returns the longest that a record took to a member.
func (p *timed) slowest(first uint64, at []time.Time) (d time.Duration) {
	for i, sent := range at {
		d = max(d, p.at[int(first)+i].Sub(sent))
	}
	return d
}

// lateFor returns the time from the sending of the first record that took longer than
// fine to the arrival of the last such.
func (p *timed) lateFor(first uint64, at []time.Time, fine time.Duration) time.Duration {
	var from, to time.Time
	for i, sent := range at {
		if got := p.at[int(first)+i]; got.Sub(sent) > fine {
			if from.IsZero() {
				from = sent
			}
			to = got
		}
	}
	return to.Sub(from)
}

// isolate makes nothing reach p, and nothing of p's reach anybody, like SIGSTOP.
func (w *world) isolate(p id.Peer, all []*timed) {
	w.mem.Cut(w.secret.Peer(), p)
	for _, q := range all {
		if q.secret.Peer() != p {
			w.mem.Cut(q.secret.Peer(), p)
		}
	}
}

// One who has others below it stops at 500 records of 1 KiB a second: those who are not
// below notice nothing, those who are have one stall.
func TestOneStops(t *testing.T) {
	for _, members := range []int{7, 15} {
		if raceEnabled && members > 7 {
			continue // the same with more members, which takes the race detector long
		}
		synctest.Test(t, func(t *testing.T) {
			w := newTree(t, 4)
			w.mem.Delay(stoppedDelay)
			var all []*timed
			for range members {
				all = append(all, w.timed())
			}
			w.settle()
			first, at := w.stream(stoppedCalm)
			pass(time.Second)
			var calm time.Duration
			for _, p := range all {
				calm = max(calm, p.slowest(first, at))
			}
			victim, below := w.busiest(t, all)
			w.isolate(victim.secret.Peer(), all)
			first, at = w.stream(stoppedRecords)
			pass(time.Second)
			for i, p := range all {
				if p == victim {
					continue
				}
				if int(first)+len(at) != len(p.at) {
					t.Fatalf("%d has the log through %d of %d", i, len(p.at)-1, int(first)+len(at)-1)
				}
				switch slow, late := p.slowest(first, at), p.lateFor(first, at, 2*calm); {
				case slices.Contains(below, p):
					t.Logf("figure: %d peers: below the stopped one: slowest %v, late for %v", members+1, slow, late)
					if late > stoppedStall {
						t.Errorf("%d, below the stopped one, was late for %v", i, late)
					}
				default:
					t.Logf("figure: %d peers: not below: slowest %v, undisturbed %v", members+1, slow, calm)
					if slow > 2*calm {
						t.Errorf("%d, not below the stopped one, waited %v for a record, and %v before", i, slow, calm)
					}
				}
				if s := p.figures(t); s.Jumps+s.Resets != 0 {
					t.Errorf("%d: %d jumps, %d resets", i, s.Jumps, s.Resets)
				}
			}
		})
	}
}

// busiest returns the member with most others below it, and those.
func (w *world) busiest(t *testing.T, all []*timed) (best *timed, below []*timed) {
	t.Helper()
	parent := map[id.Peer]id.Peer{}
	for _, p := range all {
		parent[p.secret.Peer()] = placeOf(t, p).Parent
	}
	for _, p := range all {
		var under []*timed
		for _, q := range all {
			for up := parent[q.secret.Peer()]; !up.IsZero(); up = parent[up] {
				if up == p.secret.Peer() {
					under = append(under, q)
					break
				}
			}
		}
		if best == nil || len(under) > len(below) {
			best, below = p, under
		}
	}
	if len(below) == 0 {
		t.Fatal("nobody is below anybody")
	}
	return best, below
}
