package sim

import (
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
)

const (
	// evilEvery is how often an evil peer floods; floodSize is with how much.
	evilEvery = 200 * time.Millisecond
	floodSize = 20
	// alterOneIn is how many of its messages it leaves alone for one that it alters.
	alterOneIn = 3
)

// An evil peer was let in as a watcher. It passes on altered records, lies about
// what it has, repeats what others said, and floods.
type evil struct {
	p *process
}

func newEvil(p *process) *evil {
	v := &evil{p: p}
	p.every(evilEvery, v.turn)
	return v
}

// alter changes a message before it is sent, now and then.
func (v *evil) alter(m gossip.Msg) gossip.Msg {
	if v.p.s.calm || v.p.s.rng.IntN(alterOneIn) != 0 {
		return m
	}
	switch m := m.(type) {
	case gossip.Gossip:
		m.Rec.Bytes = flip(m.Rec.Bytes)
		m.Depth, m.Skip = 0, true
		return m
	case gossip.IHave:
		m.Through += 1000
		m.Depth = 0
		return m
	case gossip.Input:
		m.Bytes = flip(m.Bytes)
		return m
	case gossip.Answer:
		m.Code, m.Body = uint8(refused), nil
		return m
	}
	return m
}

func flip(b []byte) []byte {
	b = append([]byte(nil), b...)
	if len(b) > 0 {
		b[len(b)/2] ^= 1
	}
	return b
}

// turn floods all who will listen.
func (v *evil) turn() {
	p := v.p
	if p.s.calm {
		return
	}
	p.every(evilEvery, v.turn)
	for _, e := range append([]*end(nil), p.ends...) {
		if e.up {
			for range floodSize {
				e.post(v.nonsense())
			}
		}
	}
}

// nonsense draws a message that an honest peer would not send, or not so often.
func (v *evil) nonsense() gossip.Msg {
	s := v.p.s
	seq := uint64(s.rng.IntN(len(s.host.written)+64)) + 1
	victim := s.people[1+s.rng.IntN(s.plan.typists)]
	nobody := gossip.Contact{Peer: id.Peer{0xee, byte(s.rng.IntN(256)), byte(s.rng.IntN(256)), 1}}
	switch s.rng.IntN(11) {
	case 0:
		return gossip.IHave{Through: seq + uint64(s.rng.IntN(1<<20)), Start: seq}
	case 1:
		return gossip.Graft{From: seq}
	case 2:
		return gossip.Pull{From: seq, To: seq + gossip.MaxRange - 1}
	case 3:
		return gossip.ForwardJoin{TTL: uint8(s.rng.IntN(gossip.MaxTTL)), Joiner: nobody}
	case 4:
		return gossip.Shuffle{TTL: gossip.MaxTTL, Origin: nobody, Entries: []gossip.Contact{nobody, {Peer: s.hostKey}}}
	case 5:
		return request(life{victim.key(), s.rng.Uint64N(s.nonces) + 1})
	case 6, 7: // a record that another sent, altered or as it was
		if w, ok := s.host.wrote(seq); ok {
			return gossip.Gossip{Rec: w, Repair: s.rng.IntN(2) == 0}
		}
		return gossip.Gossip{Rec: gossip.Record{Seq: seq, Bytes: []byte("forged")}, Skip: true}
	case 8:
		if in, ok := victim.lastInput(); ok {
			return in
		}
		return gossip.Prune{}
	case 9:
		return gossip.Neighbor{Step: gossip.Ask, High: true}
	default:
		return gossip.Disconnect{Reason: gossip.NoNeighbor}
	}
}
