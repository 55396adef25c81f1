package main

import (
	"encoding/binary"
)

// A kind says what a record of the benchmark is.
type kind byte

const (
	message  kind = 1 // one of a run, with the time it was sent
	snapshot kind = 2 // where a log may start: what of the present run came before
	end      kind = 3 // a run is over
)

const (
	// headSize is what every payload begins with, and the least size of a message.
	headSize = 1 + 4 + 4 + 8
	// snapshotSize is about what a snapshot of a full screen of 80x24 takes.
	snapshotSize = 4 << 10
)

// A payload is what a record of the host's log carries: no session, only what can
// be counted and timed.
type payload struct {
	kind  kind
	run   uint32
	index uint32 // of a message, from 0; else how many messages the run has by now
	stamp int64  // of a message: CLOCK_MONOTONIC when it was sent, in nanoseconds
	over  bool   // of a snapshot: the run is over
}

// encode returns p in size bytes, or in as many as it needs.
func (p payload) encode(size int) []byte {
	b := make([]byte, 0, max(size, headSize))
	b = append(b, byte(p.kind))
	b = binary.BigEndian.AppendUint32(b, p.run)
	b = binary.BigEndian.AppendUint32(b, p.index)
	stamp := p.stamp
	if p.over {
		stamp = 1
	}
	b = binary.BigEndian.AppendUint64(b, uint64(stamp))
	return b[:cap(b)]
}

// decode reads a payload and reports whether it is one.
func decode(b []byte) (p payload, ok bool) {
	if len(b) < headSize {
		return p, false
	}
	p.kind, p.run, p.index = kind(b[0]), binary.BigEndian.Uint32(b[1:]), binary.BigEndian.Uint32(b[5:])
	p.stamp = int64(binary.BigEndian.Uint64(b[9:]))
	switch p.kind {
	case snapshot:
		p.over, p.stamp = p.stamp != 0, 0
	case message, end:
	default:
		return payload{}, false
	}
	return p, true
}
