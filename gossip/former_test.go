package gossip

import (
	"testing"
	"time"
)

// Who was a neighbor, lost its link, came back and left for good is called by
// nobody, not even when the host is unheard.
func TestWhoLeftIsNoFormerNeighbor(t *testing.T) {
	r := productRig(t, "m", Config{BeatLate: 3 * time.Second})
	r.run("up e", "e ask 5")
	r.s.Step(r.now, LinkDown{Peer: peer("e")})
	if len(r.s.former) != 1 {
		t.Fatalf("former neighbors: %v", r.s.former)
	}
	r.run("up e", "e ask 5")
	r.s.Step(r.now, Recv{peer("e"), Disconnect{Left}})
	if len(r.s.former) != 0 {
		t.Errorf("who left would be called: %v", r.s.former)
	}
}
