package screen

import (
	"bytes"
	"testing"
)

// A terminal's window is dragged: narrower and wider again, with a full past.
func BenchmarkResize(b *testing.B) {
	for _, c := range []struct {
		name string
		text []byte
	}{{"text", plainText()}, {"endless line", bytes.Repeat([]byte("endless "), 200_000)}} {
		b.Run(c.name, func(b *testing.B) {
			s := New(120, 40)
			s.KeepScrolled(true)
			s.Write(c.text)
			b.ReportAllocs()
			for b.Loop() {
				s.Resize(70, 30)
				s.Resize(120, 40)
			}
		})
	}
}
