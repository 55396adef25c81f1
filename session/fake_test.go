package session

import (
	"errors"
	"sync"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
)

// key returns the n-th made-up peer.
func key(n int) id.Peer { return id.Peer{byte(n), 1} }

// typedPlain returns the plaintext of a record that types text.
func typedPlain(text string) []byte {
	return envelope.Typing{Items: []envelope.InputItem{envelope.Typed{Data: []byte(text)}}}.Append(nil)
}

var errSecond = errors.New("attached already")

// A fakeHostBus keeps the host's log, and gives a test the ports that links would
// have. Pause, if not nil, is called wherever a real bus may be interrupted.
type fakeHostBus struct {
	mu    sync.Mutex
	ports *HostPorts
	log   []Append
	ready chan struct{} // closed when a session is attached
	grown chan struct{} // of size one: the log grew
	pause func()

	histories []History
	stale     []int // how many records there were at each Stale,
	fresh     []int // and at each Fresh
}

func (b *fakeHostBus) Stale() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stale = append(b.stale, len(b.log))
	return nil
}

func (b *fakeHostBus) Fresh() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fresh = append(b.fresh, len(b.log))
	return nil
}

func (b *fakeHostBus) History(seq uint64, plain []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.histories = append(b.histories, History{seq, plain})
	return nil
}

func newFakeHostBus() *fakeHostBus {
	return &fakeHostBus{ready: make(chan struct{}), grown: make(chan struct{}, 1), pause: func() {}}
}

func (b *fakeHostBus) Attach(p HostPorts) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pause()
	if b.ports != nil {
		return errSecond
	}
	b.ports = &p
	close(b.ready)
	return nil
}

func (b *fakeHostBus) Append(a Append) error {
	b.mu.Lock()
	b.log = append(b.log, a)
	b.mu.Unlock()
	b.pause()
	select {
	case b.grown <- struct{}{}:
	default:
	}
	return nil
}

// records returns the log as it is now.
func (b *fakeHostBus) records() []Append {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Append(nil), b.log...)
}

// through returns how far an author is settled by the log.
func (b *fakeHostBus) through(author id.Peer) (through uint64) {
	for _, r := range b.records() {
		items, _ := envelope.ParseLog(r.Plain)
		for _, it := range items {
			acks, ok := it.(envelope.Acks)
			if !ok {
				continue
			}
			for _, a := range acks.Authors {
				if a.Author == author {
					through = a.Through
				}
			}
		}
	}
	return through
}

// A fakeShell takes at most take bytes a write, if take is not 0, and says later
// that there is room.
type fakeShell struct {
	mu       sync.Mutex
	started  chan struct{}
	ports    ShellPorts
	got      []byte
	writes   int
	take     int
	pause    func()
	modes    Modes
	closed   bool
	stubborn bool // Close does not end it
}

func (s *fakeShell) start(cols, rows int, p ShellPorts) (Shell, error) {
	s.ports = p
	close(s.started)
	return s, nil
}

func (s *fakeShell) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pause != nil {
		s.pause()
	}
	s.writes++
	n := len(p)
	if s.take > 0 && n > s.take {
		n = s.take
		go s.ports.Room()
	}
	s.got = append(s.got, p[:n]...)
	return n, nil
}

func (s *fakeShell) typed() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.got)
}

func (s *fakeShell) Resize(cols, rows int) error { return nil }
func (s *fakeShell) Modes() (Modes, error)       { return s.modes, nil }
func (s *fakeShell) Interrupt(Signal) error      { return nil }

func (s *fakeShell) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	if first && !s.stubborn {
		s.ports.Exited(-1)
	}
	return nil
}
