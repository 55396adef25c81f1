package member

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"gossterm/internal/id"
)

// ProofSize is the size of a proof in bytes.
const ProofSize = 32

// ExporterLabel is what the TLS exporter of a link is asked for: 32 bytes, without
// context (PROTOCOL.md §4.1).
const ExporterLabel = "EXPORTER-gossterm/1 admit"

// A Side is one end of a link.
type Side uint8

// The sides, as a proof has them.
const (
	Dialler  Side = 1
	Acceptor Side = 2
)

// A Hop is the one link that a proof holds for. The exporter's value is of this
// TLS connection alone, so a proof cannot be carried to another.
type Hop struct {
	Topic    id.Topic
	Dialler  id.Peer
	Acceptor id.Peer
	Exporter []byte
}

// Prove returns the proof, by the given side, of holding a ticket (§4.1).
func (h Hop) Prove(admitKey [32]byte, side Side) [ProofSize]byte {
	m := hmac.New(sha256.New, admitKey[:])
	m.Write([]byte("gossterm/1 hop\x00"))
	m.Write([]byte{byte(side)})
	m.Write(h.Topic[:])
	m.Write(h.Dialler[:])
	m.Write(h.Acceptor[:])
	m.Write(h.Exporter)
	return [ProofSize]byte(m.Sum(nil))
}

// Check reports, in constant time, whether proof is that of the given side.
func (h Hop) Check(admitKey [32]byte, side Side, proof []byte) bool {
	want := h.Prove(admitKey, side)
	return hmac.Equal(want[:], proof)
}

// answer checks a Hello and returns the Proof that answers it. It fails with
// ErrMalformed or a *Refusal.
func (h Hop) answer(admitKey [32]byte, hello []byte) (Hello, [ProofSize]byte, error) {
	v, err := ParseHello(hello)
	if err != nil {
		return Hello{}, [ProofSize]byte{}, err
	}
	if !h.Check(admitKey, Dialler, v.Proof[:]) {
		return Hello{}, [ProofSize]byte{}, &Refusal{Refused, "the proof of the ticket is wrong"}
	}
	return v, h.Prove(admitKey, Acceptor), nil
}

// checkAnswer checks the proof that answered a Hello. It fails with ErrForged.
func (h Hop) checkAnswer(admitKey [32]byte, proof []byte) error {
	if !h.Check(admitKey, Acceptor, proof) {
		return fmt.Errorf("%w proof of %s", ErrForged, h.Acceptor.Tag())
	}
	return nil
}

// A Hello is the first frame of a link (§4.1).
type Hello struct {
	Proof  [ProofSize]byte
	Have   uint64 // the host's log is here through this seq; 0 is nothing
	Sealed []byte // the join request, for the host alone; empty if the host dials
}

// ParseHello reads a Hello, which refers to b. It fails with ErrMalformed.
func ParseHello(b []byte) (Hello, error) {
	r := reader{b: b}
	h := Hello{Proof: [ProofSize]byte(r.take(ProofSize)), Have: r.u64()}
	n := int(r.u16())
	if n > maxSealed {
		return Hello{}, fmt.Errorf("hello: %w: join request of %d bytes", ErrMalformed, n)
	}
	h.Sealed = r.take(n)
	if len(r.b) != 0 {
		return Hello{}, fmt.Errorf("hello: %w: %d bytes too many", ErrMalformed, len(r.b))
	}
	if err := r.err("hello"); err != nil {
		return Hello{}, err
	}
	return h, nil
}

// Append appends h as it is on the wire.
func (h Hello) Append(dst []byte) []byte {
	dst = append(dst, h.Proof[:]...)
	dst = binary.BigEndian.AppendUint64(dst, h.Have)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(h.Sealed)))
	return append(dst, h.Sealed...)
}
