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

// localPorts are what a host's node tells the session of its own terminal.
type localPorts struct {
	bell    func() // there is more to read
	changed func() // there is a new membership
}

// Local admits the host's own terminal under a key of its own. It is called once.
func (n *Host) Local(key id.Peer, name string, secret [32]byte) (*Local, error) {
	l := &Local{n: n, key: key}
	if err := n.ask(func() {
		l.incarnation = n.admission.AdmitLocal(key, name, secret).Incarnation
		n.membershipChanged()
	}); err != nil {
		return nil, err
	}
	return l, nil
}

// Attach says what is called, in the node's loop, when there is more to read, and
// when who is in the session changes. The terminal has one session.
func (l *Local) Attach(bell func(), state func(State)) error {
	err := ErrAttached
	if e := l.n.ask(func() {
		if l.n.local == nil {
			l.n.local, err = &localPorts{bell: bell, changed: func() { state(l.state()) }}, nil
			l.n.local.changed()
			bell()
		}
	}); e != nil {
		return e
	}
	return err
}

func (l *Local) state() State {
	m := l.n.admission.Members()
	return State{Joined: true, Incarnation: l.incarnation, MayType: true, Link: 1, Members: m}
}

// Read returns some records that follow record after, with which so many bytes of
// output had been printed, or begin at the newest snapshot if those are gone or far
// behind.
func (l *Local) Read(after, printed uint64) ([]Record, error) {
	select {
	case <-l.n.gone:
		return nil, ErrStopped
	default:
		return l.n.view.Load().read(after, printed)
	}
}

// Send gives an input to the session, or drops it if there is no room: its author
// repeats it.
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
