package envelope

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// outputOf returns a plaintext of n bytes, an output of lines.
func outputOf(n int) []byte {
	data := []byte(strings.Repeat("drwxr-xr-x 2 root root 4096 Nov 23 15:00 a\r\n", n/40+1))
	return AppendLog(nil, Output{data[:n-ItemHeader]})
}

// noise returns a plaintext of n bytes, an output that cannot be packed.
func noise(n int) []byte {
	data := make([]byte, n-ItemHeader)
	rand.NewChaCha8([32]byte{1}).Read(data)
	return AppendLog(nil, Output{data})
}

// What is packed is short, one item, and read as what it was.
func TestPack(t *testing.T) {
	var p Packer
	for _, n := range []int{packLeast, 4096, MaxHostPlain, MaxItems} {
		plain := outputOf(n)
		packed := p.Pack(plain)
		if len(packed) > n/5 || packed[0] != kindPacked || int(binary.BigEndian.Uint16(packed[1:])) != len(packed)-ItemHeader {
			t.Fatalf("%d bytes become %d: % x", n, len(packed), packed[:8])
		}
		if got := ItemsSize(packed); got != n {
			t.Errorf("%d bytes packed are said to be %d", n, got)
		}
		want, err := ParseLog(packed)
		if err != nil {
			t.Fatal(err)
		}
		if got := AppendLog(nil, want...); !bytes.Equal(got, plain) {
			t.Errorf("%d bytes come back as %d others", n, len(got))
		}
	}
}

// Several items are packed as one, and what packs badly is left as it is, untried for a
// while.
func TestPackOrNot(t *testing.T) {
	var p Packer
	items := []LogItem{Output{bytes.Repeat([]byte("y\r\n"), 800)}, Acks{Flushes: 2, Authors: []Ack{{Author: member.Peer(), Incarnation: 3, Through: 9}}}}
	got, err := ParseLog(p.Pack(AppendLog(nil, items...)))
	if err != nil || !reflect.DeepEqual(got, items) {
		t.Errorf("got %v, %v", got, err)
	}
	if short := outputOf(packLeast - 1); !bytes.Equal(p.Pack(short), short) {
		t.Error("a short plaintext is packed")
	}
	for range 2 {
		if n := noise(4096); !bytes.Equal(p.Pack(n), n) {
			t.Fatal("noise is packed")
		}
		for i := range packRest {
			if full := outputOf(4096); !bytes.Equal(p.Pack(full), full) {
				t.Fatalf("the %d. after noise is tried", i+1)
			}
		}
		if full := outputOf(4096); len(p.Pack(full)) == len(full) {
			t.Fatal("nothing is packed any more")
		}
	}
}

// packedOf returns a packed item that says n, of a stream.
func packedOf(n int, stream []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{kindPacked}, uint16(packedHead+len(stream)))
	return append(binary.BigEndian.AppendUint16(b, uint16(n)), stream...)
}

func deflated(plain []byte) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	w.Write(plain)
	w.Close()
	return b.Bytes()
}

func TestBadlyPacked(t *testing.T) {
	plain := outputOf(2000)
	stream := deflated(plain)
	if items, err := ParseLog(packedOf(2000, stream)); err != nil || len(items) != 1 {
		t.Fatalf("what is well packed: %v, %v", items, err)
	}
	for _, c := range []struct {
		desc string
		in   []byte
	}{
		{"too few bytes", packedOf(2001, stream)},
		{"too many", packedOf(1999, stream)},
		{"a stream cut", packedOf(2000, stream[:len(stream)-1])},
		{"something behind the stream", packedOf(2000, append(bytes.Clone(stream), 0))},
		{"no stream", packedOf(2000, nil)},
		{"no length", []byte{kindPacked, 0, 1, 9}},
		{"a wrong stream", packedOf(2000, bytes.Repeat([]byte{0xff}, 40))},
		{"items cut", packedOf(1000, deflated(plain[:1000]))},
		{"an item behind", append(packedOf(2000, stream), AppendLog(nil, End{1})...)},
		{"an item before", append(AppendLog(nil, End{1}), packedOf(2000, stream)...)},
		{"packed twice", packedOf(len(packedOf(2000, stream)), deflated(packedOf(2000, stream)))},
		{"the item cut", packedOf(2000, stream)[:40]},
	} {
		if items, err := ParseLog(c.in); !errors.Is(err, ErrMalformed) || items != nil {
			t.Errorf("%s: got %v, %v", c.desc, items, err)
		}
	}
}

func BenchmarkPack(b *testing.B) {
	for _, c := range []struct {
		name  string
		plain []byte
	}{
		{"yes", AppendLog(nil, Output{bytes.Repeat([]byte("y\r\n"), 5000)})},
		{"lines", outputOf(MaxHostPlain)},
		{"noise", noise(MaxHostPlain)},
	} {
		b.Run(fmt.Sprint("Pack/", c.name), func(b *testing.B) {
			var p Packer
			b.SetBytes(int64(len(c.plain)))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				p.rest = 0
				n = len(p.Pack(c.plain))
			}
			b.ReportMetric(float64(n)/float64(len(c.plain)), "of-size")
		})
		b.Run(fmt.Sprint("Parse/", c.name), func(b *testing.B) {
			var p Packer
			packed := p.Pack(c.plain)
			b.SetBytes(int64(len(c.plain)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseLog(packed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
