package transport

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"gossterm/internal/id"
)

// memConn is one end of a conn in memory.
type memConn struct {
	net    *memNet
	self   id.Peer
	shared [exporterSize]byte
	twin   *memConn
	in     chan *memStream

	dead chan struct{} // closed by fail, with err set before
	once sync.Once
	err  error

	mu      sync.Mutex
	streams int64
	idle    *time.Timer // runs while nothing is heard
	parting error       // what the other end said when it closed, on its way
}

func newMemConn(n *memNet, shared [exporterSize]byte) *memConn {
	return &memConn{net: n, self: n.self, shared: shared, in: make(chan *memStream, maxStreams), dead: make(chan struct{})}
}

func (c *memConn) peer() id.Peer                         { return c.twin.self }
func (c *memConn) trust()                                {}
func (c *memConn) offer([]netip.AddrPort)                {}
func (c *memConn) addr() netip.AddrPort                  { return c.twin.net.at }
func (c *memConn) unreached(at netip.AddrPort) bool      { return c.net.m.hidden(at) }
func (c *memConn) exporter() ([exporterSize]byte, error) { return c.shared, nil }

func (c *memConn) path() pathStats {
	_, delay, _ := c.net.m.state(c.self, c.twin.self)
	return pathStats{rtt: 2 * delay}
}

// fail ends this end. The first error counts, also before one that is on its way.
func (c *memConn) fail(err error) {
	c.once.Do(func() {
		c.err = err
		close(c.dead)
		c.calm()
	})
}

func (c *memConn) ended() bool {
	select {
	case <-c.dead:
		return true
	default:
		return false
	}
}

// starve begins a time in which nothing is heard.
func (c *memConn) starve() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle == nil && !c.ended() {
		c.idle = time.AfterFunc(idleTimeout, func() { c.fail(ErrIdle) })
	}
}

// feed ends it: what the other end said arrives.
func (c *memConn) feed() {
	if parting := c.calm(); parting != nil {
		c.fail(parting)
	}
}

// calm stops waiting for anything and returns what the other end said meanwhile.
func (c *memConn) calm() (parting error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle != nil {
		c.idle.Stop()
	}
	parting = c.parting
	c.idle, c.parting = nil, nil
	return parting
}

// close ends this end at once and the other when the message arrives.
func (c *memConn) close(code Code, reason string) {
	m := c.net.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.ended() {
		return
	}
	c.fail(&CloseError{Code: code, Reason: reason})
	told := &CloseError{Code: code, Reason: printable(reason), Remote: true}
	switch {
	case m.cuts[key(c.self, c.twin.self)]:
		c.twin.hold(told)
	case m.delay == 0:
		c.twin.fail(told)
	default:
		time.AfterFunc(m.delay, func() { c.twin.fail(told) })
	}
}

// hold keeps what the other end said until it can arrive.
func (c *memConn) hold(parting error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parting = parting
}

func (c *memConn) open(ctx context.Context, _ Class) (outStream, error) {
	c.mu.Lock()
	c.streams++
	s := &memStream{from: c, to: c.twin, n: c.streams, changed: make(chan struct{})}
	c.mu.Unlock()
	select {
	case c.twin.in <- s:
		return memOut{s}, nil
	case <-c.dead:
		return nil, c.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *memConn) accept(ctx context.Context) (inStream, error) {
	select {
	case s := <-c.in:
		return memIn{s}, nil
	case <-c.dead:
		return nil, c.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// memStream is a stream in memory. Its bytes wait at the reader's end.
type memStream struct {
	from, to *memConn
	n        int64

	mu      sync.Mutex
	chunks  []memChunk
	size    int
	isReset bool
	stopped bool
	changed chan struct{} // closed and replaced at each change
}

// memChunk is bytes and when they arrive.
type memChunk struct {
	due  time.Time
	data []byte
}

// change wakes both ends. mu is held.
func (s *memStream) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// memOut is the sender's end.
type memOut struct{ *memStream }

func (s memOut) Write(p []byte) (int, error) {
	_, delay, _ := s.from.net.m.state(s.from.self, s.to.self)
	for done := 0; ; {
		s.mu.Lock()
		switch {
		case s.from.ended():
			s.mu.Unlock()
			return done, s.from.err
		case s.isReset:
			s.mu.Unlock()
			return done, errReset
		case s.stopped:
			s.mu.Unlock()
			return done, errStopped
		}
		if n := min(streamWindow-s.size, len(p)-done); n > 0 {
			data := append([]byte(nil), p[done:done+n]...)
			s.chunks = append(s.chunks, memChunk{due: time.Now().Add(delay), data: data})
			s.size += n
			done += n
			s.change()
		}
		changed := s.changed
		s.mu.Unlock()
		if done == len(p) {
			return done, nil
		}
		select {
		case <-changed:
		case <-s.from.dead:
		}
	}
}

// try takes nothing: in memory the writer is as fast.
func (memOut) try([]byte) bool { return false }

func (s memOut) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isReset = true
	s.chunks, s.size = nil, 0
	s.change()
}

// memIn is the receiver's end.
type memIn struct{ *memStream }

func (s memIn) number() int64 { return s.n }

func (s memIn) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.change()
}

func (s memIn) Read(p []byte) (int, error) {
	for {
		cut, _, network := s.from.net.m.state(s.from.self, s.to.self)
		n, wait, changed, err := s.tryRead(p, cut)
		if n > 0 || err != nil {
			return n, err
		}
		var due <-chan time.Time // nil if nothing is under way, or it waits for Heal
		var timer *time.Timer
		if wait > 0 && !cut {
			timer = time.NewTimer(wait)
			due = timer.C
		}
		select {
		case <-due:
		case <-changed:
		case <-network:
		case <-s.to.dead:
		}
		if timer != nil {
			timer.Stop()
		}
	}
}

// tryRead reads what has arrived. If there is nothing, it returns how long the
// next bytes will take, 0 if there are none, and what to wait for.
func (s memIn) tryRead(p []byte, cut bool) (n int, wait time.Duration, changed <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.to.ended():
		return 0, 0, nil, s.to.err
	case s.stopped:
		return 0, 0, nil, errStopped
	case s.isReset && !cut:
		return 0, 0, nil, errReset
	case len(s.chunks) == 0 || cut:
		return 0, 0, s.changed, nil
	}
	first := &s.chunks[0]
	if wait = time.Until(first.due); wait > 0 {
		return 0, wait, s.changed, nil
	}
	n = copy(p, first.data)
	first.data = first.data[n:]
	if len(first.data) == 0 {
		s.chunks = s.chunks[1:]
	}
	s.size -= n
	s.change()
	return n, 0, nil, nil
}
