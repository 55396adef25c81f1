package gossip

import (
	"time"

	"gossterm/internal/id"
)

// A State is one peer's part in the overlay (HyParView) and in the tree over it
// (Plumtree): the active view, the passive view, and the host's log as far as it
// is here.
//
//	        Enter               ask, accept              first copy of a record
//	contact -----> link (up) ------------------> neighbor ----------------> parent
//	   ^            |  ^                          |    ^ eager push | lazy IHave
//	   |   silent   v  | back        Disconnect   v    |
//	   |          suspect          passive view <-/ ---/ filled from here
//	   gone: forgotten
//
// It is for one topic and one incarnation of the host. The zero State is not
// usable: see New. Who runs it
//
//   - does the actions of a Step in their order, before the next Step;
//   - sends a Tick when Deadline has come, and asks for it anew after each Step;
//   - tells of each link it has, also of those it did not Dial, and answers each
//     Dial with LinkUp or LinkDown (one that is not answered is given up);
//   - checks what Check asks for, in any order, and hands on only what it found in
//     Log: a record that waits beyond a gap is not there yet;
//   - keeps probing a link that it called silent, and says when it is back or gone.
type State struct {
	cfg    Config
	out    []Action
	stats  Stats
	shape  // HyParView
	tree   // Plumtree
	rejoin // when the host is unheard
	roll   // the membership's version
	toward // inputs and requests on their way to the host
	born   time.Time
}

// Stats counts what a State did. All but Depth only rise.
type Stats struct {
	Records    uint64 // taken into the log
	Duplicates uint64 // records that were here already
	Forged     uint64 // records found Bad
	Unknown    uint64 // records found Unknown
	Repaired   uint64 // records sent as repair
	Refused    uint64 // requests and records dropped: over credit, or over a bound
	Grafts     uint64 // sent
	Prunes     uint64 // sent
	Pulls      uint64 // sent
	Inputs     uint64 // of others, passed on toward the host
	Requests   uint64 // likewise
	Depth      int    // links to the host, 255 if unknown
}

// New returns the state of a peer without neighbors.
func New(now time.Time, cfg Config) *State {
	s := &State{cfg: cfg.filled(), born: now}
	s.shuffleDue = now.Add(s.shuffleWait(now))
	s.depth = depthUnknown
	if s.isHost() {
		s.depth = 0
	}
	s.beatAt = now
	return s
}

// Step applies one event at one instant and returns what the caller must do.
//
// It reads no clock, starts no goroutine and never blocks; equal events at equal
// instants give equal actions. The slice is valid until the next Step.
func (s *State) Step(now time.Time, ev Event) []Action {
	clear(s.out)
	s.out = s.out[:0]
	s.fresh = s.log.Head() + 1
	s.apply(now, ev)
	s.due(now)
	if s.log.Head() >= s.fresh {
		s.emit(Grew{s.log.Head()})
	}
	return s.out
}

// apply does what an event asks for itself.
func (s *State) apply(now time.Time, ev Event) {
	switch ev := ev.(type) {
	case LinkUp:
		s.linkNew(now, ev.Peer)
	case LinkDown:
		s.linkDown(now, ev.Peer)
	case LinkDone:
		s.linkDone(now, ev.Peer)
	case LinkSilent:
		s.linkSilent(now, ev.Peer)
	case LinkBack:
		s.linkBack(now, ev.Peer)
	case LinkReset:
		s.linkReset(now, ev.Peer)
	case Recv:
		s.recv(now, ev.From, ev.Msg)
	case Checked:
		s.checked(now, ev)
	case Append:
		s.append(now, ev.Rec)
	case Head:
		s.head(now, ev)
	case Members:
		s.applied(ev)
	case Serve:
		s.serve(now, ev)
	case Keep:
		s.keep(now, ev)
	case Submit:
		s.submit(ev)
	case Knock:
		s.knock(now, ev.Request)
	case InputChecked:
		s.inputChecked(now, ev)
	case Enter:
		s.enter(now, ev.Contact)
	case Reached:
		s.cfg.Addrs = ev.Addrs[:min(len(ev.Addrs), MaxAddrs)]
	case Leave:
		s.leave()
	case Tick: // due does the work
	}
}

// recv hands a message to the half that it is for.
func (s *State) recv(now time.Time, from id.Peer, m Msg) {
	l := s.linkUp(now, from)
	if l == nil || s.cfg.Leaf && isFavor(m) || !s.mayAsk(now, l, m) {
		return
	}
	switch m := m.(type) {
	case Join:
		s.recvJoin(now, l, m)
	case ForwardJoin:
		s.recvForwardJoin(now, l, m)
	case Neighbor:
		s.recvNeighbor(now, l, m)
	case Disconnect:
		s.recvDisconnect(now, l, m)
	case Shuffle:
		s.recvShuffle(now, l, m)
	case ShuffleReply:
		s.recvShuffleReply(now, m)
	case Gossip:
		s.recvGossip(now, l, m)
	case IHave:
		s.recvIHave(now, l, m)
	case Graft:
		s.recvGraft(now, l, m)
	case Prune:
		l.push = false
	case Pull:
		s.recvPull(now, l, m)
	case Want:
		s.recvWant(l, m)
	case Request:
		s.recvRequest(now, l, m)
	case Answer:
		s.recvAnswer(l, m)
	case Input:
		s.recvInput(now, l, m)
	}
}

// due does what time asks for.
func (s *State) due(now time.Time) {
	s.askDue(now)
	s.rejoinIfDue(now)
	s.fillIfDue(now)
	s.trimIfDue(now)
	s.shuffleIfDue(now)
	s.sweepIfDue(now)
	s.gapIfDue(now)
	s.pushIfDue(now)
	s.ihaveIfDue(now)
	s.wantIfDue(now)
}

// Deadline returns when the next Tick is due, and whether there is one.
func (s *State) Deadline() (time.Time, bool) {
	d := s.shuffleDue
	for _, t := range [...]time.Time{s.fillDue, s.trimDue, s.sweepDue, s.gapDue, s.pushDue, s.ihaveDue, s.wantDue, s.rejoinAt()} {
		d = earlier(d, t)
	}
	for i := range s.asks {
		d = earlier(d, s.asks[i].due)
	}
	return d, !d.IsZero()
}

// earlier returns the earlier of two times; a zero one is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// reached reports whether a due time has come.
func reached(now, due time.Time) bool { return !due.IsZero() && !now.Before(due) }

func (s *State) emit(a Action)        { s.out = append(s.out, a) }
func (s *State) send(to *link, m Msg) { s.emit(Send{to.Peer, m}) }
func (s *State) isHost() bool         { return s.cfg.Self == s.cfg.Host }
func (s *State) self() Contact        { return Contact{s.cfg.Self, s.cfg.Addrs} }

// Log returns the host's log as far as it is here. The copy stays as it is.
func (s *State) Log() Log { return s.log }

// Stats returns what was counted so far.
func (s *State) Stats() Stats {
	st := s.stats
	st.Depth = s.depth
	return st
}

// Parent returns whom the log comes from, zero if nobody.
func (s *State) Parent() id.Peer {
	if s.parent == nil {
		return id.Peer{}
	}
	return s.parent.Peer
}
