package sim

import "regexp"

// reply is what the terminal answers to the queries that its program makes: where the
// cursor is and, with a sequence cut at the right place, what terminal it is.
var reply = regexp.MustCompile(`^\x1b\[(\d+;\d+R|\?1;2c)`)

// A typing is one token that the terminal took, and where.
type typing struct {
	token
	at int
}

// judge compares what the terminal took with what each author was told.
func (s *Sim) judge() {
	s.checkQuiet()
	s.checkSize()
	s.judgeStorm()
}

// judgeStorm does so with what must hold at any time.
func (s *Sim) judgeStorm() {
	s.checkBounds()
	all := s.withScreens()
	for _, p := range all {
		if !p.dead {
			p.ledger.check()
		}
		p.ledger.checkHoles()
		s.report.Skipped += p.core.Stats().SkippedRecords
	}
	typed := s.tokensTaken()
	s.report.Typed = len(typed)
	s.checkOrder(typed)
	s.checkFates(typed)
	st := s.host.core.Stats()
	s.report.Interrupts, s.report.Snapshots = st.Interrupts, st.Snapshots
	s.counts.unread = int(st.UnreadBytes >> 10)
	for _, f := range s.host.terminal.flushes {
		s.report.Flushed += uint64(f.upTo - f.from)
	}
	for _, p := range s.people[1:] {
		for _, k := range p.tokens {
			s.report.Tokens[k.fate]++
		}
	}
	s.report.Counts = s.counts
	s.tracef("%x %v", s.hash, s.counts)
	s.report.Trace = s.trace.Bytes()
}

// withScreens returns all processes that ever had a screen.
func (s *Sim) withScreens() []*process {
	var ps []*process
	for _, p := range append(s.dead, s.procs[1:]...) {
		if p != nil && p.core != nil {
			ps = append(ps, p)
		}
	}
	return ps
}

// checkQuiet says what is not settled.
func (s *Sim) checkQuiet() {
	for _, p := range s.procs {
		if p == nil || p.settledAll() {
			continue
		}
		log := p.state.Log()
		s.failf("place %d is not settled: in %v, log %d and reader %d of %d, %d neighbors", p.place,
			p.joined, log.Head(), p.through, s.host.core.Seq(), len(p.state.Active()))
		if p.core != nil {
			sent, unsent := p.core.Unsettled()
			s.failf("place %d: %d sent, %d unsent, screen equal %v", p.place, sent, unsent, p.core.Screen().Equal(s.host.core.Screen()))
		}
	}
	if !s.host.terminal.drained() {
		s.failf("the program has not read all")
	}
}

// tokensTaken reads what the terminal took. All of it are whole tokens, answers
// of the terminal, and ^C; only an interrupt of the session may cut one.
func (s *Sim) tokensTaken() []typing {
	var typed []typing
	b := s.host.terminal.taken
	for at := 0; at < len(b); {
		end := s.nextCut(at)
		rest := b[at:end]
		if tok, ok := parseToken(rest); ok {
			typed = append(typed, typing{tok, at})
			at += tokenSize
			continue
		}
		if !s.calm && end == len(b) && len(rest) < tokenSize { // the terminal has the rest not yet
			return typed
		}
		switch loc := reply.FindIndex(rest); {
		case rest[0] == interruptKey, rest[0] == enterKey:
			at++
		case loc != nil:
			at += loc[1]
		case end < len(b) && len(rest) < tokenSize: // the interrupt came in the middle
			at = end
		default:
			s.failf("the terminal took %q after %q", rest[:min(len(rest), 30)], b[max(0, at-30):at])
			return typed
		}
	}
	return typed
}

// nextCut returns where the next interrupt of the session was, after at.
func (s *Sim) nextCut(at int) int {
	for _, f := range s.host.terminal.flushes {
		if f.asked && f.upTo > at {
			return f.upTo
		}
	}
	return len(s.host.terminal.taken)
}

// checkOrder asserts that each author's tokens rise in each of its lives: none is
// typed twice, none is overtaken. A new life does not wait for what an old one has
// left in its queue.
func (s *Sim) checkOrder(typed []typing) {
	type author struct {
		place       int
		incarnation uint64
	}
	last := make(map[author]int)
	for _, t := range typed {
		k := s.know(t.token)
		if k == nil {
			s.failf("token %v is typed at %d by nobody", t.token, t.at)
			continue
		}
		a := author{t.place, k.incarnation}
		switch {
		case t.n == last[a]:
			s.report.Doubled++
		case t.n < last[a]:
			s.report.Disordered++
		}
		if t.n <= last[a] {
			s.failf("token %v is typed at %d after %d", t.token, t.at, last[a])
		}
		last[a] = t.n
	}
}

// checkFates asserts that what was confirmed is typed, and that what was
// discarded or never sent is not: but for what the terminal had of a record when
// an interrupt cut it.
func (s *Sim) checkFates(typed []typing) {
	seen := make(map[token]bool, len(typed))
	for i, t := range typed {
		seen[t.token] = true
		if k := s.know(t.token); k != nil && (k.fate == unsent || k.fate == dropped || k.fate == discarded && !s.cutRecord(typed, i)) {
			s.failf("token %v is typed at %d and was %v", t.token, t.at, k.fate)
		}
	}
	for _, p := range s.people[1:] {
		for i, k := range p.tokens {
			if tok := (token{p.place, i + 1}); k.fate == confirmed && !seen[tok] {
				s.report.Lost++
				s.failf("token %v was confirmed and is not typed", tok)
			}
		}
	}
}

// cutRecord reports whether from typed[i] on there is nothing before the next
// interrupt but discarded tokens of the same author, with Enters: one record, cut.
func (s *Sim) cutRecord(typed []typing, i int) bool {
	t := typed[i]
	cut := s.nextCut(t.at)
	if cut == len(s.host.terminal.taken) && !s.endsCut() {
		return false
	}
	taken := s.host.terminal.taken
	at := t.at
	for ; i < len(typed) && typed[i].at < cut; i++ {
		for taken[at] == enterKey {
			at++
		}
		if u := typed[i]; u.place != t.place || u.at != at || s.know(u.token).fate != discarded {
			return false
		}
		at += tokenSize
	}
	for at < cut && taken[at] == enterKey {
		at++
	}
	return cut-at < tokenSize
}

// endsCut reports whether nothing was typed after the last interrupt.
func (s *Sim) endsCut() bool {
	fs := s.host.terminal.flushes
	return len(fs) > 0 && fs[len(fs)-1].asked && fs[len(fs)-1].upTo == len(s.host.terminal.taken)
}
