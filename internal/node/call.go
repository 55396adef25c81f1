package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gossterm/internal/transport"
)

const (
	// joinTime is how long a first join may take in all.
	joinTime = 9 * time.Second
	// dialTime is how long one call may take.
	dialTime = joinTime - time.Second
	// answerTime is how long the host may take to welcome over a link.
	answerTime = 5 * time.Second
	// fullTime is how long a first join calls a host again that is full: it may
	// only be busy with many others that join.
	fullTime = 2 * time.Second
	// rejoinTime is how long a lost host is called back.
	rejoinTime = time.Minute
	// redialFirst and redialMost bound the pause between two calls.
	redialFirst = 100 * time.Millisecond
	redialMost  = 10 * time.Second
	// steadyTime is how long a link must be open for the next pause to be short.
	steadyTime = 3 * time.Second
	// faultsMost is how many links in a row may end by wrong frames.
	faultsMost = 3
)

var (
	// ErrLost reports a host that could not be reached for rejoinTime.
	ErrLost = errors.New("the host is lost")
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

// A call is how a member gets a link to its host.
type call struct {
	dialing  bool // a goroutine dials
	dialed   chan dialed
	awaiting bool            // a dialled link has not said Up yet
	newest   *transport.Link // the last one that did
	begun    time.Time
	redialAt time.Time
	pause    time.Duration // between the last call and the next
	answerBy time.Time     // when a link that is not open is given up
	openedAt time.Time     // of a link that is open
	silentAt time.Time     // when such a link counts as silent
	lostAt   time.Time     // when a member that was in heard of the host last
	faults   int           // links in a row that ended by wrong frames
}

// dialed is what became of a call.
type dialed struct {
	link *transport.Link
	err  error
}

// due does what the time asks for.
func (n *Member) due(ctx context.Context) {
	now := n.cfg.Now()
	switch {
	case n.state.Over != nil:
		return
	case n.unheard() && !now.Before(n.lostAt.Add(rejoinTime)):
		n.over(ErrLost)
		return
	case n.mayCall() && !now.Before(n.redialAt):
		n.dial(ctx)
	case n.mayAnswer() && !now.Before(n.answerBy):
		n.hangUp(transport.Late, "no welcome")
	}
	if n.hears() && !now.Before(n.silentAt) {
		n.state.Silent = true
		n.lostAt = n.silentAt.Add(-silentAfter)
		n.redialAt, n.pause = now, redialFirst
		n.tellState()
		n.due(ctx)
	}
}

// mayCall reports whether there is reason to call the host. A silent link is kept
// meanwhile: it may come back sooner.
func (n *Member) mayCall() bool {
	return !n.dialing && !n.awaiting && (n.link == nil || n.stage == open && n.state.Silent)
}

// mayAnswer reports whether the host's answer is still expected.
func (n *Member) mayAnswer() bool { return n.link != nil && n.stage != open && !n.shut }

// unheard reports whether a member that was in hears nothing of the host.
func (n *Member) unheard() bool { return n.state.Joined && (n.state.Lost || n.state.Silent) }

// hears reports whether beats come in.
func (n *Member) hears() bool { return n.link != nil && n.stage == open && !n.state.Silent }

// arm sets the timer to the next due time.
func (n *Member) arm(timer *time.Timer) {
	now := n.cfg.Now()
	at := now.Add(time.Hour)
	for _, t := range []struct {
		when bool
		at   time.Time
	}{
		{n.mayCall(), n.redialAt},
		{n.unheard(), n.lostAt.Add(rejoinTime)},
		{n.mayAnswer(), n.answerBy},
		{n.hears(), n.silentAt},
	} {
		if t.when && n.state.Over == nil && t.at.Before(at) {
			at = t.at
		}
	}
	timer.Reset(max(at.Sub(now), 0))
}

// dial calls the host in a goroutine of its own; the link announces itself.
func (n *Member) dial(ctx context.Context) {
	n.dialing = true
	if n.state.Joined {
		n.stats.Redials++
	}
	go func() {
		ctx, cancel := context.WithTimeout(ctx, dialTime)
		defer cancel()
		l, err := n.cfg.Dial(ctx, n.host, n.cfg.Addrs)
		n.dialed <- dialed{l, err}
	}()
}

// afterDial notes how a call ended. Of a link, Up came before or is still to come.
func (n *Member) afterDial(d dialed) {
	n.dialing = false
	if d.err == nil {
		n.awaiting = d.link != n.newest
		return
	}
	n.cfg.Log.Info("dial", "err", d.err)
	switch {
	case n.state.Over != nil:
	case !n.state.Joined:
		n.over(d.err)
	default:
		n.redialLater()
	}
}

func (n *Member) redialLater() {
	n.redialAt = n.cfg.Now().Add(n.pause)
	n.pause = min(2*n.pause, redialMost)
}

// up says hello over a new link: the proof and the join request leave at once. It
// takes the place of a link that is silent, which the host then closes as well.
func (n *Member) up(ev transport.Up) {
	if ev.Dialed {
		n.newest, n.awaiting = ev.Link, false
	}
	silent := n.stage == open && n.state.Silent
	if !ev.Dialed || n.state.Over != nil || n.link != nil && !silent {
		ev.Link.Close(transport.Left, "")
		return
	}
	exporter := ev.Link.Exporter()
	hello, err := n.cfg.Joiner.Hello(exporter[:], ev.Link.Peer(), n.log.Head())
	if err != nil {
		ev.Link.Close(transport.Left, "")
		n.over(err)
		return
	}
	if n.link != nil {
		n.link.Close(transport.Replaced, "")
	}
	n.use(ev.Link)
	n.stats.Links++
	n.answerBy = n.cfg.Now().Add(answerTime)
	if last := n.begun.Add(joinTime); !n.state.Joined && last.Before(n.answerBy) {
		n.answerBy = last
	}
	n.link.Send(transport.Control, transport.Hello, hello)
}

// use makes l, or nil, the link to the host.
func (n *Member) use(l *transport.Link) {
	n.link, n.stage, n.shut, n.fault = l, greeted, false, nil
	n.early, n.size = nil, 0
}

// hangUp closes the link. Down follows and ends it for the node.
func (n *Member) hangUp(code transport.Code, reason string) {
	n.shut = true
	n.link.Close(code, reason)
}

// down calls the host again, unless it said that there is no use.
func (n *Member) down(err error) {
	n.cfg.Log.Info("link down", "err", err)
	now := n.cfg.Now()
	if n.fault != nil {
		err = n.fault
	}
	if n.fault != nil || codeOf(err) == transport.Violation {
		n.faults++
	}
	if n.stage == open {
		if !n.state.Silent {
			n.lostAt = now
		}
		if now.Sub(n.openedAt) >= steadyTime {
			n.pause, n.faults = redialFirst, 0
		}
	}
	n.use(nil)
	if n.state.Over != nil {
		return
	}
	if final := n.finally(err); final != nil {
		n.over(final)
		return
	}
	n.state.Lost = n.state.Joined
	n.redialLater()
	n.tellState()
}

// codeOf returns the code that either end closed a link with, Late if none did.
func codeOf(err error) transport.Code {
	if c, ok := errors.AsType[*transport.CloseError](err); ok {
		return c.Code
	}
	return transport.Late
}

// finally returns what a link's end means for the session, nil if the host is to
// be called again.
func (n *Member) finally(err error) error {
	if c, ok := errors.AsType[*transport.CloseError](err); ok && c.Remote {
		switch c.Code {
		case transport.Ended, transport.Left:
			return ErrEnded
		case transport.Refused:
			return fmt.Errorf("%w: %s", ErrRefused, c.Reason)
		case transport.Removed:
			return ErrRemoved
		case transport.Replaced:
			return ErrReplaced
		case transport.Full:
			return n.stillFull(c)
		}
	}
	switch {
	case n.faults >= faultsMost, n.faults > 0 && !n.state.Joined:
		return fmt.Errorf("%w: %w", ErrBroken, err)
	case !n.state.Joined:
		return fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return nil
}

// stillFull returns that a host is full, or nil if that may pass: it says so also
// when too many join at the same moment.
func (n *Member) stillFull(c *transport.CloseError) error {
	if n.state.Joined || n.cfg.Now().Sub(n.begun) < fullTime {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrFull, c.Reason)
}
