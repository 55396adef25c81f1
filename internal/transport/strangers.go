package transport

import (
	"net/netip"
	"slices"

	"gossterm/internal/source"
)

// strangers are the accepted links that wait for Trust. They have so many places,
// whoever they are; the next makes the source with the most of them give up its
// oldest.
//
//	places of 6   a a a a b c   + d  ->   a a a b c d
//
// So one address that dials and says nothing keeps nobody out but itself, and
// hardly that: honest peers prove themselves in the flight that ends their
// handshake. A crowd of these behind one NAT has all the places.
type strangers struct {
	places  int
	waiting []stranger     // oldest first
	leaving map[*Link]bool // gave up their places and have not ended yet
}

// A stranger is a link and where it came from; it may roam later.
type stranger struct {
	link *Link
	from netip.Prefix
}

func newStrangers(places int) strangers {
	return strangers{places: places, leaving: make(map[*Link]bool)}
}

// admit gives a link a place and returns the one that has to go for it, or nil.
// It reports false if there is no place: links that have to go take time, if the
// inbox is not received from, and are bounded, too.
func (s *strangers) admit(l *Link) (out *Link, ok bool) {
	newest := stranger{l, source.Of(l.conn.addr().Addr(), source.Subnet)}
	if len(s.waiting) < s.places {
		s.waiting = append(s.waiting, newest)
		return nil, true
	}
	if len(s.leaving) >= s.places {
		return nil, false
	}
	i := s.oldestOfBusiest(newest.from)
	out = s.waiting[i].link
	s.leaving[out] = true
	s.waiting = append(slices.Delete(s.waiting, i, i+1), newest)
	return out, true
}

// oldestOfBusiest returns the place of the oldest link of the source that has the
// most with one more from the given source. Of sources with equally many the one
// whose link is oldest gives way.
func (s *strangers) oldestOfBusiest(more netip.Prefix) int {
	count := map[netip.Prefix]int{more: 1}
	for _, w := range s.waiting {
		count[w.from]++
	}
	oldest := 0
	for i, w := range s.waiting {
		if count[w.from] > count[s.waiting[oldest].from] {
			oldest = i
		}
	}
	return oldest
}

// settle frees the place of a link that is proved or has ended.
func (s *strangers) settle(l *Link) {
	s.waiting = slices.DeleteFunc(s.waiting, func(w stranger) bool { return w.link == l })
}

// forget notes that a link has ended.
func (s *strangers) forget(l *Link) {
	s.settle(l)
	delete(s.leaving, l)
}
