// Package node runs the gossip of one process: one loop that owns the links, the
// host's log as this peer holds it, and the checks of what arrives.
//
//	session ── Append, Send, Read ──> node ── Send ──> links
//	   ^                               |  ^
//	   └── Input, Bell, State ─────────┘  └── events of transport
//	       (never waited for)
//
// A session may wait for its node; a node waits for nobody: what a link does not
// take now is read from the log again when there is room, or skipped in favour
// of the newest snapshot.
//
// In this version every member has one link, to the host.
package node

import (
	"errors"
	"time"

	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/transport"
)

// Frame kinds (PROTOCOL.md §3).
const (
	kindHello      = 1
	kindProof      = 2
	kindWelcome    = 3
	kindMembership = 4
	kindHead       = 5
	kindLeave      = 6
	kindGossip     = 16
	kindInput      = 32
)

const (
	// beatEvery is how often the host signs a head.
	beatEvery = time.Second
	// silentAfter is how long without a newer beat the host counts as out of reach.
	silentAfter = 3 * time.Second
	// lagMost is how many bytes a reader may be behind before it goes on at the
	// newest snapshot: more than the output between two snapshots, so that only
	// who cannot keep up jumps.
	lagMost = 512 << 10
	// readMost is how many bytes one Read returns.
	readMost = 128 << 10
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

func newLoop() loop { return loop{cmds: make(chan func(), 16), gone: make(chan struct{})} }

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

// read opens some records that follow record after, from the newest snapshot if
// those are gone or far behind.
func read(log *gossip.Log, after uint64, open func(envelope.Record) ([]byte, error)) ([]Record, error) {
	var recs []Record
	seq, ok := log.From(after, lagMost)
	for size := 0; ok && size < readMost; seq++ {
		var r gossip.Record
		if r, ok = log.Get(seq); !ok {
			break
		}
		rec, err := envelope.ParseHost(r.Bytes)
		if err != nil {
			return nil, err
		}
		plain, err := open(rec)
		if err != nil {
			return nil, err
		}
		recs = append(recs, Record{Seq: r.Seq, Part: r.Part, Parts: r.Parts, Plain: plain})
		size += len(plain)
	}
	return recs, nil
}

// hear receives events until the transport is closed and drops them.
func hear(events <-chan transport.Event, until <-chan struct{}) {
	for {
		select {
		case <-events:
		case <-until:
			return
		}
	}
}
