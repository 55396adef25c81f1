package sim

import (
	"fmt"
	"time"

	"gossterm/internal/id"
)

const (
	// In the quiet, the program prints streamSize bytes each streamPause; the first
	// warming of these, and up to mendingMost if it takes so long, let the tree find
	// itself, the rest are measured.
	streamPause = 100 * time.Millisecond
	streamSize  = 200
	warming     = 20
	mendingMost = 100
	// windows is how many times it is measured at most.
	windows  = 4
	measured = 20
)

// A Stream is how a stream of records spread when all was quiet.
type Stream struct {
	Delivered int           // records taken by members
	Twice     int           // that came once more
	AsRepair  int           // that were asked for
	Latest    time.Duration // how late any was when a parent stood still
}

const (
	// twiceMost and repairMost bound which share of a quiet stream comes once more,
	// or comes only when it is asked for.
	twiceMost  = 0.1
	repairMost = 0.15
)

// stream has the program print when all is quiet, and asserts that the tree
// carries it: to each once, unasked. Views may still change, and the tree with
// them, so it has a few windows of time to be so in one.
func (s *Sim) stream() {
	why := ""
	for range windows {
		for i := 0; i < warming || i < mendingMost && s.treeless() != ""; i++ {
			s.print()
		}
		if why = s.window(); why == "" {
			return
		}
	}
	s.failf("in the quiet %s", why)
}

// window measures a piece of the stream and says what is wrong with it, "" if nothing.
func (s *Sim) window() string {
	before := s.totals()
	for range measured {
		s.print()
	}
	s.settle(settleMost, s.quiet)
	st := s.totals()
	st.Delivered -= before.Delivered
	st.Twice -= before.Twice
	st.AsRepair -= before.AsRepair
	s.report.Stream = st
	if all := float64(st.Delivered); float64(st.Twice) > twiceMost*all || float64(st.AsRepair) > repairMost*all {
		return fmt.Sprintf("%d records were delivered, %d came again and %d had to be asked for", st.Delivered, st.Twice, st.AsRepair)
	}
	return s.treeless()
}

// treeless says who has no way to the host from parent to parent, "" if all have.
func (s *Sim) treeless() string {
	for _, n := range s.living() {
		if why := n.rootless(); why != "" {
			return why
		}
	}
	return ""
}

const (
	// stoppedFor is how long a parent stands still: too short to be called suspect.
	stoppedFor = 2500 * time.Millisecond
	// holdUpMost is how long a record may then take to everybody else.
	holdUpMost = 1200 * time.Millisecond
)

// stopAParent stops the member that most have the log from, and asserts that it
// holds nobody up: promise 5.
func (s *Sim) stopAParent() {
	n := s.broadest()
	if n == nil {
		return
	}
	s.tracef("place %d stands still", n.place)
	n.pause(stoppedFor)
	others := s.reachedWithout(n)
	type mark struct {
		at  time.Time
		seq uint64
	}
	var marks []mark
	for s.queue.now.Before(n.paused) {
		marks = append(marks, mark{s.queue.now, s.host.core.Seq() + 1})
		s.print()
		for _, o := range others {
			log := o.state.Log()
			for _, m := range marks {
				if m.seq <= log.Head() {
					continue
				}
				if late := s.queue.now.Sub(m.at); m.seq <= s.host.core.Seq() {
					s.report.Stream.Latest = max(s.report.Stream.Latest, late)
					if late > holdUpMost {
						s.failf("place %d is held up by place %d, which stands still: record %d is %v late", o.place, n.place, m.seq, late)
						return
					}
				}
				break
			}
		}
	}
}

// broadest returns the member that most others have the log from, nil if nobody has
// it from a member.
func (s *Sim) broadest() *node {
	var best *node
	most := 0
	children := make(map[id.Peer]int)
	for _, n := range s.living() {
		children[n.state.Parent()]++
	}
	for _, n := range s.living()[1:] {
		if children[n.key] > most {
			best, most = n, children[n.key]
		}
	}
	return best
}

// reachedWithout returns the members that have a way to the host but over one.
func (s *Sim) reachedWithout(but *node) []*node {
	seen := map[id.Peer]bool{but.key: true, s.hostKey: true}
	ns := []*node{s.host.node}
	for i := 0; i < len(ns); i++ {
		for _, p := range ns[i].state.Active() {
			if !seen[p] {
				seen[p] = true
				ns = append(ns, s.net.nodes[p])
			}
		}
	}
	return ns[1:]
}

func (s *Sim) print() {
	s.host.terminal.print(streamSize)
	s.queue.run(s.queue.now.Add(streamPause))
}

// totals sums up what all that live have received and sent.
func (s *Sim) totals() (t Stream) {
	came := 0
	for _, n := range s.living() {
		st := n.state.Stats()
		t.Delivered += int(st.Records)
		t.AsRepair += int(st.Repaired)
		came += n.came
	}
	t.Delivered -= len(s.host.written)
	t.Twice = came - t.Delivered
	return t
}
