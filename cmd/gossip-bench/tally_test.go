package main

import (
	"testing"
)

// in is one record as a viewer reads it.
type in struct {
	seq uint64
	payload
}

func msg(seq uint64, i uint32) in { return in{seq, payload{kind: message, run: 1, index: i}} }

func snap(seq uint64, next uint32) in { return in{seq, payload{kind: snapshot, run: 1, index: next}} }

func over(seq uint64, count uint32) in { return in{seq, payload{kind: end, run: 1, index: count}} }

// A viewer's figures are no better than its tally: every fault that a transport
// could have must be seen.
func TestATallySeesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		desc  string
		in    []in
		count int
		want  spread
		over  bool
	}{{
		desc: "all in order", count: 3, over: true,
		in:   []in{snap(1, 0), msg(2, 0), msg(3, 1), msg(4, 2), over(5, 3)},
		want: spread{Due: 3, Got: 3},
	}, {
		desc: "a snapshot in step skips nothing", count: 2, over: true,
		in:   []in{snap(1, 0), msg(2, 0), snap(3, 1), msg(4, 1), over(5, 2)},
		want: spread{Due: 2, Got: 2},
	}, {
		desc: "a hole that nobody told of is a loss", count: 3,
		in:   []in{snap(1, 0), msg(2, 0), msg(3, 2)},
		want: spread{Due: 3, Got: 2, Lost: 1},
	}, {
		desc: "the last message is missing", count: 3, over: true,
		in:   []in{snap(1, 0), msg(2, 0), msg(3, 1), over(4, 3)},
		want: spread{Due: 3, Got: 2, Lost: 1},
	}, {
		desc: "a jump to a snapshot is skipped, not lost", count: 5, over: true,
		in:   []in{snap(1, 0), msg(2, 0), snap(6, 4), msg(7, 4), over(8, 5)},
		want: spread{Due: 5, Got: 2, Skipped: 3},
	}, {
		desc: "a jump past its snapshot loses what the snapshot does not say", count: 5,
		in:   []in{snap(1, 0), msg(2, 0), msg(6, 4)},
		want: spread{Due: 5, Got: 2, Lost: 3},
	}, {
		desc: "nothing at all", count: 4,
		want: spread{Due: 4, Lost: 4},
	}, {
		desc: "a copy", count: 2,
		in:   []in{snap(1, 0), msg(2, 0), msg(3, 1), msg(4, 0)},
		want: spread{Due: 2, Got: 2, Again: 1},
	}, {
		desc: "out of order", count: 3,
		in:   []in{snap(1, 0), msg(2, 0), msg(3, 2), msg(4, 1)},
		want: spread{Due: 3, Got: 3, Disorder: 1},
	}, {
		desc: "a newcomer is due what follows its snapshot", count: 9, over: true,
		in:   []in{snap(40, 7), msg(41, 7), msg(42, 8), over(43, 9)},
		want: spread{Due: 2, Got: 2},
	}, {
		desc: "a run that ended before a jump to a snapshot", count: 4, over: true,
		in:   []in{snap(1, 0), msg(2, 0), {9, payload{kind: snapshot, run: 1, index: 4, over: true}}},
		want: spread{Due: 4, Got: 1, Skipped: 3},
	}} {
		l, ended := newLog(), false
		for _, r := range c.in {
			ended = l.record(r.seq, r.encode(0), 0) == 1 || ended
		}
		c.want.Viewers = 1
		if got := spreadOf([]*tally{l.of(1)}, c.count); got != c.want || ended != c.over {
			t.Errorf("%s: got %+v over %v, want %+v over %v", c.desc, got, ended, c.want, c.over)
		}
	}
}

func TestForeignRecordsAreCountedApart(t *testing.T) {
	l := newLog()
	l.record(1, []byte("hello"), 0)
	l.record(2, make([]byte, headSize), 0)
	if l.alien != 2 || len(l.runs) != 0 {
		t.Errorf("%d alien, %d runs", l.alien, len(l.runs))
	}
}

func TestTallyIsBounded(t *testing.T) {
	var ta tally
	ta.message(maxRun, 0, 0)
	if ta.Got != 0 || len(ta.seen) > 0 {
		t.Errorf("got %d, %d remembered", ta.Got, len(ta.seen))
	}
}

func TestPayloadRoundTrips(t *testing.T) {
	for _, p := range []payload{
		{kind: message, run: 1, index: 2, stamp: 1 << 40},
		{kind: snapshot, run: 3, index: 4, over: true},
		{kind: snapshot, run: 3, index: 4},
		{kind: end, run: 5, index: 6},
	} {
		for _, size := range []int{0, 64, 1024} {
			b := p.encode(size)
			if got, ok := decode(b); !ok || got != p || len(b) != max(size, headSize) {
				t.Errorf("%+v in %d bytes: got %+v %v in %d", p, size, got, ok, len(b))
			}
		}
	}
}

func TestQuantiles(t *testing.T) {
	var hundred []int32
	for i := range int32(100) {
		hundred = append(hundred, (i+1)*1_000)
	}
	for _, c := range []struct {
		q    float64
		of   []int32
		want float64
	}{{0.5, hundred, 50}, {0.99, hundred, 99}, {1, hundred, 100}, {0.5, nil, 0}, {0.99, []int32{7_000}, 7}} {
		if got := quantile(c.of, c.q); got != c.want {
			t.Errorf("quantile %v of %d values: got %v, want %v", c.q, len(c.of), got, c.want)
		}
	}
}
