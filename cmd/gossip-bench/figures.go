package main

import (
	"slices"
)

// A spread is what some viewers together saw of a run.
type spread struct {
	Viewers  int
	Due      int // deliveries: messages times viewers, but what was before a newcomer's time
	Got      int
	Skipped  int // left out by the log, which said so
	Lost     int // not got and not said
	Again    int
	Disorder int
	// Latencies from the sender's stamp to the reader, of all viewers in one heap.
	P50ms, P90ms, P99ms, Maxms float64
}

// spreadOf sums up what viewers saw of a run of so many messages.
func spreadOf(ts []*tally, count int) spread {
	s := spread{Viewers: len(ts)}
	var all []int32
	for _, t := range ts {
		due := count - int(t.From)
		s.Due += due
		s.Got += t.Got
		s.Skipped += t.Skipped
		s.Lost += due - t.Got - t.Skipped
		s.Again += t.Again
		s.Disorder += t.Disorder
		all = append(all, t.Latency...)
	}
	slices.Sort(all)
	s.P50ms, s.P90ms, s.P99ms, s.Maxms = quantile(all, 0.5), quantile(all, 0.9), quantile(all, 0.99), quantile(all, 1)
	return s
}

// quantile returns the q-th quantile of sorted microseconds in ms: the smallest value
// that at least so many are not above.
func quantile(sorted []int32, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := int(q*float64(len(sorted))+0.999999) - 1
	return float64(sorted[min(max(i, 0), len(sorted)-1)]) / 1_000
}

// A row is a run that the host sent.
type row struct {
	N, Size  int
	Offered  float64 // messages a second; 0: as fast as the node takes them
	Accepted float64 // likewise, as the node took them
	Sent     int
	spread
}

// A joinRow is how long joins took, in ms: from a socket of one's own to the
// host's word, and from the start of the process to the first record read.
type joinRow struct {
	N                               int
	JoinP50ms, JoinMaxms, ReadMaxms float64
	Depth                           int     // of the deepest member
	ResidentMB                      float64 // mean of all processes after the load
	Copies                          float64 // how often the host sent each record, in the mean
}

// An inputRow is a run that a member sent: to the host, and with the host's log to all.
type inputRow struct {
	N          int
	Relayed    bool // the member has no link to the host
	OverOthers int  // messages that came to the host over others, repeats included
	Repeats    int  // messages that it sent again
	AtHost     spread
	AtAll      spread
}

// A repeatRow is one message sent twice with equal bytes, and another right after.
type repeatRow struct {
	N      int
	GapS   float64
	Copies int     // that reached the viewer which got fewest
	Nextms float64 // delay of the other message, at the viewer that was last
}

// A deathRow is a member killed by SIGKILL, and a process in its place.
type deathRow struct {
	N       int
	SameKey bool
	Served  int     // how many had the log from the one killed
	HostS   float64 // until the host noticed, 0 if it did not
	AllS    float64 // until the last that noticed did
	DownS   float64
	Joinms  float64 // from the new process's start to the host's word
	Readms  float64 // and to its first record
	New     spread  // what it saw from there on
	Others  spread
}

// A pauseRow is a member stopped by SIGSTOP for a while.
type pauseRow struct {
	N, Size int
	Rate    float64
	StopS   float64
	Served  int
	HostS   float64 // until the host noticed
	Backms  float64 // from SIGCONT until the host heard it
	Stopped spread
	Others  spread
}

// Figures are all that was measured.
type figures struct {
	Cores                 int
	LoadBefore, LoadAfter string // of the machine, over 1, 5 and 15 minutes
	Degree                int    `json:",omitempty"` // of the host, if it was set
	Joins                 []joinRow
	Latency, Rates        []row
	Bursts, Blasts        []row
	Inputs                []inputRow
	Repeats               []repeatRow
	Deaths                []deathRow
	Pauses                []pauseRow
}
