package id

import (
	"crypto/sha256"
	"strconv"
)

// A Topic names one shared terminal: the hash of its host's key. It is public
// and binds every signature and key to the session.
type Topic [32]byte

// TopicOf returns SHA-256("gossterm/1 topic\0" ‖ host), PROTOCOL.md §1.
func TopicOf(host Peer) Topic {
	return sha256.Sum256(append([]byte("gossterm/1 topic\x00"), host[:]...))
}

// String returns the topic in lower-case base32, 52 letters.
func (t Topic) String() string { return text.EncodeToString(t[:]) }

// A Role says what a member may do. The zero Role is none.
type Role uint8

// The roles, as they are on the wire (PROTOCOL.md §1).
const (
	Watch Role = 1 // may see the terminal
	Type  Role = 2 // may also type into it
)

// Valid reports whether r is a role.
func (r Role) Valid() bool { return r == Watch || r == Type }

// String returns "watch" or "type".
func (r Role) String() string {
	switch r {
	case Watch:
		return "watch"
	case Type:
		return "type"
	}
	return "role " + strconv.Itoa(int(r))
}
