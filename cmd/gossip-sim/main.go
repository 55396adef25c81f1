// Command gossip-sim plays one scenario of the gossip simulator and prints what
// it measured.
//
// Paper mode, in which the published figures of HyParView and Plumtree hold, is
// -active 5 -passive 30.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"gossterm/internal/gossipsim"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		if err != flag.ErrHelp {
			fmt.Fprintln(os.Stderr, "gossip-sim: error:", err)
		}
		os.Exit(2)
	}
}

// gcPercent trades memory for speed: most of what is simulated lives to the end.
const gcPercent = 200

// run plays what the arguments say and writes the report.
func run(args []string, out io.Writer) error {
	fs := flag.NewFlagSet("gossip-sim", flag.ContinueOnError)
	scenario := fs.String("scenario", "graph", "graph, fail, tree, stream, churn, storm or partition")
	n := fs.Int("n", 1000, "number of peers")
	seed := fs.Uint64("seed", 1, "equal seeds give equal histories")
	active := fs.Int("active", 0, "target size of the active view; 0: 8, and 16 at the host")
	passive := fs.Int("passive", 0, "size of the passive view; 0: 40")
	kill := fs.Float64("kill", 0, "share of the peers that die (fail, stream); from 0.85 on fail has peers come back")
	asJSON := fs.Bool("json", false, "print one JSON object")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("%q is no flag", fs.Arg(0))
	}
	debug.SetGCPercent(gcPercent)
	start := time.Now()
	r, err := gossipsim.Play(gossipsim.Options{
		Scenario: gossipsim.Scenario(*scenario), Nodes: *n, Seed: *seed, Active: *active, Passive: *passive, Kill: *kill,
	})
	if err != nil {
		return err
	}
	perS := float64(r.Events) / time.Since(start).Seconds()
	r.EventsPerS = &perS
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if !*asJSON {
		b = []byte(lines(string(b)))
	}
	_, err = fmt.Fprintln(out, string(b))
	return err
}

// lines turns a flat JSON object into a line for each field, without what the
// scenario does not have.
func lines(object string) string {
	var out []string
	for _, f := range strings.Split(strings.Trim(object, "{}"), ",") {
		name, value, _ := strings.Cut(f, ":")
		if value != "null" {
			out = append(out, fmt.Sprintf("%-18s %s", strings.Trim(name, `"`), value))
		}
	}
	return strings.Join(out, "\n")
}
