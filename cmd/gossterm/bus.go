package main

import (
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/node"
	"gossterm/session"
)

// A hostBus lets a session use a host's node.
type hostBus struct{ n *node.Host }

func (b hostBus) Attach(p session.HostPorts) error {
	return b.n.Attach(node.HostPorts{
		Input: func(author id.Peer, incarnation, seq uint64, plain []byte) bool {
			select {
			case p.Inputs <- session.Input{Author: author, Incarnation: incarnation, Seq: seq, Plain: plain}:
				return true
			default:
				return false // its author repeats it
			}
		},
		Members: func(m *member.Membership) { newest(p.Roster, session.Roster{People: peopleOf(m)}) },
		History: func(seq uint64) {
			select {
			case p.Wants <- seq:
			default: // who asked goes on without
			}
		},
	})
}

func (b hostBus) Append(a session.Append) error {
	return b.n.Append(a.Seq, a.Part, a.Parts, a.Plain)
}

func (b hostBus) Stale() error { return b.n.Stale() }

func (b hostBus) Fresh() error { return b.n.Fresh() }

func (b hostBus) History(seq uint64, plain []byte) error { return b.n.History(seq, plain) }

// A memberNode is what both kinds of member have under their session.
type memberNode interface {
	Attach(bell func(), state func(node.State), history func(seq uint64, plain []byte)) error
	WantHistory(seq uint64) error
	Read(after, printed uint64) ([]node.Record, error)
	Send(incarnation, seq uint64, plain []byte) error
}

// A remote is the node of a member that joined from elsewhere.
type remote struct{ *node.Member }

func (r remote) Attach(bell func(), state func(node.State), history func(uint64, []byte)) error {
	return r.Member.Attach(node.MemberPorts{Bell: bell, State: state, History: history})
}

// An own is the host's own terminal, which saw all that scrolled off.
type own struct{ *node.Local }

func (o own) Attach(bell func(), state func(node.State), _ func(uint64, []byte)) error {
	return o.Local.Attach(bell, state)
}

func (o own) WantHistory(uint64) error { return nil }

// A memberBus lets a session use a member's node.
type memberBus struct{ n memberNode }

func (b memberBus) Attach(p session.MemberPorts) error {
	bell := func() {
		select {
		case p.Bell <- struct{}{}:
		default: // it rings already
		}
	}
	history := func(seq uint64, plain []byte) {
		select {
		case p.History <- session.History{Seq: seq, Plain: plain}:
		default:
		}
	}
	return b.n.Attach(bell, func(s node.State) { newest(p.State, stateOf(s)) }, history)
}

func (b memberBus) WantHistory(seq uint64) error { return b.n.WantHistory(seq) }

func (b memberBus) Read(after, printed uint64) ([]session.Recorded, error) {
	recs, err := b.n.Read(after, printed)
	out := make([]session.Recorded, len(recs))
	for i, r := range recs {
		out[i] = session.Recorded{Seq: r.Seq, Part: r.Part, Parts: r.Parts, Plain: r.Plain}
	}
	return out, err
}

func (b memberBus) Send(s session.Send) error { return b.n.Send(s.Incarnation, s.Seq, s.Plain) }

// newest puts v into a channel of size one, in place of what was not taken yet.
// One goroutine alone may send to the channel.
func newest[T any](c chan T, v T) {
	select {
	case <-c:
	default:
	}
	c <- v
}

func stateOf(s node.State) session.MemberState {
	out := session.MemberState{Link: s.Link, Lost: s.Lost, Silent: s.Silent, Since: s.Since, Over: s.Over, People: peopleOf(s.Members)}
	if s.Joined {
		out.Joined = &session.Joined{Incarnation: s.Incarnation, MayType: s.MayType}
	}
	return out
}

func peopleOf(m *member.Membership) []session.Person {
	if m == nil {
		return nil
	}
	people := make([]session.Person, len(m.Rows))
	for i, r := range m.Rows {
		people[i] = session.Person{
			Key:         r.Peer,
			Incarnation: r.Incarnation,
			Name:        r.Display(),
			MayType:     r.Role == id.Type,
			Away:        r.State == member.Away,
		}
	}
	return people
}
