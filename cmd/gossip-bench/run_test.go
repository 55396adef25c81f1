//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// asProcess is set for the processes that the tests start: the test's own program.
const asProcess = "GOSSIP_BENCH_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) == "" {
		os.Exit(m.Run())
	}
	if err := command(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// tiny is a plan for tests: only what must happen takes time.
var tiny = plan{slow: 5, rates: 100 * time.Millisecond, burst: 50, blast: 50, after: 200 * time.Millisecond, gaps: []time.Duration{time.Millisecond}}

func newBench(t *testing.T, only ...string) *bench {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &bench{ctx: t.Context(), exe: exe, env: []string{asProcess + "=1"}, plan: tiny, only: only}
}

// Real processes, each a peer: nothing is lost, nothing comes twice or out of order,
// and nothing stays behind.
func TestProcessesShareALog(t *testing.T) {
	t.Parallel()
	b := newBench(t, "latency", "burst", "input", "repeat")
	if err := b.measure([]int{3}); err != nil {
		t.Fatal(err)
	}
	if len(b.Joins) != 1 || len(b.Latency) != 2 || len(b.Bursts) != 2 || len(b.Inputs) != 2 || len(b.Repeats) != 1 {
		t.Fatalf("figures are missing:\n%s", b.tables())
	}
	var all []spread
	for _, r := range append(b.Latency, b.Bursts...) {
		all = append(all, r.spread)
	}
	for _, r := range b.Inputs {
		if r.Relayed != (r.OverOthers >= tiny.slow) {
			t.Errorf("relayed %v, but %d came over others", r.Relayed, r.OverOthers)
		}
		all = append(all, r.AtHost, r.AtAll)
	}
	for i, s := range all {
		if s.Got != s.Due || s.Due == 0 || s.Lost+s.Skipped+s.Again+s.Disorder > 0 {
			t.Errorf("run %d: %+v", i, s)
		}
		if s.P50ms <= 0 || s.Maxms < s.P99ms {
			t.Errorf("run %d has no latencies: %+v", i, s)
		}
	}
	for _, r := range b.Repeats {
		if r.Copies != 2 || r.Nextms <= 0 {
			t.Errorf("a repeat: %+v", r)
		}
	}
	for _, want := range []string{"**Latency", "| 3 | 64 B |", "100 % of 10", "over others"} {
		if !strings.Contains(b.tables(), want) {
			t.Errorf("the tables lack %q:\n%s", want, b.tables())
		}
	}
}

// A process that is killed is noticed, and another takes its place; the rest miss
// nothing.
func TestAKilledProcessIsReplaced(t *testing.T) {
	if testing.Short() {
		t.Skip("a dead peer is noticed after 3 s")
	}
	t.Parallel()
	b := newBench(t, "kill")
	b.plan.down = 4 * time.Second // a peer must be silent for 3
	if err := b.with(3, false, func(s *swarm, n int) error {
		r, err := s.death(n, b.plan, true)
		if err != nil {
			return err
		}
		if r.HostS == 0 || r.HostS > 4 || r.Readms == 0 || r.New.Lost > 0 || r.New.Got == 0 {
			t.Errorf("noticed or replaced wrongly: %+v", r)
		}
		if r.Others.Viewers != 1 || r.Others.Got != r.Others.Due || r.Others.Due == 0 {
			t.Errorf("the others: %+v", r.Others)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// A viewer that is gone would make the figures of the others look like all of them.
func TestAnUnexpectedEndFailsTheBenchmark(t *testing.T) {
	t.Parallel()
	err := newBench(t).with(3, false, func(s *swarm, n int) error {
		if err := s.members[0].cmd.Process.Kill(); err != nil {
			return err
		}
		<-s.members[0].ended
		_, err := s.stream(n, 64, 5, slowRate)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "member 1 ended") {
		t.Errorf("got %v", err)
	}
}

func TestWrongArgumentsAreErrors(t *testing.T) {
	for _, args := range []string{"", "dance", "run -n 1", "run -n x", "run -only sleep", "run 5", "member nonsense", "member -key 12 gst1"} {
		if err := command(t.Context(), strings.Fields(args)); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}

func TestNumbers(t *testing.T) {
	if got, err := numbers("2,8,32"); err != nil || fmt.Sprint(got) != "[2 8 32]" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestTablesLeaveOutWhatWasNotMeasured(t *testing.T) {
	f := figures{Deaths: []deathRow{{N: 8, HostS: 2.9, Others: spread{Viewers: 1, Due: 7, Got: 7}}}}
	got := f.tables()
	if strings.Count(got, "**") != 2 || !strings.Contains(got, "| 8 | new | 0 | 2.90 |") {
		t.Errorf("got:\n%s", got)
	}
	for line := range strings.Lines(got) {
		if n := strings.Count(line, "|"); n > 0 && n != strings.Count(heads, "|")+10 {
			t.Errorf("a line of %d cells: %s", n-1, line)
		}
	}
	if !bytes.Contains([]byte(got), []byte("100 % of 7")) {
		t.Errorf("no deliveries in:\n%s", got)
	}
}
