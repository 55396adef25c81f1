package transport

import (
	"encoding/binary"
	"fmt"
	"io"
)

// A Class names what a stream carries (PROTOCOL.md §3).
type Class uint8

// The classes, and the first byte of a stream of each.
const (
	Control Class = 1 // hello, proof, welcome, membership, head, leave, views, requests, history
	Input   Class = 2 // records of members' logs
	Log     Class = 3 // records of the host's log
)

// classes is the number of classes plus one: arrays are indexed by Class.
const classes = int(Log) + 1

// String returns the name of c as PROTOCOL.md writes it.
func (c Class) String() string {
	switch c {
	case Control:
		return "control"
	case Input:
		return "input"
	case Log:
		return "log"
	}
	return fmt.Sprintf("class %d", uint8(c))
}

// The kinds of frames (PROTOCOL.md §3).
const (
	Hello      byte = 1
	Proof      byte = 2
	Welcome    byte = 3
	Membership byte = 4
	Head       byte = 5
	Leave      byte = 6
	Join       byte = 7 // the first of gossip's on the control stream
	Answer     byte = 15
	Gossip     byte = 16 // the first on the log stream
	Pull       byte = 20
	Probe      byte = 24
	History    byte = 25
	Paths      byte = 26 // the transport's own
	InputKind  byte = 32 // Input in §3; the class has that name here
)

// Sizes of frames in bytes, kind and body, without the length before them (PROTOCOL.md §3).
const (
	MaxUnproved = 4 << 10   // before the peer is proved
	MaxControl  = 256 << 10 // afterwards, on the control stream
	MaxRecord   = 20 << 10  // afterwards, on the input and log streams

	lengthSize = 4
	headSize   = lengthSize + 1 // length and kind
)

// maxFrame returns how long a frame of class c may be.
func maxFrame(c Class) int {
	if c == Control {
		return MaxControl
	}
	return MaxRecord
}

// belongs reports whether PROTOCOL.md §3 lists kind under class c.
func belongs(c Class, kind byte) bool {
	switch c {
	case Control:
		return kind >= Hello && kind <= Answer || kind == Probe || kind == History || kind == Paths
	case Input:
		return kind == InputKind
	case Log:
		return kind >= Gossip && kind <= Pull
	}
	return false
}

// readFrame reads one frame of class c from r. Before it takes memory for the
// body it asks allow about the length; allow's error is returned as it is.
//
// It returns io.EOF if r ends before the frame, a *CloseError with Violation if
// the frame breaks §3 or r ends within it, and r's error otherwise.
func readFrame(r io.Reader, c Class, allow func(size int) error) (kind byte, body []byte, err error) {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:lengthSize]); err != nil {
		return 0, nil, cut(c, err)
	}
	size := binary.BigEndian.Uint32(head[:lengthSize])
	if size == 0 {
		return 0, nil, violation("a frame of length zero on the %v stream", c)
	}
	if uint64(size) > uint64(maxFrame(c)) {
		return 0, nil, violation("a frame of %d bytes on the %v stream", size, c)
	}
	if err := allow(int(size)); err != nil {
		return 0, nil, err
	}
	if _, err := io.ReadFull(r, head[lengthSize:]); err != nil {
		return 0, nil, inside(c, err)
	}
	kind = head[lengthSize]
	if !belongs(c, kind) {
		return 0, nil, violation("a frame of kind %d on the %v stream", kind, c)
	}
	body = make([]byte, size-1)
	if _, err := io.ReadFull(r, body); err != nil {
		return 0, nil, inside(c, err)
	}
	return kind, body, nil
}

// cut turns an end within a frame into a violation; io.EOF before it stays.
func cut(c Class, err error) error {
	if err == io.ErrUnexpectedEOF {
		return violation("the %v stream ended within a frame", c)
	}
	return err
}

// inside is cut where even io.EOF is within the frame.
func inside(c Class, err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return cut(c, err)
}

// appendFrame appends one frame to b.
func appendFrame(b []byte, kind byte, body []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(1+len(body)))
	b = append(b, kind)
	return append(b, body...)
}
