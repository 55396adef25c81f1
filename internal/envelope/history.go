package envelope

import (
	"crypto/cipher"
	"encoding/binary"
	"fmt"

	"gossterm/internal/id"
)

// Sizes of a history in bytes.
const (
	MaxHistoryPlain = 64 << 10
	MaxHistory      = historyHeader + MaxHistoryPlain + Overhead + SigSize

	historyHeader = 1 + 8 + 4 + 8 + 12 + 4
)

const (
	historyVersion = 1
	historyContext = "gossterm/1 history\x00"
)

// A History is the lines that had scrolled off before a snapshot, sealed for the
// members of an epoch and signed by the host (PROTOCOL.md §5.3).
type History struct {
	Incarnation uint64 // the host's
	Epoch       uint32
	Seq         uint64 // of the first part of the snapshot that it goes before
	Nonce       [12]byte

	Cipher []byte // of a parsed history, a part of what was parsed
	Sig    [SigSize]byte
}

// ParseHistory reads a history. It checks the form only, and fails with
// ErrMalformed: see [VerifyHistory]. The history refers to b.
func ParseHistory(b []byte) (History, error) {
	if len(b) < historyHeader || b[0] != historyVersion {
		return History{}, fmt.Errorf("%w: a history of %d bytes", ErrMalformed, len(b))
	}
	h := History{
		Incarnation: binary.BigEndian.Uint64(b[1:]),
		Epoch:       binary.BigEndian.Uint32(b[9:]),
		Seq:         binary.BigEndian.Uint64(b[13:]),
		Nonce:       [12]byte(b[21:]),
	}
	n := uint64(binary.BigEndian.Uint32(b[33:]))
	if n < Overhead || n > MaxHistoryPlain+Overhead || uint64(len(b)) != historyHeader+n+SigSize {
		return History{}, fmt.Errorf("%w: ciphertext of %d bytes in a history of %d", ErrMalformed, n, len(b))
	}
	if h.Incarnation == 0 || h.Epoch == 0 || h.Seq == 0 {
		return History{}, fmt.Errorf("%w: incarnation %d, epoch %d, seq %d", ErrMalformed, h.Incarnation, h.Epoch, h.Seq)
	}
	end := historyHeader + int(n)
	h.Cipher = b[historyHeader:end:end]
	h.Sig = [SigSize]byte(b[end:])
	return h, nil
}

// VerifyHistory reports whether h was signed by host for topic. Who may not read it
// can check it.
func VerifyHistory(topic id.Topic, host id.Peer, h History) bool {
	return host.Verify(append(h.appendBound(nil, topic), h.Cipher...), h.Sig[:])
}

// Append appends the history as it is on the wire.
func (h History) Append(dst []byte) []byte {
	dst = append(h.appendHeader(dst), h.Cipher...)
	return append(dst, h.Sig[:]...)
}

// appendHeader appends what comes before the ciphertext.
func (h History) appendHeader(dst []byte) []byte {
	dst = append(dst, historyVersion)
	dst = binary.BigEndian.AppendUint64(dst, h.Incarnation)
	dst = binary.BigEndian.AppendUint32(dst, h.Epoch)
	dst = binary.BigEndian.AppendUint64(dst, h.Seq)
	dst = append(dst, h.Nonce[:]...)
	return binary.BigEndian.AppendUint32(dst, uint32(len(h.Cipher)))
}

// appendBound appends what signature and encryption are bound to.
func (h History) appendBound(dst []byte, topic id.Topic) []byte {
	dst = append(dst, historyContext...)
	return h.appendHeader(append(dst, topic[:]...))
}

// A Past seals and opens the histories of the host's incarnation in one epoch.
type Past struct {
	topic       id.Topic
	host        id.Peer
	incarnation uint64
	epoch       uint32
	aead        cipher.AEAD
}

// NewPast returns the Past of host's incarnation under the key of an epoch.
func NewPast(topic id.Topic, host id.Peer, incarnation uint64, epoch uint32, epochKey [32]byte) *Past {
	info := binary.BigEndian.AppendUint32([]byte(historyContext), epoch)
	info = binary.BigEndian.AppendUint64(info, incarnation)
	return &Past{topic, host, incarnation, epoch, NewAEAD(epochKey, topic, info)}
}

// Seal returns the history before the snapshot that begins with record seq as it is
// on the wire. Plain holds at most [MaxHistoryPlain] bytes. The nonce is drawn anew
// for each: what is sealed again for one seq need not be the same.
func (p *Past) Seal(secret id.Secret, seq uint64, nonce [12]byte, plain []byte) []byte {
	if seq == 0 || len(plain) > MaxHistoryPlain {
		panic(fmt.Sprintf("envelope: seal the history of seq %d, %d bytes", seq, len(plain)))
	}
	if secret.Peer() != p.host {
		panic("envelope: the secret is not the host's")
	}
	h := History{Incarnation: p.incarnation, Epoch: p.epoch, Seq: seq, Nonce: nonce}
	h.Cipher = make([]byte, len(plain)+Overhead) // for its length in the header
	bound := h.appendBound(nil, p.topic)
	h.Cipher = p.aead.Seal(h.Cipher[:0], nonce[:], plain, bound)
	h.Sig = [SigSize]byte(secret.Sign(append(bound, h.Cipher...)))
	return h.Append(make([]byte, 0, historyHeader+len(h.Cipher)+SigSize))
}

// Open returns what h holds, which must have been verified. It fails with ErrOther
// for another incarnation or epoch and with ErrSealed if the key does not fit.
func (p *Past) Open(h History) ([]byte, error) {
	if h.Incarnation != p.incarnation || h.Epoch != p.epoch {
		return nil, ErrOther
	}
	plain, err := p.aead.Open(nil, h.Nonce[:], h.Cipher, h.appendBound(nil, p.topic))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
