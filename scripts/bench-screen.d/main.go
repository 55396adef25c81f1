// Command benchscreen measures the screen's model beside two that are not ours, on
// the same bytes and in the same run: github.com/charmbracelet/x/vt, and @xterm/headless
// if node and scripts/xterm-reference/node_modules are there.
//
// It is a module of its own, so that gossterm does not depend on what it is
// compared with. scripts/bench-screen starts it.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	cols, rows = 120, 40
	chunk      = 16 << 10 // about what a read of a PTY gives at most
	rounds     = 5        // of which the median counts
	pastLines  = 10_000   // lines that left the top, which each emulator keeps
)

// roundTime is how long an input is repeated in a round, once at least.
const roundTime = 300 * time.Millisecond

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: benchscreen TESTDATA XTERM-REFERENCE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "benchscreen: %v\n", err)
		os.Exit(1)
	}
}

func run(testdata, reference string) error {
	recs, err := readRecordings(testdata)
	if err != nil {
		return err
	}
	ins := inputs(recs)
	headless, err := measureXterm(reference, ins)
	if err != nil {
		fmt.Printf("@xterm/headless is not measured: %v\n", err)
	}
	fmt.Printf("%d by %d, median of %d rounds; MB/s\n\n", cols, rows, rounds)
	fmt.Printf("%-10s %10s %10s %10s %10s %12s %14s\n", "input", "ours", "x/vt", "xterm.js", "ours/vt", "ours/xterm", "our allocs/MB")
	for i, in := range ins {
		results := measure(in.data, openOurs, openVT)
		ours, theirs := results[0], results[1]
		line := fmt.Sprintf("%-10s %10.1f %10s", in.name, ours.speed, speed(theirs.speed))
		if headless == nil {
			line += fmt.Sprintf(" %10s %10s %12s", "-", ratio(ours.speed, theirs.speed), "-")
		} else {
			line += fmt.Sprintf(" %10.1f %10s %12s", headless[i], ratio(ours.speed, theirs.speed), ratio(ours.speed, headless[i]))
		}
		fmt.Printf("%s %14.2f\n", line, ours.allocs)
	}
	fmt.Printf("\nfull-screen programs at three quarters of their recordings\n\n")
	fmt.Printf("%-30s %12s %10s %12s %10s\n", "recording", "snapshot", "bytes", "repaint", "bytes")
	for _, r := range recs {
		if s, ok := r.fullScreen(); ok {
			took, size := snapshotCost(s)
			drawn, sent := repaintCost(s)
			fmt.Printf("%-30s %9.1f us %10d %9.1f us %10d\n", r.name, micros(took), size, micros(drawn), sent)
		}
	}
	return nil
}

func speed(v float64) string {
	if v == 0 {
		return "panics"
	}
	return fmt.Sprintf("%.1f", v)
}

func ratio(a, b float64) string {
	if b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1fx", a/b)
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func median[T float64 | time.Duration](v []T) T {
	slices.Sort(v)
	return v[len(v)/2]
}

// A recording is output of a real program, and the size it was written for.
type recording struct {
	name       string
	cols, rows int
	data       []byte
}

// readRecordings reads files named program.COLSxROWS.rec.
func readRecordings(dir string) ([]recording, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.rec"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no recordings in %s: %v", dir, err)
	}
	var recs []recording
	for _, p := range paths {
		r := recording{name: strings.TrimSuffix(filepath.Base(p), ".rec")}
		if _, err := fmt.Sscanf(r.name[strings.IndexByte(r.name, '.')+1:], "%dx%d", &r.cols, &r.rows); err != nil {
			return nil, fmt.Errorf("%s: no size in the name: %w", p, err)
		}
		if r.data, err = os.ReadFile(p); err != nil {
			return nil, err
		}
		recs = append(recs, r)
	}
	return recs, nil
}
