package ticket

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"

	"gossterm/internal/id"
)

// SecretSize is the size of a ticket's secret in bytes: 128 random bits need no
// slow hash.
const SecretSize = 16

const hidden = "(secret)"

// A Secret is the secret part of a ticket: W or R of PROTOCOL.md §2. The zero
// Secret is unset. It prints as "(secret)"; it lies behind two pointers so that
// fmt shows an address where it may call no method, in an unexported field.
type Secret struct{ at **[SecretSize]byte }

// SecretOf returns b as a Secret.
func SecretOf(b [SecretSize]byte) Secret {
	p := &b
	return Secret{at: &p}
}

// Bytes returns the secret itself. That of an unset Secret is all zero.
func (s Secret) Bytes() [SecretSize]byte {
	if s.at == nil {
		return [SecretSize]byte{}
	}
	return **s.at
}

// Equal reports whether s and u are one secret, in constant time.
func (s Secret) Equal(u Secret) bool {
	a, b := s.Bytes(), u.Bytes()
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// String does not show the secret.
func (s Secret) String() string { return hidden }

// GoString does not show the secret.
func (s Secret) GoString() string { return hidden }

// Format does not show the secret, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, hidden) }

// LogValue does not show the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// watch returns R of W.
func (s Secret) watch() Secret {
	return SecretOf([SecretSize]byte(s.derive("gossterm/1 watch", SecretSize)))
}

// AdmitKey returns A, with which the holder of either ticket proves that it
// holds one.
func (t Ticket) AdmitKey() [32]byte {
	return [32]byte(t.Watch().Secret.derive("gossterm/1 admit", 32))
}

// TypeKey returns P, with which the holder of a typing ticket proves that it may
// type, and whether t is one.
func (t Ticket) TypeKey() ([32]byte, bool) {
	if t.Role != id.Type {
		return [32]byte{}, false
	}
	return [32]byte(t.Secret.derive("gossterm/1 type", 32)), true
}

// derive returns HKDF-SHA256(s, no salt, info, n), PROTOCOL.md §2.
func (s Secret) derive(info string, n int) []byte {
	b := s.Bytes()
	k, err := hkdf.Key(sha256.New, b[:], nil, info, n)
	if err != nil {
		panic("ticket: derive " + info + ": " + err.Error())
	}
	return k
}
