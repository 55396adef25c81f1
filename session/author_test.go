package session

import (
	"runtime"
	"testing"

	"gossterm/internal/id"
)

// A session remembers for a day who is away: that takes little, also of those whose
// records came out of order.
func TestAwayAuthorsAreSmall(t *testing.T) {
	const n = 1000
	r := newHostRig(t)
	people := make([]Person, n)
	for i := range people {
		people[i] = Person{Key: id.Peer{byte(i), byte(i >> 8), 1}, Incarnation: 1, MayType: true}
	}
	r.step(Roster{people})
	heap := func() int {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	before := heap()
	for _, p := range people {
		r.in(p.Key, 2, "b")
		r.in(p.Key, 1, "a")
	}
	for i := range people {
		people[i].Away = true
	}
	r.step(Roster{people})
	if each := (heap() - before) / n; each > 4096 {
		t.Errorf("each who is away takes %d bytes more than one who has typed nothing", each)
	}
	runtime.KeepAlive(r)
}
