package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// A result is what came of all runs of a case.
type result struct {
	Case string
	What string
	Runs int
	tally
	Heal    *float64 // ms, the slowest first echo after healing; nil if nothing was healed
	Equal   int      // viewers' screens that equalled the host's in the end
	Screens int      // that were compared
	Memory  int      // the most that a host had, in bytes
	Notes   []string `json:",omitempty"`
	Broken  []string `json:",omitempty"` // promises
	Failure string   `json:",omitempty"` // a run did not come to its end
	Skipped string   `json:",omitempty"` // why it was not run
}

// verdict says in short what came of a case.
func (r result) verdict() string {
	word := "ok"
	switch {
	case r.Skipped != "":
		return "skipped: " + r.Skipped
	case r.Failure != "":
		word = "FAILED: " + strings.Join(append([]string{r.Failure}, r.Broken...), "; ")
	case len(r.Broken) > 0:
		word = "BROKEN: " + strings.Join(r.Broken, "; ")
	}
	return strings.Join(append([]string{word}, r.Notes...), "; ")
}

// status returns the exit status that a case asks for.
func (r result) status() int {
	switch {
	case r.Failure != "":
		return exitFailed
	case len(r.Broken) > 0:
		return exitBroken
	}
	return 0
}

// table returns the results for people.
func table(results []result) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "load or fault\truns\tkeys\tconfirmed\tlost\tdoubled\tout of order\tfirst echo ms\tscreens\thost MiB\tverdict")
	for _, r := range results {
		heal, screens, memory := "-", "-", "-"
		if r.Heal != nil {
			heal = fmt.Sprintf("%.0f", *r.Heal)
		}
		if r.Screens > 0 {
			screens = fmt.Sprintf("%d/%d", r.Equal, r.Screens)
		}
		if r.Memory > 0 {
			memory = fmt.Sprint(r.Memory >> 20)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\n", r.Case, r.Runs, r.Typed, r.Confirmed, r.Lost, r.Doubled, r.OutOfOrder,
			heal, screens, memory, r.verdict())
	}
	w.Flush()
	b.WriteString(longer)
	return b.String()
}

// longer says where what takes too long for real processes is shown.
const longer = "What lasts longer than 60 s (10 minutes of sleep, of a cut, of a viewer that stopped) is shown in virtual time by scripts/sim.\n"
