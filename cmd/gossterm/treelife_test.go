//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// wholeTree makes what a tree goes through longer, as scripts/tree does.
var wholeTree = flag.Bool("tree", false, "let trees go through more than a test has time for")

const (
	// quiet is how long after the last output all screens may take to be the same.
	quiet = 2 * time.Second
	// suspicion is how long a dead neighbor may go unnoticed, and the time that a log
	// takes to say so.
	suspicion = 3*time.Second + 200*time.Millisecond
	// atOnce is how long one may take to notice who says goodbye: who has others hanging
	// from it says it once they have all that it has, or after partTime.
	atOnce = partTime + 500*time.Millisecond
)

// Ten join a host that sends to two: all see, all type at once and once, the tree is
// more than one level deep, and it heals when those next to the host stop, die or go.
func TestTenInATree(t *testing.T) {
	g := newGrove(t, 2, "--", "bash", "--norc", "--noprofile")
	for range 10 {
		g.join()
	}
	g.grown(2)
	g.everybodyTypes("a", 4)
	g.stopped()
	g.killed()
	g.left()
	g.everybodyTypes("b", 2)
	g.calm()
	if *wholeTree {
		g.silenced()
		g.everybodyTypes("c", 4)
	}
	g.ended()
}

// next returns those next to the host.
func (g *grove) next() (ps []*planted) {
	g.Helper()
	g.wait("the host has neighbors", func() bool {
		ps = nil
		for _, p := range g.joiners {
			if g.host.neighbors[p.tag] && p.exit == "" {
				ps = append(ps, p)
			}
		}
		return len(ps) > 0
	})
	return ps
}

// grown waits until all are in, and has the host write until the tree is settled:
// nobody hangs in the air, and the host sends to as many as it should.
func (g *grove) grown(degree int) {
	g.Helper()
	begin := time.Now()
	g.expect(`^rdy>$`, g.joiners...)
	g.figure(fmt.Sprintf("%d joiners: all see after", len(g.joiners)), time.Since(begin))
	g.named()
	g.types(g.host, "until [ -e enough ]; do echo $((n++)); sleep 0.05; done; seq 100; echo grow\"\"n\r")
	depth := 0
	took := g.wait("a settled tree", func() bool {
		depth = g.deepest()
		return len(g.host.neighbors) == degree && depth > 1
	})
	g.figure(fmt.Sprintf("degree %d: the tree is settled after", degree), took)
	g.figure(fmt.Sprintf("degree %d: its depth", degree), depth)
	if err := os.WriteFile(filepath.Join(g.dir, "enough"), nil, 0o600); err != nil {
		g.Fatal(err)
	}
	g.expect("^grown$", append(g.alive(), g.host)...)
}

// figure notes what scripts/tree puts into its table.
func (g *grove) figure(what string, value any) {
	g.Helper()
	if d, is := value.(time.Duration); is {
		value = d.Round(time.Millisecond)
	}
	g.Logf("figure: %s: %v", what, value)
}

// stopped stops those next to the host, one after the other: the others are shown
// what the host is, and so is who was stopped when it goes on.
func (g *grove) stopped() {
	g.Helper()
	for _, p := range g.next() {
		g.send(p, syscall.SIGSTOP)
		g.types(g.host, "seq 100; echo stop\"\"ped "+p.name+"\r")
		g.expect("^stopped "+p.name+"$", g.host)
		g.figure("a neighbor of the host stopped: all others see more after", g.same(quiet, g.but(p)...))
		if *wholeTree {
			g.silent(p)
			g.types(g.host, "seq 100; echo al\"\"one "+p.name+"\r")
			g.expect("^alone "+p.name+"$", append(g.but(p), g.host)...)
		}
		g.send(p, syscall.SIGCONT)
		g.figure("it goes on: sees it after", g.same(patience, p))
	}
}

// killed kills one who is next to the host.
func (g *grove) killed() {
	g.Helper()
	p := g.next()[0]
	g.send(p, syscall.SIGKILL)
	at := time.Now()
	g.types(g.host, "seq 100; echo kil\"\"led "+p.name+"\r")
	g.expect("^killed "+p.name+"$", g.host)
	g.wait("the end of "+p.name, func() bool { return p.exit != "" })
	g.figure("a neighbor of the host killed: all others see more after", g.same(quiet, g.alive()...))
	took := g.silent(p).Sub(at)
	g.figure("it is suspect after", took)
	if took > suspicion {
		g.Errorf("a killed neighbor was suspect after %v", took)
	}
}

// left has one who is next to the host leave.
func (g *grove) left() {
	g.Helper()
	p := g.next()[0]
	at := time.Now()
	g.types(p, "\r~.")
	took := g.lost(p, "left").Sub(at)
	g.figure("a neighbor of the host leaves: known after", took)
	if took > atOnce {
		g.Errorf("a neighbor that left was known to after %v", took)
	}
	g.wait("the end of "+p.name, func() bool { return p.exit == "0" })
}

// silent waits until the host's log says that a peer is not heard, and returns when it
// did. The host may have let it go as a neighbor before.
func (g *grove) silent(p *planted) (at time.Time) {
	g.Helper()
	g.wait("the host misses "+p.name, func() bool {
		i := slices.IndexFunc(g.host.kept, func(line string) bool {
			return field(line, "msg") == "link silent" && field(line, "peer") == p.tag
		})
		if i < 0 {
			return false
		}
		at = timeOf(g.host.kept[i])
		return true
	})
	return at
}

// lost waits until the host has lost a neighbor for a reason, and returns when it did.
func (g *grove) lost(p *planted, why string) (at time.Time) {
	g.Helper()
	g.wait("the host has lost "+p.name+": "+why, func() bool {
		i := slices.IndexFunc(g.host.lost, func(l loss) bool { return l.tag == p.tag && l.why == why })
		if i < 0 {
			return false
		}
		at = g.host.lost[i].at
		return true
	})
	return at
}

// silenced stops the host until all are told, and lets it go on until all are told that.
func (g *grove) silenced() {
	g.Helper()
	g.send(g.host, syscall.SIGSTOP)
	begin := time.Now()
	g.expect("disconnected ", g.alive()...)
	g.figure("the host stopped: all are told after", time.Since(begin))
	g.send(g.host, syscall.SIGCONT)
	begin = time.Now()
	g.expect("the host is back", g.alive()...)
	g.figure("it goes on: all are told after", time.Since(begin))
}

// calm checks that nobody was told that the host is out of reach: one neighbor's death
// is no alarm.
func (g *grove) calm() {
	g.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range g.joiners {
		if strings.Contains(string(p.raw), "disconnected ") {
			g.Errorf("%s was told that the host is out of reach", p.name)
		}
	}
}

// ended ends the session: all end with its status, and those who were told to have
// printed the tree.
func (g *grove) ended() {
	g.Helper()
	g.types(g.host, "exit 7\r")
	for _, p := range append(g.alive(), g.host) {
		g.wait("the end of "+p.name, func() bool { return p.exit != "" })
		if p.exit != "7" {
			g.Errorf("%s ended with %s", p.name, p.exit)
		}
		for _, line := range []string{`parent +([0-9a-f]{4}|none)`, `depth +\d+`, `children +\d+`, `neighbors +\d+`,
			`link [0-9a-f]{4} +(link|neighbor).*, \d+ bytes in, \d+ bytes out`} {
			re := regexp.MustCompile(`gossterm: stats: tree +` + line)
			g.wait(fmt.Sprintf("%s prints %s", p.name, re), func() bool { return re.Match(p.raw) })
		}
	}
}
