package source

import (
	"net/netip"
	"testing"
)

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		a    string
		bits int
		want string
	}{
		{"192.0.2.7", Subnet, "192.0.2.7/32"},
		{"::ffff:192.0.2.7", Site, "192.0.2.7/32"},
		{"2001:db8:1:2ff::1", Subnet, "2001:db8:1:2ff::/64"},
		{"2001:db8:1:2ff::1", Line, "2001:db8:1:200::/56"},
		{"2001:db8:1:2ff::1", Site, "2001:db8:1::/48"},
		{"fe80::1%eth0", Subnet, "fe80::/64"},
	} {
		if got := Of(netip.MustParseAddr(tt.a), tt.bits); got.String() != tt.want {
			t.Errorf("%s by %d bits is %v, want %s", tt.a, tt.bits, got, tt.want)
		}
	}
	if got := Of(netip.Addr{}, Subnet); got.IsValid() {
		t.Errorf("no address is %v", got)
	}
}

// One source that has used up its share leaves others theirs.
func TestRates(t *testing.T) {
	r := NewRates(1024, 0, 3)
	a, b := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32")
	n := 0
	for range 10 {
		if r.Allow(a) {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d of a source, want 3", n)
	}
	if r.limits = NewRates(1, 0, 1).limits; !r.Allow(a) || r.Allow(b) {
		t.Error("those that fall together do not share")
	}
}
