package gossipsim

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

// Every scenario fills in the fields it has, and no others.
func TestScenariosReportWhatTheyHave(t *testing.T) {
	for _, tt := range []struct {
		scenario Scenario
		null     string
	}{
		{Overlay, "rmr ldh_max p50_ms p99_ms p999_ms bytes_per_record events_per_s"},
		{Tree, "shortest_path_avg clustering hops_max p50_ms p99_ms p999_ms bytes_per_record events_per_s"},
		{Fail, "shortest_path_avg clustering hops_max p50_ms p99_ms p999_ms bytes_per_record events_per_s"},
		{Stream, "shortest_path_avg clustering hops_max events_per_s"},
		{Churn, "shortest_path_avg clustering hops_max rmr ldh_max events_per_s"},
		{Storm, "shortest_path_avg clustering hops_max rmr bytes_per_record events_per_s"},
		{Partition, "shortest_path_avg clustering hops_max rmr bytes_per_record events_per_s"},
	} {
		o := Options{Scenario: tt.scenario, Nodes: 20, Seed: 1}
		switch tt.scenario {
		case Fail:
			o.Kill = 0.2
		case Partition:
			o.Nodes, o.Seed = livePeers, 2
		}
		r, err := Play(o)
		if err != nil {
			t.Errorf("%s: %v", tt.scenario, err)
			continue
		}
		b, _ := json.Marshal(r)
		fields := map[string]any{}
		json.Unmarshal(b, &fields)
		for name, v := range fields {
			if want := strings.Contains(" "+tt.null+" ", " "+name+" "); (v == nil) != want {
				t.Errorf("%s: %s is %v, want null: %v", tt.scenario, name, v, want)
			}
		}
		if *r.Missed != 0 || *r.Components != 1 || *r.Symmetric != 1 {
			t.Errorf("%s: missed %d, components %d, symmetric %v", tt.scenario, *r.Missed, *r.Components, *r.Symmetric)
		}
	}
}

// After a death so large that only coming back helps, all are back within 5 s.
func TestAllComeBackAfterAMassDeath(t *testing.T) {
	for _, kill := range []float64{0.9, 0.95} {
		r, err := Play(Options{Scenario: Fail, Nodes: backPeers, Seed: 1, Active: 5, Passive: 30, Kill: kill})
		if err != nil {
			t.Fatal(err)
		}
		if *r.Missed != 0 || *r.Components != 1 {
			t.Errorf("%v killed: %d missed, %d components", kill, *r.Missed, *r.Components)
		}
	}
}

func TestOptionsThatCannotBePlayed(t *testing.T) {
	for _, o := range []Options{
		{Scenario: "dance", Nodes: 10},
		{Scenario: Overlay, Nodes: 1},
		{Scenario: Overlay, Nodes: MaxNodes + 1},
		{Scenario: Overlay, Nodes: 10, Active: -1},
		{Scenario: Fail, Nodes: 10, Kill: 1},
		{Scenario: Fail, Nodes: 10, Kill: math.NaN()},
	} {
		if _, err := Play(o); !errors.Is(err, ErrOptions) {
			t.Errorf("%+v: %v, want ErrOptions", o, err)
		}
	}
}

// Figures of graphs that can be worked out by hand.
func TestFiguresOfKnownGraphs(t *testing.T) {
	ring := Graph{[][]int32{{1, 3}, {0, 2}, {1, 3}, {2, 0}}}
	triangle := Graph{[][]int32{{1, 2}, {0, 2}, {0, 1}, nil}}
	oneWay := Graph{[][]int32{{1}, {}, {3}, {2}}}
	for _, tt := range []struct {
		desc             string
		got, want, slack float64
	}{
		{"path of a ring of 4", ring.ShortestPath(), 4.0 / 3, 1e-9},
		{"clustering of a ring", ring.Clustering(), 0, 0},
		{"path of a triangle", triangle.ShortestPath(), 1, 0},
		{"clustering of a triangle beside a dead peer", triangle.Clustering(), 1, 0},
		{"components of a triangle beside a dead peer", float64(triangle.Components()), 1, 0},
		{"symmetry of one pair and one half pair", oneWay.Symmetric(), 2.0 / 3, 1e-9},
		{"components of two pairs", float64(oneWay.Components()), 2, 0},
	} {
		if math.Abs(tt.got-tt.want) > tt.slack {
			t.Errorf("%s: %v, want %v", tt.desc, tt.got, tt.want)
		}
	}
}
