// Package id names what takes part: peers, topics, roles, and the secret keys
// behind peers (PROTOCOL.md §1).
//
//	seed -> Secret -> Peer -> Topic        each arrow is one way
//	          |         |
//	          +-- X25519 +                 the same key for sealing, §4.2
//
// All are small values. A Secret shows itself to no printer.
package id

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
)

// ErrPeer reports text that names no peer: wrong letters, wrong length, or not
// the canonical encoding of a key that can be used.
var ErrPeer = errors.New("not a peer key")

// text is the alphabet of peers, topics and tickets: it survives a case change,
// a double click and a phone call better than base64.
var text = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// A Peer names a process by its Ed25519 public key. It is comparable; the zero
// Peer names nobody.
type Peer [32]byte

// ParsePeer reads what [Peer.String] writes and nothing else. Its error wraps
// ErrPeer.
func ParsePeer(s string) (Peer, error) {
	var p Peer
	if len(s) != text.EncodedLen(len(p)) {
		return Peer{}, fmt.Errorf("%w: %d letters, want %d", ErrPeer, len(s), text.EncodedLen(len(p)))
	}
	b, err := text.DecodeString(s)
	if err != nil {
		return Peer{}, fmt.Errorf("%w: wrong letters", ErrPeer)
	}
	copy(p[:], b)
	if p.String() != s { // unused bits in the last letter, or a line break
		return Peer{}, fmt.Errorf("%w: wrong letters", ErrPeer)
	}
	if !p.Valid() {
		return Peer{}, fmt.Errorf("%w: not a usable Ed25519 key", ErrPeer)
	}
	return p, nil
}

// String returns the whole key in lower-case base32, 52 letters.
func (p Peer) String() string { return text.EncodeToString(p[:]) }

// Tag returns the first 4 hexadecimal digits of the key: what is shown beside a
// name so that two people of one name can be told apart. It proves nothing.
func (p Peer) Tag() string { return hex.EncodeToString(p[:2]) }

// Public returns the key for crypto/ed25519.
func (p Peer) Public() ed25519.PublicKey { return ed25519.PublicKey(p[:]) }

// IsZero reports whether p names nobody.
func (p Peer) IsZero() bool { return p == Peer{} }

// Compare orders peers by their bytes: -1, 0 or 1. It serves where an order is
// needed that every peer agrees on.
func (p Peer) Compare(q Peer) int { return bytes.Compare(p[:], q[:]) }

// Verify reports whether sig is p's Ed25519 signature over message.
func (p Peer) Verify(message, sig []byte) bool {
	return len(sig) == ed25519.SignatureSize && ed25519.Verify(p.Public(), message, sig)
}
