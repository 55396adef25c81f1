package node

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/transport"
)

const (
	// historyWaiters is how many links wait for a history at a time.
	historyWaiters = 64
	// historyTime is how long they do: a newcomer goes on without after a second.
	historyTime = 2 * time.Second
	// historyEvery is how often a link is answered, and how often one is asked.
	historyEvery = 500 * time.Millisecond
	// questionSize is the size of a question; what is longer is a history.
	questionSize = 8
)

// A historian knows what had scrolled off before a snapshot, or whom to ask for it
// (PROTOCOL.md §5.3): the newest object is kept, and passed on to who asks.
//
//	newcomer -- seq --> who let it in -- seq --> its parent -- seq --> host
//	         <- object-               <- object-           <- object-
type historian struct {
	wire    []byte // the newest that passed here, signed
	seq     uint64 // of wire
	waiting []historyWaiter
	asked   uint64 // the seq that was asked for last
	askedAt time.Time
}

// A historyWaiter is a link that asked.
type historyWaiter struct {
	link  *link
	seq   uint64
	until time.Time
}

// history handles a question or an object.
func (n *overlay) history(l *link, body []byte) error {
	if len(body) == questionSize {
		n.historyAsked(l, binary.BigEndian.Uint64(body))
		return nil
	}
	h, err := envelope.ParseHistory(body)
	if err != nil {
		return err
	}
	return n.role.historyCame(h, body)
}

// historyAsked answers, or asks on.
func (n *overlay) historyAsked(l *link, seq uint64) {
	if n.cfg.Leaf {
		return
	}
	now, hist, log := n.cfg.Now(), &n.historian, n.core.Log()
	if seq == 0 || seq > log.Head() || now.Before(l.askedAt.Add(historyEvery)) {
		return
	}
	l.askedAt = now
	if hist.seq == seq && hist.wire != nil {
		l.Send(transport.Control, transport.History, hist.wire)
		return
	}
	hist.waiting = slices.DeleteFunc(hist.waiting, func(w historyWaiter) bool {
		return w.link == l || w.link.shut || !now.Before(w.until)
	})
	if len(hist.waiting) >= historyWaiters {
		return
	}
	hist.waiting = append(hist.waiting, historyWaiter{l, seq, now.Add(historyTime)})
	n.role.historyWanted(seq)
}

// historyHere keeps an object and gives it to those who wait for it.
func (n *overlay) historyHere(seq uint64, wire []byte) {
	hist, log := &n.historian, n.core.Log()
	if seq >= hist.seq && seq <= log.Head() {
		hist.seq, hist.wire = seq, wire
	}
	hist.waiting = slices.DeleteFunc(hist.waiting, func(w historyWaiter) bool {
		if w.seq == seq && !w.link.shut {
			w.link.Send(transport.Control, transport.History, wire)
		}
		return w.seq == seq
	})
}

// historyWanted asks the host's session.
func (n *Host) historyWanted(seq uint64) {
	if n.ports != nil && n.ports.History != nil {
		n.ports.History(seq)
	}
}

// historyCame is for members: nobody knows it but the host.
func (n *Host) historyCame(envelope.History, []byte) error { return nil }

// History answers HostPorts.History. An empty one is an answer, too.
func (n *Host) History(seq uint64, plain []byte) error {
	return n.tell(func() {
		var nonce [12]byte
		rand.Read(nonce[:])
		n.historyHere(seq, n.admission.Past().Seal(n.cfg.Secret, seq, nonce, plain))
	})
}

// WantHistory asks for what had scrolled off before the snapshot that begins with
// record seq; MemberPorts.History may bring it.
func (n *Member) WantHistory(seq uint64) error {
	return n.tell(func() {
		n.wanted = seq
		n.historyWanted(seq)
	})
}

// historyWanted asks a peer that is nearer to the host, or let this one in.
func (n *Member) historyWanted(seq uint64) {
	now, hist := n.cfg.Now(), &n.historian
	if hist.asked == seq && now.Before(hist.askedAt.Add(historyEvery)) {
		return
	}
	for _, p := range [...]id.Peer{n.core.Parent(), n.host, n.contacts[1].Peer} {
		if l := n.inUse[p]; l != nil && !l.shut && !l.quiet {
			hist.asked, hist.askedAt = seq, now
			l.Send(transport.Control, transport.History, binary.BigEndian.AppendUint64(nil, seq))
			return
		}
	}
}

// historyCame takes an object that the host has signed, and passes it on.
func (n *Member) historyCame(h envelope.History, wire []byte) error {
	if h.Incarnation != n.joiner.Welcome().Host {
		return nil
	}
	if !envelope.VerifyHistory(n.sigs.topic, n.host, h) {
		return errForged
	}
	n.historyHere(h.Seq, wire)
	past := n.joiner.Past(h.Epoch)
	if n.wanted != h.Seq || n.ports == nil || n.ports.History == nil || past == nil {
		return nil
	}
	plain, err := past.Open(h)
	if err != nil {
		return err
	}
	n.wanted = 0
	n.ports.History(h.Seq, plain)
	return nil
}
