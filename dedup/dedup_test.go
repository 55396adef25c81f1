package dedup

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"
)

type in struct {
	seq  uint64
	body string
}

// drain takes all that is next and joins it.
func drain(w *Window) string {
	var b strings.Builder
	for {
		f, ok := w.Next()
		if !ok {
			return b.String()
		}
		b.Write(f.Take())
	}
}

func TestWindow(t *testing.T) {
	for _, tt := range []struct {
		desc string
		in   []in
		want string
		last Verdict
	}{{
		desc: "repeat is dropped",
		in:   []in{{1, "l"}, {1, "l"}, {2, "s"}, {1, "l"}},
		want: "ls", last: Seen,
	}, {
		desc: "early is held until its turn",
		in:   []in{{3, "c"}, {2, "b"}, {1, "a"}},
		want: "abc", last: Ready,
	}, {
		desc: "early and repeated is held once",
		in:   []in{{2, "b"}, {2, "x"}, {1, "a"}, {2, "x"}},
		want: "ab", last: Seen,
	}, {
		desc: "identical bodies are different records",
		in:   []in{{1, "a"}, {2, "a"}, {3, "a"}},
		want: "aaa", last: Ready,
	}, {
		desc: "a gap is not skipped",
		in:   []in{{1, "a"}, {3, "c"}},
		want: "a", last: Held,
	}, {
		desc: "a far number does not move the window",
		in:   []in{{1 << 63, "x"}, {Ahead + 1, "y"}, {1, "a"}, {Ahead + 3, "y"}},
		want: "a", last: TooFar,
	}, {
		desc: "the last place ahead is held",
		in:   []in{{1, "a"}, {Ahead + 1, "y"}},
		want: "a", last: Held,
	}, {
		desc: "zero is no number",
		in:   []in{{0, "x"}},
		want: "", last: Seen,
	}, {
		desc: "an empty body is a record",
		in:   []in{{1, ""}, {2, "b"}},
		want: "b", last: Ready,
	}} {
		t.Run(tt.desc, func(t *testing.T) {
			var w Window
			var got string
			var last Verdict
			for _, in := range tt.in {
				last = w.Admit(in.seq, []byte(in.body))
				got += drain(&w)
			}
			if got != tt.want {
				t.Errorf("admitted %q, want %q", got, tt.want)
			}
			if last != tt.last {
				t.Errorf("last verdict %v, want %v", last, tt.last)
			}
		})
	}
}

func TestHeldBytesAreBounded(t *testing.T) {
	var w Window
	big := make([]byte, AheadBytes/4)
	for seq := uint64(2); seq < 6; seq++ {
		if got := w.Admit(seq, big); got != Held {
			t.Fatalf("record %d: %v, want held", seq, got)
		}
	}
	if got := w.Admit(6, big); got != TooFar {
		t.Errorf("record over the bound: %v, want too far", got)
	}
	if got := w.Admit(1, big); got != Ready {
		t.Errorf("the next record with a full window: %v, want ready: the window would never move", got)
	}
	drain(&w)
	if w.Bytes() != 0 || w.Through() != 5 {
		t.Errorf("after draining: %d bytes held, through %d; want 0, 5", w.Bytes(), w.Through())
	}
}

// A window has memory for early records when there was one, until it rests.
func TestWindowIsSmall(t *testing.T) {
	var w Window
	for seq := uint64(1); seq < 1000; seq++ {
		w.Admit(seq, []byte("x"))
		w.Next()
	}
	if w.early != nil {
		t.Error("a window to which nothing came early has memory for it")
	}
	w.Admit(1001, []byte("y"))
	w.Rest()
	w.Admit(1000, []byte("x"))
	if got := drain(&w); got != "xy" {
		t.Errorf("a window that rested while it held something: %q", got)
	}
	if w.Rest(); w.early != nil || unsafe.Sizeof(w) > 64 {
		t.Errorf("a window at rest holds memory for early records; it has %d bytes", unsafe.Sizeof(w))
	}
}

// What comes again before it was admitted is not taken in its place.
func TestRepeatBeforeNext(t *testing.T) {
	var w Window
	w.Admit(1, []byte("a"))
	w.Admit(2, []byte("b"))
	for seq := uint64(1); seq < 3; seq++ {
		if got := w.Admit(seq, []byte("xyz")); got != Seen {
			t.Errorf("record %d again: %v, want seen", seq, got)
		}
	}
	if got := drain(&w); got != "ab" || w.Bytes() != 0 {
		t.Errorf("admitted %q, %d bytes are held", got, w.Bytes())
	}
}

func TestFreshIsTakenOnce(t *testing.T) {
	var w Window
	w.Admit(1, []byte("ls"))
	f, _ := w.Next()
	if got := string(f.Take()); got != "ls" {
		t.Fatalf("first Take = %q, want %q", got, "ls")
	}
	if got := f.Take(); got != nil {
		t.Errorf("second Take = %q, want nothing", got)
	}
}

// Whatever is lost, repeated and reordered on the way, what comes out is a
// prefix of what was sent, and all of it once everything has arrived.
func TestAnyArrivalOrder(t *testing.T) {
	const n = 400
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 0))
		var w Window
		var got, want strings.Builder
		for seq := range n {
			fmt.Fprintf(&want, "%d;", seq+1)
		}
		offer := func(seq uint64) {
			w.Admit(seq, fmt.Appendf(nil, "%d;", seq))
			if r.IntN(3) > 0 {
				got.WriteString(drain(&w))
			}
		}
		for range 4 * n {
			near := int64(w.Through()) + r.Int64N(40) - 15
			offer(uint64(min(max(near, 0), n)))
			if r.IntN(10) == 0 {
				w.Admit(n+Ahead+r.Uint64(), []byte("far;"))
			}
			if r.IntN(10) == 0 {
				w.Rest()
			}
		}
		if !strings.HasPrefix(want.String(), got.String()) {
			t.Fatalf("seed %d: admitted %q, not a prefix of what was sent", seed, got.String())
		}
		for seq := w.Through() + 1; seq <= n; seq++ {
			offer(seq)
		}
		got.WriteString(drain(&w))
		if got.String() != want.String() {
			t.Fatalf("seed %d: admitted %q, want each of %d once in order", seed, got.String(), n)
		}
	}
}

func TestAdmitDoesNotAllocate(t *testing.T) {
	var w Window
	body := []byte("x")
	seq := uint64(0)
	if n := testing.AllocsPerRun(1000, func() {
		seq++
		w.Admit(seq+1, body)
		w.Admit(seq, body)
		w.Admit(seq, body)
		for f, ok := w.Next(); ok; f, ok = w.Next() {
			f.Take()
		}
		seq++
	}); n != 0 {
		t.Errorf("%v allocations an admission, want 0", n)
	}
}

func BenchmarkAdmit(b *testing.B) {
	var w Window
	body := []byte("x")
	b.ReportAllocs()
	for seq := uint64(1); b.Loop(); seq++ {
		w.Admit(seq, body)
		f, _ := w.Next()
		f.Take()
	}
}
