package path

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"gossterm/internal/id"
)

// noWay is where nothing can be sent to from 127.0.0.1.
var noWay = netip.MustParseAddrPort("192.0.2.1:9")

// A mover is a Conn with a peer to which nothing leaves, until it is elsewhere.
type mover struct {
	*Conn
	t     *testing.T
	peer  *peer
	there *net.UDPConn
}

func newMover(t *testing.T) *mover {
	c := New(Config{UDP: loopback(t), Direct: true, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { c.Close() })
	l, err := c.Attach(directAddr(noWay), id.Peer{1}, [SecretSize]byte{1}, true)
	if err != nil {
		t.Fatal(err)
	}
	return &mover{c, t, l.peer, loopback(t)}
}

func (m *mover) at() netip.AddrPort { return m.there.LocalAddr().(*net.UDPAddr).AddrPort() }

// move has the peer where packets leave to.
func (m *mover) move() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.peer.set.begin(m.now(), m.at())
	m.peer.set.use(m.peer.set.find(m.at()))
}

// arrived returns the next n packets to the peer, without checks.
func (m *mover) arrived(n int) (texts []string) {
	m.t.Helper()
	buf := make([]byte, 1500)
	_ = m.there.SetReadDeadline(time.Now().Add(patience))
	for len(texts) < n {
		k, err := m.there.Read(buf)
		if err != nil {
			m.t.Fatalf("after %q: %v", texts, err)
		}
		if k != packetSize {
			texts = append(texts, string(buf[:k]))
		}
	}
	return texts
}

// What did not leave leaves with the first packet that does.
func TestStuckPacketsLeaveWithTheNext(t *testing.T) {
	m := newMover(t)
	m.toPeer(m.peer, []byte("one"))
	m.toPeer(m.peer, []byte("two"))
	m.move()
	m.toPeer(m.peer, []byte("three"))
	got := m.arrived(3)
	slices.Sort(got) // one and two may have been tried just before
	if want := []string{"one", "three", "two"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What did not leave leaves by itself once it can, also if it was tried in vain.
func TestStuckPacketsAreTriedAgain(t *testing.T) {
	m := newMover(t)
	for i := range maxStuck + 8 {
		m.toPeer(m.peer, []byte{'A' + byte(i)})
	}
	var b []byte
	until(t, "nothing is being tried", func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(m.peer.jam.packets) < maxStuck {
			return false
		}
		b, _ = m.peer.jam.due(m.now() + time.Minute) // the next is a minute away
		return true
	})
	m.try(m.peer, b)
	m.move()
	m.mu.Lock()
	m.peer.jam.again = 0
	m.mu.Unlock()
	m.alarm()
	for i, text := range m.arrived(maxStuck) {
		if want := string('A' + rune(8+i)); text != want {
			t.Fatalf("packet %d is %q, want %q: the newest, in order", i, text, want)
		}
	}
}

// One that is too long for the link is not tried again: the next shorter one would leave.
func TestATooLongPacketIsNotStuck(t *testing.T) {
	m := newMover(t)
	m.move()
	m.toPeer(m.peer, make([]byte, 1<<17))
	if m.peer.stuck.Load() {
		t.Error("it is")
	}
}

func TestStuckPacketsAreTriedLessAndLess(t *testing.T) {
	var j jam
	j.since = none
	j.add(0, []byte("x"))
	tries := 0
	for now := time.Duration(0); now < time.Minute; now += time.Millisecond {
		if b, _ := j.due(now); b != nil {
			tries++
			j.back(b)
		}
	}
	// 50 in the first second, then 50 for each factor e up to 50 s, then one a second.
	if tries < 200 || tries > 300 {
		t.Errorf("%d tries in a minute", tries)
	}
	if b, next := j.due(stuckMost); b != nil || next != none || j.since == none {
		t.Errorf("after %v %q is tried, and more at %v", stuckMost, b, next)
	}
}

// Packets that leave again after some did not may leave from elsewhere: the peer is
// checked at once. While they leave it is not.
func TestUnstuck(t *testing.T) {
	m := newMover(t)
	checking := func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		s := m.peer.set
		return s.cands[s.find(m.at())].step < len(round)
	}
	tried := make([]byte, 100) // by run, at the same time
	m.toPeer(m.peer, make([]byte, 100))
	m.move()
	m.toPeer(m.peer, make([]byte, 100))
	if !checking() {
		t.Error("no check when packets left again")
	}
	m.mu.Lock()
	m.peer.set.cands[m.peer.set.find(m.at())].step = len(round)
	m.mu.Unlock()
	if m.toPeer(m.peer, make([]byte, 100)); checking() {
		t.Error("a check although packets left before")
	}
	if m.try(m.peer, tried); checking() {
		t.Error("a second check because of a packet that was being tried")
	}
}
