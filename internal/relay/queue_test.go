package relay

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"sync/atomic"
	"testing"

	"gossterm/internal/id"
)

var (
	errTest = errors.New("the test ends it")
	noRelay = id.Relay{Place: "127.0.0.1", Port: 1, Pinned: true}
)

func (w *wire) remote() netip.AddrPort { return netip.AddrPort{} }
func (w *wire) close(Code, string)     { w.once.Do(func() { close(w.over) }) }
func (w *wire) name() string           { return "udp" }

func numbered(n int) *frame {
	return newFrame(kindPing).add(binary.BigEndian.AppendUint64(nil, uint64(n))...)
}

func (q *queue) all(t *testing.T) (out []int) {
	t.Helper()
	for f := q.pop(); f != nil; f = q.pop() {
		n, err := f.stamp()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, int(n))
	}
	return out
}

func TestOldestGivesWay(t *testing.T) {
	var dropped atomic.Uint64
	q := newQueue(4, nil, &dropped)
	next := 0
	for round := range 50 {
		for range round % 7 {
			next++
			q.push(numbered(next))
		}
		want := min(round%7, 4)
		got := q.all(t)
		if len(got) != want {
			t.Fatalf("round %d: %d frames, want %d", round, len(got), want)
		}
		for i, n := range got {
			if n != next-want+1+i {
				t.Fatalf("round %d: got %v, the last was %d", round, got, next)
			}
		}
	}
	if dropped.Load() == 0 || cap(q.items) > 16 {
		t.Errorf("%d dropped, room for %d", dropped.Load(), cap(q.items))
	}
}

func TestBudgetIsShared(t *testing.T) {
	var dropped atomic.Uint64
	b := newBudget(3)
	p, q := newQueue(8, b, &dropped), newQueue(8, b, &dropped)
	for i := range 5 {
		p.push(numbered(i)) // 2, 3, 4 stay
	}
	q.push(numbered(9)) // no place, and none to give up
	if got := q.all(t); got != nil || dropped.Load() != 3 {
		t.Errorf("got %v, %d dropped", got, dropped.Load())
	}
	if got := p.all(t); len(got) != 3 || got[0] != 2 {
		t.Errorf("got %v", got)
	}
	p.push(numbered(1))
	p.close()
	p.push(numbered(2))
	if b.left.Load() != 3 {
		t.Errorf("%d of 3 left when all is empty", b.left.Load())
	}
	if f := p.pop(); f != nil {
		t.Errorf("a closed queue takes frames")
	}
}
