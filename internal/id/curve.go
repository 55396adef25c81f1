package id

import (
	"crypto/ecdh"
	"crypto/sha512"
	"fmt"
	"math/big"
	"slices"
)

// The curve's constants (RFC 8032 §5.1): the field's prime p = 2^255-19 and
// d = -121665/121666.
var (
	one   = big.NewInt(1)
	prime = new(big.Int).Sub(new(big.Int).Lsh(one, 255), big.NewInt(19))
	coeff = mul(big.NewInt(-121665), new(big.Int).ModInverse(big.NewInt(121666), prime))
)

// Valid reports whether p is the canonical encoding (RFC 8032 §5.1.3) of a point
// on the curve that is not of low order. Under a low-order key one signature fits
// many messages, and sealing to it hides nothing.
//
// It takes some tens of microseconds and depends on p alone, which is public: variable time is
// harmless.
func (p Peer) Valid() bool {
	y, ok := p.y()
	if !ok {
		return false
	}
	yy := mul(y, y)
	// -x² + y² = 1 + d·x²·y², so x² = (y²-1) / (d·y²+1). The quotient is a square
	// exactly when the product is; the divisor is never 0, as -1/d is no square.
	num := new(big.Int).Sub(yy, one)
	den := new(big.Int).Add(mul(coeff, yy), one)
	if big.Jacobi(mul(num, den), prime) == -1 {
		return false
	}
	return !lowOrder(y, yy)
}

// lowOrder reports whether a point of the curve with this y, of which yy is the
// square, has an order that divides 8.
//
// Order 1: y = 1. Order 2: y = -1. Order 4: y = 0. Order 8: its double has y = 0,
// so x² = -y², and with the curve's equation d·y⁴ + 2y² - 1 = 0.
func lowOrder(y, yy *big.Int) bool {
	if y.Sign() == 0 || yy.Cmp(one) == 0 {
		return true
	}
	q := mul(coeff, mul(yy, yy))
	q.Add(q, yy).Add(q, yy).Sub(q, one)
	return q.Mod(q, prime).Sign() == 0
}

// X25519 returns p as an X25519 key, for sealing to the holder of its secret:
// u = (1+y)/(1-y), RFC 7748 §4.1. It fails with ErrPeer if p is not valid.
func (p Peer) X25519() (*ecdh.PublicKey, error) {
	y, ok := p.y()
	if !ok || !p.Valid() {
		return nil, fmt.Errorf("%w: not a usable Ed25519 key", ErrPeer)
	}
	den := new(big.Int).Sub(one, y)
	den.ModInverse(den.Mod(den, prime), prime) // y = 1 is of low order: refused above
	u := mul(new(big.Int).Add(one, y), den)
	return ecdh.X25519().NewPublicKey(littleEndian(u))
}

// X25519 returns the X25519 key of s: the first half of SHA-512(seed), which
// crypto/ecdh clamps (RFC 8032 §5.1.5, RFC 7748 §5).
func (s Secret) X25519() *ecdh.PrivateKey {
	seed := s.Seed()
	h := sha512.Sum512(seed[:])
	k, err := ecdh.X25519().NewPrivateKey(h[:32])
	if err != nil {
		panic("id: 32 bytes are an X25519 key: " + err.Error())
	}
	return k
}

// y returns the point's coordinate and whether it is below the prime. The top
// bit is the sign of x.
func (p Peer) y() (*big.Int, bool) {
	p[31] &= 0x7f
	slices.Reverse(p[:])
	y := new(big.Int).SetBytes(p[:])
	return y, y.Cmp(prime) < 0
}

// mul returns a·b in the field.
func mul(a, b *big.Int) *big.Int {
	c := new(big.Int).Mul(a, b)
	return c.Mod(c, prime)
}

// littleEndian returns the 32 bytes of u.
func littleEndian(u *big.Int) []byte {
	b := make([]byte, 32)
	u.FillBytes(b)
	slices.Reverse(b)
	return b
}
