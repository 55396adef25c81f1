package path

import (
	"crypto/rand"
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/relay"
)

const (
	// reflectEvery is how often a relay is asked how we look from outside: NATs
	// forget a mapping of UDP after 30 s of silence (RFC 4787 §4.3 asks for more).
	reflectEvery = 20 * time.Second
	reflectFirst = 250 * time.Millisecond // pause before asking again, doubling up to reflectEvery
	maxViews     = 32                     // peers whose word about us is kept
	agreed       = 2                      // peers that have to see us at one address
)

// An own is what is known of the own addresses.
type own struct {
	bound netip.AddrPort
	all   []netip.Addr   // of the interfaces
	nets  []netip.Prefix // of the interfaces
	local []netip.AddrPort
	views []view
}

// A view is where a peer sees us.
type view struct {
	peer id.Peer
	at   netip.AddrPort
}

// look reads the interfaces and reports whether anything has changed.
func (o *own) look() bool {
	all, nets, err := interfaces()
	if err != nil {
		return false
	}
	o.nets = nets
	local := localAddrs(o.bound, all)
	same := slices.Equal(all, o.all) && slices.Equal(local, o.local)
	o.all, o.local = all, local
	return !same
}

// interfaces returns the addresses of this machine's interfaces, and their networks.
func interfaces() (all []netip.Addr, nets []netip.Prefix, err error) {
	found, err := net.InterfaceAddrs()
	for _, a := range found {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			all, nets = append(all, p.Addr()), append(nets, p.Masked())
		}
	}
	return all, nets, err
}

// Near returns, for each of some addresses, whether it is on one of the own networks: none
// is if the system does not tell them.
func Near(addrs []netip.AddrPort) []bool {
	_, nets, _ := interfaces()
	o := own{nets: nets}
	near := make([]bool, len(addrs))
	for i, a := range addrs {
		near[i] = o.near(a.Addr())
	}
	return near
}

// near reports whether an address is on one of the own networks.
func (o *own) near(a netip.Addr) bool {
	return a.IsLoopback() || a.IsLinkLocalUnicast() ||
		slices.ContainsFunc(o.nets, func(p netip.Prefix) bool { return !p.IsSingleIP() && p.Contains(a.WithZone("")) })
}

// broadcast reports whether an address stands for all of one of the own networks
// (RFC 919 §7; all zeros is its old form).
func (o *own) broadcast(a netip.Addr) bool {
	return a.Is4() && slices.ContainsFunc(o.nets, func(p netip.Prefix) bool {
		if !p.Addr().Is4() || p.Bits() > 30 || !p.Contains(a) {
			return false
		}
		host := uint32(1)<<(32-p.Bits()) - 1
		b := a.As4()
		n := binary.BigEndian.Uint32(b[:]) & host
		return n == host || n == 0
	})
}

// alone reports whether there is nothing but loopback.
func (o *own) alone() bool {
	return !slices.ContainsFunc(o.local, func(a netip.AddrPort) bool { return !a.Addr().IsLoopback() })
}

// saw notes where a peer sees us and reports whether that makes another address
// one to be told: one liar does not.
func (o *own) saw(who id.Peer, at netip.AddrPort) bool {
	if !at.Addr().IsGlobalUnicast() || at.Port() == 0 || slices.Contains(o.local, at) {
		return false
	}
	before := o.views
	o.views = slices.DeleteFunc(slices.Clone(before), func(v view) bool { return v.peer == who })
	if len(o.views) >= maxViews {
		o.views = o.views[1:]
	}
	o.views = append(o.views, view{who, at})
	return !slices.Equal(common(before), common(o.views))
}

// forget drops what a peer that has gone said.
func (o *own) forget(who id.Peer) {
	o.views = slices.DeleteFunc(o.views, func(v view) bool { return v.peer == who })
}

// common returns the addresses at which enough peers, and a third of all that say
// anything, see us; those that most see first.
func common(views []view) (out []netip.AddrPort) {
	count := make(map[netip.AddrPort]int)
	for _, v := range views {
		if count[v.at]++; count[v.at] == agreed {
			out = append(out, v.at)
		}
	}
	out = slices.DeleteFunc(out, func(a netip.AddrPort) bool { return 3*count[a] < len(views) })
	slices.SortStableFunc(out, func(a, b netip.AddrPort) int { return count[b] - count[a] })
	return out
}

// A reflector asks one relay how we look from outside.
type reflector struct {
	number [16]byte
	asked  bool
	next   time.Duration // when to ask
	pause  time.Duration // before asking again
	seen   netip.AddrPort
}

// again makes it ask at once.
func (r *reflector) again() { r.next, r.pause, r.asked = 0, 0, false }

// ask returns the query that is due, or nil.
func (r *reflector) ask(now time.Duration) []byte {
	if now < r.next {
		return nil
	}
	if !r.asked {
		_, _ = rand.Read(r.number[:]) // never fails
	}
	r.asked = true
	r.pause = min(max(2*r.pause, reflectFirst), reflectEvery)
	r.next = now + r.pause
	return relay.ReflectQuery(r.number)
}

// answer notes what a relay says, if it was asked so, and reports whether that is new.
func (r *reflector) answer(now time.Duration, number [16]byte, seen netip.AddrPort) bool {
	if !r.asked || number != r.number || !seen.Addr().IsGlobalUnicast() && !seen.Addr().IsLoopback() {
		return false
	}
	r.asked, r.pause, r.next = false, 0, now+reflectEvery
	news := r.seen != seen
	r.seen = seen
	return news
}

// lookAround does what is due about the own addresses and returns when the next is.
func (c *Conn) lookAround(now time.Duration, t *todo) time.Duration {
	if now >= c.looked+interfacePoll {
		c.looked = now
		if c.own.look() {
			c.moved(now, t)
		}
	}
	next := c.looked + interfacePoll
	for i := range c.looks {
		to := c.cfg.Relays[i].Reflector()
		if !c.cfg.Direct || !to.IsValid() {
			continue
		}
		if q := c.looks[i].ask(now); q != nil {
			t.packets = append(t.packets, outgoing{to, q})
		}
		next = min(next, c.looks[i].next)
	}
	return next
}

// moved begins anew after the own addresses have changed.
func (c *Conn) moved(now time.Duration, t *todo) {
	t.changed, t.moved = true, true
	c.own.views = nil
	for i := range c.looks {
		c.looks[i].again()
	}
	for _, p := range c.peers {
		p.set.moved(now)
	}
}

// reflection notes what a relay says about how we look.
func (c *Conn) reflection(from netip.AddrPort, number [16]byte, seen netip.AddrPort) {
	var t todo
	c.mu.Lock()
	for i := range c.looks {
		if c.cfg.Relays[i].Reflector() == from && c.looks[i].answer(c.now(), number, seen) {
			t.changed = true
		}
	}
	c.mu.Unlock()
	if t.changed {
		c.once.Do(func() { close(c.first) })
	}
	c.do(&t)
}

// Reflected is closed when a relay has said how this end looks from outside.
func (c *Conn) Reflected() <-chan struct{} { return c.first }

// outer returns how we look from outside.
func (c *Conn) outer() []netip.AddrPort {
	var out []netip.AddrPort
	for i := range c.looks {
		if s := c.looks[i].seen; s.IsValid() {
			out = append(out, s)
		}
	}
	return append(out, common(c.own.views)...)
}

// Own returns where others may reach this end, best first: what it offers its peers.
func (c *Conn) Own() []netip.AddrPort {
	if !c.cfg.Direct {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return unique(slices.Concat(c.own.local, c.outer()))
}

// Dialable returns the at most four of Own that a ticket holds, those from outside
// among them.
func (c *Conn) Dialable() []netip.AddrPort {
	if !c.cfg.Direct {
		return nil
	}
	var t todo
	defer func() { c.do(&t) }()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own.look() {
		c.moved(c.now(), &t)
		c.alarm()
	}
	local, outer := c.own.local, unique(c.outer())
	outer = outer[:min(len(outer), 1)]
	return unique(slices.Concat(local[:min(len(local), maxAddrs-len(outer))], outer))
}

// Mapped returns what each relay says about how we look, in their order: two that
// differ show a NAT that maps by destination.
func (c *Conn) Mapped() []netip.AddrPort {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]netip.AddrPort, len(c.looks))
	for i := range c.looks {
		out[i] = c.looks[i].seen
	}
	return out
}

// unique drops repeats and what is no address.
func unique(all []netip.AddrPort) (out []netip.AddrPort) {
	for _, a := range all {
		if a.IsValid() && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}
