//go:build linux

package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

// heard returns the tally of a viewer that got a message each 2 ms, but for the gaps
// before some of them.
func heard(count int, gaps map[int]time.Duration) *tally {
	t := &tally{}
	now := int64(time.Hour)
	for i := range count {
		now += int64(2*time.Millisecond + gaps[i])
		t.message(uint32(i), now-int64(time.Millisecond), now)
	}
	return t
}

// A stall is as long as nothing comes, and as long as it comes by fits and starts.
func TestStalls(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		desc string
		gaps map[int]time.Duration
		want []time.Duration
	}{{
		desc: "no gap",
	}, {
		desc: "a short gap is none", gaps: map[int]time.Duration{100: 90 * ms},
	}, {
		desc: "one", gaps: map[int]time.Duration{100: 300 * ms}, want: []time.Duration{302 * ms},
	}, {
		desc: "fits and starts are one", gaps: map[int]time.Duration{100: 148 * ms, 110: 248 * ms, 120: 248 * ms},
		want: []time.Duration{(150 + 250 + 250 + 2*9*2) * ms},
	}, {
		desc: "two that are far from each other", gaps: map[int]time.Duration{100: 148 * ms, 500: 198 * ms},
		want: []time.Duration{150 * ms, 200 * ms},
	}} {
		var got []time.Duration
		for _, s := range heard(1_000, c.gaps).stalls() {
			got = append(got, s.length())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.desc, got, c.want)
		}
	}
	if d, most := longest([]*tally{heard(10, nil), heard(1_000, map[int]time.Duration{9: 200 * ms, 600: 500 * ms})}); d != 502*ms || most != 2 {
		t.Errorf("the longest is %v, and one had %d", d, most)
	}
}

// Below is who has the log from one, and who has it from these.
func TestBelow(t *testing.T) {
	place := func(tag, parent string) *process {
		return &process{name: tag, peer: tag, last: map[string]news{isPlace: {Parent: parent}}}
	}
	s := &swarm{members: []*process{place("a", "host"), place("b", "a"), place("c", "host"), place("d", "b"), place("e", "c"), place("f", "d")}}
	for tag, want := range map[string]string{"a": "bdf", "b": "df", "c": "e", "f": ""} {
		got := ""
		for _, p := range s.members {
			if p.peer == tag {
				for _, q := range s.below(p) {
					got += q.peer
				}
			}
		}
		if got != want {
			t.Errorf("below %s are %q, want %q", tag, got, want)
		}
	}
}

// The verdict is that of the medians, and one lost message is too many.
func TestVerdictOfStops(t *testing.T) {
	stop := func(p90, p99 float64, stall time.Duration, lost int) stopping {
		return stopping{n: 8, before: spread{P90ms: 10, P99ms: 20}, aside: spread{P90ms: 10 * p90, P99ms: 20 * p99}, below: spread{Lost: lost}, belowStall: stall}
	}
	good, bad := stop(1.1, 1.9, 400*time.Millisecond, 0), stop(9, 9, time.Minute, 0)
	for i, c := range []struct {
		all  []stopping
		want bool
	}{
		{[]stopping{good, bad, good}, true},
		{[]stopping{bad, good, bad}, false},
		{[]stopping{stop(1.3, 1, 0, 0)}, false},
		{[]stopping{stop(1, 2.1, 0, 0)}, false},
		{[]stopping{stop(1, 1, 501*time.Millisecond, 0)}, false},
		{[]stopping{good, stop(1, 1, 0, 1), good}, false},
	} {
		if got := verdict(&bytes.Buffer{}, c.all); got != c.want {
			t.Errorf("%d: got %v", i, got)
		}
	}
}

// Real processes, of which one is stopped for a moment: each sort of viewer has figures.
func TestProcessesBesideAStoppedOne(t *testing.T) {
	if testing.Short() {
		t.Skip("two runs of 3 s")
	}
	t.Parallel()
	b := newBench(t)
	if err := b.with(4, false, func(s *swarm, n int) error {
		r, err := s.stopOne(n, 50, 200*time.Millisecond)
		if err != nil {
			return err
		}
		if sum := r.aside.Viewers + r.below.Viewers + r.stopped.Viewers; sum != 3 || r.before.Viewers != 3 {
			t.Errorf("%d viewers, and %d before", sum, r.before.Viewers)
		}
		if lost := r.before.Lost + r.aside.Lost + r.below.Lost + r.stopped.Lost; lost > 0 || r.before.Got != r.before.Due || r.before.P90ms <= 0 {
			t.Errorf("got %+v", r)
		}
		if got, want := strings.Count(r.line(), "|"), strings.Count(strings.SplitN(stoppedHead, "\n", 2)[0], "|"); got != want {
			t.Errorf("%d cells under %d heads", got, want)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// What cannot be measured is refused before any process is started.
func TestStoppedRefuses(t *testing.T) {
	for _, args := range [][]string{{"-n", "1"}, {"-rounds", "0"}, {"-rate", "0"}, {"-stop", "0s"}, {"8"}} {
		if err := runStopped(context.Background(), args, &bytes.Buffer{}); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
