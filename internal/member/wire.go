package member

import (
	"encoding/binary"
	"errors"
	"fmt"

	"gossterm/internal/id"
)

// ErrMalformed reports bytes that are not the object they should be.
var ErrMalformed = errors.New("malformed")

// ErrForged reports an object whose proof or signature is not that of who should
// have made it, for this session.
var ErrForged = errors.New("forged")

const sigSize = 64

// A reader takes fields off the front of b. A field that is not there is zero and
// sets cut, which is looked at once, at the end.
type reader struct {
	b   []byte
	cut bool
}

func (r *reader) take(n int) []byte {
	if len(r.b) < n {
		r.b, r.cut = nil, true
		return make([]byte, n)
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) u8() uint8     { return r.take(1)[0] }
func (r *reader) u16() uint16   { return binary.BigEndian.Uint16(r.take(2)) }
func (r *reader) u32() uint32   { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) u64() uint64   { return binary.BigEndian.Uint64(r.take(8)) }
func (r *reader) peer() id.Peer { return id.Peer(r.take(32)) }

// name takes a bytes8 of at most MaxName bytes.
func (r *reader) name() string {
	n := int(r.u8())
	if n > MaxName {
		r.b, r.cut = nil, true
		return ""
	}
	return string(r.take(n))
}

// err returns what is wrong with what was read as an object of that kind.
func (r *reader) err(kind string) error {
	if r.cut {
		return fmt.Errorf("%s: %w: cut or a length too large", kind, ErrMalformed)
	}
	return nil
}

func appendName(dst []byte, name string) []byte {
	return append(append(dst, byte(len(name))), name...)
}

// bound returns what a signature or key of context covers: the context, the topic
// and the fields.
func bound(context string, topic id.Topic, fields ...[]byte) []byte {
	b := append([]byte(context), topic[:]...)
	for _, f := range fields {
		b = append(b, f...)
	}
	return b
}

// be64 returns the 8 bytes of v.
func be64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }
