package envelope

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"gossterm/internal/id"
)

// ErrSealed reports a record that its key does not open.
var ErrSealed = errors.New("record does not open")

// ErrOther reports a record of another epoch, author or incarnation than the key
// at hand: nobody's fault, the sender may be ahead or behind.
var ErrOther = errors.New("record of another epoch or author")

const recordContext = "gossterm/1 record\x00"

// Verify reports whether r was signed by author in that incarnation, for topic.
// For a record of a member's log these are also what the record itself says.
func Verify(topic id.Topic, author id.Peer, incarnation uint64, r Record) bool {
	if r.Kind == KindInput && (r.Author != author || r.Incarnation != incarnation) {
		return false
	}
	bound := r.appendBound(make([]byte, 0, boundSize+len(r.Cipher)), topic, author, incarnation)
	return author.Verify(append(bound, r.Cipher...), r.Sig[:])
}

const boundSize = len(recordContext) + 32 + 32 + 8 + inputHeader

// appendBound appends what signature and encryption are bound to: context, topic,
// author, incarnation and the header.
func (r Record) appendBound(dst []byte, topic id.Topic, author id.Peer, incarnation uint64) []byte {
	dst = append(dst, recordContext...)
	dst = append(append(dst, topic[:]...), author[:]...)
	dst = binary.BigEndian.AppendUint64(dst, incarnation)
	return r.appendHeader(dst)
}

// A Log seals and opens the records of the host's log in one epoch.
type Log struct{ sealer }

// NewLog returns the Log of host's incarnation under the key of an epoch.
func NewLog(topic id.Topic, host id.Peer, incarnation uint64, epoch uint32, epochKey [32]byte) *Log {
	info := binary.BigEndian.AppendUint32([]byte("gossterm/1 log\x00"), epoch)
	info = binary.BigEndian.AppendUint64(info, incarnation)
	return &Log{sealer{topic, host, incarnation, epoch, NewAEAD(epochKey, topic, info)}}
}

// Seal returns the record seq of the log as it is on the wire. Part k of parts is
// of a snapshot, else both are 0; plain holds at most [MaxHostPlain] bytes. The
// same seq must never be sealed with other content.
func (l *Log) Seal(secret id.Secret, seq uint64, part, parts uint16, plain []byte) []byte {
	if seq == 0 || !validPart(part, parts) || len(plain) > MaxHostPlain {
		panic(fmt.Sprintf("envelope: seal seq %d, part %d of %d, %d bytes", seq, part, parts, len(plain)))
	}
	return l.seal(secret, Record{Kind: KindHost, Epoch: l.epoch, Seq: seq, Part: part, Parts: parts}, plain)
}

// Open returns the items of r, which must have been verified. It fails with
// ErrOther for a record of another epoch and with ErrSealed if the key does not fit.
func (l *Log) Open(r Record) ([]byte, error) {
	if r.Kind != KindHost || r.Epoch != l.epoch {
		return nil, ErrOther
	}
	return l.open(r)
}

// An Input seals and opens the records of one member's log in one epoch. Only
// that member and the host have what it takes.
type Input struct{ sealer }

// NewInput returns the Input of an author's incarnation in a session, which is one
// incarnation of the host. Binding both keeps what was typed for one shell out of
// the next one that is hosted under the same key.
func NewInput(topic id.Topic, hostIncarnation uint64, author id.Peer, incarnation uint64, epoch uint32, memberSecret [32]byte) *Input {
	info := binary.BigEndian.AppendUint32([]byte("gossterm/1 input\x00"), epoch)
	info = binary.BigEndian.AppendUint64(info, hostIncarnation)
	info = append(info, author[:]...)
	info = binary.BigEndian.AppendUint64(info, incarnation)
	return &Input{sealer{topic, author, incarnation, epoch, NewAEAD(memberSecret, topic, info)}}
}

// Seal returns the record seq as it is on the wire. Its plaintext is what
// [Typing.Append] makes. The same seq must never be sealed with other content.
func (in *Input) Seal(secret id.Secret, seq uint64, plain []byte) []byte {
	if seq == 0 || len(plain) == 0 || len(plain)%padding != 0 || len(plain) > maxInputPlain {
		panic(fmt.Sprintf("envelope: seal input seq %d, %d bytes", seq, len(plain)))
	}
	r := Record{Kind: KindInput, Epoch: in.epoch, Seq: seq, Author: in.author, Incarnation: in.incarnation}
	return in.seal(secret, r, plain)
}

// Open returns the plaintext of r, which must have been verified, for
// [ParseTyping]. It fails with ErrOther or ErrSealed.
func (in *Input) Open(r Record) ([]byte, error) {
	if r.Kind != KindInput || r.Epoch != in.epoch || r.Author != in.author || r.Incarnation != in.incarnation {
		return nil, ErrOther
	}
	return in.open(r)
}

// A sealer holds one key, which belongs to one author, incarnation and epoch.
type sealer struct {
	topic       id.Topic
	author      id.Peer
	incarnation uint64
	epoch       uint32
	aead        cipher.AEAD
}

// seal fills in the ciphertext and signature of r and returns its wire form.
func (s *sealer) seal(secret id.Secret, r Record, plain []byte) []byte {
	if secret.Peer() != s.author {
		panic("envelope: the secret is not the author's")
	}
	n := len(plain) + Overhead
	b := make([]byte, 0, boundSize+n+SigSize) // the wire form is the tail of what is signed, and the signature
	r.Cipher = b[:n]                          // for its length in the header
	b = r.appendBound(b, s.topic, s.author, s.incarnation)
	header := len(b) - r.headerSize()
	nonce := seqNonce(r.Seq)
	b = s.aead.Seal(b, nonce[:], plain, b)
	sig := [SigSize]byte(secret.Sign(b))
	return append(b, sig[:]...)[header:]
}

func (s *sealer) open(r Record) ([]byte, error) {
	bound := r.appendBound(make([]byte, 0, boundSize), s.topic, s.author, s.incarnation)
	nonce := seqNonce(r.Seq)
	plain, err := s.aead.Open(nil, nonce[:], r.Cipher, bound)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// seqNonce returns 4 zero bytes ‖ seq. A key serves one author, incarnation and
// epoch, so no nonce comes twice with other content.
func seqNonce(seq uint64) (nonce [12]byte) {
	binary.BigEndian.PutUint64(nonce[4:], seq)
	return nonce
}

// NewAEAD returns AES-256-GCM under the key HKDF(secret, info, 32) of PROTOCOL.md:
// HKDF-SHA256 with the topic as salt (RFC 5869).
func NewAEAD(secret [32]byte, topic id.Topic, info []byte) cipher.AEAD {
	key, err := hkdf.Key(sha256.New, secret[:], topic[:], string(info), 32)
	if err != nil {
		panic("envelope: derive a key: " + err.Error())
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("envelope: 32 bytes are an AES key: " + err.Error())
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("envelope: AES has GCM: " + err.Error())
	}
	return aead
}
