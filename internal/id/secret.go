package id

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
)

// hidden stands for a secret wherever one would be printed.
const hidden = "(secret)"

// A Secret is the Ed25519 private key behind a Peer. The zero Secret is unset
// and must not be used.
//
// It prints as "(secret)" with every verb. The key lies behind two pointers because
// fmt calls no method on a Secret in an unexported field of another struct: it
// follows one pointer, for a verb that does not fit, and shows two as an address.
type Secret struct {
	at **[ed25519.PrivateKeySize]byte
}

// NewSecret draws a key from rand. It fails only if rand does.
func NewSecret(rand io.Reader) (Secret, error) {
	var seed [ed25519.SeedSize]byte
	if _, err := io.ReadFull(rand, seed[:]); err != nil {
		return Secret{}, fmt.Errorf("draw a key: %w", err)
	}
	return SecretFromSeed(seed), nil
}

// SecretFromSeed returns the key of an RFC 8032 seed.
func SecretFromSeed(seed [32]byte) Secret {
	key := (*[ed25519.PrivateKeySize]byte)(ed25519.NewKeyFromSeed(seed[:]))
	return Secret{at: &key}
}

// IsZero reports whether s is unset.
func (s Secret) IsZero() bool { return s.at == nil }

// Peer returns the public key of s.
func (s Secret) Peer() Peer { return Peer((*s.at)[ed25519.SeedSize:]) }

// Key returns the key for crypto/ed25519 and TLS. It shares s's memory.
func (s Secret) Key() ed25519.PrivateKey { return ed25519.PrivateKey((*s.at)[:]) }

// Seed returns the 32 bytes that SecretFromSeed takes: what a key file holds.
func (s Secret) Seed() [32]byte { return [32]byte((*s.at)[:ed25519.SeedSize]) }

// Sign returns s's Ed25519 signature over message, 64 bytes.
func (s Secret) Sign(message []byte) []byte { return ed25519.Sign(s.Key(), message) }

// String does not show the key.
func (s Secret) String() string { return hidden }

// GoString does not show the key.
func (s Secret) GoString() string { return hidden }

// Format does not show the key, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, hidden) }

// LogValue does not show the key.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
