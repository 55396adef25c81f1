package node

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
	"gossterm/internal/transport"
)

const (
	// joinTime is how long a first join may take in all.
	joinTime = 9 * time.Second
	// fullTime is how long a first join calls a host again that is full: it may
	// only be busy with many others that join.
	fullTime = 2 * time.Second
	// rejoinTime is how long a lost host is waited for, unless MemberConfig says
	// otherwise: a laptop may sleep for a night, and a person can leave.
	rejoinTime = 24 * time.Hour
	// busyTime is how long a first join calls a host again that takes no more
	// handshakes now, or is late, and busyMost the longest pause between: it is a
	// matter of moments, also if many join at once from one place.
	busyTime = 8 * time.Second
	busyMost = 400 * time.Millisecond
	// redialFirst and redialMost bound the pause between two calls, redialHeard that
	// while the host is heard through others.
	redialFirst = 100 * time.Millisecond
	redialMost  = 10 * time.Second
	redialHeard = time.Minute
	// steadyTime is how long a link must be up for the next pause to be short.
	steadyTime = 3 * time.Second
	// knockEvery is how often who has no link to the host tells it to be there.
	knockEvery = 10 * time.Second
	// faultsMost is how many links in a row may end by wrong frames.
	faultsMost = 3
)

var (
	// ErrLost reports a host that was not heard for MemberConfig.RejoinTime.
	ErrLost = errors.New("host lost")
	// ErrEnded reports a session that ended before its last words arrived.
	ErrEnded = errors.New("the session is over")
	// ErrRefused reports a host that does not let this member in.
	ErrRefused = errors.New("the host refused")
	// ErrFull reports a host that has no place now. It is an ErrRefused.
	ErrFull = fmt.Errorf("%w: no place", ErrRefused)
	// ErrRemoved reports a host that removed this member.
	ErrRemoved = errors.New("removed by the host")
	// ErrReplaced reports that another process of the same key took over.
	ErrReplaced = errors.New("another process took over")
	// ErrNoAnswer reports a peer that took the link and did not welcome.
	ErrNoAnswer = errors.New("the host did not answer in time")
	// ErrBroken reports that host and member took each other's frames for wrong
	// ones, again and again.
	ErrBroken = errors.New("host and member do not understand each other")
)

// A call is how a member gets in, and keeps a link to the host if it may type.
type call struct {
	contacts [2]gossip.Contact // the host, and who else the ticket names
	failed   [2]error          // of a first join: why it cannot be through them
	begun    time.Time
	viaDone  bool // the second contact was called
	redialAt time.Time
	pause    time.Duration // between the last call and the next
	openedAt time.Time     // when the link to the host came up
	silentAt time.Time     // when the host counts as silent
	lostAt   time.Time     // since when the host is unheard
	knockAt  time.Time
	faults   int           // links to the host in a row that ended by wrong frames
	rejoin   time.Duration // how long a lost host is waited for
	vigil    vigil
}

// due does what the time asks for.
func (n *Member) due(now time.Time) {
	if n.state.Over != nil {
		return
	}
	n.silentDue(now)
	n.vigilDue(now)
	switch {
	case n.unheard() && !now.Before(n.lostAt.Add(n.rejoin)):
		n.over(ErrLost)
		return
	case !n.state.Joined && !now.Before(n.begun.Add(joinTime)):
		n.over(n.whyNot())
		return
	}
	if n.mayCall() && !now.Before(n.redialAt) {
		if n.state.Joined {
			n.stats.Redials++
		}
		n.dial(n.host, n.contacts[0].Addrs)
	}
	if via := n.contacts[1]; !n.viaDone && !via.Peer.IsZero() {
		n.viaDone = true
		n.dial(via.Peer, via.Addrs)
	}
	n.knockDue(now)
	for _, l := range slices.Clone(n.links) {
		if l.sealed != nil && l.stage == waiting && !l.shut && !now.Before(l.knockAt) {
			n.knockFor(l)
		}
	}
	n.heldDue(now)
}

// callDeadline returns when due has something to do.
func (n *Member) callDeadline() time.Time {
	var at time.Time
	if n.state.Over != nil {
		return at
	}
	for _, t := range [...]struct {
		when bool
		at   time.Time
	}{
		{n.mayCall(), n.redialAt},
		{n.unheard(), n.lostAt.Add(n.rejoin)},
		{!n.state.Joined, n.begun.Add(joinTime)},
		{n.state.Joined && !n.state.Silent, n.silentAt},
		{n.watches(), n.vigil.at},
		{n.mayKnock(), n.knockAt},
		{len(n.held) > 0, n.heldUntil()},
	} {
		if t.when && (at.IsZero() || t.at.Before(at)) {
			at = t.at
		}
	}
	return at
}

// hostLink returns a link to the host, however far it has come, or nil.
func (n *Member) hostLink() *link {
	if l := n.inUse[n.host]; l != nil {
		return l
	}
	for _, l := range n.links {
		if l.Peer() == n.host {
			return l
		}
	}
	return nil
}

// mayCall reports whether there is reason to call the host: to get in, to type, or
// because it is unheard. A silent link is kept meanwhile: it may come back sooner.
func (n *Member) mayCall() bool {
	if _, is := n.calls[n.host]; is || n.state.Over != nil || n.closed || n.failed[0] != nil {
		return false
	}
	for _, l := range n.links {
		if l.Peer() == n.host && !l.quiet {
			return false
		}
	}
	return !n.state.Joined || n.state.MayType || n.unheard()
}

// unheard reports whether a member that was in hears nothing of the host.
func (n *Member) unheard() bool { return n.state.Joined && (n.state.Lost || n.state.Silent) }

// silentDue notes that no beat came for too long.
func (n *Member) silentDue(now time.Time) {
	if !n.state.Joined || n.state.Silent || now.Before(n.silentAt) {
		return
	}
	if !n.unheard() {
		n.lostAt = n.silentAt.Add(-silentAfter)
	}
	n.state.Silent = true
	n.redialAt, n.pause = now, redialFirst
	n.vigil.silent(now)
	n.tellState()
}

// redialLater plans the next call of the host.
func (n *Member) redialLater() {
	n.redialAt = n.cfg.Now().Add(n.pause)
	most := redialMost
	if n.state.Joined && !n.unheard() {
		most = redialHeard
	}
	n.pause = min(2*n.pause, most)
}

// mayKnock reports whether the host can hear of this member through others alone.
func (n *Member) mayKnock() bool {
	if !n.state.Joined || n.usable() == 0 {
		return false
	}
	if row, is := n.joiner.Members().Row(n.self); !is || row.Incarnation != n.state.Incarnation { // it gave its place
		return true
	}
	l := n.hostLink()
	return l == nil || l.stage != up || l.quiet
}

// slept takes the time that this process was stopped out of all that it waits for.
func (n *Member) slept(d time.Duration) {
	n.silentAt = n.silentAt.Add(d)
	n.lostAt = n.lostAt.Add(d)
	n.begun = n.begun.Add(d)
	for i := range n.held {
		n.held[i].until = n.held[i].until.Add(d)
	}
	n.vigil.slept()
}

// knockDue tells the host that this member is there.
func (n *Member) knockDue(now time.Time) {
	if !n.mayKnock() || now.Before(n.knockAt) {
		return
	}
	n.knockAt = now.Add(knockEvery)
	sealed, err := n.joiner.Request()
	if err != nil {
		n.cfg.Log.Warn("join request", "err", err)
		return
	}
	n.step(gossip.Knock{Request: gossip.Request{Matter: gossip.ToJoin, Peer: n.self, Body: sealed}})
}

// stranger leaves it to the host: a newcomer may be heard of before the membership is.
func (n *Member) stranger(id.Peer) bool { return false }

// unreached notes that a call failed.
func (n *Member) unreached(p id.Peer, err error) {
	switch {
	case n.state.Over != nil:
	case n.stillBusy(p, err):
		n.pause = min(n.pause, busyMost)
		n.redialLater()
	case !n.state.Joined:
		n.cannot(p, err)
	case p == n.host:
		n.redialLater()
	}
}

// stillBusy reports whether a first join failed at a host that takes no handshakes now
// and is to be called again: many others may join at the same moment.
func (n *Member) stillBusy(p id.Peer, err error) bool {
	return p == n.host && !n.state.Joined && errors.Is(err, transport.ErrBusy) && n.cfg.Now().Sub(n.begun) < busyTime
}

// cannot notes why a first join through p fails. When there is no contact left, it
// is over.
func (n *Member) cannot(p id.Peer, err error) {
	left := false
	for i, c := range n.contacts {
		if c.Peer == p && n.failed[i] == nil {
			n.failed[i] = err
		}
		left = left || !c.Peer.IsZero() && n.failed[i] == nil
	}
	if !left {
		n.over(n.whyNot())
	}
}

// whyNot returns why a first join failed: what the host said, by whatever way, says
// more than that somebody could not be reached.
func (n *Member) whyNot() error {
	for _, err := range n.failed {
		if errors.Is(err, ErrRefused) || errors.Is(err, ErrRemoved) || errors.Is(err, ErrEnded) || errors.Is(err, ErrReplaced) {
			return err
		}
	}
	for _, err := range n.failed {
		if err != nil {
			return err
		}
	}
	return ErrNoAnswer
}

// linked notes that there is somebody to hear the host through.
func (n *Member) linked(l *link) {
	if l.Peer() == n.host {
		n.openedAt = n.cfg.Now()
	}
	n.stand()
}

// suspected calls a host again whose link is silent.
func (n *Member) suspected(l *link) {
	if l.Peer() == n.host && l.quiet {
		n.redialAt, n.pause = n.cfg.Now(), redialFirst
		n.knockAt = n.redialAt
	}
}

// stand finds out whether there is a link to anybody, and says so. A peer that goes on
// after a while may close the last one for another that is not up yet: nothing is lost
// until that is down, too.
func (n *Member) stand() {
	lost := n.state.Joined && n.peers() == 0
	if lost == n.state.Lost || lost && len(n.links) > 0 {
		return
	}
	if lost && !n.state.Silent {
		n.lostAt = n.cfg.Now()
	}
	n.state.Lost = lost
	n.tellState()
}

// parted calls the host again, unless it said that there is no use.
func (n *Member) parted(l *link, err error) {
	if n.state.Over != nil {
		return
	}
	if l.fault != nil {
		err = l.fault
	}
	if l.Peer() != n.host {
		if !n.state.Joined {
			n.cannot(l.Peer(), n.why(l, err))
		}
		n.stand()
		return
	}
	if !l.let && (l.fault != nil || codeOf(err) == transport.Violation) {
		n.faults++
	}
	now := n.cfg.Now()
	if l.stage == up && now.Sub(n.openedAt) >= steadyTime {
		n.pause, n.faults = redialFirst, 0
	}
	if final := n.finally(l, err); final != nil {
		n.over(final)
		return
	}
	if l.stage == up {
		n.knockAt = now
	}
	n.redialLater()
	n.stand()
}

// codeOf returns the code that either end closed a link with, Late if none did.
func codeOf(err error) transport.Code {
	if c, ok := errors.AsType[*transport.CloseError](err); ok {
		return c.Code
	}
	return transport.Late
}

// finally returns what the end of a link to the host means for the session, nil if
// the host is to be called again.
func (n *Member) finally(l *link, err error) error {
	final := n.said(l, err)
	switch {
	case l.let && final == nil:
		return nil
	case codeIs(err, transport.Full):
		return n.stillFull(final)
	case final != nil:
		return n.orWait(final)
	case n.faults >= faultsMost, n.faults > 0 && !n.state.Joined:
		return n.orWait(fmt.Errorf("%w: %w", ErrBroken, err))
	case !n.state.Joined && n.cfg.Now().Sub(n.begun) < busyTime && codeOf(err) == transport.Late:
		n.pause = min(n.pause, busyMost)
		return nil
	case !n.state.Joined:
		return n.orWait(fmt.Errorf("%w: %w", ErrNoAnswer, err))
	}
	return nil
}

// said returns what a peer said when it closed a link to it for good, or nil.
func (n *Member) said(l *link, err error) error {
	c, ok := errors.AsType[*transport.CloseError](err)
	if !ok || !c.Remote {
		return nil
	}
	switch c.Code {
	case transport.Ended, transport.Left:
		return ErrEnded
	case transport.Refused:
		return fmt.Errorf("%w: %s", ErrRefused, c.Reason)
	case transport.Removed:
		return ErrRemoved
	case transport.Full:
		return fmt.Errorf("%w: %s", ErrFull, c.Reason)
	case transport.Replaced:
		if l.stage != up && n.inUse[l.Peer()] == nil && c.Reason != "" { // it was not for another link of ours
			return ErrReplaced
		}
	}
	return nil
}

// why returns why nobody is let in over a link.
func (n *Member) why(l *link, err error) error {
	if said := n.said(l, err); said != nil && said != ErrEnded { // another member's end is not the session's
		return said
	}
	return fmt.Errorf("%w: %w", ErrNoAnswer, err)
}

// orWait returns final, or nil while a first join may succeed through another.
func (n *Member) orWait(final error) error {
	via := n.contacts[1]
	if n.state.Joined || via.Peer.IsZero() || n.failed[1] != nil {
		return final
	}
	n.failed[0] = final
	return nil
}

// stillFull returns that a host is full, or nil if that may pass: it says so also
// when too many join at the same moment.
func (n *Member) stillFull(full error) error {
	if n.state.Joined || n.cfg.Now().Sub(n.begun) < fullTime {
		return nil
	}
	return n.orWait(full)
}
