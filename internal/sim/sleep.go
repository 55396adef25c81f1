package sim

import "time"

// sleptAfter is how long a process must have been stopped to accuse nobody of having
// been silent meanwhile.
const sleptAfter = time.Second

// A sleeper is a process that stands still for a while: stopped, or on a machine that
// sleeps. Its clock, the monotonic one, goes on meanwhile or stands still, as systems
// have it either way.
type sleeper struct {
	stopped  time.Time     // since when, zero if it is not
	standing bool          // its clock stands still
	behind   time.Duration // by how much its clock is, of all its sleeps
	late     []func()      // what became due by the true time while its clock stood still
}

// clock returns the time as the process has it.
func (n *node) clock() time.Time {
	if n.standing {
		return n.stopped.Add(-n.behind)
	}
	return n.s.queue.now.Add(-n.behind)
}

// pause stops the process for a while.
func (n *node) pause(d time.Duration) {
	if !n.s.queue.now.Before(n.paused) {
		n.stopped = n.s.queue.now
	}
	n.paused = later(n.paused, n.s.queue.now.Add(d))
	n.s.net.look()
	n.s.queue.at(n.paused, n.wake)
}

// sleep has the machine sleep: nothing that is sent to it arrives meanwhile.
func (n *node) sleep(d time.Duration, standing bool) {
	n.pause(d)
	n.standing = n.standing || standing
	n.s.net.block(&n.s.net.mute[n.place], d)
	n.s.net.block(&n.s.net.deaf[n.place], d)
}

// goOn ends a pause.
func (n *node) goOn() {
	n.paused = n.s.queue.now
	n.wake()
}

// wake lets the process go on with what came while it was stopped.
func (n *node) wake() {
	if n.dead || n.s.queue.now.Before(n.paused) {
		return
	}
	if n.standing {
		n.behind += n.s.queue.now.Sub(n.stopped)
		n.standing = false
	}
	n.s.net.look()
	if !n.stopped.IsZero() && n.s.queue.now.Sub(n.stopped) > sleptAfter {
		n.forgive()
		n.up.slept()
	}
	n.stopped = time.Time{}
	late := n.late
	n.late = nil
	for _, f := range late {
		f()
	}
	for ; len(n.inbox) > 0 && !n.dead; n.inbox = n.inbox[1:] {
		n.inbox[0]()
	}
	n.inbox = nil
}

// forgive has all who are silent be silent since now: who slept cannot tell.
func (n *node) forgive() {
	for _, e := range n.ends {
		if !e.deaf.IsZero() {
			e.await()
		}
	}
}

// every calls f in d from now, by the clock of the process.
func (n *node) every(d time.Duration, f func()) { n.ringAt(n.clock().Add(d), f) }

func (n *node) ringAt(at time.Time, f func()) {
	n.s.queue.at(at.Add(n.behind), func() {
		switch {
		case n.dead:
		case n.standing:
			n.late = append(n.late, func() { n.ringAt(at, f) })
		case n.clock().Before(at):
			n.ringAt(at, f)
		default:
			n.awake(f)
		}
	})
}
