package gossip

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"gossterm/internal/id"
)

// A Kind is the kind of a frame (PROTOCOL.md §3).
type Kind uint8

// The frames of gossip (PROTOCOL.md §7). Those below 16 are of the control class,
// Input is of the input class, the others of the log class.
const (
	KindJoin         Kind = 7
	KindForwardJoin  Kind = 8
	KindNeighbor     Kind = 9
	KindDisconnect   Kind = 10
	KindShuffle      Kind = 11
	KindShuffleReply Kind = 12
	KindWant         Kind = 13
	KindRequest      Kind = 14
	KindAnswer       Kind = 15
	KindGossip       Kind = 16
	KindIHave        Kind = 17
	KindGraft        Kind = 18
	KindPrune        Kind = 19
	KindPull         Kind = 20
	KindInput        Kind = 32
)

// ErrMessage reports a body that is not what a sender of this protocol makes.
var ErrMessage = errors.New("malformed gossip message")

// recordHead is how many bytes of a record name it: type, epoch, seq, part and
// parts (PROTOCOL.md §5.1).
const recordHead = 17

// inputHead is how many bytes of a member's record name it: type, epoch, seq,
// author and incarnation (PROTOCOL.md §5.2).
const inputHead = 53

// Bits of a Gossip's flags.
const (
	flagRepair = 1
	flagSkip   = 2
)

// AppendMsg appends the body of m to b and returns it with the kind of its frame.
// Lists longer than the protocol allows are cut.
func AppendMsg(b []byte, m Msg) (Kind, []byte) {
	switch m := m.(type) {
	case Join:
		return KindJoin, appendAddrs(b, m.Addrs)
	case ForwardJoin:
		return KindForwardJoin, appendContact(append(b, m.TTL), m.Joiner)
	case Neighbor:
		return KindNeighbor, appendAddrs(append(b, byte(m.Step), bit(m.High, 1), m.Degree), m.Addrs)
	case Disconnect:
		return KindDisconnect, append(b, byte(m.Reason))
	case Shuffle:
		return KindShuffle, appendEntries(appendContact(append(b, m.TTL), m.Origin), m.Entries)
	case ShuffleReply:
		return KindShuffleReply, appendEntries(append(b, m.Origin[:]...), m.Entries)
	case Gossip:
		b = append(b, bit(m.Repair, flagRepair)|bit(m.Skip, flagSkip), m.Depth)
		return KindGossip, append(append(b, m.Parent[:]...), m.Rec.Bytes...)
	case IHave:
		b = binary.BigEndian.AppendUint64(b, m.Through)
		b = binary.BigEndian.AppendUint64(b, m.Start)
		return KindIHave, append(append(b, m.Degree, m.Depth), m.Parent[:]...)
	case Graft:
		return KindGraft, binary.BigEndian.AppendUint64(b, m.From)
	case Prune:
		return KindPrune, b
	case Pull:
		return KindPull, binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, m.From), m.To)
	case Want:
		return KindWant, binary.BigEndian.AppendUint64(b, m.Version)
	case Request:
		b = append(append(b, m.Hops, byte(m.Matter)), m.Peer[:]...)
		return KindRequest, append(b, m.Body[:min(len(m.Body), MaxRequest)]...)
	case Answer:
		b = append(append(b, m.Peer[:]...), m.Code)
		return KindAnswer, append(b, m.Body[:min(len(m.Body), MaxRequest)]...)
	case Input:
		return KindInput, append(append(b, m.Hops), m.Bytes...)
	}
	panic(fmt.Sprintf("gossip: no frame for %T", m))
}

// ParseMsg reads the body of a frame of kind k. The record of a Gossip keeps b's
// bytes; of the record only the name is read, the rest is for who checks it. It
// fails with ErrMessage.
func ParseMsg(k Kind, b []byte) (Msg, error) {
	r := reader{b: b}
	m := r.message(k)
	if r.bad || m == nil || len(r.b) > 0 {
		return nil, fmt.Errorf("%w of kind %d", ErrMessage, k)
	}
	return m, nil
}

// message reads the fields of one message, nil if there is none of that kind.
func (r *reader) message(k Kind) Msg {
	switch k {
	case KindJoin:
		return Join{r.addrs()}
	case KindForwardJoin:
		return ForwardJoin{TTL: r.atMost(MaxTTL), Joiner: r.contact()}
	case KindNeighbor:
		return r.neighbor()
	case KindDisconnect:
		reason := Reason(r.atMost(uint8(NoNeighbor)))
		r.must(reason > 0)
		return Disconnect{reason}
	case KindShuffle:
		return Shuffle{TTL: r.atMost(MaxTTL), Origin: r.contact(), Entries: r.entries()}
	case KindShuffleReply:
		return ShuffleReply{Origin: r.peer(), Entries: r.entries()}
	case KindGossip:
		return r.gossip()
	case KindIHave:
		h := IHave{Through: r.u64(), Start: r.u64(), Degree: r.u8(), Depth: r.u8(), Parent: r.peer()}
		r.must(h.Start <= h.Through)
		return h
	case KindGraft:
		g := Graft{r.u64()}
		r.must(g.From > 0)
		return g
	case KindPrune:
		return Prune{}
	case KindPull:
		p := Pull{r.u64(), r.u64()}
		r.must(p.From > 0 && p.From <= p.To && p.To-p.From < MaxRange)
		return p
	case KindWant:
		return Want{r.u64()}
	case KindRequest:
		q := Request{Hops: r.atMost(MaxHops), Matter: Matter(r.atMost(uint8(ToLeave))), Peer: r.peer(), Body: r.rest(MaxRequest)}
		r.must(q.Matter > 0)
		return q
	case KindAnswer:
		return Answer{Peer: r.peer(), Code: r.u8(), Body: r.rest(MaxRequest)}
	case KindInput:
		return r.input()
	}
	return nil
}

// input reads an Input. Of the record only the name is read.
func (r *reader) input() Msg {
	m := Input{Hops: r.atMost(MaxHops), Bytes: r.b}
	head := r.take(inputHead)
	if r.bad {
		return nil
	}
	m.Seq = binary.BigEndian.Uint64(head[5:])
	m.Author = id.Peer(head[13:45])
	m.Incarnation = binary.BigEndian.Uint64(head[45:])
	r.must(head[0] == 2 && m.Seq > 0 && m.Incarnation > 0)
	r.b = nil
	return m
}

// rest returns all that is left, at most n bytes.
func (r *reader) rest(n int) []byte {
	r.must(len(r.b) <= n)
	return r.take(len(r.b))
}

func (r *reader) neighbor() Msg {
	n := Neighbor{Step: Relation(r.atMost(uint8(Refuse))), High: r.atMost(1) == 1, Degree: r.u8(), Addrs: r.addrs()}
	r.must(n.Step >= Ask && (n.Step == Ask || !n.High))
	return n
}

func (r *reader) gossip() Msg {
	flags := r.atMost(flagRepair | flagSkip)
	g := Gossip{Repair: flags&flagRepair != 0, Skip: flags&flagSkip != 0, Depth: r.u8(), Parent: r.peer()}
	rec := r.b
	head := r.take(recordHead)
	if r.bad {
		return nil
	}
	g.Rec = Record{
		Seq:   binary.BigEndian.Uint64(head[5:]),
		Part:  binary.BigEndian.Uint16(head[13:]),
		Parts: binary.BigEndian.Uint16(head[15:]),
		Bytes: rec,
	}
	r.must(head[0] == 1 && g.Rec.Seq > 0 && g.Rec.Part <= g.Rec.Parts && (g.Rec.Part > 0 || g.Rec.Parts == 0))
	r.b = nil
	return g
}

// bit returns v if on.
func bit(on bool, v byte) byte {
	if on {
		return v
	}
	return 0
}

func appendContact(b []byte, c Contact) []byte { return appendAddrs(append(b, c.Peer[:]...), c.Addrs) }

func appendEntries(b []byte, cs []Contact) []byte {
	cs = cs[:min(len(cs), MaxEntries)]
	b = append(b, byte(len(cs)))
	for _, c := range cs {
		b = appendContact(b, c)
	}
	return b
}

// appendAddrs leaves out what no address of a contact may be.
func appendAddrs(b []byte, as []netip.AddrPort) []byte {
	at := len(b)
	b = append(b, 0)
	for _, a := range as {
		if id.Dialable(a) && b[at] < MaxAddrs {
			b[at]++
			b = id.AppendAddr(b, a)
		}
	}
	return b
}

// A reader takes fields from the front of b; after the first that does not fit
// all are zero and bad is set.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) must(ok bool) { r.bad = r.bad || !ok }

// take returns the next n bytes, nil if there are not so many.
func (r *reader) take(n int) []byte {
	if r.bad || len(r.b) < n {
		r.bad = true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u8() uint8 {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (r *reader) atMost(n uint8) uint8 {
	v := r.u8()
	r.must(v <= n)
	return v
}

func (r *reader) peer() (p id.Peer) {
	copy(p[:], r.take(len(id.Peer{})))
	return p
}

func (r *reader) contact() Contact { return Contact{Peer: r.peer(), Addrs: r.addrs()} }

func (r *reader) entries() []Contact {
	var cs []Contact
	for range r.atMost(MaxEntries) {
		if r.bad {
			return nil
		}
		cs = append(cs, r.contact())
	}
	return cs
}

func (r *reader) addrs() []netip.AddrPort {
	var as []netip.AddrPort
	for range r.atMost(MaxAddrs) {
		a, rest, ok := id.DecodeAddr(r.b)
		if r.must(ok); r.bad {
			return nil
		}
		as, r.b = append(as, a), rest
	}
	return as
}
