package lan

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/id"
)

// Only an answer to this question counts, and only from this network; questions are
// asked until there is one, and then others of the name have a moment.
func TestCollect(t *testing.T) {
	q := queryFor(queryNonce{1}, someName)
	local, far := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("8.8.8.8")
	of := func(n byte, host byte, from netip.Addr) heard {
		return heard{answer{queryNonce{n}, id.Peer{host}, 7}, from}
	}
	for _, c := range []struct {
		desc    string
		answers map[time.Duration]heard
		found   int
		asked   int
		took    time.Duration
	}{
		{"nobody", nil, 0, len(askAt), findTime},
		{"at once", map[time.Duration]heard{0: of(1, 1, local)}, 1, 3, settleTime},
		{"late", map[time.Duration]heard{2 * time.Second: of(1, 1, local)}, 1, 5, 2*time.Second + settleTime},
		{"two", map[time.Duration]heard{50 * time.Millisecond: of(1, 1, local), 200 * time.Millisecond: of(1, 2, local)}, 2, 3, 50*time.Millisecond + settleTime},
		{"to another question", map[time.Duration]heard{0: of(2, 1, local)}, 0, len(askAt), findTime},
		{"from another network", map[time.Duration]heard{0: of(1, 1, far)}, 0, len(askAt), findTime},
	} {
		t.Run(c.desc, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answers := make(chan heard, 4)
				for at, h := range c.answers {
					time.AfterFunc(at+time.Millisecond, func() { answers <- h })
				}
				asked, begun := 0, time.Now()
				found, sent := collect(t.Context(), q, func() bool { asked++; return asked == 1 }, answers)
				took := time.Since(begun)
				if len(found) != c.found || !sent || took < c.took || took > c.took+2*time.Millisecond {
					t.Errorf("found %d, sent %v, after %v; want %d after %v", len(found), sent, took, c.found, c.took)
				}
				if asked != c.asked {
					t.Errorf("asked %d times, want %d", asked, c.asked)
				}
			})
		})
	}
}
