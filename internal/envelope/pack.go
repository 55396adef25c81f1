package envelope

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	// packLeast is the shortest plaintext that is packed: a shorter record is one packet
	// as it is, and what is echoed to somebody who types is one.
	packLeast = 1200
	// packRest is how many plaintexts are not tried after one that gained less than an
	// eighth: a program that prints what cannot be packed goes on doing so.
	packRest = 16
	// packedHead is the length of what is packed, before the stream.
	packedHead = 2
)

// A Packer packs the plaintexts of one log (PROTOCOL.md §5.1). Its memory, some 1 MiB,
// is taken when the first is long enough. The zero value is ready to use.
type Packer struct {
	w    *flate.Writer
	out  bytes.Buffer
	rest int // how many more are not tried
}

// Pack returns a plaintext of at most [MaxItems] bytes as one item that holds all of
// it, if that is much shorter, else the plaintext. It is valid until the next call.
func (p *Packer) Pack(plain []byte) []byte {
	switch {
	case len(plain) < packLeast:
		return plain
	case p.rest > 0:
		p.rest--
		return plain
	}
	p.out.Reset()
	p.out.Write(binary.BigEndian.AppendUint16([]byte{kindPacked, 0, 0}, uint16(len(plain))))
	if p.w == nil {
		p.w, _ = flate.NewWriter(&p.out, flate.BestSpeed) // it fails for a level that there is not
	} else {
		p.w.Reset(&p.out)
	}
	p.w.Write(plain) // to memory, as Close
	p.w.Close()
	packed := p.out.Bytes()
	if len(packed) > len(plain)-len(plain)/8 {
		p.rest = packRest
		return plain
	}
	binary.BigEndian.PutUint16(packed[1:], uint16(len(packed)-ItemHeader))
	return packed
}

// unpack returns the items that plain holds: itself, if it is not packed. To read a
// stream takes some 40 KiB for that long.
func unpack(plain []byte) ([]byte, error) {
	if len(plain) == 0 || plain[0] != kindPacked {
		return plain, nil
	}
	_, value, rest, err := nextItem(plain)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 || len(value) < packedHead {
		return nil, fmt.Errorf("%w: %d bytes packed, %d behind them", ErrMalformed, len(value), len(rest))
	}
	from := bytes.NewReader(value[packedHead:])
	r := flate.NewReader(from)
	items := make([]byte, binary.BigEndian.Uint16(value))
	if _, err := io.ReadFull(r, items); err != nil {
		return nil, fmt.Errorf("%w: packed: %w", ErrMalformed, err)
	}
	if n, err := r.Read(make([]byte, 1)); n > 0 || err != io.EOF || from.Len() > 0 {
		return nil, fmt.Errorf("%w: packed, and more", ErrMalformed)
	}
	return items, nil
}

// ItemsSize returns how many bytes the items of a plaintext take, as it says.
func ItemsSize(plain []byte) int {
	if len(plain) < ItemHeader+packedHead || plain[0] != kindPacked {
		return len(plain)
	}
	return int(binary.BigEndian.Uint16(plain[ItemHeader:]))
}
