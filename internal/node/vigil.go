package node

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	// goneRounds is in how many rounds addresses must refuse, and eachRounds in how many
	// of them each one, for the host to be gone; goneSilence is how long after its last
	// beat that is believed at the earliest.
	goneRounds  = 3
	eachRounds  = 2
	goneSilence = 8 * time.Second
	// roundTime is how long is asked in one round: a machine refuses once a second to
	// all that ask (internal/path). heardTime is the same while the host is heard, when
	// nobody else asks.
	roundTime = 2 * time.Second
	heardTime = 500 * time.Millisecond
	// triesMost is how often an address is asked while the host is heard.
	triesMost = 3
	// roundEvery is the pause between rounds; while that brings nothing new it
	// doubles, up to redialMost.
	roundEvery = 500 * time.Millisecond
	// relaysEvery is that pause at most, while only the relays' word is missing.
	relaysEvery = 4 * time.Second
	// promptly is how long after the last beat an address must have refused first where it
	// may be another than the host's machine that does: a NAT keeps a mapping for 30 s at
	// least (path.reflectEvery), an address is not given to another machine so soon.
	promptly = 20 * time.Second
	// placesMost is how many addresses of the host are watched: a ticket's and as many
	// that the link moved to, the newest of these.
	placesMost = 8
)

// ErrGone reports a host whose process has ended without a word. It is an ErrLost.
var ErrGone = fmt.Errorf("%w: its machine says that it does not run any more", ErrLost)

// A vigil is how a member finds out that its host's process is gone, where that can
// be known: a host that is only out of reach is waited for, perhaps for a day.
//
// While no beat arrives by any way, the machines at the host's addresses are asked
// whether anybody listens there; the kernel of one on which the process has ended
// refuses. The host is given up when each of them has refused again and again, and one
// of them is an address over which it was talked to. That is safe enough because
//
//   - a host that is stopped, overloaded or asleep does not refuse, nor does a cut or
//     a lost packet: any address that is silent and has a say, or to which there is no way
//     now, stands for a host that may be back;
//   - the socket of a host that moves is bound to all its addresses, for its whole life:
//     the old address is unreachable or silent, unless another machine has it within
//     seconds, and then the new one, if the link has moved, does not refuse;
//   - an address that refused while the host was heard has no say: it is another
//     machine's, or a NAT refuses for it whom it does not know; nor has one, but where it
//     was ever talked to, that answered nothing then: there is no way from here, or a
//     firewall between. The host may be there when it has moved, and so may another machine
//     where it was: only addresses that refuse at once have a say then;
//   - a host that has moved is with its relays, if there are any: they have the last word,
//     and one that has it, is not up or says nothing stands for a host that may be back.
//     Where there are relays there are NATs, and one that has forgotten a host that is
//     asleep may refuse for it: only addresses that refuse at once have a say then, as the
//     kernel of a dead process does, and that were asked often while the host was heard,
//     and did not refuse. Who hides behind a relay sends nothing past it, and waits;
//   - who can forge such a refusal (RFC 5927) guesses a random port for each address
//     and round in which the host happens to be silent as well. Who reads the packets on
//     their way could drop them all, too, and end the session so; what they can make of
//     it is that one member leaves and may come back by the same ticket.
type vigil struct {
	ask    func(ctx context.Context, at netip.AddrPort) error // MemberConfig.Refused
	absent func(ctx context.Context) bool                     // MemberConfig.Absent
	relays bool                                               // there are some
	places []place
	asking sync.WaitGroup // the round under way
	busy   bool           // there is one
	at     time.Time      // when the next one is due
	pause  time.Duration  // after it, if it leaves a doubt
	rounds int            // in which somebody refused since the host is silent
}

// A place is an address of the host.
type place struct {
	at        netip.AddrPort
	used      bool      // a link to the host went over it
	tries     int       // how often it was asked while the host was heard,
	refusedAt time.Time // and refused, or could not be asked, then
	noSay     bool      // a beat came after that
	unreached bool      // the host was never reached there, while it was heard elsewhere
	rounds    int       // in which it refused since the host is silent
}

// A word is what became of asking at an address: nil if nothing was said.
type word struct {
	at  netip.AddrPort
	err error
}

// begin watches the addresses of a ticket.
func (v *vigil) begin(addrs []netip.AddrPort) {
	for _, a := range addrs[:min(len(addrs), placesMost/2)] {
		v.places = append(v.places, place{at: a})
	}
}

// silent begins to look for the host's process.
func (v *vigil) silent(now time.Time) {
	v.at, v.pause = now, roundEvery
	v.forget()
}

// forget counts the rounds anew.
func (v *vigil) forget() {
	v.rounds = 0
	for i := range v.places {
		v.places[i].rounds = 0
	}
}

// slept forgets what was about to be concluded: beats may have been missed.
func (v *vigil) slept() {
	v.forget()
	for i := range v.places {
		p := &v.places[i]
		p.refusedAt, p.unreached = time.Time{}, false
		if !p.noSay {
			p.tries = 0
		}
	}
}

// moved forgets what could not be reached from another network.
func (v *vigil) moved() {
	for i := range v.places {
		v.places[i].unreached = false
	}
}

// use notes that the link to the host goes over an address.
func (v *vigil) use(a netip.AddrPort) {
	if !a.IsValid() {
		return
	}
	i := slices.IndexFunc(v.places, func(p place) bool { return p.at == a })
	if i < 0 {
		if len(v.places) == placesMost {
			v.places = slices.Delete(v.places, placesMost/2, placesMost/2+1)
		}
		i, v.places = len(v.places), append(v.places, place{at: a})
	}
	v.places[i].used, v.places[i].unreached = true, false
}

// misses notes at which addresses the host was never reached, by a link on which it is heard.
func (v *vigil) misses(unreached func(netip.AddrPort) bool) {
	for i := range v.places {
		if p := &v.places[i]; !p.used {
			p.unreached = unreached(p.at)
		}
	}
}

// says reports whether what the machine at an address says counts.
func (v *vigil) says(p *place) bool {
	return !p.noSay && !p.unreached && (!v.relays || p.tries >= triesMost)
}

// unsure reports whether what is silent may be where the host is now, and what refuses
// another machine, or a NAT, which begins to later than a dead process's kernel.
func (v *vigil) unsure() bool {
	return v.relays || slices.ContainsFunc(v.places, func(p place) bool { return p.unreached })
}

// heard notes when the newest beat came: who refused before it has no say.
func (v *vigil) heard(beat time.Time) {
	for i := range v.places {
		if p := &v.places[i]; !p.refusedAt.IsZero() && beat.After(p.refusedAt) {
			p.noSay = true
		}
	}
}

// untried returns the addresses that were not asked often enough while the host was heard.
func (v *vigil) untried() (out []netip.AddrPort) {
	for _, p := range v.places {
		if !p.noSay && p.tries < triesMost && p.refusedAt.IsZero() {
			out = append(out, p.at)
		}
	}
	return out
}

// telling returns the addresses that have a say, none if nobody knows them for the
// host's.
func (v *vigil) telling() (out []netip.AddrPort) {
	used := false
	for i := range v.places {
		if p := &v.places[i]; v.says(p) {
			out, used = append(out, p.at), used || p.used
		}
	}
	if !used {
		return nil
	}
	return out
}

// asks returns the addresses to ask in the next round: those that have not said enough,
// or else all that are telling.
func (v *vigil) asks() []netip.AddrPort {
	all := v.telling()
	some := slices.DeleteFunc(slices.Clone(all), func(a netip.AddrPort) bool {
		return slices.ContainsFunc(v.places, func(p place) bool { return p.at == a && p.rounds >= eachRounds })
	})
	if len(some) > 0 {
		return some
	}
	return all
}

// try notes what was said while the host was heard.
func (v *vigil) try(now time.Time, words []word) {
	for _, w := range words {
		i := slices.IndexFunc(v.places, func(p place) bool { return p.at == w.at })
		if i < 0 {
			continue
		}
		v.places[i].tries++
		if refused(w.err) || errors.Is(w.err, syscall.ENETUNREACH) {
			v.places[i].refusedAt = now
		}
	}
}

// round notes what was said while the host was not heard, and reports whether that has
// been enough. Who is silent for a round may have refused too often before; where there
// is no way now, all may be different.
func (v *vigil) round(now time.Time, words []word) bool {
	some, noWay := false, false
	for _, w := range words {
		switch i := slices.IndexFunc(v.places, func(p place) bool { return p.at == w.at }); {
		case w.err == nil || i < 0:
		case refused(w.err):
			v.places[i].rounds++
			some = some || v.places[i].rounds <= goneRounds
		default:
			noWay = true
		}
	}
	if noWay {
		v.forget()
		some = false
	}
	if some {
		v.rounds++
		v.pause = roundEvery
	}
	v.at = now.Add(v.pause)
	if !some {
		v.pause = min(2*v.pause, redialMost)
	}
	return v.rounds >= goneRounds && !slices.ContainsFunc(v.places, func(p place) bool { return v.says(&p) && p.rounds < eachRounds })
}

// refused reports whether a machine said that nobody listens.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// watches reports whether the end of the host's process can be known now.
func (n *Member) watches() bool {
	return n.vigil.ask != nil && (!n.cfg.Relayed || n.vigil.absent != nil) && n.state.Joined && n.state.Over == nil && !n.vigil.busy
}

// vigilDue asks at the host's addresses, if it is time.
func (n *Member) vigilDue(now time.Time) {
	v := &n.vigil
	if !n.watches() || now.Before(v.at) {
		return
	}
	v.at = now.Add(beatEvery) // if there is nobody to ask
	switch {
	case n.state.Silent:
		n.askRound(v.asks())
	case !n.state.Lost:
		if l := n.inUse[n.host]; l != nil && !l.quiet {
			v.use(l.Addr())
			v.misses(l.Unreached)
		}
		v.heard(n.silentAt.Add(-silentAfter))
		n.askRound(v.untried())
	}
}

// askRound asks at addresses, in goroutines that end with the loop.
func (n *Member) askRound(addrs []netip.AddrPort) {
	if len(addrs) == 0 {
		return
	}
	v, ctx, silent := &n.vigil, n.ctx, n.state.Silent
	v.busy = true
	words := make([]word, len(addrs))
	var each sync.WaitGroup
	d := heardTime
	if silent {
		d = roundTime
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	for i, a := range addrs {
		each.Go(func() { words[i] = word{a, v.ask(ctx, a)} })
	}
	absent := true
	if silent && n.cfg.Relayed {
		each.Go(func() { absent = v.absent(ctx) })
	}
	v.asking.Go(func() {
		each.Wait()
		cancel()
		_ = n.tell(func() { n.roundOver(silent, words, absent) }) // unless there is no loop any more
	})
}

// prompt drops what is said too late to be a dead process's kernel's: the first refusal of
// an address, so long after the last beat.
func (v *vigil) prompt(silence time.Duration, words []word) {
	for i, w := range words {
		if silence > promptly && slices.ContainsFunc(v.places, func(p place) bool { return p.at == w.at && p.rounds == 0 }) {
			words[i].err = nil
		}
	}
}

// roundOver draws the conclusions from a round that began while the host was silent,
// or heard.
func (n *Member) roundOver(silent bool, words []word, absent bool) {
	v, now := &n.vigil, n.cfg.Now()
	v.busy = false
	if silent && v.unsure() {
		v.prompt(now.Sub(n.lostAt), words)
	}
	switch {
	case silent != n.state.Silent || n.state.Over != nil:
	case !silent:
		v.try(now, words)
	case !v.round(now, words):
	case !absent: // all but the relays have said enough
		if at := now.Add(relaysEvery); at.Before(v.at) {
			v.at = at
		}
	case now.Sub(n.lostAt) >= goneSilence:
		n.over(ErrGone)
	}
}
