package gossip

import (
	"slices"
	"strings"
	"testing"
)

// A leaf does nothing for others and asks nothing of them that others do not: it
// neither pushes nor says what it has, lets nobody in and passes nothing on.
func TestLeafCarriesNothing(t *testing.T) {
	r := productRig(t, "l", Config{Leaf: true})
	r.run("up p", "p ask 5", "up q", "q ask 5", "p gossip 1 part", "good p 1", "head p 1 1 1", "members p 1")
	if r.s.log.Head() != 1 {
		t.Fatal("it has not got the log")
	}
	for _, line := range []string{
		"q join", "q forward 3 x", "q shuffle 3 x", "q graft 1", "q pull 1 1", "q want 0", "q request x 0", "q input x 1",
		"head p 2 1 1", "members p 2", "serve q 0", "p gossip 2", "good p 2", "wait 200ms",
	} {
		for _, a := range r.run(line) {
			if strings.HasPrefix(a, "q <- ") || strings.HasPrefix(a, "members") || strings.HasPrefix(a, "head") {
				t.Errorf("after %q: %s", line, a)
			}
		}
	}
	if r.s.log.Head() != 2 {
		t.Error("it does not follow the log")
	}
}

// A leaf's neighbors are told that it has nothing, and still whom it has the log from.
func TestLeafOffersNothing(t *testing.T) {
	r := productRig(t, "l", Config{Leaf: true})
	r.run("up p", "p ask 5", "p gossip 1 part", "good p 1")
	out := r.run("up q", "q ask 5")
	if !slices.Contains(out, "q <- ihave 0 p") {
		t.Errorf("got %q", out)
	}
}

// A leaf takes two neighbors, and the next is refused, in whatever need.
func TestLeafHasFewNeighbors(t *testing.T) {
	r := productRig(t, "l", Config{Leaf: true})
	r.run("up p", "p ask 5", "up q", "q ask 5")
	if out := r.run("up x", "x ask 0 high"); !slices.Contains(out, "x <- refuse 2") {
		t.Errorf("got %q", out)
	}
}

// What a leaf types and asks itself goes out as anybody's.
func TestLeafTypes(t *testing.T) {
	r := productRig(t, "l", Config{Leaf: true})
	r.run("up p", "p ask 5", "head p 1 1 1")
	if out := r.run("submit l 1"); !slices.Contains(out, "p <- input l 1 0") {
		t.Errorf("got %q", out)
	}
	if out := r.run("knock l"); !slices.Contains(out, "p <- request l 0") {
		t.Errorf("got %q", out)
	}
}
