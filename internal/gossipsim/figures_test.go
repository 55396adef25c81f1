package gossipsim

import (
	"fmt"
	"testing"
)

// figurePeers and figureSeeds are of the published figures.
const (
	figurePeers = 10_000
	figureSeeds = 5
)

// The papers' figures at the papers' size: a benchmark because it takes minutes.
// It fails when a figure is not what was published.
//
//	go test ./internal/gossipsim -run '^$' -bench Figures -benchtime 1x -timeout 2h
func BenchmarkFigures(b *testing.B) {
	for seed := uint64(1); seed <= figureSeeds; seed++ {
		o := Options{Nodes: figurePeers, Seed: seed, Active: 5, Passive: 30}
		b.Run(fmt.Sprintf("graph/%d", seed), func(b *testing.B) { figure(b, o, Overlay, 0, checkGraph) })
		b.Run(fmt.Sprintf("tree/%d", seed), func(b *testing.B) { figure(b, o, Tree, 0, checkTree) })
		for _, kill := range []float64{0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95} {
			b.Run(fmt.Sprintf("fail%v/%d", kill, seed), func(b *testing.B) { figure(b, o, Fail, kill, checkFail) })
		}
	}
}

// figure plays one scenario and checks what it measured.
func figure(b *testing.B, o Options, sc Scenario, kill float64, check func(*testing.B, Report)) {
	o.Scenario, o.Kill = sc, kill
	events := 0
	for b.Loop() {
		r, err := Play(o)
		if err != nil {
			b.Fatal(err)
		}
		if *r.Missed != 0 || *r.Components != 1 || *r.Symmetric != 1 {
			b.Errorf("%d missed, %d components, %v symmetric", *r.Missed, *r.Components, *r.Symmetric)
		}
		check(b, r)
		events += r.Events
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

func checkGraph(b *testing.B, r Report) {
	if p := *r.ShortestPath; p < 6.30 || p > 6.42 {
		b.Errorf("average shortest path %.3f, want 6.30 to 6.42", p)
	}
	if *r.Clustering > 0.0012 || *r.HopsMax > 9 {
		b.Errorf("clustering %.5f and a flood of %d hops, want at most 0.0012 and 9", *r.Clustering, *r.HopsMax)
	}
	b.ReportMetric(*r.ShortestPath, "path")
	b.ReportMetric(*r.Clustering, "clustering")
	b.ReportMetric(float64(*r.HopsMax), "hops")
}

func checkTree(b *testing.B, r Report) {
	if *r.RMR > 0.001 {
		b.Errorf("RMR %.4f from the fifth record on, want at most 0.001", *r.RMR)
	}
	b.ReportMetric(*r.RMR, "RMR")
	b.ReportMetric(float64(*r.LDHMax), "LDH")
}

func checkFail(b *testing.B, r Report) { b.ReportMetric(*r.RMR, "RMR") }

// The stream is the product's: 50 records a second over links of all lengths.
func BenchmarkStream(b *testing.B) {
	events := 0
	for b.Loop() {
		r, err := Play(Options{Scenario: Stream, Nodes: 500, Seed: 1})
		if err != nil {
			b.Fatal(err)
		}
		events += r.Events
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
