package transport

import "testing"

// One 64-byte record there and one back, one after the other.
func BenchmarkRoundTrip(b *testing.B) {
	w := world{name: "quic", listen: listenLoopback}
	x, y := newEnd(b, w, Config{}), newEnd(b, w, Config{})
	xy, _ := join(b, x, y)
	body := make([]byte, 64)
	go func() {
		for ev := range y.inbox {
			if g, ok := ev.(Got); ok {
				g.Link.Send(Input, InputKind, g.Body)
			}
			if _, ok := ev.(Down); ok {
				return
			}
		}
	}()
	for b.Loop() {
		xy.Send(Input, InputKind, body)
		<-x.inbox
	}
	xy.Close(Left, "")
}

// The log in full flow, in records of 16 KiB.
func BenchmarkBulk(b *testing.B) {
	w := world{name: "quic", listen: listenLoopback}
	x, y := newEnd(b, w, Config{}), newEnd(b, w, Config{})
	xy, _ := join(b, x, y)
	body := make([]byte, 16<<10)
	b.SetBytes(int64(len(body)))
	done := make(chan struct{})
	count := b.N
	b.ResetTimer()
	go func() {
		defer close(done)
		for n := 0; n < count; n++ {
			<-y.inbox
		}
	}()
	for n := 0; n < count; {
		if xy.Send(Log, Gossip, body) {
			n++
			continue
		}
		<-x.inbox // Room
	}
	<-done
}
