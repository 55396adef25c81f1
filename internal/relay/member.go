package relay

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"gossterm/internal/id"
)

const (
	// absentRate is how many Absent a client gets a second at most (PROTOCOL.md §9).
	absentRate = 10
	// frameCost is what the shortest frame counts against a client's rate, in bytes: about what it takes on
	// the wire, so that many short ones are no cheaper to send than to forward.
	frameCost = 100
	// maxSilence is how long a client may send nothing at all: three pings and a half.
	maxSilence = 50 * time.Second
)

// A member is one registered client, on the relay's side.
type member struct {
	s     *Server
	peer  id.Peer
	tag   tag
	car   carrier
	queue *queue
	rate  *rate.Limiter // bytes
	rare  *rate.Limiter // Absent
	heard atomic.Int64  // when, as a duration since the server's start

	done chan struct{}
	end  sync.Once
	why  error // set at the end
}

// leave ends the client, with a Bye if code is not 0. err is what ended it.
func (m *member) leave(code Code, err error) {
	m.end.Do(func() {
		m.why = err
		close(m.done)
		m.car.close(code, textOf(code, err))
	})
}

// run serves the client until it leaves or is made to, and returns why.
func (m *member) run() error {
	readers := m.car.readers()
	var leaves sync.WaitGroup
	leaves.Go(func() { m.over(m.queue.write(m.done, m.car)) })
	for _, next := range readers[1:] {
		leaves.Go(func() { m.over(m.read(next)) })
	}
	m.over(m.read(readers[0]))
	leaves.Wait()
	m.queue.close()
	return m.why
}

// over ends the client because one of its goroutines ended.
func (m *member) over(err error) {
	code := Code(0)
	if isFrame(err) {
		code = Violation
	}
	m.leave(code, err)
}

// textOf returns what a Bye says beside its code.
func textOf(code Code, err error) string {
	if code == 0 || err == nil {
		return ""
	}
	return err.Error()
}

// read handles what comes by one way.
func (m *member) read(next func() (*frame, error)) error {
	for {
		f, err := next()
		if err != nil {
			return err
		}
		m.heard.Store(int64(m.s.now()))
		if err := m.handle(f); err != nil {
			return err
		}
	}
}

// handle handles one frame, which it takes over.
func (m *member) handle(f *frame) error {
	if !m.rate.AllowN(time.Now(), max(f.n, frameCost)) {
		m.s.count.limited.Add(1)
		f.free()
		return nil
	}
	switch f.kind() {
	case kindSend:
		return m.forward(f)
	case kindPing:
		if _, err := f.stamp(); err != nil {
			f.free()
			return err
		}
		m.queue.push(f.as(kindPong))
		return nil
	case kindPong:
		f.free()
		return nil
	}
	defer f.free()
	return fmt.Errorf("%w: kind %d from a client", errFrame, f.kind())
}

// forward hands a Send on to the client that it names, under the same tag.
func (m *member) forward(f *frame) error {
	to, packet, err := f.packet()
	if err != nil {
		f.free()
		return err
	}
	m.s.count.bytes.Add(uint64(len(packet)))
	m.s.count.packets.Add(1)
	dst := m.s.hub.find(m.tag, to)
	if dst == nil {
		f.free()
		m.absent(to)
		return nil
	}
	f.readdress(m.peer)
	dst.queue.push(f)
	return nil
}

// absent tells the client that a peer is not here, not too often.
func (m *member) absent(p id.Peer) {
	m.s.count.absent.Add(1)
	if m.rare.Allow() {
		m.queue.push(newFrame(kindAbsent).add(p[:]...))
	}
}
