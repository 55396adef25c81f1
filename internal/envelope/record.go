// Package envelope seals, signs, verifies and opens records (PROTOCOL.md §5).
//
//	items -> plaintext -> sealed (AES-256-GCM) -> signed (Ed25519) -> wire
//	         readable by    the epoch's members,     by the author,
//	                        or by the host alone     checked by everybody
//
// The signature alone says who wrote a record; the encryption only says who may
// read it. A forwarder parses and verifies; it cannot open a member's record.
package envelope

import (
	"encoding/binary"
	"errors"
	"fmt"

	"gossterm/internal/id"
)

// ErrMalformed reports bytes that are no record, or no list of items.
var ErrMalformed = errors.New("malformed record")

// The kinds of records.
const (
	KindHost  = 1 // of the host's log, §5.1
	KindInput = 2 // of a member's log, §5.2
)

// Sizes in bytes and other bounds of records.
const (
	MaxHostPlain  = 16_384 // items of one record of the host's log, as they are sealed
	MaxItems      = 65_535 // the same, when they are packed
	MaxParts      = 256    // records of one snapshot
	MaxInputItems = 1_024  // items of one record of a member's log

	Overhead  = 16 // what sealing adds
	SigSize   = 64
	MaxHost   = hostHeader + MaxHostPlain + Overhead + SigSize
	MaxInput  = inputHeader + maxInputPlain + Overhead + SigSize
	padding   = 32 // a member's plaintext is a multiple of it: lengths tell less
	padByte   = 255
	flushSize = 4

	maxInputPlain = (flushSize + MaxInputItems + padding - 1) / padding * padding
	hostHeader    = 1 + 4 + 8 + 2 + 2 + 2
	inputHeader   = 1 + 4 + 8 + 32 + 8 + 2
)

// A Record is one entry of a log, sealed and signed.
type Record struct {
	Kind  uint8 // KindHost or KindInput
	Epoch uint32
	Seq   uint64 // from 1

	Part, Parts uint16 // part k of n of a snapshot, else 0 and 0; KindHost only

	// Author and Incarnation are on the wire of KindInput only: those of the host's
	// log are known from its membership.
	Author      id.Peer
	Incarnation uint64

	Cipher []byte // sealed items; of a parsed record, a part of what was parsed
	Sig    [SigSize]byte
}

// ParseHost reads a record of the host's log. It checks the form only: see
// [Verify]. The record refers to b.
func ParseHost(b []byte) (Record, error) {
	if len(b) < hostHeader {
		return Record{}, fmt.Errorf("%w: %d bytes", ErrMalformed, len(b))
	}
	r := Record{
		Kind:  b[0],
		Epoch: binary.BigEndian.Uint32(b[1:]),
		Seq:   binary.BigEndian.Uint64(b[5:]),
		Part:  binary.BigEndian.Uint16(b[13:]),
		Parts: binary.BigEndian.Uint16(b[15:]),
	}
	if r.Kind != KindHost || !validPart(r.Part, r.Parts) {
		return Record{}, fmt.Errorf("%w: kind %d, part %d of %d", ErrMalformed, r.Kind, r.Part, r.Parts)
	}
	return r.parseRest(b, hostHeader, MaxHostPlain)
}

// ParseInput reads a record of a member's log. It checks the form only: see
// [Verify]. The record refers to b.
func ParseInput(b []byte) (Record, error) {
	if len(b) < inputHeader {
		return Record{}, fmt.Errorf("%w: %d bytes", ErrMalformed, len(b))
	}
	r := Record{
		Kind:        b[0],
		Epoch:       binary.BigEndian.Uint32(b[1:]),
		Seq:         binary.BigEndian.Uint64(b[5:]),
		Author:      id.Peer(b[13:45]),
		Incarnation: binary.BigEndian.Uint64(b[45:]),
	}
	if r.Kind != KindInput || r.Author.IsZero() || r.Incarnation == 0 {
		return Record{}, fmt.Errorf("%w: kind %d, incarnation %d", ErrMalformed, r.Kind, r.Incarnation)
	}
	r, err := r.parseRest(b, inputHeader, maxInputPlain)
	if err == nil && (len(r.Cipher) == Overhead || (len(r.Cipher)-Overhead)%padding != 0) {
		return Record{}, fmt.Errorf("%w: ciphertext of %d bytes", ErrMalformed, len(r.Cipher))
	}
	return r, err
}

// parseRest reads what follows the header: the ciphertext, whose length ends the
// header, and the signature.
func (r Record) parseRest(b []byte, header, maxPlain int) (Record, error) {
	n := int(binary.BigEndian.Uint16(b[header-2:]))
	if n < Overhead || n > maxPlain+Overhead || len(b) != header+n+SigSize {
		return Record{}, fmt.Errorf("%w: ciphertext of %d bytes in a record of %d", ErrMalformed, n, len(b))
	}
	if r.Epoch == 0 || r.Seq == 0 {
		return Record{}, fmt.Errorf("%w: epoch %d, seq %d", ErrMalformed, r.Epoch, r.Seq)
	}
	r.Cipher = b[header : header+n : header+n]
	r.Sig = [SigSize]byte(b[header+n:])
	return r, nil
}

// validPart reports whether part k of n can be: none at all, or 1 <= k <= n.
func validPart(k, n uint16) bool {
	return k == 0 && n == 0 || k >= 1 && k <= n && n <= MaxParts
}

// Append appends the record as it is on the wire.
func (r Record) Append(dst []byte) []byte {
	dst = append(r.appendHeader(dst), r.Cipher...)
	return append(dst, r.Sig[:]...)
}

// headerSize is how many bytes appendHeader appends.
func (r Record) headerSize() int {
	if r.Kind == KindHost {
		return hostHeader
	}
	return inputHeader
}

// appendHeader appends what comes before the ciphertext.
func (r Record) appendHeader(dst []byte) []byte {
	dst = append(dst, r.Kind)
	dst = binary.BigEndian.AppendUint32(dst, r.Epoch)
	dst = binary.BigEndian.AppendUint64(dst, r.Seq)
	if r.Kind == KindHost {
		dst = binary.BigEndian.AppendUint16(dst, r.Part)
		dst = binary.BigEndian.AppendUint16(dst, r.Parts)
	} else {
		dst = append(dst, r.Author[:]...)
		dst = binary.BigEndian.AppendUint64(dst, r.Incarnation)
	}
	return binary.BigEndian.AppendUint16(dst, uint16(len(r.Cipher)))
}
