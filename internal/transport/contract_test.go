package transport

import (
	"strings"
	"testing"
)

// Frames of one class arrive in order and whole.
func TestOrder(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ab, _ := join(t, a, b)
		const n = 60
		for i := range uint64(n) {
			for c := Control; c <= Log; c++ {
				mustSend(t, ab, c, kindOf(c), numbered(i, 8+int(i)*10))
			}
		}
		var next [classes]uint64
		for range 3 * n {
			g := want[Got](t, b)
			if got := number(g.Body); got != next[g.Class] || len(g.Body) != 8+int(got)*10 || g.Kind != kindOf(g.Class) {
				t.Fatalf("%v: got frame %d of %d bytes, kind %d, want frame %d", g.Class, got, len(g.Body), g.Kind, next[g.Class])
			}
			next[g.Class]++
		}
	})
}

// fill sends frames numbered from 0 until there is no place, and returns how many

// found one.
func fill(t *testing.T, l *Link, c Class, size int) (n uint64) {
	t.Helper()
	for l.Send(c, kindOf(c), numbered(n, size)) {
		n++
		if got := l.Stats().Queued[c]; got > l.out[c].limit {
			t.Fatalf("%v: %d bytes queued, bound %d", c, got, l.out[c].limit)
		}
		if n*uint64(size) > 64<<20 {
			t.Fatal("the queue has no bound")
		}
	}
	return n
}

// A full queue says no, stays within its bound, and announces room once there is.
func TestRoom(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		for c := Control; c <= Log; c++ {
			a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
			ab, _ := join(t, a, b)
			n := fill(t, ab, c, 1000)
			for i := range n {
				if g := want[Got](t, b); number(g.Body) != i {
					t.Fatalf("%v: got %d, want %d", c, number(g.Body), i)
				}
			}
			if r := want[Room](t, a); r.Class != c || r.Link != ab {
				t.Errorf("got %+v, want room for %v", r, c)
			}
			mustSend(t, ab, c, kindOf(c), numbered(n, 1000))
			want[Got](t, b)
			w.settle()
			if len(a.inbox) > 0 {
				t.Errorf("%v: room twice", c)
			}
		}
	})
}

// Drop throws the log away; what is sent afterwards arrives, after what arrived

// of the old, and nothing arrives cut.
func TestDrop(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ab, _ := join(t, a, b)
		const fresh = 1 << 32
		const size = 5000
		for round := range uint64(20) {
			n := fill(t, ab, Log, size)
			before := ab.Stats().Dropped
			ab.Drop()
			dropped := int(ab.Stats().Dropped - before)
			if q := ab.Stats().Queued[Log]; q != 0 {
				t.Errorf("%d bytes queued after Drop", q)
			}
			for i := range uint64(10) {
				mustSend(t, ab, Log, Gossip, numbered(fresh+i, size))
			}
			var old, young uint64
			for young < 10 {
				g := want[Got](t, b)
				switch got := number(g.Body); {
				case len(g.Body) != size:
					t.Fatalf("frame of %d bytes", len(g.Body))
				case got == fresh+young:
					young++
				case got == old && young == 0:
					old++
				default:
					t.Fatalf("round %d: got %d after %d old and %d young", round, got, old, young)
				}
			}
			if gone := int(n-old) * (size + headSize); gone+batchSize < dropped { // a batch was in hand
				t.Errorf("%d bytes were dropped, but only %d did not arrive", dropped, gone)
			}
			want[Room](t, a)
		}
		if ab.Stats().Dropped == 0 {
			t.Error("nothing was ever dropped")
		}
		mustSend(t, ab, Control, Head, []byte("still here"))
		want[Got](t, b)
	})
}

// A Send that was refused gets its Room by Drop as well.
func TestRoomAfterDrop(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ab, _ := join(t, a, b)
		fill(t, ab, Log, 1000)
		ab.Drop()
		if r := want[Room](t, a); r.Class != Log {
			t.Errorf("room for %v", r.Class)
		}
	})
}

// The code and the reason of a close reach the other end, made fit for a terminal.
func TestCloseCode(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		for code := Left; code <= Late; code++ {
			a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
			ab, ba := join(t, a, b)
			ba.Close(code, "because\x1b[2J")
			ba.Close(Ended, "the first reason counts")
			down := want[Down](t, a)
			wantClosed(t, down.Err, code, true)
			if down.Link != ab || !strings.Contains(down.Err.Error(), "because[2J") {
				t.Errorf("got %+v", down)
			}
			wantClosed(t, want[Down](t, b).Err, code, false)
			if ab.Send(Control, Head, nil) || ba.Send(Control, Head, nil) {
				t.Error("a closed link takes frames")
			}
		}
	})
}

// A stranger's long frame breaks the protocol, whatever its end thinks.
func TestLongFrameBeforeProof(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ab := a.dialOK(t, b)
		want[Up](t, a)
		want[Up](t, b)
		mustSend(t, ab, Control, Hello, make([]byte, MaxUnproved-1))
		if g := want[Got](t, b); len(g.Body) != MaxUnproved-1 {
			t.Errorf("got %d bytes", len(g.Body))
		}
		mustSend(t, ab, Control, Hello, make([]byte, MaxUnproved))
		wantClosed(t, want[Down](t, b).Err, Violation, false)
		wantClosed(t, want[Down](t, a).Err, Violation, true)
	})
}

// Proof, a long Membership and the log come in one flight. The dialler gets the

// proof, and all else when it has judged it.
func TestTrustReleases(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ab := a.dialOK(t, b)
		want[Up](t, a)
		ba := want[Up](t, b).Link
		mustSend(t, ab, Input, InputKind, []byte("early"))
		w.settle()
		select {
		case ev := <-b.inbox:
			t.Fatalf("a stranger's input was delivered: %+v", ev)
		default:
		}
		ba.Trust()
		if g := want[Got](t, b); string(g.Body) != "early" {
			t.Errorf("got %q", g.Body)
		}
		mustSend(t, ba, Control, Proof, nil)
		mustSend(t, ba, Control, Membership, make([]byte, MaxControl-1))
		mustSend(t, ba, Log, Gossip, make([]byte, MaxRecord-1))
		if g := want[Got](t, a); g.Kind != Proof {
			t.Fatalf("got kind %d", g.Kind)
		}
		w.settle()
		select {
		case ev := <-a.inbox:
			t.Fatalf("got %T before Trust", ev)
		default:
		}
		ab.Trust()
		ab.Trust() // again is harmless
		sizes := map[byte]int{}
		for range 2 {
			g := want[Got](t, a)
			sizes[g.Kind] = len(g.Body)
		}
		if sizes[Membership] != MaxControl-1 || sizes[Gossip] != MaxRecord-1 {
			t.Errorf("got %v", sizes)
		}
	})
}

// Each thing a peer must not do costs it the link, and says so.
func TestViolations(t *testing.T) {
	long := appendFrame([]byte{byte(Log)}, Gossip, make([]byte, MaxRecord))
	tests := []struct {
		desc string
		do   func(*testing.T, conn, *end)
		want string
	}{{
		desc: "unknown class",
		do:   func(t *testing.T, c conn, b *end) { rawSend(t, c, Control, []byte{9}) },
		want: "class 9",
	}, {
		desc: "zero length",
		do:   func(t *testing.T, c conn, b *end) { rawSend(t, c, Control, []byte{1, 0, 0, 0, 0}) },
		want: "length zero",
	}, {
		desc: "absurd length",
		do:   func(t *testing.T, c conn, b *end) { rawSend(t, c, Control, []byte{1, 255, 255, 255, 255}) },
		want: "4294967295 bytes",
	}, {
		desc: "longer than the class allows",
		do:   func(t *testing.T, c conn, b *end) { rawSend(t, c, Log, long) },
		want: "20481 bytes on the log stream",
	}, {
		desc: "kind of another class",
		do:   func(t *testing.T, c conn, b *end) { rawSend(t, c, Control, appendFrame([]byte{1}, Gossip, nil)) },
		want: "kind 16 on the control stream",
	}, {
		desc: "unknown kind",
		do:   func(t *testing.T, c conn, b *end) { rawSend(t, c, Log, appendFrame([]byte{3}, 21, nil)) },
		want: "kind 21 on the log stream",
	}, {
		desc: "second input stream",
		do: func(t *testing.T, c conn, b *end) {
			rawSend(t, c, Input, appendFrame([]byte{2}, InputKind, nil))
			rawSend(t, c, Input, appendFrame([]byte{2}, InputKind, nil))
		},
		want: "second input stream",
	}, {
		desc: "control stream reset",
		do: func(t *testing.T, c conn, b *end) {
			s := rawSend(t, c, Control, append(appendFrame([]byte{1}, Head, nil), 0))
			want[Got](t, b) // its reader is there
			s.reset()
		},
		want: "control stream ended",
	}, {
		desc: "our stream is not read",
		do: func(t *testing.T, c conn, b *end) {
			in, err := c.accept(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			in.stop()
		},
		want: "does not read our log stream",
	}}
	eachNetwork(t, func(t *testing.T, w world) {
		for _, tt := range tests {
			a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
			c := a.raw(t, b)
			l := want[Up](t, b).Link
			l.Trust()
			mustSend(t, l, Log, Gossip, nil)
			tt.do(t, c, b)
			for {
				for l.Send(Log, Gossip, make([]byte, 9000)) {
				}
				ev := b.next(t)
				if down, ok := ev.(Down); ok {
					wantClosed(t, down.Err, Violation, false)
					if !strings.Contains(down.Err.Error(), tt.want) {
						t.Errorf("%s: got %q, want %q", tt.desc, down.Err, tt.want)
					}
					break
				}
			}
			for {
				in, err := c.accept(t.Context())
				if err != nil {
					wantClosed(t, err, Violation, true)
					break
				}
				in.stop()
			}
			c.close(Left, "")
		}
	})
}

// Each class carries all of its kinds.
func TestKindsOfGossip(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		ab, _ := join(t, a, b)
		for _, k := range []struct {
			class Class
			kind  byte
		}{{Control, Join}, {Control, Answer}, {Control, Probe}, {Control, History}, {Log, Gossip}, {Log, Pull}, {Input, InputKind}} {
			mustSend(t, ab, k.class, k.kind, []byte("x"))
			if g := want[Got](t, b); g.Class != k.class || g.Kind != k.kind {
				t.Errorf("got %+v, want kind %d", g, k.kind)
			}
		}
	})
}

// A link in full flow that ends says Down once and nothing after it.
func TestNothingAfterDown(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		for round := range 8 {
			a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
			ab, ba := join(t, a, b)
			for c := Control; c <= Log; c++ {
				fill(t, ab, c, 100)
			}
			for range 20 * round {
				want[Got](t, b)
			}
			ba.Close(Left, "")
			until[Down](t, b)
			until[Down](t, a)
			w.settle()
			for _, e := range []*end{a, b} {
				e.Close(Left)
				select {
				case ev := <-e.inbox:
					t.Errorf("%T after Down", ev)
				default:
				}
			}
		}
	})
}

// A new log stream takes over even if the old one was not reset: what the old one

// delivered comes first, and whole.
func TestNewLogStreamSupersedes(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		c := a.raw(t, b)
		want[Up](t, b).Link.Trust()
		old, young := []byte{byte(Log)}, []byte{byte(Log)}
		for i := range uint64(20) {
			old = appendFrame(old, Gossip, numbered(i, 8))
			young = appendFrame(young, Gossip, numbered(100+i, 8))
		}
		first := rawSend(t, c, Log, append(old, 0, 0)) // and a cut frame
		w.settle()                                     // its reader waits for the inbox
		if g := want[Got](t, b); number(g.Body) != 0 {
			t.Fatalf("got %d", number(g.Body))
		}
		rawSend(t, c, Log, young)
		w.settle()
		for last := uint64(0); last != 119; {
			got := number(want[Got](t, b).Body)
			if got != last+1 && got != 100 {
				t.Fatalf("got %d after %d", got, last)
			}
			last = got
		}
		for err := error(nil); err != errStopped; { // the old one is not read any more
			_, err = first.Write(make([]byte, batchSize))
		}
		c.close(Left, "")
	})
}

// A log stream that was overtaken by a later one on its way has no turn any more.
func TestOldLogStreamIsLate(t *testing.T) {
	eachNetwork(t, func(t *testing.T, w world) {
		a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
		c := a.raw(t, b)
		want[Up](t, b).Link.Trust()
		old, err := c.open(t.Context(), Log)
		if err != nil {
			t.Fatal(err)
		}
		young := rawSend(t, c, Log, appendFrame([]byte{byte(Log)}, Gossip, []byte("young")))
		want[Got](t, b)
		for frame := appendFrame([]byte{byte(Log)}, Gossip, []byte("old")); err != errStopped; {
			_, err = old.Write(frame)
		}
		if _, err := young.Write(appendFrame(nil, Gossip, []byte("younger"))); err != nil {
			t.Fatal(err)
		}
		if g := want[Got](t, b); string(g.Body) != "younger" {
			t.Errorf("got %q", g.Body)
		}
		c.close(Left, "")
	})
}
