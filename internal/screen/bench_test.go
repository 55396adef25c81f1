package screen

import (
	"bytes"
	"fmt"
	"testing"
)

const benchChunk = 16 << 10 // as much as a read of a PTY gives at most, nearly

func benchWrite(b *testing.B, s *Screen, data []byte) {
	s.Write(data) // what is made once is made now
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		for p := data; len(p) > 0; {
			n := min(len(p), benchChunk)
			s.Write(p[:n])
			p = p[n:]
		}
	}
}

func plainText() []byte {
	var text bytes.Buffer
	for i := range 8000 {
		fmt.Fprintf(&text, "%6d  the quick brown fox jumps over the lazy dog, again and again%*s\r\n", i, i%20, "")
	}
	return text.Bytes()
}

// Plain text that scrolls: cat of a big file.
func BenchmarkWritePlain(b *testing.B) { benchWrite(b, New(120, 40), plainText()) }

// The same for a viewer's model, which keeps what scrolls off.
func BenchmarkWritePlainKept(b *testing.B) {
	s := New(120, 40)
	s.KeepScrolled(true)
	benchWrite(b, s, plainText())
}

// What the recorded programs write, one after the other.
func BenchmarkWriteMixed(b *testing.B) {
	var all []byte
	for _, r := range recordings(b) {
		all = append(all, r.data...)
	}
	benchWrite(b, New(120, 40), all)
}

func BenchmarkSnapshot(b *testing.B) {
	for _, r := range recordings(b) {
		b.Run(r.name, func(b *testing.B) {
			s := fed(r.cols, r.rows, r.data[:len(r.data)*3/4])
			b.ReportAllocs()
			for b.Loop() {
				b.ReportMetric(float64(len(s.Snapshot())), "bytes")
			}
		})
	}
}

func BenchmarkFrame(b *testing.B) {
	s := fed(120, 40, plainText())
	var f Frame
	b.ReportAllocs()
	for b.Loop() {
		s.Frame(&f)
	}
}
