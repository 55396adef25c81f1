package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"gossterm/internal/id"
)

const (
	joinTime = 30 * time.Second // for all to join
	// runTime is how long a run may take beyond its own length until all have it.
	runTime    = 30 * time.Second
	answerTime = 30 * time.Second
	endTime    = 5 * time.Second // for a process to end
	settleTime = 2 * time.Second // for the overlay after the joins
)

// A process is one member of a swarm, or its host.
type process struct {
	name  string
	cmd   *exec.Cmd
	in    io.WriteCloser
	peer  string // the first digits of its key
	key   string // the seed of its key
	dead  bool   // killed by the benchmark
	ended chan struct{}

	spawned, ready, joined, first int64 // CLOCK_MONOTONIC
	ticket                        string
	last                          map[string]news // of each kind, the newest
	done                          map[uint32]bool // runs read to their end
}

// A tidings is what came from a process.
type tidings struct {
	p *process
	news
}

// A notice says that a process does not hear, or hears again, a peer.
type notice struct {
	by, what, peer string
	at             int64
}

// A swarm is a host and its members, each a process of its own, and what they said.
// One goroutine uses it.
type swarm struct {
	exe     string
	env     []string // of the processes, beside this one's
	ctx     context.Context
	stop    context.CancelFunc
	host    *process
	members []*process
	came    chan tidings
	notices []notice
	run     uint32
	failed  error
}

// newSwarm starts a host and members-1 others, all at once, and waits until each
// has read the first record. degree 0 is gossip's.
func newSwarm(ctx context.Context, exe string, env []string, n, degree int, apart bool) (*swarm, error) {
	s := &swarm{exe: exe, env: env, came: make(chan tidings, newsMost)}
	s.ctx, s.stop = context.WithCancel(ctx)
	key := seed()
	args := []string{"host", "-degree", fmt.Sprint(degree)}
	if apart {
		secret, err := secretOf(key)
		if err != nil {
			return nil, err
		}
		args = append(args, "-apart", secret.Peer().String())
	}
	s.host = s.spawn("host", args...)
	if s.failed != nil || !s.until(joinTime, func() bool { return s.host.ready != 0 }) {
		return s, s.why("the host did not start")
	}
	direct := n - 1
	if apart {
		direct--
	}
	for i := range direct {
		s.join(fmt.Sprintf("member %d", i+1), seed(), s.host.ticket)
	}
	if !s.until(joinTime, s.allRead) {
		return s, s.why("not all have joined")
	}
	if apart {
		s.join("member apart", key, s.members[0].ticket, "-apart")
		if !s.until(joinTime, s.allRead) {
			return s, s.why("the member apart has not joined")
		}
	}
	return s, nil
}

func seed() string {
	var b [32]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// peerOf returns the first digits of the key of a seed.
func peerOf(key string) string {
	b, _ := hex.DecodeString(key)
	return id.SecretFromSeed([32]byte(b)).Peer().Tag()
}

// join starts a member.
func (s *swarm) join(name, key, ticket string, flags ...string) *process {
	p := s.spawn(name, append(append([]string{"member", "-key", key}, flags...), ticket)...)
	p.key, p.peer = key, peerOf(key)
	s.members = append(s.members, p)
	return p
}

// spawn starts a process. If it cannot, s.failed says why.
func (s *swarm) spawn(name string, args ...string) *process {
	p := &process{name: name, ended: make(chan struct{}), last: make(map[string]news), done: make(map[uint32]bool)}
	p.cmd = exec.CommandContext(s.ctx, s.exe, args...)
	p.cmd.Env = append(os.Environ(), s.env...)
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		s.failed = err
		return p
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		s.failed = err
		return p
	}
	p.spawned = monotonic()
	if err := p.cmd.Start(); err != nil {
		s.failed = fmt.Errorf("start %s: %w", name, err)
		close(p.ended)
		return p
	}
	go func() {
		defer close(p.ended)
		dec := json.NewDecoder(out)
		for {
			var n news
			if dec.Decode(&n) != nil {
				break
			}
			select {
			case s.came <- tidings{p, n}:
			case <-s.ctx.Done():
			}
		}
		err := p.cmd.Wait()
		select {
		case s.came <- tidings{p, news{What: isEnded, At: monotonic(), Message: fmt.Sprint(err)}}:
		case <-s.ctx.Done():
		}
	}()
	return p
}

// until takes news until ok, and reports whether that was in time.
func (s *swarm) until(d time.Duration, ok func() bool) bool {
	late := time.NewTimer(d)
	defer late.Stop()
	for s.failed == nil && !ok() {
		select {
		case t := <-s.came:
			s.note(t)
		case <-late.C:
			return false
		case <-s.ctx.Done():
			s.failed = s.ctx.Err()
		}
	}
	return s.failed == nil
}

// pass takes news for a while.
func (s *swarm) pass(d time.Duration) { s.until(d, func() bool { return false }) }

// note remembers what a process said.
func (s *swarm) note(t tidings) {
	p := t.p
	p.last[t.What] = t.news
	switch t.What {
	case isReady:
		p.ready, p.ticket = t.At, t.Ticket
	case isJoined:
		p.joined = t.At
	case isFirst:
		p.first = t.At
	case isDone:
		p.done[t.Run] = true
	case isSilent, isHeard:
		s.notices = append(s.notices, notice{p.name, t.What, t.Peer, t.At})
	case isOver, isEnded: // without it the figures would be of fewer viewers, and look better
		if !p.dead && s.failed == nil {
			s.failed = fmt.Errorf("%s %s: %s", p.name, t.What, t.Message)
		}
	}
}

func (s *swarm) allRead() bool {
	for _, p := range s.living() {
		if p.first == 0 {
			return false
		}
	}
	return true
}

// living returns the members that were not killed.
func (s *swarm) living() (ps []*process) {
	for _, p := range s.members {
		if !p.dead {
			ps = append(ps, p)
		}
	}
	return ps
}

// why returns why something failed.
func (s *swarm) why(what string) error {
	if s.failed != nil {
		return s.failed
	}
	return fmt.Errorf("%s in time", what)
}

// tell orders something.
func (s *swarm) tell(p *process, o order) {
	b, _ := json.Marshal(o) // it has numbers and words alone
	if _, err := p.in.Write(append(b, '\n')); err != nil && !p.dead && s.failed == nil {
		s.failed = fmt.Errorf("tell %s: %w", p.name, err)
	}
}

// ask orders something of all, and waits for their answers. Without one of them
// the benchmark has failed.
func (s *swarm) ask(ps []*process, o order, answer string) {
	for _, p := range ps {
		delete(p.last, answer)
		s.tell(p, o)
	}
	if !s.until(answerTime, func() bool {
		for _, p := range ps {
			if n, ok := p.last[answer]; !ok || n.Run != o.Run {
				return false
			}
		}
		return true
	}) {
		s.failed = s.why("not all have answered " + o.Do)
	}
}

// next returns the number of another run.
func (s *swarm) next() uint32 {
	s.run++
	return s.run
}

// finished waits until the host has sent a run and all of ps have read it, or too
// much time has passed: what is missing then is counted as lost.
func (s *swarm) finished(ps []*process, run uint32, length time.Duration) bool {
	return s.until(length+runTime, func() bool {
		for _, p := range ps {
			if !p.dead && !p.done[run] {
				return false
			}
		}
		return true
	})
}

// tallies returns what ps have seen of a run.
func (s *swarm) tallies(ps []*process, run uint32) (ts []*tally) {
	s.ask(ps, order{Do: doCount, Run: run}, isCount)
	for _, p := range ps {
		if n := p.last[isCount]; n.Tally != nil {
			ts = append(ts, n.Tally)
		}
	}
	return ts
}

// close ends all processes: in order those that listen, at once those that do not.
func (s *swarm) close() {
	for _, p := range append(s.members, s.host) { // the host last
		if p == nil || p.cmd.Process == nil {
			continue
		}
		p.in.Close()
	}
	late := time.After(endTime)
	for _, p := range append(s.members, s.host) {
		if p == nil || p.cmd.Process == nil {
			continue
		}
	waiting:
		for {
			select {
			case <-p.ended:
				break waiting
			case <-s.came:
			case <-late:
				s.stop()
				<-p.ended
				break waiting
			}
		}
	}
	s.stop()
}

// resident returns the mean memory of the processes in MB.
func (s *swarm) resident() float64 {
	sum, ps := 0.0, append(s.living(), s.host)
	for _, p := range ps {
		sum += resident(p.cmd.Process.Pid)
	}
	return sum / float64(len(ps))
}

// sizeName names a size of messages.
func sizeName(n int) string {
	if n >= 1024 {
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/1024), ".0") + " KiB"
	}
	return fmt.Sprintf("%d B", n)
}
