package path

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestPick(t *testing.T) {
	for _, tt := range []struct {
		desc, all, want string
		only4           bool
	}{{
		desc: "IPv4 first, LAN first",
		all:  "2001:db8::5 fd00::5 203.0.113.5 192.168.1.5",
		want: "192.168.1.5 203.0.113.5 fd00::5 2001:db8::5",
	}, {
		desc: "nothing local",
		all:  "127.0.0.1 ::1 fe80::1%eth0 169.254.1.1 10.0.0.5",
		want: "10.0.0.5",
	}, {
		desc: "a network that gives no addresses",
		all:  "127.0.0.1 fe80::1%eth0 169.254.1.1 169.254.1.1",
		want: "169.254.1.1",
	}, {
		desc: "loopback if there is nothing else",
		all:  "127.0.0.1 fe80::1%eth0 ::1",
		want: "127.0.0.1 ::1",
	}, {
		desc: "at most four, with place for IPv6",
		all:  "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 2001:db8::1",
		want: "10.0.0.1 10.0.0.2 10.0.0.3 2001:db8::1",
	}, {
		desc: "no more bytes than a ticket holds",
		all:  "10.0.0.1 2001:db8::1 2001:db8::2 2001:db8::3",
		want: "10.0.0.1 2001:db8::1 2001:db8::2",
	}, {
		desc: "each once",
		all:  "10.0.0.1 ::ffff:10.0.0.1 10.0.0.1",
		want: "10.0.0.1",
	}, {
		desc:  "a socket of IPv4 alone",
		all:   "2001:db8::1 10.0.0.1 ::1",
		want:  "10.0.0.1",
		only4: true,
	}, {
		desc: "none",
	}} {
		if got := pick(addrs(tt.all), tt.only4); !slices.Equal(got, addrs(tt.want)) {
			t.Errorf("%s: got %v, want %v", tt.desc, got, tt.want)
		}
	}
}

func addrs(s string) (out []netip.Addr) {
	for f := range strings.FieldsSeq(s) {
		out = append(out, netip.MustParseAddr(f))
	}
	return out
}
