package id

import (
	"bytes"
	"net/netip"
	"testing"
)

func TestDialable(t *testing.T) {
	for a, want := range map[string]bool{
		"192.0.2.1:1": true, "[2001:db8::1]:65535": true, "127.0.0.1:9": true, "169.254.1.1:9": true, "[fe80::1]:9": true,
		"192.0.2.1:0": false, "[fe80::1%eth0]:9": false, "0.0.0.0:9": false, "[::]:9": false,
		"224.0.0.1:9": false, "[ff02::1]:9": false, "[::ffff:192.0.2.1]:9": false,
	} {
		if got := Dialable(netip.MustParseAddrPort(a)); got != want {
			t.Errorf("%s: %v, want %v", a, got, want)
		}
	}
	if Dialable(netip.AddrPort{}) {
		t.Error("no address is dialable")
	}
}

func FuzzDecodeAddr(f *testing.F) {
	for _, a := range []string{"192.0.2.1:1", "[2001:db8::1]:65535"} {
		f.Add(append(AppendAddr(nil, netip.MustParseAddrPort(a)), 7))
	}
	f.Add(AppendAddr(nil, netip.MustParseAddrPort("[::ffff:192.0.2.1]:9")))
	f.Add([]byte{4, 1, 2, 3, 4, 0})
	f.Add([]byte{5})
	f.Fuzz(func(t *testing.T, b []byte) {
		a, rest, ok := DecodeAddr(b)
		if !ok {
			return
		}
		if !Dialable(a) {
			t.Errorf("%x is read as %v", b, a)
		}
		if w := AppendAddr(nil, a); len(w) > AddrSize || !bytes.Equal(append(w, rest...), b) {
			t.Errorf("%x is read as %v and %x", b, a, rest)
		}
	})
}
