package transport

import (
	"bytes"
	"testing"
)

// fakeOut is an outStream that remembers.
type fakeOut struct {
	bytes.Buffer
	resets int
}

func (f *fakeOut) reset() { f.resets++ }

// A batch that was taken before a drop never gets onto a stream after it: cut
// frames would follow whole ones.
func TestQueueDropDuringBatch(t *testing.T) {
	q := newQueue(Log)
	q.put(Gossip, []byte("old"))
	_, n, life := q.take(nil)
	if n == 0 {
		t.Fatal("nothing taken")
	}
	q.drop()
	s := &fakeOut{}
	if q.adopt(s, life) || s.resets != 1 {
		t.Errorf("a stream for what was dropped: %d resets", s.resets)
	}
	if _, ok := q.current(life); ok {
		t.Error("the old batch may be written")
	}
	q.put(Gossip, []byte("new"))
	_, _, life = q.take(nil)
	if !q.adopt(s, life) {
		t.Fatal("no stream after a drop")
	}
	q.drop()
	if s.resets != 2 {
		t.Error("drop did not reset the stream")
	}
	if got, _ := q.current(life + 1); got != nil {
		t.Error("the next batch would go onto the stream that was reset")
	}
}

// Room is due once, and only when half of the bound is free; what the writer has
// in hand counts.
func TestQueueRoom(t *testing.T) {
	q := newQueue(Log)
	for q.put(Gossip, make([]byte, 1000)) {
	}
	if size := q.size(); size > maxLogQueue || size < maxLogQueue-2000 {
		t.Fatalf("full with %d of %d bytes", size, maxLogQueue)
	}
	left := q.size()
	for left > 0 {
		_, n, _ := q.take(nil)
		if q.size() != left {
			t.Fatalf("%d bytes in the queue and in hand, want %d", q.size(), left)
		}
		left -= n
		room := q.wrote()
		if want := left <= maxLogQueue/2 && left+n > maxLogQueue/2; room != want {
			t.Errorf("at %d bytes: room is %v, want %v", left, room, want)
		}
	}
}

// What goes in comes out, whatever the sizes of frames and batches.
func TestQueueKeepsBytes(t *testing.T) {
	q := newQueue(Control)
	var in, out []byte
	for i := range 300 {
		body := bytes.Repeat([]byte{byte(i)}, i*i%5000)
		if !q.put(Head, body) {
			t.Fatal("full")
		}
		in = appendFrame(in, Head, body)
		if i%3 == 0 {
			out, _, _ = q.take(out)
			q.wrote()
		}
	}
	for n := 1; n > 0; {
		out, n, _ = q.take(out)
		q.wrote()
	}
	if !bytes.Equal(in, out) {
		t.Errorf("%d bytes in, %d out, different", len(in), len(out))
	}
	if cap(q.pending) > keepSize {
		t.Errorf("an empty queue keeps %d bytes", cap(q.pending))
	}
}
