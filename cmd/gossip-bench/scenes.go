package main

import (
	"fmt"
	"os"
	"slices"
	"time"
)

// stream sends a run and returns what the members saw of it.
func (s *swarm) stream(n, size, count int, rate float64) (row, error) {
	run := s.next()
	s.tell(s.host, order{Do: doSend, Run: run, Count: count, Size: size, Rate: rate})
	s.finished(s.members, run, length(count, rate))
	r := row{N: n, Size: size, Offered: rate, Sent: count, spread: spreadOf(s.tallies(s.members, run), count)}
	if took := s.host.last[isSent].Took; took > 0 {
		r.Accepted = float64(count) / (float64(took) / 1e9)
	}
	return r, s.failed
}

// length returns how long so many messages are meant to take, at so many a second;
// 0 is as fast as they are taken.
func length(count int, rate float64) time.Duration {
	if rate == 0 {
		return 0
	}
	return time.Duration(float64(count) / rate * float64(time.Second))
}

// unknownDepth is what a member says that does not know how far the host is.
const unknownDepth = 255

// joins returns how long the joins took, and the tree and the memory as they are.
func (s *swarm) joins(n int) (joinRow, error) {
	r := joinRow{N: n}
	var join []int32
	s.ask(append(s.living(), s.host), order{Do: doPlace}, isPlace)
	for _, p := range s.members {
		join = append(join, int32((p.joined-p.ready)/1_000))
		r.ReadMaxms = max(r.ReadMaxms, since(p.spawned, p.first))
		if d := p.last[isPlace].Depth; d != unknownDepth {
			r.Depth = max(r.Depth, d)
		}
	}
	slices.Sort(join)
	r.JoinP50ms, r.JoinMaxms = quantile(join, 0.5), quantile(join, 1)
	r.Copies, r.ResidentMB = s.host.last[isPlace].Copies, s.resident()
	return r, s.failed
}

// since returns the time between two stamps in ms, 0 if one is missing.
func since(from, to int64) float64 {
	if from == 0 || to == 0 {
		return 0
	}
	return float64(to-from) / 1e6
}

// input has the last member send a run toward the host.
func (s *swarm) input(n, count int, rate float64, relayed bool) (inputRow, error) {
	run, author := s.next(), s.members[len(s.members)-1]
	before := s.relayed()
	s.tell(author, order{Do: doType, Run: run, Count: count, Size: 64, Rate: rate})
	s.until(length(count, rate)+runTime, func() bool { return author.last[isTyped].Run == run })
	s.tell(s.host, order{Do: doEnd, Run: run, Count: count})
	s.finished(s.members, run, 0)
	r := inputRow{N: n, Relayed: relayed, OverOthers: int(s.relayed() - before), Repeats: author.last[isTyped].Repeats}
	r.AtHost = spreadOf(s.tallies([]*process{s.host}, run), count)
	r.AtAll = spreadOf(s.tallies(s.members, run), count)
	return r, s.failed
}

// relayed returns how many inputs came to the host over others.
func (s *swarm) relayed() uint64 {
	s.ask([]*process{s.host}, order{Do: doPlace}, isPlace)
	return s.host.last[isPlace].Relayed
}

// repeat sends a message twice, with equal bytes and a gap between, and another.
func (s *swarm) repeat(n int, gap time.Duration) (repeatRow, error) {
	run := s.next()
	s.tell(s.host, order{Do: doSame, Run: run, Size: 64})
	s.pass(gap)
	s.tell(s.host, order{Do: doSame, Run: run, Size: 64})
	s.tell(s.host, order{Do: doMore, Run: run, Size: 64})
	s.tell(s.host, order{Do: doEnd, Run: run, Count: 2})
	s.finished(s.members, run, 0)
	r := repeatRow{N: n, GapS: gap.Seconds(), Copies: 2}
	for _, t := range s.tallies(s.members, run) {
		r.Copies = min(r.Copies, t.Got+t.Again-len(t.Latency[min(1, len(t.Latency)):]))
		if len(t.Latency) == 2 {
			r.Nextms = max(r.Nextms, float64(t.Latency[1])/1_000)
		}
	}
	return r, s.failed
}

// busiest returns the member that most others have the log from, the last of those,
// and how many.
func (s *swarm) busiest() (*process, int) {
	ps := s.living()
	s.ask(ps, order{Do: doPlace}, isPlace)
	best := ps[0]
	for _, p := range ps {
		if p.last[isPlace].Serves >= best.last[isPlace].Serves {
			best = p
		}
	}
	return best, best.last[isPlace].Serves
}

// death kills the busiest member in the middle of a run, and starts another process
// after a while.
func (s *swarm) death(n int, pl plan, sameKey bool) (deathRow, error) {
	const rate = 20
	count := int(rate * (pl.before + pl.down + pl.after).Seconds())
	run, r := s.next(), deathRow{N: n, SameKey: sameKey, DownS: pl.down.Seconds()}
	others := s.living()
	s.tell(s.host, order{Do: doSend, Run: run, Count: count, Size: 64, Rate: rate})
	s.pass(pl.before)
	victim, served := s.busiest()
	if s.failed != nil {
		return r, s.failed
	}
	r.Served, victim.dead = served, true
	at := monotonic()
	if err := victim.cmd.Process.Kill(); err != nil {
		return r, fmt.Errorf("kill %s: %w", victim.name, err)
	}
	others = slices.DeleteFunc(others, func(p *process) bool { return p == victim })
	s.pass(pl.down)
	r.HostS, r.AllS = s.noticed(isSilent, victim.peer, at)
	key := seed()
	if sameKey {
		key = victim.key
	}
	heir := s.join(victim.name+" again", key, s.host.ticket)
	s.until(joinTime, func() bool { return heir.first != 0 })
	r.Joinms, r.Readms = since(heir.spawned, heir.joined), since(heir.spawned, heir.first)
	s.finished(append(others, heir), run, pl.after)
	r.Others = spreadOf(s.tallies(others, run), count)
	r.New = spreadOf(s.tallies([]*process{heir}, run), count)
	return r, s.failed
}

// noticed returns how many seconds after a time the host, and the last of all,
// noticed something of a peer.
func (s *swarm) noticed(what, peer string, at int64) (host, all float64) {
	for _, n := range s.notices {
		if n.what != what || n.peer != peer || n.at < at {
			continue
		}
		d := float64(n.at-at) / 1e9
		if n.by == s.host.name && host == 0 {
			host = d
		}
		all = max(all, d)
	}
	return host, all
}

// pause stops the busiest member for a while in the middle of a run.
func (s *swarm) pause(n int, pl plan, size int, rate float64) (pauseRow, error) {
	count := int(rate * (pl.before + pl.stop + pl.after).Seconds())
	run := s.next()
	s.tell(s.host, order{Do: doSend, Run: run, Count: count, Size: size, Rate: rate})
	s.pass(pl.before)
	victim, served := s.busiest()
	r := pauseRow{N: n, Size: size, Rate: rate, StopS: pl.stop.Seconds(), Served: served}
	if s.failed != nil {
		return r, s.failed
	}
	at := monotonic()
	if err := victim.cmd.Process.Signal(stopSignal); err != nil {
		return r, fmt.Errorf("stop %s: %w", victim.name, err)
	}
	s.pass(pl.stop)
	back := monotonic()
	if err := victim.cmd.Process.Signal(goOnSignal); err != nil {
		return r, fmt.Errorf("continue %s: %w", victim.name, err)
	}
	s.finished(s.members, run, pl.after)
	r.HostS, _ = s.noticed(isSilent, victim.peer, at)
	heard, _ := s.noticed(isHeard, victim.peer, back)
	r.Backms = heard * 1_000
	others := slices.DeleteFunc(s.living(), func(p *process) bool { return p == victim })
	r.Others = spreadOf(s.tallies(others, run), count)
	r.Stopped = spreadOf(s.tallies([]*process{victim}, run), count)
	return r, s.failed
}

// say tells who waits how far the benchmark is.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
