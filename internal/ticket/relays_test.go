package ticket

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"gossterm/internal/id"
)

// someRelays are three that fill a ticket nearly.
var someRelays = []string{
	"192.0.2.7:4433/bktxgacgavaa4uqfvxgh5w3vfi/Blue-7",
	"relay.example.org:443",
	"[2001:db8::7]:443/bktxgacgavaa4uqfvxgh5w3vfi/" + strings.Repeat("T", 32),
}

// relayed returns tk with relays.
func relayed(tk Ticket, relays ...string) Ticket {
	tk.Relays = nil
	for _, s := range relays {
		r, err := id.ParseRelay(s)
		if err != nil {
			panic(err)
		}
		tk.Relays = append(tk.Relays, r)
	}
	return tk
}

// longRelay has a name, a key and a token of the greatest lengths: 117 bytes.
var longRelay = strings.Repeat("abc.", 15) + "abcd:443/bktxgacgavaa4uqfvxgh5w3vfi/" + strings.Repeat("T", 32)

func TestRelaysRoundTrip(t *testing.T) {
	for _, c := range []struct {
		desc string
		in   Ticket
	}{
		{"one", relayed(sample("192.0.2.7:1"), someRelays[0])},
		{"three, no address", relayed(sample(), someRelays...)},
		{"a long one", relayed(sample(), longRelay)},
		{"a member's", by(relayed(sample("192.0.2.7:1"), someRelays...), "192.0.2.9:2")},
		{"a member's, nobody has an address", by(relayed(sample(), someRelays[1]))},
	} {
		t.Run(c.desc, func(t *testing.T) {
			for _, want := range []Ticket{c.in, c.in.Watch()} {
				s := want.String()
				if len(s) > MaxSize {
					t.Errorf("%d letters, MaxSize is %d", len(s), MaxSize)
				}
				if got, err := Parse(strings.ToUpper(s)); err != nil || !equal(got, want) {
					t.Errorf("Parse(%q) = %v %v, %v, want %v", s, got.Relays, got.Via, err, want.Relays)
				}
			}
		})
	}
}

// The layout was written by hand from PROTOCOL.md §2; the checksum is this code's.
func TestGoldenRelays(t *testing.T) {
	if got := relayed(sample("192.0.2.7:4242"), someRelays[:2]...).String(); got != goldenRelays {
		t.Errorf("got %s, want %s", got, goldenRelays)
	}
	pin := "\x0a\xa7\x73\x00\x46\x05\x40\x0e\x52\x05\xad\xcc\x7e\xdb\x75\x2a"
	by := fields([]byte("\x21\x04\xc0\x00\x02\x07\x10\x92" + "\x1c\xc0\x00\x02\x07\x11\x51" + pin + "\x06Blue-7" + "\x01\x11relay.example.org\x01\xbb")...)
	if wrap("gst1", by) != goldenRelays {
		t.Errorf("by hand: %s", wrap("gst1", by))
	}
}

func TestStringLeavesOutRelays(t *testing.T) {
	four := append(slices.Clone(someRelays), "a:1")
	bad := relayed(sample(), "a:1", "b:1")
	bad.Relays[0].Port = 0
	for _, c := range []struct {
		desc string
		in   Ticket
		want []string
	}{
		{"the fourth", relayed(sample(), four...), four[:3]},
		{"what does not fit, not what follows", relayed(sample(), longRelay, longRelay, "a:1"), []string{longRelay, "a:1"}},
		{"what is none", bad, []string{"b:1"}},
	} {
		t.Run(c.desc, func(t *testing.T) {
			got, err := Parse(c.in.String())
			if want := relayed(sample(), c.want...); err != nil || !equal(got, want) {
				t.Errorf("got %v, %v, want %v", got.Relays, err, want.Relays)
			}
		})
	}
	// A member without an address is left out only when there is no relay left.
	nowhere := by(relayed(sample(), "a:1"))
	nowhere.Relays[0].Port = 0
	if got, err := Parse(nowhere.String()); err != nil || !equal(got, sample()) {
		t.Errorf("got %v %v, %v", got.Relays, got.Via, err)
	}
}

func TestParseRefusesRelays(t *testing.T) {
	long := relayed(sample(), longRelay).Relays[0].AppendTo(nil)
	via := by(sample()).Via.Peer
	for _, c := range []struct {
		desc string
		rest []byte
		why  string
	}{
		{"four", slices.Concat([]byte{64}, slices.Repeat([]byte{1, 1, 'a', 1, 9}, 4)), "4 relays"},
		{"one missing", []byte{32, 1, 1, 'a', 1, 9}, "wrong relay"},
		{"one cut", []byte{16, 1, 1, 'a', 1}, "wrong relay"},
		{"one without a key", []byte{16, 4, 192, 0, 2, 7, 1, 9}, "wrong relay"},
		{"too long", slices.Concat([]byte{32}, long, long), "234 bytes of relays"},
		{"a byte after it", []byte{16, 1, 1, 'a', 1, 9, 0}, "too many"},
		{"five addresses and a relay", []byte{16 + 5}, "5 addresses"},
		{"in a member's addresses", slices.Concat([]byte{16, 1, 1, 'a', 1, 9}, via[:], []byte{16, 1, 1, 'a', 1, 9}), "16 addresses"},
	} {
		t.Run(c.desc, func(t *testing.T) {
			_, err := Parse(wrap("gst1", fields(c.rest...)))
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("got %v, want damaged ticket: … %s", err, c.why)
			}
		})
	}
}

const goldenRelays = "gst1z3gbkb64dxoxffmvdquqrchqsww3sbcndnz5nfxg34df22b32t6kbincuoskljvhvcu2vk5mvwxk6iieyaaaebyqsiomaaaca4ivccvhomaembkabzjallomp3nxkkqgijwhkzjng4arc4tfnrqxsltfpbqw24dmmuxg64thag5x2x4kxq"
