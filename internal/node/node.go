// Package node runs the gossip of one process: one loop that owns the links, the
// gossip.State over them, the host's log that it brings, and the checks of what
// arrives.
//
//	session ── Append, Send, Read ──> node ── Send ──> links
//	   ^                               |  ^
//	   └── Input, Bell, State ─────────┘  └── events of transport
//	       (never waited for)
//
// A session may wait for its node; a node waits for nobody: what a link does not
// take now waits in its outbox until there is room, and is thrown away in favour
// of the newest snapshot when that is too much.
//
// Host and Member are the two roles of a node over one overlay. The host admits,
// signs heads and memberships and writes the log; a member asks to be let in, by
// the host or by any other member, and passes on what the host has signed.
package node

import (
	"errors"
	"time"
)

const (
	// beatEvery is how often the host signs a head (PROTOCOL.md §4.5).
	beatEvery = time.Second
	// silentAfter is how long without a newer beat the host counts as out of reach.
	silentAfter = 3 * time.Second
	// lagMost is how many bytes a reader may be behind before it goes on at the
	// newest snapshot: more than the output between two snapshots, so that only
	// who cannot keep up jumps.
	lagMost = 512 << 10
	// skipLeast is how many bytes of output a reader that is behind passes over at
	// least: packed, many more than lagMost may be few in the log.
	skipLeast = 256 << 10
	// readMost is how many bytes one Read returns, but for its last record.
	readMost = 128 << 10
	// cmdsMost is how many commands wait for a loop before the next waits itself.
	cmdsMost = 16
)

var (
	// ErrAttached reports a second session on a node: inputs have one reader.
	ErrAttached = errors.New("a session is attached already")
	// ErrStopped reports a call to a node whose loop has ended.
	ErrStopped = errors.New("the node has stopped")
)

// A Record is one record of the host's log, opened.
type Record struct {
	Seq         uint64
	Part, Parts uint16
	Plain       []byte
}

// A loop is the goroutine that owns a node's state. Others ask it by a command.
type loop struct {
	cmds chan func()
	gone chan struct{} // closed when the loop has ended
}

func newLoop() loop { return loop{cmds: make(chan func(), cmdsMost), gone: make(chan struct{})} }

// tell makes the loop run f, some time later.
func (l *loop) tell(f func()) error {
	select {
	case <-l.gone:
		return ErrStopped
	default:
	}
	select {
	case l.cmds <- f:
		return nil
	case <-l.gone:
		return ErrStopped
	}
}

// ask makes the loop run f and waits for it.
func (l *loop) ask(f func()) error {
	done := make(chan struct{})
	if err := l.tell(func() { f(); close(done) }); err != nil {
		return err
	}
	select {
	case <-done:
		return nil
	case <-l.gone:
		return ErrStopped
	}
}
