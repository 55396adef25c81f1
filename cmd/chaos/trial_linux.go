package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"gossterm/internal/lab"
)

// A trial is one case: a load or a fault.
type trial struct {
	name, what string
	layout     layout
	joiners    int
	line       lab.Settings // of each line, both ways
	flood      string       // which one the host's command can print; noFlood if empty
	floodBytes int64        // of the full run; 0: until it is stopped
	sinkFlags  []string

	under      under         // what every gossterm runs under
	healWithin time.Duration // the first echo after the healing; 0: no promise
	restless   bool          // all may wait: the machine or every link is loaded
	alone      bool          // loads the machine, so that nothing else is played meanwhile
	long       bool          // not in --short
	play       func(*show) error
}

// trials returns all cases.
func trials() []trial {
	all := []trial{
		{name: "viewer-stopped", what: "a viewer's process is stopped while 512 KiB/s are printed", joiners: 3, flood: steady, alone: true, play: slowViewer(stopProcess)},
		{name: "viewer-ctrl-s", what: "a viewer's terminal takes nothing (Ctrl-S)", joiners: 3, flood: steady, alone: true, play: slowViewer(stopTerminal)},
		{name: "viewer-1kBps", what: "a viewer's terminal takes 1 KB/s", joiners: 3, flood: steady, alone: true, play: slowViewer(slowTerminal)},

		{name: "flood-yes", what: "yes prints 1 GiB (8 MiB), 8 viewers", joiners: 8, flood: yes, floodBytes: 1 << 30, restless: true, alone: true, play: flooded},
		{name: "flood-urandom", what: "/dev/urandom prints 1 GiB (8 MiB), 8 viewers", joiners: 8, flood: random, floodBytes: 1 << 30, restless: true, alone: true, play: flooded},
		{name: "flood-5MBps", what: "the same from yes, the terminals take 5 MB/s", joiners: 3, flood: yes, floodBytes: 256 << 20, restless: true, alone: true, play: floodedSlowTerminals},
		{name: "flood-lossy", what: "the same over 50 Mbit/s with 5 % loss", layout: star, joiners: 3, flood: yes, floodBytes: 256 << 20, restless: true, alone: true,
			line: lab.Settings{Rate: 50e6 / 8, Loss: 0.05}, play: flooded},
		{name: "interrupt", what: "a joiner's ^C in a shell where yes runs, 50 (10) times", joiners: 1, alone: true, play: interrupted},
		{name: stormName, what: "16 join at once while yes runs", joiners: 1, flood: yes, restless: true, alone: true, play: storm},

		{name: "cut-joiner", what: "a joiner's link is cut for 10 s (6 s)", layout: star, joiners: 2, healWithin: healWithin, play: cutFor(10*time.Second, 6*time.Second, cutJoiner)},
		{name: "cut-to-joiner", what: "what goes to a joiner is cut, one way", layout: star, joiners: 2, healWithin: healWithin, play: cutFor(10*time.Second, 6*time.Second, cutToJoiner)},
		{name: "cut-from-joiner", what: "what comes from a joiner is cut, one way", layout: star, joiners: 2, healWithin: healWithin, play: cutFor(10*time.Second, 6*time.Second, cutFromJoiner)},
		{name: "cut-host", what: "the host's link is cut: it is alone", layout: star, joiners: 3, healWithin: healWithin, play: cutFor(10*time.Second, 6*time.Second, cutHost)},
		{name: "cut-halves", what: "half is cut from half", layout: halves, joiners: 4, healWithin: healWithin, play: cutFor(10*time.Second, 6*time.Second, cutTrunk)},
		{name: "cut-joiner-60", what: "a joiner's link is cut for 60 s", layout: star, joiners: 2, healWithin: healWithin, long: true, play: cutFor(time.Minute, time.Minute, cutJoiner)},
		{name: "cut-host-60", what: "the host is alone for 60 s", layout: star, joiners: 3, healWithin: healWithin, long: true, play: cutFor(time.Minute, time.Minute, cutHost)},
		{name: "cut-halves-60", what: "half is cut from half for 60 s", layout: halves, joiners: 4, healWithin: healWithin, long: true, play: cutFor(time.Minute, time.Minute, cutTrunk)},

		{name: "bad-link", what: "30 % lost, 10 % twice, 25 % out of order, 1 % corrupted", layout: star, joiners: 3, restless: true,
			play: badLinks(lab.Settings{Loss: 0.3, Duplicate: 0.1, Reorder: 0.25, Corrupt: 0.01})},
		{name: "swizzled", what: "links are cut and healed one after another at random", layout: star, joiners: 4, healWithin: healWithin, restless: true, play: swizzled},

		{name: "move-joiner", what: "a joiner's address changes", layout: star, joiners: 2, healWithin: joinerMovesWithin, play: moves(1, 0)},
		{name: "move-joiner-gap", what: "the same, with 3 s without any address", layout: star, joiners: 2, healWithin: joinerMovesWithin, play: moves(1, addressGap)},
		{name: "move-host", what: "the host's address changes", layout: star, joiners: 2, healWithin: hostMovesWithin, play: moves(0, 0)},
		{name: "move-host-gap", what: "the same, with 3 s without any address", layout: star, joiners: 2, healWithin: hostMovesWithin, play: moves(0, addressGap)},

		{name: "sleep-joiner", what: "a joiner's process is stopped for 30 s (10 s)", joiners: 2, healWithin: wakeWithin, play: sleeps(1, 30*time.Second, 10*time.Second)},
		{name: "sleep-host", what: "the host's process is stopped for 12 s", joiners: 2, healWithin: healWithin, play: sleeps(0, 12*time.Second, 12*time.Second)},

		{name: "kill-joiner", what: "kill -9 of a joiner", joiners: 3, play: killed(1)},
		{name: "kill-half", what: "kill -9 of half of the joiners at once", joiners: 6, play: killed(3)},
		{name: "kill-host", what: "kill -9 of the host", joiners: 3, play: hostKilled},
		{name: "hangup-joiner", what: "SIGHUP: a joiner's window is closed", joiners: 3, play: joinerHungUp},
		{name: "hangup-host", what: "SIGHUP: the host's window is closed", joiners: 3, play: hostHungUp},
		{name: "child-exits", what: "the host's command ends with status 7", joiners: 3, play: childExits(exitSoon)},
		{name: "child-leaves-writer", what: "the same, and what it started goes on printing", joiners: 3, play: childExits(exitBehind)},
		{name: "child-ignores-hup", what: "the host leaves, its command ignores SIGHUP and SIGTERM", joiners: 2, sinkFlags: []string{"--stubborn"}, play: calmly},
		{name: "descriptors-64", what: "every gossterm may open 64 files", joiners: 8, under: fewFiles, play: calmly},
		{name: "no-buffers", what: "every third packet of each thread fails with ENOBUFS", joiners: 3, under: noBuffers, play: calmlyTraced},
	}
	return all
}

// The promises of how soon an echo comes again.
const (
	healWithin        = 5 * time.Second
	joinerMovesWithin = 3 * time.Second
	hostMovesWithin   = 10 * time.Second
	wakeWithin        = 3 * time.Second

	addressGap = 3 * time.Second
)

// listTrials prints what cases there are.
func listTrials(out io.Writer, all []trial) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CASE\tSHORT\tNETWORKS\tWHAT")
	for _, t := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.name, answer(!t.long), answer(t.layout != loopback), t.what)
	}
	w.Flush()
}

func answer(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
