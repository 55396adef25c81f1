package transport

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

// What is on an own network is likely to answer, and has more time to than what is not.
func TestHeadStarts(t *testing.T) {
	near, far, relays := netip.MustParseAddrPort("127.0.0.1:7"), netip.MustParseAddrPort("198.51.100.77:7"), netip.AddrPort{}
	for _, tt := range []struct {
		ways []netip.AddrPort
		want []time.Duration
	}{
		{[]netip.AddrPort{near, far, far}, []time.Duration{0, nearStagger, nearStagger + dialStagger}},
		{[]netip.AddrPort{far, near, far}, []time.Duration{0, dialStagger, dialStagger + nearStagger}},
		{[]netip.AddrPort{far, far, far, relays}, []time.Duration{0, dialStagger, 2 * dialStagger, relayAfter}},
		{[]netip.AddrPort{near, near, far, relays}, []time.Duration{0, nearStagger, nearStagger + dialStagger, nearStagger + dialStagger}},
		{[]netip.AddrPort{relays}, []time.Duration{0}},
	} {
		if got := headStarts(tt.ways); !slices.Equal(got, tt.want) {
			t.Errorf("%v: %v, want %v", tt.ways, got, tt.want)
		}
	}
}
