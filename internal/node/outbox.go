package node

import (
	"gossterm/gossip"
	"gossterm/internal/transport"
)

const (
	// outboxMost is how many bytes of records wait for a link before they are thrown
	// away: as much as a reader may be behind.
	outboxMost = lagMost
	// askedMost is how many other messages wait in an outbox.
	askedMost = 256
	// settled is how many bytes of the log must follow a snapshot before it has
	// surely arrived: more than a link's queue (64 KiB) and its stream (512 KiB) hold.
	settled = 768 << 10
)

// An outbox holds what is to go over a link's log stream and does not fit into its
// queue. Records are shared with the log. When there are too many, they are thrown
// away, and gossip goes on at the newest snapshot; but a snapshot that was begun is
// sent whole, however far behind the link is by then: else who is slow would be
// sent the beginning of one snapshot after the other, and never see a screen.
type outbox struct {
	msgs  []gossip.Msg
	size  int    // bytes of the records in msgs
	asked int    // other messages in msgs
	full  bool   // the queue takes nothing until Room
	held  bool   // until Fresh: it is not empty before
	lost  bool   // records were thrown away, and those that come are, until the box is empty
	last  uint64 // last record of the snapshot that it jumped to
	since int    // bytes of records sent after that snapshot
}

// push sends a message of the log class, now or when there is room.
func (n *overlay) push(l *link, m gossip.Msg) {
	o := &l.out
	if g, is := m.(gossip.Gossip); is {
		if o.lost {
			n.counts.discarded++
			return
		}
		if g.Skip && g.Rec.Part == 1 {
			n.skipTo(l)
		}
		o.size += len(g.Rec.Bytes)
	} else if o.asked++; o.asked > askedMost {
		o.asked--
		return
	}
	o.msgs = append(o.msgs, m)
	n.flush(l)
	if o.size > outboxMost {
		n.overflow(l)
	}
}

// flush sends what waits, as far as the queue takes it.
func (n *overlay) flush(l *link) {
	o := &l.out
	for len(o.msgs) > 0 && !o.full && !l.shut {
		kind, body := gossip.AppendMsg(n.body[:0], o.msgs[0])
		n.body = body
		if !l.Send(transport.Log, byte(kind), body) {
			o.full = true
			return
		}
		n.pushed(l, o.msgs[0])
		o.msgs[0] = nil
		o.msgs = o.msgs[1:]
	}
	if len(o.msgs) > 0 {
		return
	}
	o.msgs = nil
	if o.lost && !o.held && !l.shut {
		n.jump(l)
	}
}

// pushed counts a message that was sent.
func (n *overlay) pushed(l *link, m gossip.Msg) {
	o := &l.out
	g, is := m.(gossip.Gossip)
	if !is {
		o.asked--
		return
	}
	size := len(g.Rec.Bytes)
	o.size -= size
	n.counts.sent++
	n.counts.sentBytes += uint64(size)
	switch {
	case g.Skip && g.Rec.Part == 1:
		o.last, o.since = g.Rec.Seq+uint64(g.Rec.Parts)-1, 0
	case g.Rec.Seq > o.last:
		o.since += size
	}
}

// overflow throws away the records that wait, but for a snapshot that was begun.
func (n *overlay) overflow(l *link) {
	n.throwAway(l, l.out.last)
	l.out.lost = true // the queue is full, and Room will follow
}

// throwAway throws away the records that wait and are not of the snapshot that ends
// with the given one.
func (n *overlay) throwAway(l *link, last uint64) {
	o := &l.out
	var kept []gossip.Msg
	o.size = 0
	for _, m := range o.msgs {
		g, is := m.(gossip.Gossip)
		if is && g.Rec.Seq > last {
			n.counts.discarded++
			continue
		}
		if is {
			o.size += len(g.Rec.Bytes)
		}
		kept = append(kept, m)
	}
	o.msgs = kept
}

// jump has gossip go on at the newest snapshot. What is queued is thrown away,
// unless that may hold the snapshot of the jump before.
func (n *overlay) jump(l *link) {
	o := &l.out
	o.lost = false
	n.counts.resets++
	if o.since > settled {
		l.Drop()
		o.full, o.since = false, 0
	}
	n.step(gossip.LinkReset{Peer: l.Peer()})
}

// clear forgets what waits for a link that is not heard any more.
func (o *outbox) clear() {
	full := o.full
	*o = outbox{full: full, last: o.last, since: o.since}
}
