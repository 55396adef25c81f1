package lab

import (
	"encoding/binary"
	"math"
	"math/bits"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// datagram returns a frame with a UDP datagram over IPv4, and n as its payload.
func datagram(n uint64) []byte {
	b := make([]byte, 14+ip4Head+udpHead+8)
	binary.BigEndian.PutUint16(b[12:], etherType4)
	ip := b[14:]
	ip[0], ip[9] = 0x45, protoUDP
	binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)))
	binary.BigEndian.PutUint16(ip[ip4Head+udpSum:], 0xbeef)
	binary.BigEndian.PutUint64(ip[ip4Head+udpHead:], n)
	return b
}

func payload(b []byte) uint64 { return binary.BigEndian.Uint64(b[len(b)-8:]) }

// An arrival is a frame that came, by its payload, and when.
type arrival struct {
	n     uint64
	after time.Duration
}

// pass sends n frames, one each interval, and returns what arrives.
func pass(c *course, n int, interval time.Duration) (all []arrival) {
	take := func(now time.Time) {
		for {
			b, _ := c.arrived(now)
			if b == nil {
				return
			}
			all = append(all, arrival{payload(b), now.Sub(noon)})
		}
	}
	now := noon
	for i := range n {
		take(now)
		c.send(now, datagram(uint64(i)))
		now = now.Add(interval)
	}
	for ; len(c.under) > 0; now = now.Add(time.Millisecond) {
		take(now)
	}
	return all
}

const manyFrames = 20_000

func TestAGoodLineIsAWire(t *testing.T) {
	all := pass(newCourse(Settings{Delay: 10 * time.Millisecond}, 1, 0), 100, time.Millisecond)
	if len(all) != 100 {
		t.Fatalf("%d of 100 arrive", len(all))
	}
	for i, a := range all {
		if want := time.Duration(i+10) * time.Millisecond; a.n != uint64(i) || a.after != want {
			t.Errorf("arrival %d is frame %d after %v, want after %v", i, a.n, a.after, want)
		}
	}
}

// What is set is what happens: the counts agree with the settings and with what arrives.
func TestSharesAreAsSet(t *testing.T) {
	for _, tt := range []struct {
		desc  string
		s     Settings
		count func(Counts) int
		share float64
	}{
		{"loss", Settings{Loss: 0.3}, func(c Counts) int { return c.Lost }, 0.3},
		{"duplication", Settings{Duplicate: 0.1}, func(c Counts) int { return c.Duplicated }, 0.1},
		{"reordering", Settings{Reorder: 0.25}, func(c Counts) int { return c.Reordered }, 0.25},
		{"corruption", Settings{Corrupt: 0.01}, func(c Counts) int { return c.Corrupted }, 0.01},
		{"a cut", cut, func(c Counts) int { return c.Cut }, 1},
		{"nothing", Settings{}, func(c Counts) int { return c.Lost + c.Duplicated + c.Reordered + c.Corrupted + c.Cut }, 0},
	} {
		c := newCourse(tt.s, 7, 0)
		all := pass(c, manyFrames, time.Millisecond)
		// Five times the standard deviation.
		slack := 5 * math.Sqrt(tt.share*(1-tt.share)*manyFrames)
		if got := tt.count(c.counts); math.Abs(float64(got)-tt.share*manyFrames) > slack {
			t.Errorf("%s: %d of %d frames, want about %.0f", tt.desc, got, manyFrames, tt.share*manyFrames)
		}
		if want := manyFrames - c.counts.Lost - c.counts.Cut - c.counts.Full + c.counts.Duplicated; len(all) != want || c.counts.Delivered != want {
			t.Errorf("%s: %d arrive, %d counted, want %d", tt.desc, len(all), c.counts.Delivered, want)
		}
		seen, late, bad := map[uint64]int{}, 0, 0
		var newest uint64
		for _, a := range all {
			if seen[a.n]++; a.n >= manyFrames {
				bad++
				continue
			}
			if a.n < newest {
				late++
			}
			newest = max(newest, a.n)
		}
		if (late > 0) != (tt.s.Reorder > 0) && tt.s.Corrupt == 0 { // which makes other numbers
			t.Errorf("%s: %d arrive after a later one", tt.desc, late)
		}
		if bad > c.counts.Corrupted {
			t.Errorf("%s: %d frames are no frame that was sent, %d were corrupted", tt.desc, bad, c.counts.Corrupted)
		}
		for n, times := range seen {
			if times > 1 && tt.s.Duplicate == 0 && tt.s.Corrupt == 0 {
				t.Fatalf("%s: frame %d came %d times", tt.desc, n, times)
			}
		}
	}
}

var cut = Settings{Cut: true}

func TestASeedRepeats(t *testing.T) {
	s := Settings{Delay: 5 * time.Millisecond, Jitter: 20 * time.Millisecond, Loss: 0.3, Duplicate: 0.1, Reorder: 0.25, Corrupt: 0.01}
	run := func(seed, way uint64) (all []arrival) { return pass(newCourse(s, seed, way), 500, time.Millisecond) }
	same := func(a, b []arrival) bool {
		if len(a) != len(b) {
			return false
		}
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
		return true
	}
	first := run(1, 0)
	if !same(first, run(1, 0)) {
		t.Error("one seed, two fates")
	}
	if same(first, run(2, 0)) || same(first, run(1, 1)) {
		t.Error("another seed or way has the same fate")
	}
}

func TestARateMakesAQueue(t *testing.T) {
	size := len(datagram(0))
	c := newCourse(Settings{Rate: 1000 * size, Queue: 10 * size}, 1, 0)
	for i := range 15 { // at once
		c.send(noon, datagram(uint64(i)))
	}
	if c.counts.Full != 5 {
		t.Errorf("%d find the queue full, want 5 of 15", c.counts.Full)
	}
	for i := range 10 {
		at := noon.Add(time.Duration(i+1) * time.Millisecond)
		if b, _ := c.arrived(at.Add(-time.Microsecond)); b != nil {
			t.Errorf("frame %d comes too early", i)
		}
		if b, _ := c.arrived(at.Add(time.Microsecond)); b == nil || payload(b) != uint64(i) {
			t.Errorf("frame %d does not come in its turn", i)
		}
	}
	c.send(noon.Add(time.Second), datagram(99)) // all has gone long ago
	if _, due := c.arrived(noon.Add(time.Second)); due.Sub(noon.Add(time.Second)).Round(time.Microsecond) != time.Millisecond {
		t.Errorf("a frame alone is due after %v", due.Sub(noon.Add(time.Second)))
	}
}

func TestJitterIsWithinItsBounds(t *testing.T) {
	c := newCourse(Settings{Delay: 10 * time.Millisecond, Jitter: 5 * time.Millisecond}, 3, 0)
	least, most := time.Hour, time.Duration(0)
	for i := range 1000 {
		c.send(noon, datagram(uint64(i)))
	}
	for _, f := range c.under {
		least, most = min(least, f.due.Sub(noon)), max(most, f.due.Sub(noon))
	}
	if least < 10*time.Millisecond || most > 15*time.Millisecond || most-least < 4*time.Millisecond {
		t.Errorf("delays are from %v to %v", least, most)
	}
}

// No more is kept under way than is said, however late it is.
func TestWhatIsUnderWayIsBounded(t *testing.T) {
	c := newCourse(Settings{Delay: time.Hour}, 1, 0)
	for i := range framesUnder + 100 {
		c.send(noon, datagram(uint64(i)))
	}
	if len(c.under) != framesUnder || c.counts.Full != 100 {
		t.Errorf("%d are under way, %d were refused", len(c.under), c.counts.Full)
	}
}

// A corrupted datagram differs in one bit of its payload, and no checksum tells.
func TestCorruption(t *testing.T) {
	flipped := map[int]bool{}
	for bit := range uint32(64) {
		was := datagram(0)
		b := datagram(0)
		if !corrupt(b, bit) {
			t.Fatal("a datagram is not corrupted")
		}
		diff := 0
		for i := range b {
			if i >= 14+ip4Head+udpSum && i < 14+ip4Head+udpHead {
				if b[i] != 0 {
					t.Errorf("the checksum is still there: byte %d is %x", i, b[i])
				}
				continue
			}
			n := bits.OnesCount8(b[i] ^ was[i])
			if diff += n; n > 0 && i < len(b)-8 {
				t.Errorf("byte %d is of a header", i)
			}
		}
		if diff != 1 {
			t.Errorf("%d bits differ", diff)
		}
		flipped[bits.TrailingZeros64(payload(b))] = true
	}
	if len(flipped) != 64 {
		t.Errorf("only %d bits are ever flipped", len(flipped))
	}
	arp := datagram(1)
	binary.BigEndian.PutUint16(arp[12:], 0x0806)
	lies := datagram(1)
	binary.BigEndian.PutUint16(lies[16:], 1500)
	for desc, b := range map[string][]byte{"ARP": arp, "a length that lies": lies, "a short frame": make([]byte, 20), "nothing": nil} {
		was := string(b)
		if corrupt(b, 3) || string(b) != was {
			t.Errorf("%s is corrupted", desc)
		}
	}
}

func TestPace(t *testing.T) {
	for _, tt := range []struct {
		rate, most, bytes int
		every             time.Duration
	}{
		{1000, 16384, 20, 20 * time.Millisecond},
		{10, 16384, 1, 100 * time.Millisecond},
		{5e6, 1 << 20, 100_000, 20 * time.Millisecond},
		{5e6, 16384, 16384, 3276800 * time.Nanosecond},
	} {
		if got := portion(tt.rate, tt.most); got != tt.bytes {
			t.Errorf("at %d bytes a second: %d bytes at once, want %d", tt.rate, got, tt.bytes)
		}
		if got := pause(tt.rate, tt.most); got != tt.every {
			t.Errorf("at %d bytes a second: each %v, want %v", tt.rate, got, tt.every)
		}
	}
	var p pace
	p.set(Stopped)
	got := make(chan int)
	go func() { got <- p.wait(10) }()
	p.set(Unpaced) // and who waits goes on
	if n := <-got; n != 10 {
		t.Errorf("an unpaced terminal is read for %d bytes, want 10", n)
	}
	p.set(Stopped)
	go func() { got <- p.wait(10) }()
	p.set(closed)
	if n := <-got; n != 0 {
		t.Errorf("a closed terminal is read for %d bytes", n)
	}
}
