package envelope

import (
	"bytes"
	"reflect"
	"testing"
)

func FuzzParseHost(f *testing.F) {
	f.Add(hostWire())
	f.Add(newLog().Seal(host, 1, 1, 3, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ParseHost(b); err == nil && !bytes.Equal(r.Append(nil), b) {
			t.Errorf("%x is written as %x", b, r.Append(nil))
		}
	})
}

func FuzzParseInput(f *testing.F) {
	f.Add(inputWire())
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ParseInput(b); err == nil && !bytes.Equal(r.Append(nil), b) {
			t.Errorf("%x is written as %x", b, r.Append(nil))
		}
	})
}

func FuzzParseLog(f *testing.F) {
	f.Add(AppendLog(nil, allLogItems...))
	f.Add([]byte{200, 0, 1, 5})
	f.Add(new(Packer).Pack(outputOf(MaxItems)))
	f.Fuzz(func(t *testing.T, b []byte) {
		items, err := ParseLog(b)
		if err != nil {
			return
		}
		// Unknown items are gone, so the bytes may differ; what is known may not.
		plain := AppendLog(nil, items...)
		if len(plain) > MaxHostPlain { // they were packed
			return
		}
		again, err := ParseLog(plain)
		if err != nil || !reflect.DeepEqual(again, items) {
			t.Errorf("%x: %+v became %+v, %v", b, items, again, err)
		}
	})
}

func FuzzParseTyping(f *testing.F) {
	f.Add(Typing{Flushes: 3, Items: allInputItems}.Append(nil))
	f.Add(padded32(9, 0, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		if ty, err := ParseTyping(b); err == nil && !bytes.Equal(ty.Append(nil), b) {
			t.Errorf("%x is written as %x", b, ty.Append(nil))
		}
	})
}
