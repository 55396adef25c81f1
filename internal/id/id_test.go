package id

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
)

// seedOf returns a seed of 32 equal bytes.
func seedOf(b byte) (seed [32]byte) {
	for i := range seed {
		seed[i] = b
	}
	return seed
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The key is of RFC 8032 §7.1, test 1; the rest was computed by this code and
// notices a change of the text forms or of the topic.
func TestGolden(t *testing.T) {
	seed := [32]byte(unhex(t, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
	p := SecretFromSeed(seed).Peer()
	for _, c := range []struct{ desc, got, want string }{
		{"key", hex.EncodeToString(p[:]), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},
		{"text", p.String(), goldenPeer},
		{"tag", p.Tag(), "d75a"},
		{"topic", TopicOf(p).String(), goldenTopic},
	} {
		if c.got != c.want {
			t.Errorf("%s is %s, want %s", c.desc, c.got, c.want)
		}
	}
}

func TestPeerTextRoundTrips(t *testing.T) {
	p := SecretFromSeed(seedOf(7)).Peer()
	got, err := ParsePeer(p.String())
	if got != p || err != nil {
		t.Errorf("got %v, %v, want %v", got, err, p)
	}
}

func TestParsePeerRefuses(t *testing.T) {
	good := SecretFromSeed(seedOf(7)).Peer().String()
	last := good[51]
	for _, c := range []struct{ desc, in string }{
		{"nothing", ""},
		{"cut", good[:51]},
		{"too long", good + "a"},
		{"capitals: one text for one peer", strings.ToUpper(good)},
		{"a line break", good[:50] + "\n" + good[51:]},
		{"a wrong letter", good[:20] + "1" + good[21:]},
		{"an unused bit", good[:51] + string(last+1)},
		{"the zero peer", Peer{}.String()},
		{"a low-order key", Peer{1}.String()},
	} {
		t.Run(c.desc, func(t *testing.T) {
			if got, err := ParsePeer(c.in); !errors.Is(err, ErrPeer) || !got.IsZero() {
				t.Errorf("ParsePeer(%q) = %v, %v, want ErrPeer", c.in, got, err)
			}
		})
	}
}

func TestSecretRoundTrips(t *testing.T) {
	s, err := NewSecret(bytes.NewReader(bytes.Repeat([]byte{5}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	if got := SecretFromSeed(s.Seed()); got.Peer() != s.Peer() || s.Seed() != seedOf(5) {
		t.Errorf("seed %x gives %v, want %v", s.Seed(), got.Peer(), s.Peer())
	}
	if s.IsZero() || !(Secret{}).IsZero() {
		t.Errorf("IsZero takes a drawn key for none, or none for one")
	}
	if _, err := NewSecret(bytes.NewReader(make([]byte, 31))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("31 random bytes: got %v, want %v", err, io.ErrUnexpectedEOF)
	}
}

func TestSignatureHoldsForItsMessageAndPeerOnly(t *testing.T) {
	a, b := SecretFromSeed(seedOf(1)), SecretFromSeed(seedOf(2))
	sig := a.Sign([]byte("ls"))
	if !a.Peer().Verify([]byte("ls"), sig) {
		t.Errorf("a's own signature does not verify")
	}
	if a.Peer().Verify([]byte("rm"), sig) || b.Peer().Verify([]byte("ls"), sig) || a.Peer().Verify([]byte("ls"), sig[:63]) {
		t.Errorf("a signature verifies for another message or peer, or cut")
	}
}

func TestRole(t *testing.T) {
	for r, want := range map[Role]string{0: "role 0", Watch: "watch", Type: "type", 3: "role 3"} {
		if got := r.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := r.Valid(); got != (r == 1 || r == 2) {
			t.Errorf("role %d valid: %v", r, got)
		}
	}
}

func TestCompareOrdersByBytes(t *testing.T) {
	a, b := Peer{1}, Peer{1, 1}
	if a.Compare(b) != -1 || b.Compare(a) != 1 || a.Compare(a) != 0 {
		t.Errorf("got %d %d %d, want -1 1 0", a.Compare(b), b.Compare(a), a.Compare(a))
	}
}

func FuzzParsePeer(f *testing.F) {
	f.Add(SecretFromSeed(seedOf(7)).Peer().String())
	f.Add(strings.Repeat("a", 52))
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePeer(s)
		if err == nil && (p.String() != s || !p.Valid()) {
			t.Errorf("%q was read as %v", s, p)
		}
	})
}

const (
	goldenPeer  = "25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkena"
	goldenTopic = "kuw4h46rikyypjlydfgqq6vdcqzztg6cod5xz4c76gwyu4br6qhq"
)
