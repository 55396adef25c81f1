package gossip

import (
	"net/netip"

	"gossterm/internal/id"
)

// A Contact is a peer and where it may be reached. Its addresses are shared
// between views and messages and never changed.
type Contact struct {
	Peer  id.Peer
	Addrs []netip.AddrPort // at most MaxAddrs
}

// Bounds of what a message carries (PROTOCOL.md §7).
const (
	MaxAddrs   = 4   // addresses of a contact
	MaxEntries = 16  // contacts of a shuffle
	MaxTTL     = 8   // hops of a walk
	MaxRange   = 256 // records of a Pull
	MaxHops    = 16  // links that an Input or a Request takes toward the host
	MaxRequest = 512 // bytes of a Request's or an Answer's body
)

// A Msg is what one peer's core says to another's (PROTOCOL.md §7).
type Msg interface{ msg() }

// Join asks the receiver to let the sender into the overlay.
type Join struct{ Addrs []netip.AddrPort }

// ForwardJoin walks a joiner's name through the overlay: where the walk ends, the
// joiner is asked to be a neighbor; at PassiveWalk it is taken into the passive view.
type ForwardJoin struct {
	TTL    uint8
	Joiner Contact
}

// A Relation says which step of becoming neighbors a Neighbor message is.
type Relation uint8

// The steps of becoming neighbors.
const (
	Ask    Relation = 1
	Accept Relation = 2
	Refuse Relation = 3
)

// Neighbor asks the receiver to be a neighbor, or answers it. Two that cross are
// an agreement.
type Neighbor struct {
	Step   Relation
	High   bool  // the asker has no neighbor: do not refuse
	Degree uint8 // how many neighbors the sender has
	Addrs  []netip.AddrPort
}

// Disconnect ends the relation of two neighbors, not the link.
type Disconnect struct{ Reason Reason }

// Shuffle walks a sample of the origin's views to a peer that answers with a
// sample of its own.
type Shuffle struct {
	TTL     uint8
	Origin  Contact
	Entries []Contact
}

// ShuffleReply goes back the way its Shuffle came.
type ShuffleReply struct {
	Origin  id.Peer
	Entries []Contact
}

// Gossip carries one record of the host's log.
type Gossip struct {
	Repair bool    // asked for: it says nothing about the tree
	Skip   bool    // what was asked for is gone: begin anew here
	Depth  uint8   // of the sender, in links from the host
	Parent id.Peer // whom the sender has the log from
	Rec    Record
}

// IHave says that the sender has the log through a seq, and where a newcomer
// could start with it.
type IHave struct {
	Through, Start uint64
	Degree         uint8
	Depth          uint8
	Parent         id.Peer
}

// Graft asks the receiver to push the log to the sender, from a position on.
type Graft struct{ From uint64 }

// Prune asks the receiver not to push.
type Prune struct{}

// Pull asks for a range of the log, once. It changes nothing else.
type Pull struct{ From, To uint64 }

// Want asks for a membership that is newer than Version.
type Want struct{ Version uint64 }

// A Matter says what a Request is about.
type Matter uint8

// The matters of a Request.
const (
	ToJoin  Matter = 1 // the body is a sealed join request
	ToLeave Matter = 2 // the body is a signed farewell
)

// Request carries a word of a peer toward the host. Whom it is from the host alone
// can check.
type Request struct {
	Hops   uint8 // links it has taken
	Matter Matter
	Peer   id.Peer // whose word it is
	Body   []byte  // at most MaxRequest
}

// Answer is the host's answer to a Request to join; it goes back the way the
// Request came.
type Answer struct {
	Peer id.Peer // who asked
	Code uint8   // 0: Body is a welcome; else why not, as the code of a link's end
	Body []byte  // at most MaxRequest
}

// Input carries one record of a member's log toward the host.
type Input struct {
	Hops             uint8 // links it has taken
	Author           id.Peer
	Incarnation, Seq uint64
	Bytes            []byte // the record
}

func (Join) msg()         {}
func (ForwardJoin) msg()  {}
func (Neighbor) msg()     {}
func (Disconnect) msg()   {}
func (Shuffle) msg()      {}
func (ShuffleReply) msg() {}
func (Want) msg()         {}
func (Request) msg()      {}
func (Answer) msg()       {}
func (Input) msg()        {}
func (Gossip) msg()       {}
func (IHave) msg()        {}
func (Graft) msg()        {}
func (Prune) msg()        {}
func (Pull) msg()         {}

// A Reason says why a relation or a link ended. The first four travel.
type Reason uint8

// Why neighbors part.
const (
	Evicted    Reason = 1 // the view is over its target
	Silent     Reason = 2 // nothing was heard for 3 s
	Left       Reason = 3 // it left for good
	NoNeighbor Reason = 4 // it is not in the sender's active view
	Violation  Reason = 5 // a record it sent is forged
	Idle       Reason = 6 // the link is of no use to gossip any more
	Gone       Reason = 7 // the link is lost
	Full       Reason = 8 // there are as many links as allowed
)

var reasonNames = [...]string{"", "evicted", "silent", "left", "no neighbor", "violation", "idle", "gone", "full"}

// String returns the reason as people read it.
func (r Reason) String() string {
	if int(r) < len(reasonNames) && r > 0 {
		return reasonNames[r]
	}
	return "unknown"
}
