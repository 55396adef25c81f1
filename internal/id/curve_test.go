package id

import (
	"errors"
	"slices"
	"testing"
)

// The eight points whose order divides 8, all canonical encodings of them.
var lowOrderKeys = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
}

func TestLowOrderKeysAreNotValid(t *testing.T) {
	for _, s := range lowOrderKeys {
		p := Peer(unhex(t, s))
		if p.Valid() {
			t.Errorf("%s is valid", s)
		}
		if _, err := p.X25519(); !errors.Is(err, ErrPeer) {
			t.Errorf("%s maps to an X25519 key: %v", s, err)
		}
	}
}

func TestOtherKeysThatAreNotValid(t *testing.T) {
	for _, c := range []struct{ desc, key string }{
		{"y = p, another form of 0", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
		{"y = p + 1, another form of 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
		{"y = p + 3, another form of a point of high order", "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
		{"y = p + 3, sign set", "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
		{"all ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
		{"x = 0 with the sign set", "0100000000000000000000000000000000000000000000000000000000000080"},
		{"y = 2 is not on the curve", "0200000000000000000000000000000000000000000000000000000000000000"},
	} {
		if p := Peer(unhex(t, c.key)); p.Valid() {
			t.Errorf("%s: %s is valid", c.desc, c.key)
		}
	}
	if !(Peer{3}).Valid() {
		t.Errorf("y = 3 is on the curve and of high order, but not valid")
	}
}

// Both ways to the public X25519 key must meet: from the secret through
// crypto/ecdh, and from the Ed25519 key through the map of curve.go.
func TestX25519OfSecretAndPeerMeet(t *testing.T) {
	for b := range byte(64) {
		s := SecretFromSeed(seedOf(b))
		if !s.Peer().Valid() {
			t.Fatalf("seed %d: the key is not valid", b)
		}
		got, err := s.Peer().X25519()
		if err != nil {
			t.Fatal(err)
		}
		if want := s.X25519().PublicKey(); !got.Equal(want) {
			t.Errorf("seed %d: got %x, want %x", b, got.Bytes(), want.Bytes())
		}
	}
}

func TestValidAgreesWithCurve(t *testing.T) {
	// About half of all y have an x; none of the first hundred but 0 and 1 is of low
	// order, and the sign of x changes nothing.
	var on []int
	for y := range byte(100) {
		p, q := Peer{y}, Peer{y, 31: 0x80}
		if p.Valid() != q.Valid() {
			t.Errorf("y = %d: valid %v, with the other sign %v", y, p.Valid(), q.Valid())
		}
		if p.Valid() {
			on = append(on, int(y))
		}
	}
	want := []int{3, 4, 5, 6, 9, 10}
	if len(on) < 30 || len(on) > 70 || !slices.Equal(on[:len(want)], want) {
		t.Errorf("valid: %v", on)
	}
}

func BenchmarkValid(b *testing.B) {
	p := SecretFromSeed(seedOf(1)).Peer()
	for b.Loop() {
		p.Valid()
	}
}
