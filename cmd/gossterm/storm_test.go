//go:build linux

package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"gossterm/internal/screen"
)

var (
	stormRounds  = flag.Int("storm", 0, "how often many members join at once; 0: not at all")
	stormMembers = flag.Int("stormof", 64, "how many")
)

const (
	// stormIn is how long it may take until all are in and see.
	stormIn = 5 * time.Second
	// stormTimes is how many times as long a key may take meanwhile.
	stormTimes = 3
	// stormKeys are typed before, one each stormEvery; as many as fit are typed while
	// the others join, for stormIn at least.
	stormKeys  = 50
	stormEvery = 100 * time.Millisecond
)

// stormChild floods, and answers each line that is typed with a title: that stands on
// the last row of each terminal for as long as there is none newer.
const stormChild = `stty -echo
printf '\033]2;begun\007'
yes &
trap 'kill %1' EXIT
while IFS= read -r line; do printf '\033]2;%s\007' "$line"; done`

// While the host floods and one types, many join at once: they are in soon, and who
// types waits little longer for what is answered.
func TestStorm(t *testing.T) {
	if *stormRounds == 0 {
		t.Skip("scripts/storm runs it")
	}
	var ins, times []float64
	for range *stormRounds {
		in, slower := storm(t)
		ins, times = append(ins, in.Seconds()), append(times, slower)
	}
	slices.Sort(ins)
	slices.Sort(times)
	if in := ins[len(ins)/2]; in > stormIn.Seconds() {
		t.Errorf("it took %.1f s in the median until all were in", in)
	}
	if slower := times[len(times)/2]; slower > stormTimes {
		t.Errorf("the typist's p90 was %.2f times in the median", slower)
	}
}

// storm returns how long it took until all were in, and how many times as long a key
// took meanwhile.
func storm(t *testing.T) (in time.Duration, slower float64) {
	g := newGrove(t, defaultDegree, "--", "bash", "--norc", "--noprofile", "-c", stormChild)
	defer g.stage.close()
	typist := g.join()
	g.wait("the typist sees", func() bool { return typist.titled("begun") })
	key := 0
	types := func() time.Duration {
		key++
		word := fmt.Sprintf("k%d", key)
		begun := time.Now()
		g.types(typist, word+"\r")
		g.wait("the answer to "+word, func() bool { return typist.titled(word) })
		return time.Since(begun)
	}
	ticks := time.NewTicker(stormEvery)
	defer ticks.Stop()
	var calm, stormy []time.Duration
	for range stormKeys {
		<-ticks.C
		calm = append(calm, types())
	}
	g.figure("a key until its answer is shown, p50, p90, max: before", fmt.Sprint(part(calm, 0.5), part(calm, 0.9), part(calm, 1)))
	c, end := startCrowd(t, *stormMembers, g.ticket)
	defer end()
	begun := time.Now()
	for in == 0 || time.Since(begun) < stormIn {
		<-ticks.C
		stormy = append(stormy, types())
		if in == 0 && c.count() == *stormMembers {
			in = time.Since(begun)
			g.figure("processor time until then: host, all who join, who types", fmt.Sprint(spent(g.host.pid), spent(c.pid), spent(typist.pid)))
		}
		if time.Since(begun) > patience {
			g.figure("processor time: host, all who join, who types", fmt.Sprint(spent(g.host.pid), spent(c.pid), spent(typist.pid)))
			t.Fatalf("%d of %d are in after %v", c.count(), *stormMembers, patience)
		}
	}
	a, b := part(calm, 0.9), part(stormy, 0.9)
	slower = float64(b) / float64(a)
	g.figure(fmt.Sprintf("%d members in one process: all are in and see after", *stormMembers), in)
	g.figure("a key until its answer is shown, p50, p90, max: while they join", fmt.Sprint(part(stormy, 0.5), part(stormy, 0.9), part(stormy, 1)))
	g.figure("its p90, times", fmt.Sprintf("%.2f", slower))
	return in, slower
}

// titled reports whether a terminal's title is a word. The stage's lock is held.
func (p *planted) titled(word string) bool {
	var f screen.Frame
	p.screen.Frame(&f)
	return strings.HasSuffix(" "+f.Title, " "+word)
}

// spent returns the processor time that a process has had.
func spent(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, after, found := strings.Cut(string(b), ") ")
	f := strings.Fields(after)
	if err != nil || !found || len(f) < 13 {
		return 0
	}
	var user, system int // proc(5): the 14th and 15th, in hundredths of a second
	fmt.Sscan(f[11]+" "+f[12], &user, &system)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// part returns what so large a part of ds is not above, rounded.
func part(ds []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(ds))
	i := int(q*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(i, 0), len(sorted)-1)].Round(10 * time.Microsecond)
}

// A crowdProcess is a process of many members. It prints a line for each that is in.
type crowdProcess struct {
	err  bytes.Buffer
	seen chan struct{} // a token for each line
	n    int
	pid  int
}

// startCrowd starts a crowd, and returns what ends it.
func startCrowd(t *testing.T, n int, ticket string) (c *crowdProcess, end func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c = &crowdProcess{seen: make(chan struct{}, n)}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", crowdSize, n), crowdTicket+"="+ticket)
	cmd.Stderr = &c.err
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.pid = cmd.Process.Pid
	read := make(chan struct{})
	go func() {
		defer close(read)
		buf := make([]byte, 64)
		for {
			k, err := out.Read(buf)
			for range bytes.Count(buf[:k], []byte("\n")) {
				c.seen <- struct{}{}
			}
			if err != nil {
				return
			}
		}
	}()
	return c, func() {
		in.Close()
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("crowd: %v: %s", err, c.err.String())
		}
	}
}

// count returns how many are in.
func (c *crowdProcess) count() int {
	for {
		select {
		case <-c.seen:
			c.n++
		default:
			return c.n
		}
	}
}
