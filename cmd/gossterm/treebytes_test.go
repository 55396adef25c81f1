//go:build linux

package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	bytesMembers = 16
	bytesDegree  = 4
	// bytesMost is how many bytes may leave the host for each byte of output: one for
	// each neighbor, and one for signatures, packets and snapshots.
	bytesMost = 5
)

// Bytes leaving the host for each byte of output stay near its degree, whatever the
// number of its members.
func TestBytesLeavingTheHost(t *testing.T) {
	if raceEnabled {
		t.Skip("17 processes with the race detector say nothing of bytes")
	}
	g := newGrove(t, bytesDegree, "--", "bash", "--norc", "--noprofile")
	for range bytesMembers {
		g.join()
	}
	g.grown(bytesDegree)
	g.output()
	g.ended()
	g.few("on its links", g.figures(g.host, `session +output bytes +(\d+)`), g.figures(g.host, `tree +link [0-9a-f]{4} .* (\d+) bytes out`))
}

// The same with all that packets cost, as the network counts it.
func TestBytesOnTheWire(t *testing.T) {
	if !*wholeTree {
		t.Skip("scripts/tree runs it")
	}
	if !inNetwork(t) {
		return
	}
	host, others := hub(t, hubAddr), newPlace(t)
	host.leadTo(others, 1)
	g := newGrove(t, bytesDegree, "--listen", hubAddr, "--", "bash", "--norc", "--noprofile")
	for range bytesMembers {
		g.join(others.run()...)
	}
	g.grown(bytesDegree)
	before := g.onWire()
	output := g.output()
	g.few("on the wire", output, g.onWire()-before)
	g.ended()
}

// output has the host write some megabytes of what packs badly, waits until all have
// seen them, and returns how many bytes that were.
func (g *grove) output() int {
	g.Helper()
	const lines, columns = 1000, 60 // of base64, which holds three bytes in four
	times := 24
	if *wholeTree {
		times = 80
	}
	g.types(g.host, fmt.Sprintf("for i in {1..%d}; do head -c %d /dev/urandom | base64 -w %d; sleep 0.02; done; echo wri\"\"tten\r", times, lines*columns/4*3, columns))
	g.expect("^written$", g.host)
	g.figure(fmt.Sprintf("%d times 60 KB of output: all see its end after", times), g.same(patience, g.joiners...))
	return times * lines * (columns + len("\r\n"))
}

// few checks that not too many bytes left the host.
func (g *grove) few(where string, output, left int) {
	g.Helper()
	each := float64(left) / float64(max(output, 1))
	g.figure("bytes leaving the host for each byte of output, "+where, fmt.Sprintf("%.2f", each))
	if output < 1_000_000 || each > bytesMost || each < 1 {
		g.Errorf("%d bytes left the host for %d of output, want from 1 to %d for each", left, output, bytesMost)
	}
}

// figures returns the sum of the figures that a program has printed in the form of
// pattern.
func (g *grove) figures(p *planted, pattern string) (sum int) {
	g.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(p.raw, -1) {
		sum += number(g, string(m[1]))
	}
	return sum
}

// onWire returns how many bytes have left over this process's first wire.
func (g *grove) onWire() int {
	g.Helper()
	devices, err := os.ReadFile("/proc/self/net/dev")
	if err != nil {
		g.Fatal(err)
	}
	_, after, _ := strings.Cut(string(devices), " w0:")
	const sent = 8 // proc(5): behind what was received
	return number(g, strings.Fields(after)[sent])
}

func number(t testing.TB, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
