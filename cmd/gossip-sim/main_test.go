package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// fields is what a report has, whatever the scenario.
var fields = strings.Fields(`nodes seed shortest_path_avg clustering symmetric components hops_max rmr ldh_max
	missed p50_ms p99_ms p999_ms bytes_per_record events events_per_s`)

func TestJSONHasAllFields(t *testing.T) {
	var out bytes.Buffer
	err := run(strings.Fields("-scenario graph -n 20 -seed 7 -active 5 -passive 30 -json"), &out)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	if len(got) != len(fields) {
		t.Errorf("%d fields, want %d", len(got), len(fields))
	}
	for _, f := range fields {
		if _, ok := got[f]; !ok {
			t.Errorf("no field %s", f)
		}
	}
	if got["nodes"] != 20.0 || got["seed"] != 7.0 || got["rmr"] != nil || got["components"] != 1.0 {
		t.Errorf("got %v", got)
	}
}

func TestLinesLeaveOutWhatIsNot(t *testing.T) {
	if got, want := lines(`{"nodes":3,"rmr":null,"events":7}`), "nodes              3\nevents             7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWrongArgumentsAreErrors(t *testing.T) {
	for _, args := range []string{"-scenario dance", "-n 1", "-kill 2", "graph"} {
		var out bytes.Buffer
		if err := run(strings.Fields(args), &out); err == nil || out.Len() > 0 {
			t.Errorf("%s: %v, printed %q", args, err, out.String())
		}
	}
}
