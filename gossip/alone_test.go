package gossip

import (
	"slices"
	"strings"
	"testing"
)

// Who has lost all neighbors and gets a link, as when one takes the place of another,
// asks its peer at once; who has any, or has not been in yet, does not.
func TestALinkIsTheWayBackForWhoIsAlone(t *testing.T) {
	for _, tt := range []struct {
		desc, lines string
		asks        bool
	}{
		{"alone", atHost + "down c; done h; up h", true},
		{"with another neighbor", atHost + "done h; up h", false},
		{"not in yet", "up h", false},
	} {
		r := productRig(t, "a", Config{})
		out := r.run(strings.Split(tt.lines, "; ")...)
		asks := slices.ContainsFunc(out, func(a string) bool { return strings.HasPrefix(a, "h <- join") })
		if asks != tt.asks {
			t.Errorf("%s: %q, want to ask: %v", tt.desc, out, tt.asks)
		}
	}
}
