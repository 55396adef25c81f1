package id

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const pinText = "bktxgacgavaa4uqfvxgh5w3vfi" // of the pin below

// A relay of each kind, with its text and its bytes (PROTOCOL.md §2), made by hand.
var relays = []struct{ desc, text, wire string }{
	{"an address", "192.0.2.7:4433/" + pinText, "14c00002071151" + pinHex},
	{"with a token", "192.0.2.7:4433/" + pinText + "/Blue-7.x_", "1cc00002071151" + pinHex + "09" + hex.EncodeToString([]byte("Blue-7.x_"))},
	{"IPv6", "[2001:db8::7]:1/" + pinText, "1620010db80000000000000000000000070001" + pinHex},
	{"a name", "relay.example.org:443", "0111" + hex.EncodeToString([]byte("relay.example.org")) + "01bb"},
	{"a name with a token", "a:443/t", "09016101bb0174"},
	{"a name with a key", "a:443/" + pinText, "11016101bb" + pinHex},
	{"a name with both", "a:443/" + pinText + "/t", "19016101bb" + pinHex + "0174"},
}

const pinHex = "0aa773004605400e5205adcc7edb752a"

func TestRelayForms(t *testing.T) {
	for _, c := range relays {
		t.Run(c.desc, func(t *testing.T) {
			r, err := ParseRelay(c.text)
			if err != nil || r.String() != c.text || !r.Valid() {
				t.Fatalf("ParseRelay(%q) = %s, %v", c.text, r.String(), err)
			}
			if got := hex.EncodeToString(r.AppendTo(nil)); got != c.wire {
				t.Errorf("in a ticket: %s, want %s", got, c.wire)
			}
			got, rest, err := DecodeRelay(append(unhex(t, c.wire), 9, 9))
			if err != nil || got != r || !bytes.Equal(rest, []byte{9, 9}) {
				t.Errorf("read: %s, %x, %v, want %s", got.String(), rest, err, r.String())
			}
			for n := range len(c.wire) / 2 {
				if got, _, err := DecodeRelay(unhex(t, c.wire[:2*n])); !errors.Is(err, ErrRelay) || got != (Relay{}) {
					t.Errorf("%d bytes of it are read as %s, %v", n, got.String(), err)
				}
			}
		})
	}
}

func TestParseRelayFolds(t *testing.T) {
	for in, want := range map[string]string{
		"Relay.Example.ORG:443":            "relay.example.org:443",
		"[2001:DB8:0::7]:1/" + pinText:     "[2001:db8::7]:1/" + pinText,
		"relay:00443/T":                    "relay:443/T",
		"a:1/" + strings.Repeat("a", 25):   "a:1/" + strings.Repeat("a", 25), // a token
		"a:1/" + strings.ToUpper(pinText):  "a:1/" + strings.ToUpper(pinText),
		"192.0.2.7:1/" + pinText + "/Abc.": "192.0.2.7:1/" + pinText + "/Abc.",
	} {
		if r, err := ParseRelay(in); err != nil || r.String() != want {
			t.Errorf("ParseRelay(%q) = %s, %v, want %s", in, r.String(), err, want)
		}
	}
}

func TestParseRelayRefuses(t *testing.T) {
	for _, c := range []struct{ desc, in string }{
		{"nothing", ""},
		{"no port", "relay.example.org"},
		{"no port, a key", "192.0.2.7/" + pinText},
		{"port 0", "a:0"},
		{"a port that is too great", "a:65536"},
		{"a port with a sign", "a:+1"},
		{"no place", ":443/" + pinText},
		{"an address without a key", "192.0.2.7:443"},
		{"an address with a token alone", "192.0.2.7:443/token"},
		{"IPv6 without brackets", "2001:db8::7:443/" + pinText},
		{"brackets around IPv4", "[192.0.2.7]:443/" + pinText},
		{"brackets around a name", "[a]:443"},
		{"a zone", "[fe80::1%eth0]:443/" + pinText},
		{"unspecified", "0.0.0.0:443/" + pinText},
		{"multicast", "239.1.2.3:443/" + pinText},
		{"IPv4 as IPv6", "[::ffff:192.0.2.7]:443/" + pinText},
		{"a name that is nearly an address", "192.0.2:443"},
		{"a number", "a.1:443"},
		{"an empty label", "a..b:443"},
		{"a dot at the end", "a.:443"},
		{"a hyphen at an end", "a-.b:443"},
		{"an underscore", "a_b:443"},
		{"a name that is too long", strings.Repeat("abc.", 16) + "a:443"},
		{"a long label", strings.Repeat("a", 64) + ":443"},
		{"a letter of another alphabet", "ä:443"},
		{"an empty token", "a:443/"},
		{"an empty token behind a key", "a:443/" + pinText + "/"},
		{"a long token", "a:443/" + strings.Repeat("A", 33)},
		{"a blank in the token", "a:443/a b"},
		{"two tokens", "a:443/x/y"},
		{"a key as a token", "a:443/" + pinText + "/" + pinText},
		{"a key with an unused bit", "a:443/" + pinText[:25] + "j"},
	} {
		t.Run(c.desc, func(t *testing.T) {
			if got, err := ParseRelay(c.in); !errors.Is(err, ErrRelay) {
				t.Errorf("ParseRelay(%q) = %#v, %v, want ErrRelay", c.in, got, err)
			}
		})
	}
}

func TestDecodeRelayRefuses(t *testing.T) {
	name := func(s string) string { return fmt.Sprintf("01%02x%x01bb", len(s), s) }
	for _, c := range []struct{ desc, wire string }{
		{"no flags", "00c00002071151"},
		{"an unknown flag", "34c00002071151" + pinHex},
		{"kind 2", "1261016101bb" + pinHex},
		{"an address without a key", "04c00002071151"},
		{"port 0", "14c00002070000" + pinHex},
		{"unspecified", "14000000001151" + pinHex},
		{"an empty token", "09016101bb00"},
		{"a wrong token", "09016101bb0120"},
		{"a token like a key", "09016101bb1a" + hex.EncodeToString([]byte(pinText))},
		{"an empty name", name("")},
		{"an address as a name, pinned", "11" + fmt.Sprintf("%02x%x", 9, "192.0.2.7") + "01bb" + pinHex},
		{"capitals", name("Relay")},
		{"a name that is too long", name(strings.Repeat("abc.", 16) + "a")},
	} {
		if got, _, err := DecodeRelay(unhex(t, c.wire)); !errors.Is(err, ErrRelay) {
			t.Errorf("%s: read as %s, %v", c.desc, got.String(), err)
		}
	}
}

func TestInvalidRelayIsNotWritten(t *testing.T) {
	for _, r := range []Relay{
		{}, {Place: "192.0.2.7", Port: 1}, {Place: "A", Port: 1}, {Place: "a"}, {Place: "a", Port: 1, Token: "a b"},
		{Place: "a", Port: 1, Pin: [16]byte{1}}, {Place: "2001:DB8::7", Port: 1, Pinned: true},
	} {
		if got := r.AppendTo([]byte{7}); r.Valid() || !bytes.Equal(got, []byte{7}) {
			t.Errorf("%#v is written as %x", r, got)
		}
	}
}

// The hash was computed by another implementation of SHA-256.
func TestPinOf(t *testing.T) {
	p := PinOf(SecretFromSeed([32]byte(unhex(t, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))).Peer())
	if got := hex.EncodeToString(p[:]); got != goldenPin {
		t.Errorf("got %s, want %s", got, goldenPin)
	}
}

func TestRelayTokenIsNotPrinted(t *testing.T) {
	r := Relay{Place: "a", Port: 1, Token: "TopSecret"}
	type exported struct{ R Relay }
	var text strings.Builder
	for _, v := range []any{r, &r, exported{r}, &exported{r}, []Relay{r}, map[string]Relay{"r": r}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
			fmt.Fprintf(&text, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&text, nil)).Info("a relay", "r", v)
	}
	slog.New(slog.NewJSONHandler(&text, nil)).Info("a relay", "r", r)
	if strings.Contains(text.String(), "TopSecret") || strings.Contains(text.String(), hex.EncodeToString([]byte("TopSecret"))) {
		t.Errorf("the token is shown")
	}
	if !strings.Contains(text.String(), "a:1/"+hidden) || !strings.Contains(r.String(), "TopSecret") {
		t.Errorf("the relay is not shown, or String hides the token: %s", text.String())
	}
}

func FuzzParseRelay(f *testing.F) {
	for _, c := range relays {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRelay(s)
		if err != nil {
			return
		}
		again, err := ParseRelay(r.String())
		if err != nil || again != r {
			t.Errorf("%q is printed as %q, and that read as %q, %v", s, r.String(), again.String(), err)
		}
		if got, rest, err := DecodeRelay(r.AppendTo(nil)); err != nil || got != r || len(rest) != 0 {
			t.Errorf("%q does not survive a ticket: %q, %v", s, got.String(), err)
		}
	})
}

func FuzzDecodeRelay(f *testing.F) {
	for _, c := range relays {
		f.Add(unhex(f, c.wire))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, rest, err := DecodeRelay(b)
		if err != nil {
			return
		}
		if got := r.AppendTo(nil); !bytes.Equal(got, b[:len(b)-len(rest)]) {
			t.Errorf("%x is written as %x", b, got)
		}
		if again, err := ParseRelay(r.String()); err != nil || again != r {
			t.Errorf("%x is printed as %q, and that read as %v", b, r.String(), err)
		}
	})
}

const goldenPin = "689251e28e232c5f81bc7b0016066055"
