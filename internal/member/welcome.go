package member

import (
	"encoding/binary"
	"fmt"

	"gossterm/internal/id"
)

const (
	headSize = 4*8 + sigSize

	welcomeContext = "gossterm/1 welcome\x00"
	headContext    = "gossterm/1 head\x00"
)

// A Welcome is the host's word that a process is a member: the only "joined" there
// is (PROTOCOL.md §4.3).
type Welcome struct {
	Key         id.Peer
	Nonce       [16]byte
	Incarnation uint64
	Role        id.Role
	Version     uint64 // of the membership that names it
	Host        uint64 // the host's incarnation
}

// Sign returns w as it is on the wire.
func (w Welcome) Sign(host id.Secret) []byte {
	b := append(append([]byte(nil), w.Key[:]...), w.Nonce[:]...)
	b = binary.BigEndian.AppendUint64(b, w.Incarnation)
	b = append(b, byte(w.Role))
	b = binary.BigEndian.AppendUint64(b, w.Version)
	b = binary.BigEndian.AppendUint64(b, w.Host)
	return append(b, host.Sign(bound(welcomeContext, id.TopicOf(host.Peer()), b))...)
}

// OpenWelcome reads a Welcome that host signed. It fails with ErrMalformed or
// ErrForged.
func OpenWelcome(host id.Peer, b []byte) (Welcome, error) {
	w, fields, sig, err := parseWelcome(b)
	if err != nil {
		return Welcome{}, err
	}
	if !host.Verify(bound(welcomeContext, id.TopicOf(host), fields), sig) {
		return Welcome{}, fmt.Errorf("welcome: %w signature", ErrForged)
	}
	return w, nil
}

func parseWelcome(b []byte) (w Welcome, fields, sig []byte, err error) {
	r := reader{b: b}
	w = Welcome{
		Key:         r.peer(),
		Nonce:       [16]byte(r.take(16)),
		Incarnation: r.u64(),
		Role:        id.Role(r.u8()),
		Version:     r.u64(),
		Host:        r.u64(),
	}
	fields = b[:len(b)-len(r.b)]
	sig = r.take(sigSize)
	if err := r.err("welcome"); err != nil {
		return Welcome{}, nil, nil, err
	}
	if w.Incarnation == 0 || w.Host == 0 || !w.Role.Valid() {
		return Welcome{}, nil, nil, fmt.Errorf("welcome: %w", ErrMalformed)
	}
	return w, fields, sig, nil
}

// A Head is the host's "here I am, this far" (§4.5).
type Head struct {
	Beat     uint64 // always rising
	Seq      uint64 // of the host's newest record
	Snapshot uint64 // seq of the first part of the newest complete snapshot
	Version  uint64 // of the membership
}

// Sign returns h as it is on the wire, for an incarnation of the host.
func (h Head) Sign(host id.Secret, incarnation uint64) []byte {
	b := be64(h.Beat)
	b = binary.BigEndian.AppendUint64(b, h.Seq)
	b = binary.BigEndian.AppendUint64(b, h.Snapshot)
	b = binary.BigEndian.AppendUint64(b, h.Version)
	return append(b, host.Sign(bound(headContext, id.TopicOf(host.Peer()), be64(incarnation), b))...)
}

// OpenHead reads a Head that host signed in that incarnation. It fails with
// ErrMalformed or ErrForged.
func OpenHead(host id.Peer, incarnation uint64, b []byte) (Head, error) {
	h, fields, sig, err := parseHead(b)
	if err != nil {
		return Head{}, err
	}
	if !host.Verify(bound(headContext, id.TopicOf(host), be64(incarnation), fields), sig) {
		return Head{}, fmt.Errorf("head: %w signature", ErrForged)
	}
	return h, nil
}

func parseHead(b []byte) (h Head, fields, sig []byte, err error) {
	r := reader{b: b}
	h = Head{Beat: r.u64(), Seq: r.u64(), Snapshot: r.u64(), Version: r.u64()}
	fields = b[:len(b)-len(r.b)]
	sig = r.take(sigSize)
	return h, fields, sig, r.err("head")
}
