package doctor

import (
	"net/netip"
	"strings"
	"testing"
)

func addrs(t *testing.T, words string) (out []netip.Addr) {
	t.Helper()
	for _, w := range strings.Fields(words) {
		out = append(out, netip.MustParseAddr(w))
	}
	return out
}

// views reads what relays saw, as in "by>at by>at".
func views(t *testing.T, words string) (out []Seen) {
	t.Helper()
	for _, w := range strings.Fields(words) {
		by, at, _ := strings.Cut(w, ">")
		out = append(out, Seen{netip.MustParseAddrPort(by), netip.MustParseAddrPort(at)})
	}
	return out
}

func TestNATOf(t *testing.T) {
	const lan, pub = "127.0.0.1 192.168.1.5", "203.0.113.20 2001:db8::20"
	for _, c := range []struct {
		desc, own, seen string
		want            NAT
		text            string
	}{
		{"nobody answers", lan, "", NATUnknown, "unknown"},
		{"the own address is seen", pub, "198.51.100.1:443>203.0.113.20:1000", NATNone, "none: others see your own"},
		{"the own address with another port is a NAT all the same", pub, "198.51.100.1:443>203.0.113.20:999", NATSome, "there is one"},
		{"one relay does not show the kind", lan, "198.51.100.1:443>203.0.113.9:7", NATSome, "there is one"},
		{"two see the same", lan, "198.51.100.1:443>203.0.113.9:7 198.51.100.2:443>203.0.113.9:7", NATSteady, "direct connections are likely"},
		{"two ports of one machine are one place", lan, "198.51.100.1:443>203.0.113.9:7 198.51.100.1:444>203.0.113.9:7", NATSome, "there is one"},
		{"but if they differ, they differ", lan, "198.51.100.1:443>203.0.113.9:7 198.51.100.1:444>203.0.113.9:8", NATSymmetric, "through a relay, unless"},
		{"two see other ports", lan, "198.51.100.1:443>203.0.113.9:7 198.51.100.2:443>203.0.113.9:8", NATSymmetric, "through a relay, unless"},
		{"two see other addresses", lan, "198.51.100.1:443>203.0.113.9:7 198.51.100.2:443>203.0.113.8:7", NATSymmetric, "203.0.113.9:7 203.0.113.8:7"},
		{"the third differs", lan, "198.51.100.1:443>203.0.113.9:7 198.51.100.2:443>203.0.113.9:7 198.51.100.3:443>203.0.113.9:8", NATSymmetric, ""},
		{"a relay on the LAN shows nothing", lan, "192.168.1.9:443>192.168.1.5:1000", NATNear, "says nothing"},
		{"a relay on this machine shows nothing", lan, "127.0.0.1:443>127.0.0.1:1000", NATNear, "says nothing"},
		{"beside one on the LAN the one elsewhere counts", lan, "192.168.1.9:443>192.168.1.5:1000 198.51.100.1:443>203.0.113.9:7", NATSome, ""},
		{"two versions of IP are no two ports", pub, "198.51.100.1:443>203.0.113.20:1000 [2001:db8::1]:443>[2001:db8::20]:1000", NATNone, ""},
		{"IPv4 counts before IPv6", "192.168.1.5 2001:db8::20", "198.51.100.1:443>203.0.113.9:7 [2001:db8::1]:443>[2001:db8::20]:1000", NATSome, ""},
		{"IPv6 alone", "2001:db8::20", "[2001:db8::1]:443>[2001:db8::20]:1000", NATNone, ""},
		{"IPv4 in IPv6 form is IPv4", "203.0.113.20", "198.51.100.1:443>[::ffff:203.0.113.20]:1000", NATNone, "address, 203.0.113.20:1000"},
	} {
		seen := views(t, c.seen)
		got := NATOf(addrs(t, c.own), 1000, seen)
		if got != c.want {
			t.Errorf("%s: kind %d, want %d", c.desc, got, c.want)
		}
		if check := got.Check(seen, len(seen) > 0); !strings.Contains(check.Text, c.text) {
			t.Errorf("%s: %q, want %q", c.desc, check.Text, c.text)
		} else if check.Status != OK && check.Hint == "" {
			t.Errorf("%s: %q, and nothing to do", c.desc, check.Text)
		}
	}
}
