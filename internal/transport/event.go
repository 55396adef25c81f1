package transport

import "net/netip"

// An Event is what a Transport tells the loop that owns Config.Inbox: Up, Got,
// Room or Down of a link, or Moved. For each link Up comes first and Down last, each once.
type Event interface{ event() }

// Up says that a link is there: the handshake ended and the peer has its key. It
// does not say that the peer accepts us, nor that it may be here.
type Up struct {
	Link   *Link
	Dialed bool // by us
}

// Got brings a frame. The body belongs to the receiver.
type Got struct {
	Link  *Link
	Class Class
	Kind  byte
	Body  []byte
}

// Room says that a queue whose Send had failed is at most half full.
type Room struct {
	Link  *Link
	Class Class
}

// Down says that a link has ended and why: a *CloseError if one of the ends
// closed it, ErrIdle, ErrGone, or another error of the connection.
type Down struct {
	Link *Link
	Err  error
}

// Moved says at which addresses others may dial this end from now on.
type Moved struct{ Addrs []netip.AddrPort }

func (Up) event()    {}
func (Got) event()   {}
func (Room) event()  {}
func (Down) event()  {}
func (Moved) event() {}
