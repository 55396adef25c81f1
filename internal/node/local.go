package node

import (
	"gossterm/internal/id"
)

// A Local is the host's own terminal: a member without a link.
type Local struct {
	n           *Host
	key         id.Peer
	incarnation uint64
}

// Local admits the host's own terminal under a key of its own.
func (n *Host) Local(key id.Peer, name string, secret [32]byte) (*Local, error) {
	l := &Local{n: n, key: key}
	err := n.ask(func() {
		l.incarnation = n.cfg.Admission.AdmitLocal(key, name, secret).Incarnation
		n.membershipChanged()
	})
	return l, err
}

// Attach says what is called, in the node's loop, when there is more to read, and
// when who is in the session changes.
func (l *Local) Attach(bell func(), state func(State)) error {
	return l.n.ask(func() {
		l.n.local = append(l.n.local, bell)
		l.n.watch = func() { state(l.state()) }
		l.n.watch()
		bell()
	})
}

func (l *Local) state() State {
	m := l.n.cfg.Admission.Members()
	return State{Joined: true, Incarnation: l.incarnation, MayType: true, Link: 1, Members: m}
}

// Read returns some records that follow record after, or begin at the newest
// snapshot if those are gone or far behind.
func (l *Local) Read(after uint64) (recs []Record, err error) {
	if e := l.n.ask(func() { recs, err = read(&l.n.log, after, l.n.cfg.Admission.Log().Open) }); e != nil {
		return nil, e
	}
	return recs, err
}

// Send gives an input to the session.
func (l *Local) Send(incarnation, seq uint64, plain []byte) error {
	return l.n.tell(func() {
		n := l.n
		if n.ports == nil || !n.ports.Input(l.key, incarnation, seq, plain) {
			n.stats.InputsFull++
			return
		}
		n.stats.Inputs++
	})
}
