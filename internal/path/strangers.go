package path

import (
	"net/netip"
	"time"
)

// strangers are the addresses from which handshakes come: each has an Addr of its
// own until Attach says who it is. The oldest gives way.
type strangers struct {
	by    map[netip.AddrPort]*Addr
	queue []stranger // oldest first
}

type stranger struct {
	a  *Addr
	at time.Duration
}

func newStrangers() strangers { return strangers{by: make(map[netip.AddrPort]*Addr)} }

// known returns the Addr of an address, or nil.
func (s *strangers) known(from netip.AddrPort) *Addr { return s.by[from] }

// at returns the Addr of an address, which has one from now on.
func (s *strangers) at(now time.Duration, from netip.AddrPort) *Addr {
	if a := s.by[from]; a != nil {
		return a
	}
	if len(s.queue) >= maxStrangers {
		s.forget()
	}
	a := directAddr(from)
	s.by[from] = a
	s.queue = append(s.queue, stranger{a, now})
	return a
}

// forget drops the oldest.
func (s *strangers) forget() {
	if o := s.queue[0].a; s.by[o.to] == o {
		delete(s.by, o.to)
	}
	s.queue[0] = stranger{} // or the array keeps what it was
	s.queue = s.queue[1:]
}

// remove notes that an Addr is a stranger's no more.
func (s *strangers) remove(a *Addr) {
	if s.by[a.to] == a {
		delete(s.by, a.to)
	}
}

// expire drops who has been a stranger for long.
func (s *strangers) expire(now time.Duration) {
	for len(s.queue) > 0 && now >= s.queue[0].at+strangerTime {
		s.forget()
	}
}
