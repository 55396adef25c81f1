package transport

import (
	"net/netip"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A netns is a thread in a network namespace of its own; both end with the test.
type netns struct {
	t   *testing.T
	do  chan func()
	tid string
}

func newNetns(t *testing.T) *netns {
	t.Helper()
	n := &netns{t: t, do: make(chan func())}
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		n.tid = strconv.Itoa(unix.Gettid())
		ready <- err
		if err != nil {
			return
		}
		for f := range n.do {
			f()
		}
	}()
	if err := <-ready; err != nil {
		t.Skipf("no right to make a network namespace: %v", err)
	}
	t.Cleanup(func() { close(n.do) })
	return n
}

// run runs f in the namespace.
func (n *netns) run(f func()) {
	done := make(chan struct{})
	n.do <- func() { defer close(done); f() }
	<-done
}

// ip runs the ip command in the namespace.
func (n *netns) ip(args string) {
	n.t.Helper()
	var out []byte
	var err error
	n.run(func() { out, err = exec.Command("ip", strings.Fields(args)...).CombinedOutput() })
	if err != nil {
		n.t.Fatalf("ip %s: %v: %s", args, err, out)
	}
}

// A link survives a real change of the dialler's address, with and without a
// moment in which there is no address and every send fails.
func TestRoamingForReal(t *testing.T) {
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("no ip command")
	}
	home, away := newNetns(t), newNetns(t)
	home.ip("link add h0 type veth peer name a0 netns " + away.tid)
	home.ip("addr add 10.7.0.1/24 dev h0")
	home.ip("link set h0 up")
	away.ip("addr add 10.7.0.2/24 dev a0")
	away.ip("link set a0 up")

	var a, b *end
	away.run(func() { a = newEnd(t, world{listen: Listen}, Config{}) })
	home.run(func() { b = newEnd(t, world{listen: Listen}, Config{}) })
	at := netip.AddrPortFrom(netip.MustParseAddr("10.7.0.1"), b.Addrs()[0].Port())
	ab, err := a.Dial(t.Context(), b.key, []netip.AddrPort{at})
	if err != nil {
		t.Fatal(err)
	}
	want[Up](t, a)
	ba := want[Up](t, b).Link
	ab.Trust()
	ba.Trust()
	talk := func(from string) {
		t.Helper()
		if g := want[Got](t, b); string(g.Body) != "there" {
			t.Errorf("got %+v", g)
		}
		mustSend(t, ba, Log, Gossip, []byte("back"))
		if g := want[Got](t, a); string(g.Body) != "back" {
			t.Errorf("got %+v", g)
		}
		awaitAddr(t, ba, netip.AddrPortFrom(netip.MustParseAddr(from), a.Addrs()[0].Port()))
	}
	mustSend(t, ab, Input, InputKind, []byte("there"))
	talk("10.7.0.2")

	away.ip("addr add 10.7.0.50/32 dev a0")
	away.ip("addr del 10.7.0.2/24 dev a0")
	away.ip("addr add 10.7.0.50/24 dev a0")
	away.ip("addr del 10.7.0.50/32 dev a0")
	mustSend(t, ab, Input, InputKind, []byte("there"))
	talk("10.7.0.50")

	away.ip("addr del 10.7.0.50/24 dev a0")
	sent := ab.Stats().PacketsOut
	mustSend(t, ab, Input, InputKind, []byte("there"))
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for ab.Stats().PacketsOut < sent+3 && ab.ctx.Err() == nil { // sends that fail
		<-tick.C
	}
	away.ip("addr add 10.7.0.99/24 dev a0")
	talk("10.7.0.99")
}
