package lab

import (
	"container/heap"
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// A course is one way of a line: it decides what becomes of each frame, and when. It has
// no clock, and equal frames at equal times from one seed have equal fates.
type course struct {
	Settings
	counts Counts
	random *rand.Rand
	free   time.Time // when all that waits for its turn has gone
	under  flight
	sent   uint64
}

func newCourse(s Settings, seed, way uint64) *course {
	return &course{Settings: s, random: rand.New(rand.NewPCG(seed, way))}
}

// A frame is on its way until due.
type frame struct {
	bytes []byte
	due   time.Time
	nth   uint64
}

// flight is what is under way, the next that is due first; of equals the one sent first.
type flight []frame

func (f flight) Len() int      { return len(f) }
func (f flight) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *flight) Push(x any)   { *f = append(*f, x.(frame)) }
func (f *flight) Pop() any {
	last := (*f)[len(*f)-1]
	(*f)[len(*f)-1] = frame{}
	*f = (*f)[:len(*f)-1]
	return last
}
func (f flight) Less(i, j int) bool {
	if !f[i].due.Equal(f[j].due) {
		return f[i].due.Before(f[j].due)
	}
	return f[i].nth < f[j].nth
}

// framesUnder is how many frames may be under way; more are lost.
const framesUnder = 4096

// send takes a frame in, which it keeps a copy of.
func (c *course) send(now time.Time, b []byte) {
	c.counts.Frames++
	// All is drawn for each frame, so that a setting changes no other frame's fate.
	lost, twice, late, bad := c.draw(c.Loss), c.draw(c.Duplicate), c.draw(c.Reorder), c.draw(c.Corrupt)
	more := time.Duration(c.random.Float64() * float64(c.Jitter))
	bit := c.random.Uint32()
	switch {
	case c.Cut:
		c.counts.Cut++
		return
	case lost:
		c.counts.Lost++
		return
	case !c.turn(now, len(b)) || len(c.under) >= framesUnder:
		c.counts.Full++
		return
	}
	b = append([]byte(nil), b...)
	if bad && corrupt(b, bit) {
		c.counts.Corrupted++
	}
	due := now.Add(c.Delay + more)
	if c.Rate > 0 {
		due = c.free.Add(c.Delay + more)
	}
	if late {
		c.counts.Reordered++
		due = due.Add(heldBack)
	}
	c.add(b, due)
	if twice {
		c.counts.Duplicated++
		c.add(b, due)
	}
}

func (c *course) draw(share float64) bool { return c.random.Float64() < share }

// turn gives n bytes their turn at the rate, and reports whether there was room to wait.
func (c *course) turn(now time.Time, n int) bool {
	if c.Rate <= 0 {
		return true
	}
	if c.free.Before(now) {
		c.free = now
	}
	queue := c.Queue
	if queue == 0 {
		queue = defaultQueue
	}
	waiting := int(c.free.Sub(now).Seconds() * float64(c.Rate))
	if waiting+n > queue {
		return false
	}
	c.free = c.free.Add(time.Duration(float64(n) / float64(c.Rate) * float64(time.Second)))
	return true
}

func (c *course) add(b []byte, due time.Time) {
	c.sent++
	heap.Push(&c.under, frame{b, due, c.sent})
}

// arrived returns the next frame that is due, or when that is; zero if nothing is under way.
func (c *course) arrived(now time.Time) (b []byte, due time.Time) {
	if len(c.under) == 0 {
		return nil, time.Time{}
	}
	if due := c.under[0].due; due.After(now) {
		return nil, due
	}
	c.counts.Delivered++
	return heap.Pop(&c.under).(frame).bytes, time.Time{}
}

const (
	etherType4 = 0x0800
	protoUDP   = 17
	ip4Head    = 20
	udpHead    = 8
	udpSum     = 6 // where a UDP header has its checksum
)

// corrupt flips a bit of the payload of a UDP datagram over IPv4 and takes its checksum
// away, which else would make it a loss. It reports false for any other frame.
func corrupt(b []byte, bit uint32) bool {
	const etherHead = 14
	if len(b) < etherHead+ip4Head || binary.BigEndian.Uint16(b[12:]) != etherType4 {
		return false
	}
	ip := b[etherHead:]
	size := int(binary.BigEndian.Uint16(ip[2:]))
	head := int(ip[0]&15) * 4
	if ip[9] != protoUDP || head < ip4Head || size > len(ip) || size <= head+udpHead {
		return false
	}
	udp := ip[head:size]
	udp[udpSum], udp[udpSum+1] = 0, 0
	payload := udp[udpHead:]
	at := int(bit) % (8 * len(payload))
	payload[at/8] ^= 1 << (at % 8)
	return true
}
