package main

import (
	"slices"
	"time"
)

// maxRun is how many messages one run may have: what a viewer remembers of it.
const maxRun = 1 << 17

// A tally is what one peer saw of one run. Skipped is what the log itself said that
// it left out, by going on at a snapshot; what else is missing is lost.
type tally struct {
	From     uint32 // the first message that was due here: a newcomer's log starts later
	Got      int
	Again    int // got once more
	Disorder int // got after a later one
	Skipped  int
	Latency  []int32 // of each message got first, in microseconds
	Gaps     []span  // between two messages got, those longer than stall
	Over     bool

	next uint32 // the message that is due
	seen []bool
	at   int64 // when the newest came
}

// stall is how long nothing may come from who sends all the time.
const stall = 100 * time.Millisecond

// recovered is how long messages must come without a gap before a stall is over.
const recovered = 500 * time.Millisecond

// A span is a time between two readings of the monotonic clock, in nanoseconds.
type span struct{ From, To int64 }

// length returns how long a span is.
func (s span) length() time.Duration { return time.Duration(s.To - s.From) }

// message counts message i, sent at stamp and here at now.
func (t *tally) message(i uint32, stamp, now int64) {
	if i >= maxRun {
		return
	}
	for len(t.seen) <= int(i) {
		t.seen = append(t.seen, false)
	}
	switch {
	case t.seen[i]:
		t.Again++
		return
	case i < t.next:
		t.Disorder++
	default:
		t.next = i + 1
	}
	t.seen[i] = true
	t.Got++
	t.Latency = append(t.Latency, int32((now-stamp)/1_000))
	if gap := now - t.at; t.at != 0 && gap > int64(stall) {
		t.Gaps = append(t.Gaps, span{t.at, now})
	}
	t.at = now
}

// stalls returns the gaps, those as one between which nothing came in order for long.
func (t *tally) stalls() (all []span) {
	for _, g := range t.Gaps {
		if n := len(all); n > 0 && g.From-all[n-1].To < int64(recovered) {
			all[n-1].To = g.To
			continue
		}
		all = append(all, g)
	}
	return all
}

// skip notes that the log goes on with message next, and says so.
func (t *tally) skip(next uint32) {
	if next > t.next {
		t.Skipped += int(next - t.next)
		t.next = next
	}
}

// copied returns t for another goroutine.
func (t *tally) copied() *tally {
	c := *t
	c.seen, c.Latency, c.Gaps = nil, slices.Clone(t.Latency), slices.Clone(t.Gaps)
	return &c
}

// A log is what one viewer saw of the host's log.
type log struct {
	cursor uint64 // the last record read
	runs   map[uint32]*tally
	alien  int // records that are nothing of ours
}

func newLog() *log { return &log{runs: make(map[uint32]*tally)} }

// of returns the tally of a run.
func (l *log) of(run uint32) *tally {
	t := l.runs[run]
	if t == nil {
		t = &tally{}
		l.runs[run] = t
	}
	return t
}

// record counts one record that was read, and returns the run that it ended, or 0.
func (l *log) record(seq uint64, plain []byte, now int64) (ended uint32) {
	first, jumped := l.cursor == 0, seq != l.cursor+1
	l.cursor = seq
	p, ok := decode(plain)
	if !ok {
		l.alien++
		return 0
	}
	known := l.runs[p.run] != nil
	t := l.of(p.run)
	was := t.Over
	switch {
	case p.kind == message:
		t.message(p.index, p.stamp, now)
	case p.kind == end:
		t.Over = true
	case first && !known: // a newcomer: what came before is in the snapshot
		t.From, t.next = p.index, p.index
		t.Over = p.over
	case jumped:
		t.skip(p.index)
		t.Over = t.Over || p.over
	}
	if t.Over && !was {
		return p.run
	}
	return 0
}
