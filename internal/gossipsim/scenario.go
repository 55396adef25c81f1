package gossipsim

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// A Scenario names what is played.
type Scenario string

// The scenarios. In the first three all links take one hop's time, as in the
// papers; in the others each has its own and the host sends heads, as in the
// product.
const (
	Overlay   Scenario = "graph"
	Fail      Scenario = "fail"
	Tree      Scenario = "tree"
	Stream    Scenario = "stream"
	Churn     Scenario = "churn"
	Storm     Scenario = "storm"
	Partition Scenario = "partition"
)

// plays is how each is played.
var plays = map[Scenario]func(Options) Report{
	Overlay: playGraph, Fail: playFail, Tree: playTree, Stream: playStream,
	Churn: playChurn, Storm: playStorm, Partition: playPartition,
}

// Options says what to play. Zero Active and Passive are the product's.
type Options struct {
	Scenario        Scenario
	Nodes           int
	Seed            uint64
	Active, Passive int
	Kill            float64 // share of the peers that die, in fail and stream
	Trace           bool    // the report has a hash of the history
}

// Times and sizes of the scenarios. A cycle is the mean time between two shuffles.
const (
	hop          = 10 * time.Millisecond
	joinApart    = 10 * time.Millisecond
	cycle        = 30 * time.Second
	paperCycles  = 50                     // of the HyParView paper, before anything is measured
	broadcasts   = 20                     // records of fail and tree
	between      = 3 * time.Second        // two of them after a mass death
	quick        = 500 * time.Millisecond // two of them else: shuffles hardly change the overlay meanwhile
	settledAfter = 5                      // records after which a tree is to be settled
	streamCycles = 2
	streamRate   = 50  // records a second
	streamSize   = 512 // bytes of a record
	streamFor    = 10 * time.Second
	treeSize     = 100
)

// MaxNodes bounds a simulation: 10,000 peers take about 250 MB.
const MaxNodes = 100_000

// ErrOptions reports that nothing can be played with such options.
var ErrOptions = errors.New("cannot simulate")

// A Report is what a scenario measured; nil where it has none.
type Report struct {
	Nodes          int      `json:"nodes"`
	Seed           uint64   `json:"seed"`
	ShortestPath   *float64 `json:"shortest_path_avg"`
	Clustering     *float64 `json:"clustering"`
	Symmetric      *float64 `json:"symmetric"`  // share of the neighbor relations
	Components     *int     `json:"components"` // of the living
	HopsMax        *int     `json:"hops_max"`   // of the first record: a flood
	RMR            *float64 `json:"rmr"`        // mean, without the first records
	LDHMax         *int     `json:"ldh_max"`    // links to the last delivery
	Missed         *int     `json:"missed"`     // deliveries
	P50            *float64 `json:"p50_ms"`
	P99            *float64 `json:"p99_ms"`
	P999           *float64 `json:"p999_ms"`
	BytesPerRecord *float64 `json:"bytes_per_record"` // sent for each delivery, all told
	Events         int      `json:"events"`
	EventsPerS     *float64 `json:"events_per_s"` // of real time; whoever has a clock fills it in
	Trace          uint64   `json:"-"`            // hash of the history, if asked for
}

// Play plays a scenario. It fails with ErrOptions.
func Play(o Options) (Report, error) {
	play, ok := plays[o.Scenario]
	switch {
	case !ok:
		return Report{}, fmt.Errorf("%w: no scenario %q", ErrOptions, o.Scenario)
	case o.Nodes < 2 || o.Nodes > MaxNodes:
		return Report{}, fmt.Errorf("%w: %d nodes, want 2 to %d", ErrOptions, o.Nodes, MaxNodes)
	case o.Active < 0 || o.Passive < 0:
		return Report{}, fmt.Errorf("%w: a view of less than nothing", ErrOptions)
	case math.IsNaN(o.Kill) || o.Kill < 0 || o.Kill >= 1:
		return Report{}, fmt.Errorf("%w: -kill is a share from 0 to below 1", ErrOptions)
	}
	r := play(o)
	r.Nodes, r.Seed = o.Nodes, o.Seed
	return r, nil
}

// overlay returns an overlay in paper mode that has shuffled for some cycles.
func overlay(o Options, cycles int) *Sim {
	s := New(Config{Nodes: o.Nodes, Seed: o.Seed, Active: o.Active, Passive: o.Passive, Paper: true, Hop: hop, Trace: o.Trace})
	s.Join(joinApart)
	s.Run(time.Duration(cycles) * cycle)
	return s
}

// shape measures the overlay.
func (r *Report) shape(s *Sim) {
	g := s.Graph()
	r.Symmetric, r.Components = ptr(g.Symmetric()), ptr(g.Components())
	r.Events, r.Trace = s.Events(), s.Trace()
}

func playGraph(o Options) (r Report) {
	s := overlay(o, paperCycles)
	r.shape(s)
	g := s.Graph()
	r.ShortestPath, r.Clustering = ptr(g.ShortestPath()), ptr(g.Clustering())
	s.Write(treeSize)
	s.Run(between)
	r.HopsMax, r.Missed, r.Events = ptr(s.Hops()), ptr(s.Missed(1)), s.Events()
	return r
}

// spread has the host write, and returns the records' mean RMR without the first
// settledAfter-1, the farthest delivery among the same, and what was missed of all.
func (s *Sim) spread(n int, apart time.Duration) (rmr float64, ldh, missed int) {
	first := len(s.born) + 1
	for i := range n {
		s.Write(treeSize)
		s.Run(apart)
		seq := first + i
		missed += s.Missed(seq)
		if i >= settledAfter-1 {
			rmr += s.RMR(seq) / float64(n-settledAfter+1)
			ldh = max(ldh, s.Hops())
		}
	}
	return rmr, ldh, missed
}

func playTree(o Options) (r Report) {
	s := overlay(o, paperCycles)
	rmr, ldh, missed := s.spread(broadcasts, quick)
	r.shape(s)
	r.RMR, r.LDHMax, r.Missed = ptr(rmr), ptr(ldh), ptr(missed)
	return r
}

// playStream is a terminal that scrolls: records at a steady rate over links of
// different lengths. Kill happens in the middle of it.
func playStream(o Options) (r Report) {
	s := New(Config{Nodes: o.Nodes, Seed: o.Seed, Active: o.Active, Passive: o.Passive, Beats: true, Bytes: true, Trace: o.Trace})
	s.Join(joinApart)
	s.Run(streamCycles * cycle)
	for range settledAfter {
		s.Write(streamSize)
		s.Run(time.Second)
	}
	first, sent := len(s.born)+1, s.bytes
	n := int(streamFor.Seconds()) * streamRate
	for i := range n {
		if i == n/2 {
			s.Kill(o.Kill)
		}
		s.Write(streamSize)
		s.Run(time.Second / streamRate)
	}
	s.Run(between)
	last := len(s.born)
	ds := s.Latencies(first, last)
	r.delays(ds)
	rmr, missed := 0.0, 0
	for seq := first; seq <= last; seq++ {
		missed += s.Missed(seq)
		rmr += s.RMR(seq) / float64(n)
	}
	r.shape(s)
	if o.Kill == 0 { // else the dead have received too
		r.RMR = ptr(rmr)
		r.BytesPerRecord = ptr(float64(s.bytes-sent) / float64(max(len(ds), 1)))
	}
	r.LDHMax, r.Missed = ptr(s.Hops()), ptr(missed)
	return r
}

// delays reports the quantiles of sorted times.
func (r *Report) delays(ds []time.Duration) {
	r.P50, r.P99, r.P999 = quantile(ds, 0.5), quantile(ds, 0.99), quantile(ds, 0.999)
}

// quantile returns the q-quantile of sorted times in milliseconds, nil if there
// are none.
func quantile(ds []time.Duration, q float64) *float64 {
	if len(ds) == 0 {
		return nil
	}
	return ptr(float64(ds[int(q*float64(len(ds)-1))]) / float64(time.Millisecond))
}

func ptr[T any](v T) *T { return &v }
