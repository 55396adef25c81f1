package gossipsim

import (
	"encoding/binary"
	"hash/fnv"

	"gossterm/gossip"
)

// trace adds an event to the hash of the history.
func (s *Sim) trace(i int32, ev gossip.Event) {
	h := fnv.New64a()
	b := binary.BigEndian.AppendUint64(s.scratch[:0], s.hash)
	b = binary.BigEndian.AppendUint64(b, uint64(s.now))
	b = binary.BigEndian.AppendUint32(b, uint32(i))
	switch ev := ev.(type) {
	case gossip.Recv:
		var k gossip.Kind
		k, b = gossip.AppendMsg(append(b, ev.From[:]...), ev.Msg)
		b = append(b, byte(k))
	case gossip.LinkUp:
		b = append(append(b, 'u'), ev.Peer[:]...)
	case gossip.LinkDown:
		b = append(append(b, 'd'), ev.Peer[:]...)
	case gossip.LinkDone:
		b = append(append(b, 'e'), ev.Peer[:]...)
	case gossip.LinkSilent:
		b = append(append(b, 's'), ev.Peer[:]...)
	case gossip.LinkBack:
		b = append(append(b, 'b'), ev.Peer[:]...)
	}
	h.Write(b)
	s.scratch, s.hash = b, h.Sum64()
}

// Trace returns the hash of the history so far, if the Config asks for one.
func (s *Sim) Trace() uint64 { return s.hash }
