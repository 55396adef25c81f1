package ticket

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"gossterm/internal/id"
)

// sample returns a typing ticket whose secret is the bytes 160, 161, 162 …
func sample(addrs ...string) Ticket {
	var w [SecretSize]byte
	for i := range w {
		w[i] = byte(160 + i)
	}
	t := Ticket{Host: id.SecretFromSeed([32]byte{1}).Peer(), Role: id.Type, Secret: SecretOf(w)}
	for _, a := range addrs {
		t.Addrs = append(t.Addrs, netip.MustParseAddrPort(a))
	}
	return t
}

// by returns tk as a member who is at addrs makes it.
func by(tk Ticket, addrs ...string) Ticket {
	tk.Via.Peer = id.SecretFromSeed([32]byte{2}).Peer()
	for _, a := range addrs {
		tk.Via.Addrs = append(tk.Via.Addrs, netip.MustParseAddrPort(a))
	}
	return tk
}

func equal(a, b Ticket) bool {
	return a.Host == b.Host && a.Role == b.Role && a.Secret.Equal(b.Secret) && slices.Equal(a.Addrs, b.Addrs) && slices.Equal(a.Relays, b.Relays) &&
		a.Via.Peer == b.Via.Peer && slices.Equal(a.Via.Addrs, b.Via.Addrs)
}

// The keys, the checksum and the place of R were checked against another
// implementation of PROTOCOL.md §2.
func TestGolden(t *testing.T) {
	tk := sample("192.0.2.7:4242", "[2001:db8::7]:4242")
	admit := tk.AdmitKey()
	typing, _ := tk.TypeKey()
	for _, c := range []struct{ desc, got, want string }{
		{"typing ticket", tk.String(), goldenType},
		{"watching ticket", tk.Watch().String(), goldenWatch},
		{"a member's", by(tk, "192.0.2.9:4343", "[2001:db8::9]:4343").String(), goldenVia},
		{"admit key", hex.EncodeToString(admit[:]), goldenAdmit},
		{"type key", hex.EncodeToString(typing[:]), goldenTyping},
	} {
		if c.got != c.want {
			t.Errorf("%s is %s, want %s", c.desc, c.got, c.want)
		}
	}
}

func TestTicketRoundTrips(t *testing.T) {
	long := []string{"[2001:db8::1]:1", "[2001:db8::2]:2", "[2001:db8::3]:3"}
	for _, c := range []struct {
		desc string
		in   Ticket
		most int // letters
	}{
		{"no address", sample(), hostSize},
		{"one", sample("192.0.2.7:1"), hostSize},
		{"four", sample("192.0.2.7:1", "[2001:db8::7]:65535", "10.0.0.1:9", "[fe80::1]:80"), hostSize},
		{"three long ones fill it", sample(long...), hostSize},
		{"a member's, one address", by(sample("192.0.2.7:1"), "192.0.2.9:2"), memberSize},
		{"a member's, the host is nowhere", by(sample(), "192.0.2.9:2", "[2001:db8::9]:2"), memberSize},
		{"a member's, full", by(sample(long...), long[:2]...), memberSize},
	} {
		t.Run(c.desc, func(t *testing.T) {
			for _, want := range []Ticket{c.in, c.in.Watch()} {
				s := want.String()
				if len(s) > c.most {
					t.Errorf("%d letters, want at most %d", len(s), c.most)
				}
				for _, in := range []string{s, strings.ToUpper(s), " \t" + s + "\r\n"} {
					if got, err := Parse(in); err != nil || !equal(got, want) {
						t.Errorf("Parse(%q) = %v %v %v, %v, want %v %v", in, got, got.Addrs, got.Via, err, want.Addrs, want.Via)
					}
				}
			}
		})
	}
	if n := len(sample(long...).String()); n != hostSize {
		t.Errorf("the host's longest ticket has %d letters, want %d", n, hostSize)
	}
	if n := len(by(sample(long...), long[:2]...).String()); n != memberSize {
		t.Errorf("a member's longest ticket has %d letters, want %d", n, memberSize)
	}
}

// The lengths of the longest tickets without relays that a host makes, and a member
// (PROTOCOL.md §2).
const (
	hostSize   = 180
	memberSize = 294
)

func TestStringLeavesOutTheMember(t *testing.T) {
	host := sample("192.0.2.7:1")
	self := by(host, "192.0.2.9:2")
	self.Via.Peer = host.Host
	nobody := by(host, "192.0.2.9:2")
	nobody.Via.Peer = id.Peer{}
	for _, c := range []struct {
		desc string
		in   Ticket
		want []string // addresses
	}{
		{"the host itself", self, nil},
		{"nobody", nobody, nil},
		{"without an address", by(host), nil},
		{"without one that can be used", by(host, "0.0.0.0:1", "[fe80::1%eth0]:1"), nil},
		{"not for one of its addresses", by(host, "0.0.0.0:1", "1.0.0.1:1"), []string{"1.0.0.1:1"}},
		{"the third address", by(host, "1.0.0.1:1", "1.0.0.2:1", "1.0.0.3:1"), []string{"1.0.0.1:1", "1.0.0.2:1"}},
	} {
		t.Run(c.desc, func(t *testing.T) {
			want := host
			if c.want != nil {
				want = by(host, c.want...)
			}
			if got, err := Parse(c.in.String()); err != nil || !equal(got, want) {
				t.Errorf("got %v, %v, want %v", got.Via, err, want.Via)
			}
		})
	}
}

func TestStringLeavesOutAddresses(t *testing.T) {
	for _, c := range []struct {
		desc     string
		in, want []string
	}{
		{"the fifth", []string{"1.0.0.1:1", "1.0.0.2:1", "1.0.0.3:1", "1.0.0.4:1", "1.0.0.5:1"}, []string{"1.0.0.1:1", "1.0.0.2:1", "1.0.0.3:1", "1.0.0.4:1"}},
		{"what does not fit, not what follows", []string{"[2001::1]:1", "[2001::2]:1", "1.0.0.1:1", "[2001::3]:1", "1.0.0.2:1"}, []string{"[2001::1]:1", "[2001::2]:1", "1.0.0.1:1", "1.0.0.2:1"}},
		{"port 0", []string{"1.0.0.1:0"}, nil},
		{"unspecified", []string{"0.0.0.0:1", "[::]:1"}, nil},
		{"multicast", []string{"224.0.0.1:1", "[ff02::1]:1"}, nil},
		{"a zone", []string{"[fe80::1%eth0]:1"}, nil},
		{"IPv4 in IPv6 form becomes IPv4", []string{"[::ffff:1.0.0.1]:1"}, []string{"1.0.0.1:1"}},
	} {
		t.Run(c.desc, func(t *testing.T) {
			got, err := Parse(sample(c.in...).String())
			if want := sample(c.want...); err != nil || !slices.Equal(got.Addrs, want.Addrs) {
				t.Errorf("got %v, %v, want %v", got.Addrs, err, want.Addrs)
			}
		})
	}
}

// wrap returns fields as a ticket whose checksum is right.
func wrap(prefix string, fields []byte) string {
	return prefix + letters.EncodeToString(append(fields, checksum(prefix, fields)...))
}

// fields returns host ‖ secret ‖ rest of a sample.
func fields(rest ...byte) []byte {
	tk := sample()
	secret := tk.Secret.Bytes()
	return slices.Concat(tk.Host[:], secret[:], rest)
}

func TestParseRefuses(t *testing.T) {
	good := sample("192.0.2.7:4242").String()
	host, via := sample().Host, by(sample()).Via.Peer
	member := via[:]
	short, long := []byte{4, 1, 0, 0, 1, 9, 9}, append([]byte{6, 32, 1}, make([]byte, 16)...)
	long[len(long)-1] = 9
	noKey := fields(0)
	copy(noKey, make([]byte, 32))
	for _, c := range []struct{ desc, in, why string }{
		{"nothing", "", "begin"},
		{"another word", "ssh://example.org", "begin"},
		{"no version", "gst", "version"},
		{"no digit", "gstx" + good[4:], "version"},
		{"prefix only", "gst1", "end is missing"},
		{"cut", good[:40], "end is missing"},
		{"one letter short", good[:len(good)-1], ""},
		{"one letter more", good + "a", ""},
		{"too long", good + strings.Repeat("a", MaxSize), "longer"},
		{"a wrong letter", good[:9] + "1" + good[10:], "wrong letter 10"},
		{"a letter that ToLower makes one", good[:9] + "\u212a" + good[10:], "wrong letter"},
		{"a blank inside", good[:9] + " " + good[10:], "wrong letter"},
		{"a line break inside", good[:9] + "\n" + good[9:], "wrong letters"},
		{"two letters swapped", swap(good, 20), "checksum"},
		{"typing mark on a watching ticket", "gst" + sample().Watch().String()[3:], "checksum"},
		{"watching mark on a typing ticket", "gsr" + sample().String()[3:], "checksum"},
		{"no host key", wrap("gst1", noKey), "host key"},
		{"five addresses", wrap("gst1", fields(5)), "addresses"},
		{"an address missing", wrap("gst1", fields(1)), "address"},
		{"an address cut", wrap("gst1", fields(1, 4, 1, 0, 0, 1, 9)), "address"},
		{"an address of kind 5", wrap("gst1", fields(1, 5, 1, 0, 0, 1, 9, 9)), "address"},
		{"an address of port 0", wrap("gst1", fields(1, 4, 1, 0, 0, 1, 0, 0)), "address"},
		{"bytes at the end", wrap("gst1", fields(1, 4, 1, 0, 0, 1, 9, 9, 0)), "too many"},
		{"four long addresses", wrap("gst1", fields(slices.Concat([]byte{4}, slices.Repeat(long, 4))...)), "76 bytes of addresses"},
		{"a member cut", wrap("gst1", fields(slices.Concat([]byte{0}, member[:31])...)), "too few"},
		{"a member without a count", wrap("gst1", fields(slices.Concat([]byte{0}, member)...)), "too few"},
		{"a member without an address", wrap("gst1", fields(slices.Concat([]byte{0}, member, []byte{0})...)), "member"},
		{"a member with three", wrap("gst1", fields(slices.Concat([]byte{0}, member, []byte{3}, slices.Repeat(short, 3))...)), "3 addresses"},
		{"a member's address cut", wrap("gst1", fields(slices.Concat([]byte{0}, member, []byte{2}, short)...)), "address"},
		{"a member's address of port 0", wrap("gst1", fields(slices.Concat([]byte{0}, member, []byte{1, 4, 1, 0, 0, 1, 0, 0})...)), "address"},
		{"two members", wrap("gst1", fields(slices.Concat([]byte{0}, member, []byte{1}, short, member, []byte{1}, short)...)), "too many"},
		{"a byte after the member", wrap("gst1", fields(slices.Concat([]byte{0}, member, []byte{1}, short, []byte{0})...)), "too many"},
		{"the host as the member", wrap("gst1", fields(slices.Concat([]byte{0}, host[:], []byte{1}, short)...)), "no usable member"},
		{"nobody as the member", wrap("gst1", fields(slices.Concat([]byte{0}, make([]byte, 32), []byte{1}, short)...)), "no usable member"},
	} {
		t.Run(c.desc, func(t *testing.T) {
			_, err := Parse(c.in)
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("Parse(%q) fails with %v, want damaged ticket: … %s", c.in, err, c.why)
			}
		})
	}
}

func swap(s string, i int) string {
	for s[i] == s[i+1] {
		i++
	}
	return s[:i] + s[i+1:i+2] + s[i:i+1] + s[i+2:]
}

func TestOtherVersion(t *testing.T) {
	for _, in := range []string{"gst2", "GSR2abc", "gst0" + sample().String()[4:]} {
		_, err := Parse(in)
		var v *VersionError
		if !errors.As(err, &v) || v.Want != 1 || v.Got != int(in[3]-'0') || errors.Is(err, ErrDamaged) {
			t.Errorf("Parse(%q) fails with %v, want a VersionError", in, err)
		}
	}
}

// A checksum of 32 bits misses a random change once in 4 billion times; a change
// of one letter here is always the same, so this either passes or never does.
func TestEveryChangedLetterIsNoticed(t *testing.T) {
	good := by(sample("192.0.2.7:4242"), "192.0.2.9:4343").String()
	for i := range good {
		for _, c := range "abcdefghijklmnopqrstuvwxyz234567" {
			if bad := good[:i] + string(c) + good[i+1:]; bad != good {
				if tk, err := Parse(bad); err == nil {
					t.Errorf("letter %d as %c is read as %v", i, c, tk)
				}
			}
		}
	}
}

func TestWatchingTicketDoesNotType(t *testing.T) {
	tk := by(sample(), "192.0.2.9:4343")
	w := tk.Watch()
	if w.Via.Peer != tk.Via.Peer || !slices.Equal(w.Via.Addrs, tk.Via.Addrs) {
		t.Errorf("the watching ticket of a member names %v, want %v", w.Via, tk.Via)
	}
	if w.Role != id.Watch || w.Secret.Equal(tk.Secret) || !equal(w.Watch(), w) {
		t.Errorf("the watching ticket is %v, its own %v", w, w.Watch())
	}
	if tk.AdmitKey() != w.AdmitKey() {
		t.Errorf("the two tickets of a session do not share the admit key")
	}
	typing, may := tk.TypeKey()
	if key, mayWatch := w.TypeKey(); !may || mayWatch || key != [32]byte{} || typing == tk.AdmitKey() {
		t.Errorf("type keys: %v of the typing ticket, %v of the watching one", may, mayWatch)
	}
	// Nor does a watcher get the type key by calling his ticket a typing one.
	forged := w
	forged.Role = id.Type
	if key, _ := forged.TypeKey(); key == typing {
		t.Errorf("the type key follows from R")
	}
}

func TestNewDraws(t *testing.T) {
	host := id.SecretFromSeed([32]byte{1}).Peer()
	tk, err := New(bytes.NewReader(bytes.Repeat([]byte{9}, 16)), host)
	if want := [16]byte(bytes.Repeat([]byte{9}, 16)); err != nil || tk.Secret.Bytes() != want || tk.Role != id.Type || tk.Host != host {
		t.Errorf("got %v, %v", tk, err)
	}
	if _, err := New(bytes.NewReader(make([]byte, 15)), host); err == nil {
		t.Errorf("15 random bytes are enough")
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	tk := by(sample("192.0.2.7:4242"), "192.0.2.9:4343")
	type exported struct{ T Ticket }
	type unexported struct{ t Ticket }
	var text strings.Builder
	for _, v := range []any{tk, &tk, tk.Secret, exported{tk}, unexported{tk}, &unexported{tk}, []Ticket{tk}, []unexported{{tk}}, map[string]Ticket{"t": tk}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d", "%o"} {
			fmt.Fprintf(&text, verb+"\n", v)
		}
		fmt.Fprintln(&text, v)
		j, _ := json.Marshal(v)
		text.Write(j)
		for _, h := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&text, nil)} {
			slog.New(h).Info("a ticket", "t", v)
		}
	}
	_, err := Parse(swap(tk.String(), 70))
	fmt.Fprintln(&text, err)
	for _, form := range []string{"a0a1a2", "160 161", "160,161", "160, 161", "0xa0, 0xa1", "0xa0 0xa1", "240 241 242", tk.String()[60:70], "\xa0\xa1"} {
		if strings.Contains(strings.ToLower(text.String()), form) {
			t.Errorf("the secret is shown as %q", form)
		}
	}
	if !strings.Contains(text.String(), "(ticket to type at ") || !strings.Contains(text.String(), hidden) {
		t.Errorf("no ticket was printed masked")
	}
}

func FuzzParse(f *testing.F) {
	for _, tk := range []Ticket{sample(), sample("192.0.2.7:4242"), sample("[2001:db8::1]:1", "[2001:db8::2]:2", "[2001:db8::3]:3").Watch()} {
		f.Add(tk.String())
		f.Add(strings.ToUpper(tk.String()) + "\n")
		f.Add(by(tk, "192.0.2.9:4343", "[2001:db8::9]:4343").String())
	}
	f.Add(goldenRelays)
	f.Add(by(relayed(sample(), someRelays...)).String())
	f.Add("gst2abc")
	f.Add(wrap("gst1", fields(1, 4, 1, 0, 0, 1, 9, 9, 0)))
	f.Fuzz(func(t *testing.T, s string) {
		tk, err := Parse(s)
		if err != nil {
			return
		}
		if got := tk.String(); got != strings.ToLower(strings.TrimSpace(s)) {
			t.Errorf("%q is printed as %q", s, got)
		}
	})
}

// The fields behind a right checksum, which random letters never get to.
func FuzzParseFields(f *testing.F) {
	f.Add(fields(0))
	f.Add(fields(1, 4, 1, 0, 0, 1, 9, 9))
	via := by(sample()).Via.Peer
	f.Add(fields(slices.Concat([]byte{0}, via[:], []byte{1, 4, 1, 0, 0, 1, 9, 9})...))
	f.Add(fields(slices.Concat([]byte{0}, via[:], []byte{2, 4, 1, 0, 0, 1, 9, 9, 6, 32}, make([]byte, 15), []byte{1, 9, 9})...))
	f.Add(fields(slices.Concat([]byte{4}, slices.Repeat(append([]byte{6, 32}, bytes.Repeat([]byte{1}, 17)...), 4))...))
	f.Add(fields(slices.Concat([]byte{32, 1, 1, 'a', 1, 9, 9 + 16, 1, 'b', 1, 9}, make([]byte, 16), []byte{1, 't'}, via[:], []byte{0})...))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := wrap("gsr1", b)
		if tk, err := Parse(s); err == nil && tk.String() != s {
			t.Errorf("%q is printed as %q", s, tk.String())
		}
	})
}

const (
	goldenType   = "gst1z3gbkb64dxoxffmvdquqrchqsww3sbcndnz5nfxg34df22b32t6kbincuoskljvhvcu2vk5mvwxk6aqeyaaaebyqsidcaainxaaaaaaaaaaaaaaaaaaaoeespazl2iq"
	goldenWatch  = "gsr1z3gbkb64dxoxffmvdquqrchqsww3sbcndnz5nfxg34df22b32t6clgpmsiyh7ypkhzubetqfugargaqeyaaaebyqsidcaainxaaaaaaaaaaaaaaaaaaaoees5zbmn7y"
	goldenVia    = "gst1z3gbkb64dxoxffmvdquqrchqsww3sbcndnz5nfxg34df22b32t6kbincuoskljvhvcu2vk5mvwxk6aqeyaaaebyqsidcaainxaaaaaaaaaaaaaaaaaaaoeesnn44k7tkbfjdskbmasay5fqrf47qhjaadouxuvsmeocsupy6ux6aebgaaabasehxayqacdnyaaaaaaaaaaaaaaaaaaerb53r53x4o"
	goldenAdmit  = "0d6ec3976fb51e98e4619fee264e24c38ca6b8869730caea1edad17959013409"
	goldenTyping = "014be434643e3f54f66c2e156e989b68fc68e32d8d8449c56e3185cfa451c761"
)
