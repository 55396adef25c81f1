package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A result is what came of a trial. Times are in milliseconds.
type result struct {
	Case        string
	Path        string   // the joiner's in the end, as its log says; "" if it says nothing
	FirstScreen *float64 // from the joiner's start; nil if there was none
	Direct      *float64 // from the first screen; nil if never
	RTT         *float64 // as the joiner's log says
	Echo        *float64 // of the median key
	Stall       *float64 // the longest wait for an echo
	Stalls      int      // how many times keys waited long
	Typed       int      // keys that the host's command read
	TypedOnce   bool     // it read what was typed, once
	Wanted      string

	calm    time.Duration // what counts as a stall on a machine as busy as it was, if not calm
	atLast  *float64      // ms, the echo of the median of the last keys, if the path was the same for them
	Notes   []string      `json:",omitempty"`
	Missed  []string      `json:",omitempty"` // targets
	Failure string        `json:",omitempty"` // the trial did not come to its end
}

// result tells what came of the trial, as far as it got.
func (s *show) result() result {
	r := result{Case: s.name, Wanted: s.wanted()}
	if !s.screened.IsZero() {
		r.FirstScreen = ms(s.screened.Sub(s.started))
	}
	if last := s.path(); last.via != "" {
		r.Path = last.via
		if last.rtt > 0 {
			r.RTT = ms(last.rtt)
		}
	}
	if at := s.directAt(); at != nil && !s.screened.IsZero() {
		r.Direct = ms(max(at.Sub(s.screened), 0))
	}
	if lags := s.lags(s.resumed); len(lags) > 0 {
		r.atLast = s.atLast(lags)
		r.calm = calm + wakeups*s.late
		r.Stalls = stalls(lags, r.calm)
		slices.Sort(lags)
		r.Echo, r.Stall = ms(lags[len(lags)/2]), ms(lags[len(lags)-1])
	}
	read, _ := os.ReadFile(s.typedFile()) // if it is not there nothing was typed
	text := strings.TrimSuffix(string(read), "\n")
	r.Typed, r.TypedOnce = len(text), text == s.keys
	r.Notes = s.notes
	r.Missed = append(s.missed(r), s.judged...)
	if s.wrong != "" {
		r.Missed = append(r.Missed, fmt.Sprintf("the joiner's screen shows %q, which nobody typed", s.wrong))
	}
	if s.leaked != "" {
		r.Missed = append(r.Missed, fmt.Sprintf("%q is readable at the relay", s.leaked))
	}
	return r
}

// lastKeys is how many keys at the end are looked at to see how long the last path takes.
const lastKeys = 20

// atLast returns how long the median of the last keys waited, nil if the path or
// more than that changed meanwhile.
func (s *show) atLast(lags []time.Duration) *float64 {
	if !s.over() || s.sealed {
		return nil
	}
	from := s.typed[len(s.typed)-lastKeys]
	if s.path().at.After(from) || s.resumed.After(from) {
		return nil
	}
	last := slices.Sorted(slices.Values(lags[len(lags)-lastKeys:]))
	return ms(last[lastKeys/2])
}

func ms(d time.Duration) *float64 {
	f := float64(d) / float64(time.Millisecond)
	return &f
}

// missed returns the targets that a result misses.
func (t trial) missed(r result) (all []string) {
	miss := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if t.want != "" && r.Path != t.want {
		miss("path %q, not %s", r.Path, t.want)
	}
	if t.direct > 0 && (r.Direct == nil || *r.Direct > *ms(t.direct)) {
		miss("direct after %s ms", figure(r.Direct))
	}
	// The log is believed as far as it agrees with the clock.
	if slow := r.atLast != nil && *r.atLast >= *ms(overRelay); r.atLast != nil && slow != (r.Path == viaRelay) {
		miss("an echo of %s ms is not that of a path %s", figure(r.atLast), r.Path)
	}
	if !r.TypedOnce {
		miss("%d of %d keys read, or others", r.Typed, keyCount)
	}
	stall := t.stall
	if stall == calm { // any other length holds on a busy machine, too
		stall = max(stall, r.calm)
	}
	if r.Stall == nil || t.stall > 0 && *r.Stall > *ms(stall) {
		miss("a key waited %s ms", figure(r.Stall))
	}
	if t.stall > 0 && t.slack <= 1 && r.Stalls > t.stalls {
		miss("%d stalls", r.Stalls)
	}
	return all
}

// figure writes a figure that may be missing.
func figure(f *float64) string {
	switch {
	case f == nil:
		return "-"
	case *f < 10:
		return fmt.Sprintf("%.1f", *f)
	}
	return fmt.Sprintf("%.0f", *f)
}

// table returns the results for people.
func table(results []result) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "case\tpath\tfirst screen ms\tdirect after ms\tRTT ms\techo ms\ttyped once\tlongest stall ms\tstalls\tverdict")
	for _, r := range results {
		path := r.Path
		if path == "" {
			path = "-"
		}
		once := fmt.Sprintf("no: %d of %d", r.Typed, keyCount)
		if r.TypedOnce {
			once = fmt.Sprintf("%d", r.Typed)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", r.Case, path, figure(r.FirstScreen), figure(r.Direct), figure(r.RTT),
			figure(r.Echo), once, figure(r.Stall), r.Stalls, r.verdict())
	}
	w.Flush()
	return b.String()
}

// verdict says in short what came of a trial.
func (r result) verdict() string {
	word := "ok"
	switch {
	case r.Failure != "":
		word = "FAILED: " + r.Failure
	case len(r.Missed) > 0:
		word = "MISSED: " + strings.Join(r.Missed, "; ")
	}
	return strings.Join(append([]string{word}, r.Notes...), "; ")
}
