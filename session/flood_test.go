package session

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gossterm/internal/envelope"
)

// outputs returns how many records since a place in the log hold output, and all of it.
func (r *hostRig) outputs(since int) (n int, all []byte) {
	r.t.Helper()
	for _, rec := range r.log[since:] {
		if len(rec.Plain) > envelope.MaxHostPlain {
			r.t.Fatalf("record %d has %d bytes", rec.Seq, len(rec.Plain))
		}
		items, err := envelope.ParseLog(rec.Plain)
		if err != nil {
			r.t.Fatalf("record %d: %v", rec.Seq, err)
		}
		for _, it := range items {
			if o, ok := it.(envelope.Output); ok {
				n++
				all = append(all, o.Data...)
			}
		}
	}
	return n, all
}

// prints has a program print what print returns, each millisecond for so many.
func (r *hostRig) prints(n int, print func() []byte) (all []byte) {
	for range n {
		b := print()
		all = append(all, b...)
		r.step(Output{b})
		r.wait(time.Millisecond)
	}
	return all
}

// wantOutputs checks how many records of output there are since a place in the log, and
// what they hold.
func (r *hostRig) wantOutputs(what string, since, least, most int, want []byte) {
	r.t.Helper()
	n, got := r.outputs(since)
	if n < least || n > most || !bytes.Equal(got, want) {
		r.t.Errorf("%s: %d records of %d bytes, want %d to %d of %d", what, n, len(got), least, most, len(want))
	}
}

// A flood is in few records, of which each still fits one when it is packed; before that
// and after it there is one each 5 ms.
func TestFloodIsGathered(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	line := 0
	print := func() (b []byte) {
		for len(b) < 3000 {
			line++
			b = fmt.Appendf(b, "drwxr-xr-x 2 root root 4096 Nov 23 15:00 file%0150d\r\n", line)
		}
		return b
	}
	r.wait(time.Second)
	at := len(r.log)
	begun := r.prints(30, print)
	r.wait(outputGap)
	r.wantOutputs("as it begins", at, 6, 8, begun)
	at = len(r.log)
	went := r.prints(1000, print)
	r.wait(floodGap)
	snapshots := len(went)/snapshotBytes + 2 // all that there is goes before each
	r.wantOutputs("for a second", at, 40, 55+snapshots, went)
	r.wait(time.Second)
	at = len(r.log)
	slow := r.prints(200, func() []byte { return []byte("y\r\n") })
	r.wait(outputGap)
	r.wantOutputs("then", at, 35, 45, slow)
}

// What does not get short enough is recorded as ever, whole and in order, and mostly not
// gathered.
func TestFloodOfNoise(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.wait(time.Second)
	noise, at, held := rand.NewChaCha8([32]byte{}), len(r.log), 0
	all := r.prints(300, func() []byte {
		if len(r.core.pending) > maxOutput {
			held++
		}
		b := make([]byte, 5000)
		noise.Read(b)
		return b
	})
	r.wait(floodGap)
	if held > 150 {
		t.Errorf("in %d of 300 ms more waits than one record holds", held)
	}
	r.wantOutputs("noise", at, len(all)/envelope.MaxHostPlain, len(all)/envelope.MaxHostPlain+40, all)
}

// A snapshot is packed, too.
func TestSnapshotIsPacked(t *testing.T) {
	r := newHostRig(t)
	r.step(Output{bytes.Repeat([]byte("drwxr-xr-x 2 root root 4096 Nov 23 15:00 a\r\n"), 50)})
	at := len(r.log)
	r.join(ana)
	r.wait(snapshotGap)
	if len(r.log) != at+1 || r.log[at].Part != 1 {
		t.Fatalf("%d records for a newcomer, want a snapshot of one part", len(r.log)-at)
	}
	if p := r.log[at].Plain; len(p) > envelope.ItemsSize(p)/3 {
		t.Errorf("a snapshot of %d bytes takes %d", envelope.ItemsSize(p), len(p))
	}
}

// An interrupt does not wait for more of a flood.
func TestFreshInAFlood(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.prints(100, func() []byte { return bytes.Repeat([]byte("y\r\n"), 1000) })
	r.in(ana, 1, "\x03")
	at := len(r.log)
	r.step(Output{[]byte("^C\r\n$ ")})
	r.wait(0)
	if _, got := r.outputs(at); !bytes.HasSuffix(got, []byte("$ ")) {
		t.Errorf("the prompt is not recorded at once: %q", got)
	}
}
