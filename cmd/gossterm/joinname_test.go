package main

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// Where the host answered to its name comes first, with the port of its ticket.
func TestWithDoors(t *testing.T) {
	list := func(s string) (out []netip.AddrPort) {
		for f := range strings.FieldsSeq(s) {
			out = append(out, netip.MustParseAddrPort(f))
		}
		return out
	}
	for _, tt := range []struct{ addrs, doors, want string }{
		{"10.0.0.1:4000 203.0.113.1:4000", "10.0.0.1:99", "10.0.0.1:4000 203.0.113.1:4000"},
		{"127.0.0.1:4000", "[fe80::1%eth0]:99", "[fe80::1%eth0]:4000 127.0.0.1:4000"},
		{"10.0.0.1:4000", "192.168.1.9:99 10.0.0.1:99", "192.168.1.9:4000 10.0.0.1:4000"},
		{"", "10.0.0.1:99", ""}, // hidden
	} {
		if got := withDoors(list(tt.addrs), list(tt.doors)); !slices.Equal(got, list(tt.want)) {
			t.Errorf("%s at %s: got %v, want %s", tt.addrs, tt.doors, got, tt.want)
		}
	}
}
