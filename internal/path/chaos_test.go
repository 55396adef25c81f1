package path

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// Whatever happens, in whatever order, a set stays within its bounds, is never due
// again at once, and has a way as long as there ever was one.
func TestChaos(t *testing.T) {
	for seed := range uint64(400) {
		if err := chaos(seed, 3000); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

func chaos(seed uint64, steps int) error {
	r := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(r.IntN(2) == 0)
	addr := func() netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(r.IntN(40))}), 9)
	}
	known := false
	for step := range steps {
		w.now += time.Duration(r.IntN(1000)) * ms / time.Duration(1+r.IntN(20))
		switch r.IntN(12) {
		case 0:
			var as []netip.AddrPort
			for range r.IntN(20) {
				as = append(as, addr())
			}
			w.offer(w.now, as)
		case 1:
			w.seen(w.now, addr())
		case 2:
			w.begin(w.now, addr())
		case 3:
			w.moved(w.now)
		case 4:
			w.reach(w.now, r.IntN(3) > 0)
		case 5:
			w.relayed(w.now)
		case 6:
			w.heard(w.now, addr())
		case 7, 8:
			to, relay := w.route(w.now, r.IntN(200))
			if known && !to.IsValid() && !relay {
				return fmt.Errorf("step %d: no way, though there was one", step)
			}
		default:
			if err := w.chaosDue(r); err != nil {
				return fmt.Errorf("step %d: %w", step, err)
			}
		}
		known = known || w.last.IsValid()
		if len(w.cands) > maxCandidates || w.best >= len(w.cands) {
			return fmt.Errorf("step %d: %d candidates, best %d", step, len(w.cands), w.best)
		}
		if w.best >= 0 && w.cands[w.best].addr != w.last {
			return fmt.Errorf("step %d: %v is in use, not %v", step, w.cands[w.best].addr, w.last)
		}
	}
	return nil
}

// chaosDue does what is due; some checks are answered.
func (w *world) chaosDue(r *rand.Rand) error {
	for _, c := range w.due(w.now, nil, r.Uint64) {
		if !w.usable(c.to) {
			return fmt.Errorf("a check to %v", c.to)
		}
		if r.IntN(3) == 0 {
			w.now += time.Duration(r.IntN(300)) * ms
			w.answered(w.now, c.to, c.number)
		}
	}
	w.due(w.now, nil, r.Uint64) // what the answers' time made due
	if at := w.next(); at != none && at <= w.now {
		return fmt.Errorf("due at %v again at %v: %+v", at, w.now, *w.set)
	}
	return nil
}
