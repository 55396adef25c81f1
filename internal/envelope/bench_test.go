package envelope

import (
	"fmt"
	"testing"
)

func BenchmarkHost(b *testing.B) {
	for _, n := range []int{256, MaxHostPlain} {
		l, plain := newLog(), make([]byte, n)
		r, err := ParseHost(l.Seal(host, 1, 0, 0, plain))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("Seal/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Seal(host, 1, 0, 0, plain)
			}
		})
		b.Run(fmt.Sprintf("Verify/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !Verify(topic, host.Peer(), hostLife, r) {
					b.Fatal("not verified")
				}
			}
		})
		b.Run(fmt.Sprintf("Open/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := l.Open(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkInput(b *testing.B) {
	in := newInput()
	for b.Loop() {
		r, err := ParseInput(in.Seal(member, 1, inputPlain))
		if err != nil || !Verify(topic, member.Peer(), memberLife, r) {
			b.Fatal("not verified")
		}
		if _, err := in.Open(r); err != nil {
			b.Fatal(err)
		}
	}
}
