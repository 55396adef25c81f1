package lan

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"gossterm/internal/id"
)

// Sizes of PROTOCOL.md §10. A query is longer than its answer, so that nobody is hit
// by more than what was sent in his name.
const (
	queryNonceSize = 16
	tagSize        = 16
	querySize      = 72
	answerSize     = 54
	queryMagic     = "gsq1"
	answerMagic    = "gsa1"

	maxName    = 32
	maxText    = 1 << 10 // of a ticket or a reason, in bytes
	maxMessage = 1 + maxText
)

// errMessage reports a message that is not as PROTOCOL.md §10 wants it.
var errMessage = errors.New("malformed message")

type queryNonce [queryNonceSize]byte

// A query asks who is called by the name of which it holds a hash.
type query struct {
	nonce queryNonce
	tag   [tagSize]byte
}

// queryFor returns a query for a name.
func queryFor(n queryNonce, name string) query {
	h := sha256.New()
	h.Write([]byte(tagContext))
	h.Write(n[:])
	h.Write([]byte(name))
	return query{n, [tagSize]byte(h.Sum(nil))}
}

func (q query) append(dst []byte) []byte {
	dst = append(dst, queryMagic...)
	dst = append(dst, q.nonce[:]...)
	dst = append(dst, q.tag[:]...)
	return append(dst, make([]byte, querySize-len(queryMagic)-queryNonceSize-tagSize)...)
}

// parseQuery reads what append writes and nothing else.
func parseQuery(b []byte) (query, bool) {
	if len(b) != querySize || !bytes.HasPrefix(b, []byte(queryMagic)) {
		return query{}, false
	}
	b = b[len(queryMagic):]
	q := query{nonce: queryNonce(b), tag: [tagSize]byte(b[queryNonceSize:])}
	for _, zero := range b[queryNonceSize+tagSize:] {
		if zero != 0 {
			return query{}, false
		}
	}
	return q, true
}

// An answer says whose the name is and at which port its door is.
type answer struct {
	nonce queryNonce
	host  id.Peer
	port  uint16
}

func (a answer) append(dst []byte) []byte {
	dst = append(dst, answerMagic...)
	dst = append(dst, a.nonce[:]...)
	dst = append(dst, a.host[:]...)
	return binary.BigEndian.AppendUint16(dst, a.port)
}

// parseAnswer reads what append writes, of a key that can be used and a port.
func parseAnswer(b []byte) (answer, bool) {
	if len(b) != answerSize || !bytes.HasPrefix(b, []byte(answerMagic)) {
		return answer{}, false
	}
	b = b[len(answerMagic):]
	a := answer{
		nonce: queryNonce(b),
		host:  id.Peer(b[queryNonceSize:]),
		port:  binary.BigEndian.Uint16(b[queryNonceSize+len(id.Peer{}):]),
	}
	return a, a.port != 0 && a.host.Valid()
}

// A knock is the joiner's first message.
type knock struct {
	commitment [commitSize]byte
	role       id.Role
	name       string
}

func (k knock) append(dst []byte) []byte {
	dst = append(dst, k.commitment[:]...)
	dst = append(dst, byte(k.role), byte(len(k.name)))
	return append(dst, k.name...)
}

func parseKnock(b []byte) (knock, error) {
	if len(b) < commitSize+2 {
		return knock{}, errMessage
	}
	k := knock{commitment: [commitSize]byte(b), role: id.Role(b[commitSize]), name: string(b[commitSize+2:])}
	if !k.role.Valid() || len(k.name) != int(b[commitSize+1]) || len(k.name) > maxName {
		return knock{}, errMessage
	}
	return k, nil
}

// Codes of the host's last message.
const (
	codeIn      = 0
	codeRefused = 2
	codeLate    = 3
)

// appendVerdict writes a ticket, or, if err is not nil, why there is none.
func appendVerdict(dst []byte, ticket string, err error) []byte {
	code, text := byte(codeIn), ticket
	if err != nil {
		code, text = codeRefused, "it could not ask"
		if r, ok := errors.AsType[*Refusal](err); ok {
			text = r.Reason
			if r.Late {
				code = codeLate
			}
		}
	}
	return append(append(dst, code), text[:min(len(text), maxText)]...)
}

// parseVerdict returns the ticket, or a *Refusal.
func parseVerdict(b []byte) (string, error) {
	if len(b) < 1 {
		return "", errMessage
	}
	switch code, text := b[0], string(b[1:]); code {
	case codeIn:
		return text, nil
	case codeRefused, codeLate:
		return "", &Refusal{Late: code == codeLate, Reason: text}
	}
	return "", errMessage
}

// writeMessage writes one message of the door, at once.
func writeMessage(w io.Writer, b []byte) error {
	_, err := w.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
	return err
}

// readMessage reads one message of at most most bytes.
func readMessage(r io.Reader, most int) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(head[:]))
	if n > most {
		return nil, fmt.Errorf("%w: %d bytes", errMessage, n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	return b, nil
}

// readNonce reads a message that is a nonce.
func readNonce(r io.Reader) (nonce, error) {
	b, err := readMessage(r, nonceSize)
	if err != nil {
		return nonce{}, err
	}
	if len(b) != nonceSize {
		return nonce{}, errMessage
	}
	return nonce(b), nil
}
