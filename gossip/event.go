package gossip

import (
	"net/netip"

	"gossterm/internal/id"
)

// An Event is something that happened to a State's process.
type Event interface{ event() }

// LinkUp says that there is a link to a peer, whoever dialled it. A link that
// replaces another of the same peer is one too.
type LinkUp struct{ Peer id.Peer }

// LinkDown says that the link to a peer is gone, or that a Dial failed.
type LinkDown struct{ Peer id.Peer }

// LinkDone says that the link to a peer is gone because its other end had no use
// for it: the peer is well.
type LinkDone struct{ Peer id.Peer }

// LinkSilent says that nothing was heard over a link for 3 s.
type LinkSilent struct{ Peer id.Peer }

// LinkBack says that something was heard again over a silent link.
type LinkBack struct{ Peer id.Peer }

// LinkReset says that what was queued on a link's log stream was thrown away,
// because it is slow: the peer goes on at the newest complete snapshot.
type LinkReset struct{ Peer id.Peer }

// Recv brings a message from a linked peer.
type Recv struct {
	From id.Peer
	Msg  Msg
}

// A Verdict is what the check of a record found.
type Verdict uint8

// What a check can find.
const (
	Good    Verdict = 1
	Unknown Verdict = 2 // its epoch is not known yet: nobody's fault
	Bad     Verdict = 3 // forged: the link of its sender is closed
)

// Checked answers a Check.
type Checked struct {
	From    id.Peer
	Seq     uint64
	Verdict Verdict
}

// Append adds a record to the host's own log. At a member it does nothing.
type Append struct{ Rec Record }

// Head says that a signed head was checked: the host's beat, its newest seq and
// the version of the membership. From is who sent it; the host's own come from
// itself.
type Head struct {
	From                   id.Peer
	Beat, Through, Version uint64
}

// Members says that a newer membership was checked and is in force. From is who
// sent it; the host's own come from itself.
type Members struct {
	From    id.Peer
	Version uint64
}

// Serve asks to give a peer, once, what follows seq Have of the log: it was let in
// over a link, and will not be a neighbor before it has said so.
type Serve struct {
	Peer id.Peer
	Have uint64
}

// Keep says whether somebody else needs a link, so that it is not let go when
// gossip has no use for it.
type Keep struct {
	Peer id.Peer
	Need bool
}

// Submit sends an input of this peer's own toward the host. Again says that it
// was sent before and not acked: it takes other ways as well.
type Submit struct {
	Input Input
	Again bool
}

// Knock sends a Request toward the host: of this peer's own, or of one that has a
// link to it and is not let in yet. Answered follows, unless it is lost.
type Knock struct{ Request Request }

// InputChecked answers a CheckInput.
type InputChecked struct {
	From             id.Peer
	Author           id.Peer
	Incarnation, Seq uint64
	Verdict          Verdict
}

// Enter asks to join, or come back, through a peer, which is remembered.
type Enter struct{ Contact Contact }

// Reached says under which addresses others may reach this peer now.
type Reached struct{ Addrs []netip.AddrPort }

// Leave tells the neighbors that this peer leaves for good.
type Leave struct{}

// Tick says that Deadline has come.
type Tick struct{}

func (LinkUp) event()       {}
func (LinkDown) event()     {}
func (LinkDone) event()     {}
func (LinkSilent) event()   {}
func (LinkBack) event()     {}
func (LinkReset) event()    {}
func (Recv) event()         {}
func (Checked) event()      {}
func (Append) event()       {}
func (Head) event()         {}
func (Members) event()      {}
func (Serve) event()        {}
func (Keep) event()         {}
func (Submit) event()       {}
func (Knock) event()        {}
func (InputChecked) event() {}
func (Enter) event()        {}
func (Reached) event()      {}
func (Leave) event()        {}
func (Tick) event()         {}

// An Action is something a State's process must do.
type Action interface{ action() }

// Send puts a message on a link. If there is none any more it is dropped.
type Send struct {
	To  id.Peer
	Msg Msg
}

// Dial asks for a link to a peer; LinkUp or LinkDown answers.
type Dial struct{ Contact Contact }

// CloseLink says that gossip has no use for a link: it is closed, after what was
// sent, unless somebody else needs it. With Violation it is closed at once.
type CloseLink struct {
	Peer   id.Peer
	Reason Reason
}

// Check asks whether a record is genuine; Checked answers, with the same From.
type Check struct {
	From id.Peer
	Rec  Record
}

// Grew says that the log has records up to Through: readers may go on.
type Grew struct{ Through uint64 }

// PassHead asks to send the head of the Head event to a peer.
type PassHead struct{ To id.Peer }

// PassMembers asks to send the membership that is in force to a peer.
type PassMembers struct{ To id.Peer }

// CheckInput asks whether an input is genuine and of somebody who may type;
// InputChecked answers. At the host, what is genuine goes to the session.
type CheckInput struct {
	From  id.Peer
	Input Input
}

// Asked hands the host a Request. The answer goes to From.
type Asked struct {
	From    id.Peer
	Request Request
}

// Answered hands over an answer to a Knock, and who passed it on: but for the host's
// own word, and what it has signed, it may be false, and another may follow.
type Answered struct {
	From   id.Peer
	Answer Answer
}

// ViewUp says that a peer entered the active view.
type ViewUp struct{ Peer id.Peer }

// ViewDown says that a peer left the active view.
type ViewDown struct {
	Peer   id.Peer
	Reason Reason
}

// ParentIs says whom the log comes from now: zero for nobody.
type ParentIs struct{ Peer id.Peer }

func (Send) action()        {}
func (Dial) action()        {}
func (CloseLink) action()   {}
func (Check) action()       {}
func (Grew) action()        {}
func (PassHead) action()    {}
func (PassMembers) action() {}
func (CheckInput) action()  {}
func (Asked) action()       {}
func (Answered) action()    {}
func (ViewUp) action()      {}
func (ViewDown) action()    {}
func (ParentIs) action()    {}
