package relay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// errSilent reports a relay that does not answer.
var errSilent = errors.New("the relay does not answer any more")

// session uses a registered connection until it is lost or ctx ends, and closes it.
func (c *Client) session(ctx context.Context, car carrier) error {
	c.heard.Store(int64(c.now()))
	c.sent.Store(0)
	q := newQueue(sendQueue, nil, &c.dropped)
	c.mu.Lock()
	c.queue = q
	c.mu.Unlock()
	c.cfg.Log.Info("relay up", "relay", c.cfg.Relay, "carrier", car.name())
	c.set(func(s *State) { s.Up, s.Carrier, s.Err = true, car.name(), nil })

	readers := car.readers()
	lost := make(chan error, len(readers)+1)
	done := make(chan struct{})
	var leaves sync.WaitGroup
	leaves.Go(func() { lost <- q.write(done, car) })
	for _, next := range readers {
		leaves.Go(func() { lost <- c.read(next, q) })
	}
	err := c.watch(ctx, q, lost)
	c.mu.Lock()
	c.queue = nil
	c.mu.Unlock()
	close(done)
	car.close(0, "")
	q.close()
	leaves.Wait()
	return err
}

// watch pings until the connection is lost or ctx ends.
func (c *Client) watch(ctx context.Context, q *queue, lost <-chan error) error {
	var p pulse // its first ping is due now, and measures the round trip
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-lost:
			return err
		case <-c.wake:
			p.ask(c.now(), wakeWithin)
			q.push(pingFrame(uint64(p.asked)))
		case <-c.sends:
		case <-timer.C:
		}
		c.armed.Store(false) // before sent is read: a Send from now on rings
		now, sent := c.now(), time.Duration(c.sent.Load())
		ping, dead := p.step(now, time.Duration(c.heard.Load()), sent)
		if dead {
			return errSilent
		}
		if ping {
			q.push(pingFrame(uint64(p.asked)))
		}
		if sent > 0 && p.asked == 0 { // the timer looks within askAfter
			c.armed.Store(true)
		}
		timer.Reset(p.deadline(sent) - now)
	}
}

// read handles what comes by one way.
func (c *Client) read(next func() (*frame, error), q *queue) error {
	for {
		f, err := next()
		if err != nil {
			return err
		}
		c.heard.Store(int64(c.now()))
		c.sent.Store(0)
		err = c.handle(f, q)
		f.free()
		if err != nil {
			return err
		}
	}
}

// handle handles one frame.
func (c *Client) handle(f *frame, q *queue) error {
	switch f.kind() {
	case kindPacket:
		from, packet, err := f.packet()
		if err == nil {
			c.cfg.Packet(from, packet)
		}
		return err
	case kindAbsent:
		p, err := f.absent()
		if err == nil {
			c.cfg.Absent(p)
		}
		return err
	case kindPong:
		stamp, err := f.stamp()
		if err == nil {
			c.measure(time.Duration(stamp))
		}
		return err
	case kindPing:
		stamp, err := f.stamp()
		if err == nil {
			q.push(pingFrame(stamp).as(kindPong))
		}
		return err
	case kindBye:
		return f.bye()
	}
	return fmt.Errorf("%w: kind %d from a relay", errFrame, f.kind())
}

// measure notes the round trip of a Ping that was sent at a time.
func (c *Client) measure(asked time.Duration) {
	rtt := c.now() - asked
	if asked <= 0 || rtt <= 0 { // not ours
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.RTT == 0 {
		c.state.RTT = rtt
	}
	c.state.RTT += (rtt - c.state.RTT) / 8
}
