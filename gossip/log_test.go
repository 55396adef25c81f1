package gossip

import (
	"math/rand/v2"
	"testing"
)

func plain(seq uint64, size int) Record { return Record{Seq: seq, Bytes: make([]byte, size)} }

func part(seq uint64, k, n uint16) Record {
	return Record{Seq: seq, Part: k, Parts: n, Bytes: make([]byte, 10)}
}

func TestLogStartsOnlyAtACompleteSnapshot(t *testing.T) {
	for _, tt := range []struct {
		desc  string
		in    []Record
		start uint64
		head  uint64
	}{{
		desc: "an empty log takes nothing but a first part",
		in:   []Record{plain(1, 1), part(2, 2, 2)},
	}, {
		desc: "one part is complete",
		in:   []Record{part(7, 1, 1), plain(8, 1)}, start: 7, head: 8,
	}, {
		desc: "no start until the last part is there",
		in:   []Record{part(1, 1, 2)}, head: 1,
	}, {
		desc: "a newer snapshot counts from its last part on",
		in:   []Record{part(1, 1, 1), plain(2, 1), part(3, 1, 2)}, start: 1, head: 3,
	}, {
		desc: "and then it is the start",
		in:   []Record{part(1, 1, 1), plain(2, 1), part(3, 1, 2), part(4, 2, 2)}, start: 3, head: 4,
	}, {
		desc: "a snapshot broken by another record is none",
		in:   []Record{part(1, 1, 1), part(2, 1, 2), plain(3, 1), part(4, 2, 2)}, start: 1, head: 4,
	}, {
		desc: "parts out of order are none",
		in:   []Record{part(1, 1, 1), part(2, 1, 3), part(3, 3, 3)}, start: 1, head: 3,
	}, {
		desc: "a gap is refused",
		in:   []Record{part(1, 1, 1), plain(3, 1)}, start: 1, head: 1,
	}, {
		desc: "a repeat is refused",
		in:   []Record{part(1, 1, 1), plain(2, 1), plain(2, 1)}, start: 1, head: 2,
	}} {
		t.Run(tt.desc, func(t *testing.T) {
			var l Log
			for _, r := range tt.in {
				l.Append(r)
			}
			if l.Start() != tt.start || l.Head() != tt.head {
				t.Errorf("start %d, head %d; want %d, %d", l.Start(), l.Head(), tt.start, tt.head)
			}
		})
	}
}

// However long the session, the log is bounded, has no gap, and keeps the
// newest complete snapshot with Behind bytes before it.
func TestLogIsBounded(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		var l Log
		l.Append(part(1, 1, 1))
		since := 0
		for seq := uint64(2); seq < 4000; seq++ {
			rec := plain(seq, 1+r.IntN(16<<10))
			if since > 256<<10 {
				rec, since = part(seq, 1, 1), 0
			}
			since += len(rec.Bytes)
			if !l.Append(rec) {
				t.Fatalf("seed %d: record %d refused", seed, seq)
			}
			if l.Bytes() > Kept {
				t.Fatalf("seed %d: %d bytes kept, want at most %d", seed, l.Bytes(), Kept)
			}
			if _, ok := l.Get(l.Start()); !ok {
				t.Fatalf("seed %d: the newest snapshot %d is gone at %d", seed, l.Start(), seq)
			}
		}
		got := 0
		for s := l.Start() - 1; ; s-- {
			rec, ok := l.Get(s)
			if !ok {
				break
			}
			got += len(rec.Bytes)
		}
		if got < Behind-16<<10 || got > Behind {
			t.Errorf("seed %d: %d bytes kept before the snapshot, want about %d", seed, got, Behind)
		}
	}
}

func TestLogWithoutSnapshotsIsBoundedToo(t *testing.T) {
	var l Log
	l.Append(part(1, 1, 1))
	for seq := uint64(2); seq < 1000; seq++ {
		l.Append(plain(seq, 16<<10))
	}
	if l.Bytes() > Kept {
		t.Errorf("%d bytes kept, want at most %d", l.Bytes(), Kept)
	}
	if l.Start() != 0 {
		t.Errorf("start %d, want none: its record was dropped", l.Start())
	}
}

func TestFromGoesOnOrJumpsToTheNewestSnapshot(t *testing.T) {
	var l Log
	for _, r := range []Record{part(5, 1, 1), plain(6, 100), plain(7, 100), part(8, 1, 1), plain(9, 100)} {
		l.Append(r)
	}
	for _, tt := range []struct {
		desc string
		have uint64
		lag  int
		want uint64 // 0: nothing
	}{
		{"a newcomer starts at the newest snapshot", 0, 1 << 20, 8},
		{"a reader in step goes on", 6, 1 << 20, 7},
		{"a reader whose place is gone jumps", 2, 1 << 20, 8},
		{"a reader far behind jumps", 6, 150, 8},
		{"a reader behind but past the snapshot goes on", 8, 1, 9},
		{"a reader at the head waits", 9, 1, 0},
		{"a reader beyond the head waits", 12, 1, 0},
	} {
		if got, ok := l.From(tt.have, tt.lag); got != tt.want || ok != (tt.want != 0) {
			t.Errorf("%s: From(%d, %d) = %d, %v; want %d", tt.desc, tt.have, tt.lag, got, ok, tt.want)
		}
	}
}

// A reader in another goroutine has a copy, which must not change under it.
func TestACopyStaysAsItIs(t *testing.T) {
	var l Log
	l.Append(part(1, 1, 1))
	for seq := uint64(2); seq < 10; seq++ {
		l.Append(plain(seq, 100))
	}
	copied := l
	for seq := uint64(10); seq < 2000; seq++ { // drops all that the copy holds
		l.Append(plain(seq, 16<<10))
	}
	for seq := uint64(1); seq < 10; seq++ {
		if r, ok := copied.Get(seq); !ok || r.Seq != seq || len(r.Bytes) == 0 {
			t.Errorf("record %d of the copy is %+v, %v", seq, r, ok)
		}
	}
	if copied.Head() != 9 || copied.Start() != 1 {
		t.Errorf("the copy has head %d and start %d, want 9 and 1", copied.Head(), copied.Start())
	}
}

func BenchmarkLogAppend(b *testing.B) {
	var l Log
	l.Append(part(1, 1, 1))
	body := make([]byte, 100)
	for seq := uint64(2); b.Loop(); seq++ {
		r := Record{Seq: seq, Bytes: body}
		if seq%2000 == 0 {
			r.Part, r.Parts = 1, 1
		}
		l.Append(r)
	}
}
