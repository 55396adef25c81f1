package gossip

import (
	"cmp"
	"slices"
	"time"

	"gossterm/internal/id"
)

// A toward is what travels to the host, against the log's direction: inputs of
// members without a link of their own, and requests to join.
//
//	author --> neighbor --> neighbor --> host       each passes a name on once,
//	   \--> neighbor ----------------/              and takes its own link to the
//	                                                host when it has one
//
// Answers go back the way the request came.
type toward struct {
	checks []inputCheck
	passed []pass // a ring
	passAt int
	routes []route // one for each who asked, the oldest first
}

// An inputCheck is an input being checked.
type inputCheck struct {
	from  id.Peer
	input Input
}

// A word is the name of what was passed on.
type word struct {
	peer             id.Peer
	incarnation, seq uint64
	matter           Matter
}

// A pass is a word and when it was passed on.
type pass struct {
	word
	at time.Time
}

// A route says where the answer to a request goes: zero for here.
type route struct{ peer, from id.Peer }

func (m Input) word() word   { return word{m.Author, m.Incarnation, m.Seq, 0} }
func (m Request) word() word { return word{peer: m.Peer, matter: m.Matter} }

// submit sends an input of our own: over the link to the host, and when there is
// none, or it brought no ack, to those who hear of the host first.
func (s *State) submit(ev Submit) {
	if l := s.hostLink(id.Peer{}); l != nil {
		s.send(l, ev.Input)
		if !ev.Again {
			return
		}
	}
	ways := s.fresher(id.Peer{})
	if ev.Again { // the way it took may be dead, or whoever is there swallow it
		ways = s.others(id.Peer{})
	}
	for _, l := range ways {
		s.send(l, ev.Input)
	}
}

// hostLink returns a usable link to the host, unless what is sent came from there.
func (s *State) hostLink(from id.Peer) *link {
	if from == s.cfg.Host {
		return nil
	}
	if l := s.link(s.cfg.Host); l != nil && !l.silent {
		return l
	}
	return nil
}

// fresher returns the neighbors with the freshest head but the host and who it came
// from; of equal ones those nearer to the host.
func (s *State) fresher(from id.Peer) []*link {
	var ls []*link
	for _, l := range s.active {
		if l.Peer != from && l.Peer != s.cfg.Host && l.childOf != s.cfg.Self {
			ls = append(ls, l)
		}
	}
	slices.SortStableFunc(ls, func(a, b *link) int {
		return cmp.Or(cmp.Compare(b.beat, a.beat), cmp.Compare(a.depth, b.depth))
	})
	return ls[:min(len(ls), maxWays)]
}

// onward sends what came from a peer on toward the host.
func (s *State) onward(from id.Peer, m Input) {
	if l := s.hostLink(from); l != nil {
		s.send(l, m)
		return
	}
	for _, l := range s.fresher(from) {
		s.send(l, m)
	}
}

// lately reports whether a word was passed on within passEvery.
func (s *State) lately(now time.Time, w word) bool {
	return slices.ContainsFunc(s.passed, func(p pass) bool { return p.word == w && now.Before(p.at.Add(passEvery)) })
}

// pass notes that a word was passed on.
func (s *State) pass(now time.Time, w word) {
	if len(s.passed) < maxPassed {
		s.passed = append(s.passed, pass{w, now})
		return
	}
	s.passed[s.passAt] = pass{w, now}
	s.passAt = (s.passAt + 1) % maxPassed
}

// recvInput has an input checked unless it was passed on just now. Its author
// repeats it, and then it is passed on again: the way it took may be gone.
func (s *State) recvInput(now time.Time, l *link, m Input) {
	w := m.word()
	switch {
	case m.Hops >= MaxHops, len(s.checks) >= maxInputs, !l.input.Take(now, float64(len(m.Bytes)), inputsPerSecond):
		s.stats.Refused++
	case s.lately(now, w), slices.ContainsFunc(s.checks, func(c inputCheck) bool { return c.input.word() == w }):
		s.stats.Duplicates++
	default:
		s.checks = append(s.checks, inputCheck{l.Peer, m})
		s.emit(CheckInput{l.Peer, m})
	}
}

// inputChecked passes on what is genuine, and parts with who sent what is not. A
// word counts as seen when it was checked, not before.
func (s *State) inputChecked(now time.Time, c InputChecked) {
	w := word{c.Author, c.Incarnation, c.Seq, 0}
	i := slices.IndexFunc(s.checks, func(p inputCheck) bool { return p.from == c.From && p.input.word() == w })
	if i < 0 {
		return
	}
	m := s.checks[i].input
	s.checks = slices.Delete(s.checks, i, i+1)
	switch c.Verdict {
	case Good:
		s.pass(now, w)
		if !s.isHost() {
			s.stats.Inputs++
			m.Hops++
			s.onward(c.From, m)
		}
	case Unknown:
		s.stats.Unknown++
	default:
		s.stats.Forged++
		s.expel(now, c.From)
	}
}

// expel ends the link to a peer that sent what is forged.
func (s *State) expel(now time.Time, p id.Peer) {
	if l := s.link(p); l != nil {
		s.emit(CloseLink{p, Violation})
		s.part(now, l, Violation)
		s.forget(l)
	}
	s.unknow(p)
}

// knock sends a request from here.
func (s *State) knock(now time.Time, q Request) {
	again := s.routeBack(route{peer: q.Peer})
	s.pass(now, q.word())
	s.ask(q.Peer, q, again)
}

// ask sends a request on toward the host, one way: first that of the log, and
// another each time it comes again, so that requests do not spread like a flood.
func (s *State) ask(from id.Peer, q Request, again bool) {
	to := s.hostLink(from)
	if ls := s.fresher(from); to == nil && len(ls) > 0 {
		to = ls[0]
	}
	if others := s.others(from); again && len(others) > 0 && (to == nil || to.Peer != s.cfg.Host) {
		to = others[0]
	}
	if to != nil {
		s.send(to, q)
	}
}

// others draws neighbors but the host and who something came from.
func (s *State) others(from id.Peer) []*link {
	return pick(s, slices.Clone(s.active), maxWays, func(l *link) bool { return l.Peer != s.cfg.Host && l.Peer != from })
}

// recvRequest sends a request on toward the host, which is given it.
func (s *State) recvRequest(now time.Time, l *link, m Request) {
	switch {
	case s.isHost():
		s.emit(Asked{l.Peer, m})
	case m.Hops >= MaxHops:
		s.stats.Refused++
	case s.lately(now, m.word()):
		s.stats.Duplicates++
	default:
		s.stats.Requests++
		s.pass(now, m.word())
		again := s.routeBack(route{m.Peer, l.Peer})
		m.Hops++
		s.ask(l.Peer, m, again)
	}
}

// routeBack notes the way of an answer, and reports whether there was one before: it
// is asked again.
func (s *State) routeBack(r route) (again bool) {
	before := len(s.routes)
	s.routes = slices.DeleteFunc(s.routes, func(o route) bool { return o.peer == r.peer })
	again = len(s.routes) < before
	if len(s.routes) == maxRoutes {
		s.routes = slices.Delete(s.routes, 0, 1)
	}
	s.routes = append(s.routes, r)
	return again
}

// recvAnswer hands an answer to who asked. The way is not forgotten: this answer may
// be false, and the true one behind it.
func (s *State) recvAnswer(l *link, m Answer) {
	i := slices.IndexFunc(s.routes, func(r route) bool { return r.peer == m.Peer })
	if i < 0 {
		return
	}
	if from := s.routes[i].from; from.IsZero() {
		s.emit(Answered{l.Peer, m})
	} else if back := s.link(from); back != nil && back != l {
		s.send(back, m)
	}
}
