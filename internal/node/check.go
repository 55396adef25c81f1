package node

import (
	"context"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/transport"
)

const (
	// checksMost is how many signatures wait for the checker; the loop checks the
	// next itself.
	checksMost = 64
	// checkAfter is how long they wait: a signature takes the processor for as long
	// as all the rest of a key's way does, and its echo is under way just then.
	checkAfter = 10 * time.Millisecond
)

// A checker verifies signatures beside the loop. What came over its author's own
// link and opened is its author's beyond doubt: TLS and the seal say so, and
// nobody waits for the signature. But it goes with the record to whoever gets it
// from us, so an author who signs wrong loses his link (PROTOCOL.md §5).
type checker struct {
	topic id.Topic
	work  chan check
	bad   chan *transport.Link
}

type check struct {
	link        *transport.Link
	author      id.Peer
	incarnation uint64
	record      envelope.Record
}

func newChecker(topic id.Topic) checker {
	return checker{topic: topic, work: make(chan check, checksMost), bad: make(chan *transport.Link)}
}

// run verifies until ctx ends.
func (c *checker) run(ctx context.Context) {
	pause := time.NewTimer(checkAfter)
	defer pause.Stop()
	for {
		select {
		case k := <-c.work:
			pause.Reset(checkAfter)
			select {
			case <-pause.C:
			case <-ctx.Done():
				return
			}
			if !c.all(ctx, k) {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// all verifies k and what waits behind it, and reports false if ctx ended.
func (c *checker) all(ctx context.Context, k check) bool {
	for {
		if !c.verify(k) {
			select {
			case c.bad <- k.link:
			case <-ctx.Done():
				return false
			}
		}
		select {
		case k = <-c.work:
		default:
			return true
		}
	}
}

func (c *checker) verify(k check) bool {
	return envelope.Verify(c.topic, k.author, k.incarnation, k.record)
}

// later has k verified beside the loop and reports false if it had to be done at
// once and the signature is bad.
func (c *checker) later(k check) bool {
	select {
	case c.work <- k:
		return true
	default:
		return c.verify(k)
	}
}
