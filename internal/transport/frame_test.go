package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
)

func anyLength(int) error { return nil }

// A frame that is read is the one that was written; anything else is a violation,
// an end, or what the stream said, and never takes more memory than it may.
func FuzzReadFrame(f *testing.F) {
	for c := Control; c <= Log; c++ {
		f.Add(byte(c), appendFrame(nil, kindOf(c), []byte("body")))
	}
	f.Add(byte(Control), []byte{0, 0, 0, 0, 1})
	f.Add(byte(Log), []byte{255, 255, 255, 255, 16})
	f.Fuzz(func(t *testing.T, class byte, in []byte) {
		c := Class(class%byte(classes-1)) + Control
		r := bytes.NewReader(in)
		for {
			at := len(in) - r.Len()
			kind, body, err := readFrame(r, c, anyLength)
			ce, broken := errors.AsType[*CloseError](err)
			switch {
			case err == io.EOF && at == len(in):
				return
			case broken && ce.Code == Violation:
				return
			case err != nil:
				t.Fatalf("at %d of %d: %v", at, len(in), err)
			}
			again := appendFrame(nil, kind, body)
			if !bytes.Equal(again, in[at:len(in)-r.Len()]) {
				t.Fatalf("read %x from %x", again, in)
			}
			if !belongs(c, kind) || len(again)-lengthSize > maxFrame(c) {
				t.Fatalf("kind %d of %d bytes passed as %v", kind, len(again), c)
			}
		}
	})
}

// The length is judged before memory is taken for it.
func TestLengthIsJudgedFirst(t *testing.T) {
	no := errors.New("no")
	var head [lengthSize]byte
	binary.BigEndian.PutUint32(head[:], MaxUnproved+1)
	_, _, err := readFrame(bytes.NewReader(head[:]), Control, func(n int) error {
		if n != MaxUnproved+1 {
			t.Errorf("asked about %d bytes", n)
		}
		return no
	})
	if err != no {
		t.Errorf("got %v", err)
	}
}
