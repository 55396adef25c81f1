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
// from us, so it is checked before that, and an author who signs wrong loses his
// link (PROTOCOL.md §5).
type checker struct {
	topic id.Topic
	work  chan check
	done  chan []verdict
}

// A check is a record whose signature is to be verified.
type check struct {
	link        *transport.Link
	author      id.Peer
	incarnation uint64
	record      envelope.Record
}

// A verdict is a check and what it found.
type verdict struct {
	check
	good bool
}

func newChecker(topic id.Topic) checker {
	return checker{topic: topic, work: make(chan check, checksMost), done: make(chan []verdict)}
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
			select {
			case c.done <- c.all(k):
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// all verifies k and what waits behind it.
func (c *checker) all(k check) (out []verdict) {
	for {
		out = append(out, verdict{k, c.verify(k)})
		select {
		case k = <-c.work:
		default:
			return out
		}
	}
}

func (c *checker) verify(k check) bool {
	return envelope.Verify(c.topic, k.author, k.incarnation, k.record)
}

// later has k verified beside the loop and reports whether it will be, or was at
// once, as there was no room, and is good.
func (c *checker) later(k check) (queued, good bool) {
	select {
	case c.work <- k:
		return true, true
	default:
		return false, c.verify(k)
	}
}

// signaturesChecked takes the checker's verdicts.
func (n *overlay) signaturesChecked(vs []verdict) {
	for _, v := range vs {
		switch {
		case !v.good: // what is in unsure stays there, and is not sent on
			n.role.badSignature(v.link)
		case v.record.Kind == envelope.KindHost:
			delete(n.unsure, v.record.Seq)
		}
	}
}

// genuine reports whether a record of the log may be sent on. One that is in use
// and not checked yet is checked now.
func (n *overlay) genuine(seq uint64) bool {
	k, is := n.unsure[seq]
	if !is {
		return true
	}
	if !n.sigs.verify(k) {
		n.role.badSignature(k.link)
		return false
	}
	delete(n.unsure, seq)
	return true
}
