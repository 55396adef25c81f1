package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"gossterm/internal/envelope"
)

// A plan is how long things take.
type plan struct {
	settle       time.Duration // after the joins
	slow         int           // messages of a run at 25 a second
	rates        time.Duration // of a run at a given rate
	burst, blast int           // messages
	before       time.Duration // of a run, until somebody is killed or stopped
	down         time.Duration // between death and return
	stop         time.Duration
	after        time.Duration
	gaps         []time.Duration // between equal messages
}

var gaps = []time.Duration{200 * time.Millisecond, time.Second, 3 * time.Second}

// largest is the most bytes that one record takes.
const largest = envelope.MaxHostPlain

// slowRate is how many messages a second latencies are measured with.
const slowRate = 25

// full are the lengths of the measurement that this one is compared with; quick are
// to try whether all works.
var (
	full = plan{
		settle: settleTime, slow: 200, rates: 4 * time.Second, burst: 200, blast: 10_000,
		before: 2 * time.Second, down: 4 * time.Second, stop: 10 * time.Second, after: 6 * time.Second, gaps: gaps,
	}
	quick = plan{
		settle: settleTime / 4, slow: 25, rates: time.Second, burst: 200, blast: 2_000,
		before: time.Second, down: 4 * time.Second, stop: 4 * time.Second, after: 2 * time.Second, gaps: gaps[:2],
	}
)

// offered are the rates that throughput is measured at, by size and number of peers.
var offered = map[int]map[int][]float64{
	1024: {2: {2000, 4000}, 8: {250, 1000, 2000}, 16: {250, 1000}, 32: {250, 1000}},
	64:   {2: {2000, 4000}, 8: {500, 1000}, 16: {500, 1000}, 32: {500}},
}

// A bench is one run of the benchmark.
type bench struct {
	ctx    context.Context
	exe    string
	env    []string
	plan   plan
	degree int
	only   []string
	figures
}

// sections are the parts of a benchmark, in order.
var sections = []string{"latency", "rates", "burst", "blast", "input", "repeat", "kill", "stop"}

// run is 'gossip-bench run': it starts all processes, and prints what it measured.
func run(ctx context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("gossip-bench run", flag.ContinueOnError)
	ns := fs.String("n", "2,8,16,32", "how many peers, the host among them")
	only := fs.String("only", strings.Join(sections, ","), "what to measure")
	short := fs.Bool("quick", false, "short runs, to see whether all works")
	degree := fs.Int("degree", 0, "target size of the host's active view; 0: gossip's")
	asJSON := fs.Bool("json", false, "print one JSON object")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("%q is no flag", fs.Arg(0))
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	b := &bench{ctx: ctx, exe: exe, plan: full, degree: *degree, only: strings.Split(*only, ",")}
	if *short {
		b.plan = quick
	}
	for _, o := range b.only {
		if !slices.Contains(sections, o) {
			return fmt.Errorf("%q is none of %s", o, strings.Join(sections, ", "))
		}
	}
	sizes, err := numbers(*ns)
	if err != nil {
		return err
	}
	if err := b.measure(sizes); err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(out).Encode(b.figures)
	}
	_, err = io.WriteString(out, b.tables())
	return err
}

// numbers reads numbers of peers, of which a swarm needs two.
func numbers(list string) (ns []int, err error) {
	for _, f := range strings.Split(list, ",") {
		n, err := strconv.Atoi(f)
		if err != nil || n < 2 || n > 1024 {
			return nil, fmt.Errorf("%q is no number of peers from 2 to 1024", f)
		}
		ns = append(ns, n)
	}
	return ns, nil
}

// measure fills the figures.
func (b *bench) measure(ns []int) error {
	b.Cores, b.LoadBefore, b.Degree = runtime.NumCPU(), loadNow(), b.degree
	for _, n := range ns {
		for _, part := range []struct {
			needs []string
			least int // peers, so that there are others
			apart bool
			do    func(*swarm, int) error
		}{
			{sections[:5], 2, false, b.calm},
			{sections[4:5], 3, true, b.relayed},
			{sections[5:7], 2, false, b.deaths},
			{sections[7:], 3, false, b.pauses},
		} {
			if !slices.ContainsFunc(part.needs, b.wants) {
				continue
			}
			if err := b.with(max(n, part.least), part.apart, part.do); err != nil {
				return fmt.Errorf("%d peers: %w", n, err)
			}
		}
	}
	b.LoadAfter = loadNow()
	return nil
}

// wants reports whether a section is to be measured.
func (b *bench) wants(section string) bool { return slices.Contains(b.only, section) }

// with does something with a new swarm.
func (b *bench) with(n int, apart bool, do func(*swarm, int) error) error {
	s, err := newSwarm(b.ctx, b.exe, b.env, n, b.degree, apart)
	if s != nil {
		defer s.close()
	}
	if err != nil {
		return err
	}
	s.pass(b.plan.settle)
	if s.failed != nil {
		return s.failed
	}
	return do(s, n)
}

// calm measures what needs nobody's death.
func (b *bench) calm(s *swarm, n int) error {
	for _, m := range b.runs(n) {
		if err := b.stream(s, n, m); err != nil {
			return err
		}
	}
	if b.wants("input") {
		say("%d peers: input", n)
		r, err := s.input(n, b.plan.slow, slowRate, false)
		if err != nil {
			return err
		}
		b.Inputs = append(b.Inputs, r)
	}
	join, err := s.joins(n)
	b.Joins = append(b.Joins, join)
	return err
}

// A streaming is a run of the host's and where its figures go.
type streaming struct {
	section     string
	size, count int
	rate        float64
	into        *[]row
}

// runs returns the runs to be measured with n peers.
func (b *bench) runs(n int) (all []streaming) {
	for _, size := range []int{64, 1024} {
		all = append(all, streaming{"latency", size, b.plan.slow, slowRate, &b.Latency})
		for _, rate := range offered[size][n] {
			all = append(all, streaming{"rates", size, int(rate * b.plan.rates.Seconds()), rate, &b.Rates})
		}
		all = append(all, streaming{"blast", size, b.plan.blast, 0, &b.Blasts})
	}
	all = append(all, streaming{"burst", 1024, b.plan.burst, 0, &b.Bursts}, streaming{"burst", largest, b.plan.burst / 10, 0, &b.Bursts})
	order := func(x, y streaming) int { return slices.Index(sections, x.section) - slices.Index(sections, y.section) }
	slices.SortStableFunc(all, order)
	return slices.DeleteFunc(all, func(m streaming) bool { return !b.wants(m.section) })
}

func (b *bench) stream(s *swarm, n int, m streaming) error {
	say("%d peers: %s, %d x %s, %.0f/s", n, m.section, m.count, sizeName(m.size), m.rate)
	r, err := s.stream(n, m.size, m.count, m.rate)
	if err == nil {
		*m.into = append(*m.into, r)
		s.pass(b.plan.settle / 4) // idle again
		err = s.failed
	}
	return err
}

// relayed measures a member without a link to the host.
func (b *bench) relayed(s *swarm, n int) error {
	say("%d peers: input, relayed", n)
	r, err := s.input(n, b.plan.slow, slowRate, true)
	if err == nil {
		b.Inputs = append(b.Inputs, r)
	}
	return err
}

// deaths measures repeats, and then members that are killed.
func (b *bench) deaths(s *swarm, n int) error {
	if b.wants("repeat") {
		for _, gap := range b.plan.gaps {
			say("%d peers: a repeat after %v", n, gap)
			r, err := s.repeat(n, gap)
			if err != nil {
				return err
			}
			b.Repeats = append(b.Repeats, r)
		}
	}
	if !b.wants("kill") {
		return nil
	}
	for _, same := range []bool{false, true} {
		say("%d peers: SIGKILL, same key: %v", n, same)
		r, err := s.death(n, b.plan, same)
		if err != nil {
			return err
		}
		b.Deaths = append(b.Deaths, r)
		s.pass(b.plan.settle)
	}
	return s.failed
}

// pauses measures members that are stopped.
func (b *bench) pauses(s *swarm, n int) error {
	for _, m := range []struct {
		size int
		rate float64
	}{{64, 20}, {1024, 500}} {
		say("%d peers: SIGSTOP, %s, %.0f/s", n, sizeName(m.size), m.rate)
		r, err := s.pause(n, b.plan, m.size, m.rate)
		if err != nil {
			return err
		}
		b.Pauses = append(b.Pauses, r)
		s.pass(b.plan.settle)
	}
	return s.failed
}
