package node

import (
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/member"
)

const (
	manyMembers = 64
	manyDegree  = 4
	// manyBytes is how many bytes may leave the host for each byte of output.
	manyBytes = 5
	// manySettle is how long a host may send to more than it should, after all have
	// joined at once.
	manySettle = 15 * time.Second
)

// Few bytes leave the host of 64 members for each byte of output, once it sends to
// its neighbors alone; while all of them join at once it costs no more than if each
// had the session from the host itself.
func TestFewBytesLeaveTheHostOfMany(t *testing.T) {
	if raceEnabled {
		t.Skip("64 members with the race detector say nothing of bytes, and take a minute")
	}
	synctest.Test(t, func(t *testing.T) {
		w := newTree(t, manyDegree, func(c *member.HostConfig) { c.MaxPeers = manyMembers })
		var ps []*peer
		for range manyMembers {
			ps = append(ps, w.start(w.config()))
		}
		begin, seq := time.Now(), w.seq
		const little, much = 4_000, 16_000
		for len(placeOf(t, w.Host).Neighbors) != manyDegree {
			if time.Since(begin) > manySettle {
				t.Fatalf("after %v the host has %d neighbors", manySettle, len(placeOf(t, w.Host).Neighbors))
			}
			w.say(little)
			pass(200 * time.Millisecond)
		}
		storm := w.perByte(t, (w.seq-seq)*little, 0)
		t.Logf("figure: 64 members in one process, degree 4: the host sends to 4 alone after: %v", time.Since(begin))
		t.Logf("figure: bytes leaving the host for each byte of output, until then: %.1f", storm)
		if storm > manyMembers {
			t.Errorf("while all joined, %.1f bytes left the host for each of output", storm)
		}
		pass(time.Second)

		before := w.left(t)
		for range 20 {
			w.say(much)
			pass(50 * time.Millisecond)
		}
		pass(time.Second)
		w.wantAll("settled", ps)
		settled := w.perByte(t, 20*much, before)
		t.Logf("figure: bytes leaving the host for each byte of output, from then on: %.2f", settled)
		if settled > manyBytes || settled < 1 {
			t.Errorf("%.2f bytes left the host for each of output, want at most %d", settled, manyBytes)
		}
	})
}

// left returns how many bytes have left the host over the links that it has.
func (w *world) left(t *testing.T) (n uint64) {
	for _, l := range placeOf(t, w.Host).Links {
		n += l.BytesOut
	}
	return n
}

// perByte returns how many bytes have left the host since before for each of output.
func (w *world) perByte(t *testing.T, output, before uint64) float64 {
	return float64(w.left(t)-before) / float64(output)
}
