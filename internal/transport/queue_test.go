package transport

import (
	"bytes"
	"testing"
)

// fakeOut is an outStream that remembers.
type fakeOut struct {
	takes bool
	taken []byte

	bytes.Buffer
	resets int
}

func (f *fakeOut) try(p []byte) bool {
	if f.takes {
		f.taken = append(f.taken, p...)
	}
	return f.takes
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

// A frame passes the writer by only while nothing waits: never before an older one.
func TestStraightKeepsTheOrder(t *testing.T) {
	q := newQueue(Input)
	s := &fakeOut{takes: true}
	q.put(InputKind, []byte("first")) // no stream yet
	if len(s.taken) > 0 {
		t.Fatal("a stream that is not there took a frame")
	}
	_, _, life := q.take(nil)
	q.adopt(s, life)
	q.put(InputKind, []byte("second")) // the first is in the writer's hand
	if len(s.taken) > 0 {
		t.Fatal("a frame overtook the one being written")
	}
	q.wrote()
	q.take(nil)
	q.wrote()
	q.put(InputKind, []byte("third"))
	if want := appendFrame(nil, InputKind, []byte("third")); string(s.taken) != string(want) {
		t.Errorf("the stream took %q, want %q", s.taken, want)
	}
	q.put(InputKind, make([]byte, straightSize+1)) // too long
	s.takes = false
	if q.put(InputKind, []byte("fifth")); q.size() == 0 {
		t.Error("a frame that the stream refused is lost")
	}
}
