//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gossterm/internal/lab"
)

// inNamespaces runs a test as the lab runs: in a process that is alone with its
// networks. It reports whether this is that process.
func inNamespaces(t *testing.T) bool {
	t.Helper()
	if lab.Isolated() {
		if err := possible(); err != nil {
			t.Skip(err)
		}
		return true
	}
	out := new(strings.Builder)
	cmd := lab.Isolate(t.Context(), "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Skipf("namespaces cannot be made: %v", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Log(out)
	return false
}

// layWorld lays out the networks of a trial.
func layWorld(t *testing.T, tr trial) *world {
	t.Helper()
	w := &world{trial: tr}
	t.Cleanup(w.close)
	if err := w.lay(); err != nil {
		t.Fatal(err)
	}
	return w
}

// A probe is a UDP socket on a machine.
type probe struct {
	testing.TB
	*net.UDPConn
}

// socket opens a probe on a machine, at any port or the given one.
func socket(t testing.TB, m *lab.Machine, port int) probe {
	t.Helper()
	p := probe{TB: t}
	err := m.Within(func() (err error) {
		p.UDPConn, err = net.ListenUDP("udp", &net.UDPAddr{Port: port})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func (p probe) send(to netip.AddrPort, word string) {
	p.Helper()
	if _, err := p.WriteToUDPAddrPort([]byte(word), to); err != nil {
		p.Fatal(err)
	}
}

// next returns what comes next, "" for nothing within d, and from where.
func (p probe) next(d time.Duration) (string, netip.AddrPort) {
	p.SetReadDeadline(time.Now().Add(d))
	buf := make([]byte, 2000)
	n, from, err := p.ReadFromUDPAddrPort(buf)
	if err != nil {
		return "", from
	}
	return string(buf[:n]), netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
}

// reflect answers at a relay's address with where a question came from and how many
// bytes it had, and how it began.
func reflect(t testing.TB, w *world, i int) netip.AddrPort {
	at := relayAddr(i, w.v6)
	p := socket(t, w.relayAt[i], int(at.Port()))
	done := make(chan struct{})
	t.Cleanup(func() { p.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 2000)
		for {
			n, from, err := p.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			p.WriteToUDPAddrPort(fmt.Appendf(nil, "%v %d %s", netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), n, buf[:min(n, 20)]), from)
		}
	}()
	return at
}

// soon is how long a test waits for what must come: it fails only then.
const soon = patience

// askEvery is when a question is asked again: the first packets of a machine may be lost
// while it finds out how to reach its neighbors, each try of which takes a second.
const askEvery = 200 * time.Millisecond

var questions atomic.Int64

// question asks a relay where the probe is until it answers that very question, and
// returns the answer. What else comes meanwhile is given to other, if that is not nil.
func (p probe) question(relay netip.AddrPort, other func(word string, from netip.AddrPort)) (at netip.AddrPort) {
	p.Helper()
	question := fmt.Sprintf("where am I? %d", questions.Add(1))
	for end := time.Now().Add(patience); time.Now().Before(end); {
		p.send(relay, question)
		for {
			word, from := p.next(askEvery)
			if word == "" {
				break
			}
			if from != relay {
				if other != nil {
					other(word, from)
				}
				continue
			}
			if answer, of, _ := strings.Cut(word, " "); strings.HasSuffix(of, question) {
				at, err := netip.ParseAddrPort(answer)
				if err != nil {
					p.Fatalf("the relay %v answers %q", relay, word)
				}
				return at
			}
		}
	}
	p.Fatalf("the relay %v does not answer", relay)
	return at
}

// ask returns where a probe is as a relay sees it. Nobody else may send it anything.
func (p probe) ask(relay netip.AddrPort) netip.AddrPort {
	p.Helper()
	return p.question(relay, func(word string, from netip.AddrPort) { p.Fatalf("asked %v, got %q from %v", relay, word, from) })
}

func TestNATsAreWhatTheyAreCalled(t *testing.T) {
	if !inNamespaces(t) {
		return
	}
	for _, tt := range []struct {
		kind natKind
		v6   bool
		out  string // where the host is seen
		same bool   // by everybody
		in   bool   // what nobody asked for comes in
	}{
		{cone, false, outA, true, false},
		{symmetric, false, outA, false, false},
		{forwarded, false, outA, true, true},
		{firewall, true, addrA6, true, false},
		{open, true, addrA6, true, true},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			tr := pair(tt.kind, tt.kind, 2, "")
			tr.v6 = tt.v6
			w := layWorld(t, tr)
			r1, r2 := reflect(t, w, 0), reflect(t, w, 1)
			a, b := socket(t, w.homeA, hostPort), socket(t, w.homeB, 0)
			seen1, seen2 := a.ask(r1), a.ask(r2)
			if seen1.Addr().String() != tt.out || seen2.Addr() != seen1.Addr() {
				t.Errorf("seen as %v and %v, want the address %s", seen1, seen2, tt.out)
			}
			if (seen1 == seen2) != tt.same {
				t.Errorf("seen as %v by one and %v by the other", seen1, seen2)
			}
			b.send(seen1, "unasked")
			if in := a.heard(b.ask(r2), r1); in != tt.in {
				t.Errorf("what nobody asked for comes in: %v", in)
			}
		})
	}
}

func TestHolesCanBePunched(t *testing.T) {
	if !inNamespaces(t) {
		return
	}
	for _, tt := range []struct {
		a, b natKind
		v6   bool
		want bool
	}{
		{cone, cone, false, true},
		{cone, symmetric, false, false},
		{symmetric, symmetric, false, false},
		{firewall, firewall, true, true},
	} {
		t.Run(string(tt.a+" "+tt.b), func(t *testing.T) {
			tr := pair(tt.a, tt.b, 1, "")
			tr.v6 = tt.v6
			w := layWorld(t, tr)
			relay := reflect(t, w, 0)
			a, b := socket(t, w.homeA, 0), socket(t, w.homeB, 0)
			atA, atB := a.ask(relay), b.ask(relay)
			a.send(atB, "knock") // comes unasked, and must leave no trace at B's NAT
			b.send(atA, "knock")
			a.send(atB, "hello")
			b.send(atA, "hello")
			got := a.heard(atB, relay) && b.heard(atA, relay)
			if got != tt.want {
				t.Errorf("both hear each other: %v, want %v", got, tt.want)
			}
		})
	}
}

// heard reports whether something from peer's address came before a relay, which is
// farther away and is asked now, answers.
func (p probe) heard(peer, relay netip.AddrPort) (heard bool) {
	p.Helper()
	p.question(relay, func(_ string, from netip.AddrPort) { heard = heard || from.Addr() == peer.Addr() })
	return heard
}

func TestNoUDPPasses(t *testing.T) {
	if !inNamespaces(t) {
		return
	}
	w := layWorld(t, pair(noUDP, cone, 1, ""))
	relay := reflect(t, w, 0)
	var l net.Listener
	if err := w.relayAt[0].Within(func() (err error) { l, err = net.Listen("tcp", relay.String()); return err }); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a := socket(t, w.homeA, 0)
	a.send(relay, "where am I?")
	for range 2 { // TCP passes, and it takes longer than an answer
		err := w.homeA.Within(func() error {
			c, err := net.DialTimeout("tcp", relay.String(), soon)
			if err == nil {
				c.Close()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if word, from := a.next(time.Millisecond); word != "" {
		t.Errorf("got %q from %v", word, from)
	}
}

func TestLANHasNoWayOut(t *testing.T) {
	if !inNamespaces(t) {
		return
	}
	w := layWorld(t, trial{layout: lan})
	a, b := socket(t, w.homeA, hostPort), socket(t, w.homeB, 0)
	b.send(netip.AddrPortFrom(netip.MustParseAddr(addrA), hostPort), "hello")
	if word, _ := a.next(soon); word != "hello" {
		t.Errorf("over the LAN came %q", word)
	}
	if _, err := b.WriteToUDPAddrPort([]byte("hello"), relayAddr(0, false)); err == nil {
		t.Error("there is a way to the internet")
	}
}

func TestMTUOfTheInternet(t *testing.T) {
	if !inNamespaces(t) {
		return
	}
	tr := pair(cone, cone, 1, "")
	tr.mtu = 1300
	w := layWorld(t, tr)
	relay := reflect(t, w, 0)
	a := socket(t, w.homeA, 0)
	raw, err := a.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) { // no router may take a packet apart, and this machine believes none
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE)
	})
	if err != nil {
		t.Fatal(err)
	}
	a.ask(relay) // all on the way know each other
	const headers = 28
	for _, size := range []int{tr.mtu + 1, tr.mtu} { // one of them passes
		a.send(relay, strings.Repeat("x", size-headers))
	}
	if answer, _ := a.next(soon); !strings.Contains(answer, fmt.Sprintf(" %d ", tr.mtu-headers)) {
		t.Errorf("got %q, want an answer to %d bytes", answer, tr.mtu-headers)
	}
}

func TestALineTakesItsTimeAndRemembers(t *testing.T) {
	if !inNamespaces(t) {
		return
	}
	w := layWorld(t, pair(cone, cone, 1, ""))
	relay := reflect(t, w, 0)
	a := socket(t, w.homeA, 0)
	a.ask(relay) // addresses are found out
	begin := time.Now()
	a.send(relay, "a word that passes")
	a.next(soon)
	if took := time.Since(begin); took < 2*relayDelay {
		t.Errorf("there and back took %v, want at least %v", took, 2*relayDelay)
	}
	if l := w.lines[0]; !l.Carried([]byte("a word that passes")) || l.Carried([]byte("a word that does not")) || l.Count() < 4 {
		t.Errorf("the line does not remember what passed: %d frames", l.Count())
	}
}

// TestCut shows that what is cut is what goes directly, and for how long.
func TestCut(t *testing.T) {
	if !inNamespaces(t) {
		return
	}
	w := layWorld(t, pair(forwarded, cone, 1, ""))
	relay := reflect(t, w, 0)
	a, b := socket(t, w.homeA, hostPort), socket(t, w.homeB, 0)
	atA := netip.AddrPortFrom(netip.MustParseAddr(outA), hostPort)
	for i, e := range cutDirect(time.Second) {
		if err := e.do(&show{world: w}); err != nil {
			t.Fatal(err)
		}
		b.send(atA, "hello")
		if got, want := a.heard(b.ask(relay), relay), i == 1; got != want {
			t.Errorf("%s: heard %v, want %v", e.what, got, want)
		}
	}
}

// TestLoss shows that about as much is lost as is said, both ways, and nothing that goes
// over a relay.
func TestLoss(t *testing.T) {
	if !inNamespaces(t) {
		return
	}
	tr := pair(forwarded, cone, 1, "")
	tr.loss = 20
	w := layWorld(t, tr)
	relay := reflect(t, w, 0)
	a, b := socket(t, w.homeA, hostPort), socket(t, w.homeB, 0)
	atA, atB := netip.AddrPortFrom(netip.MustParseAddr(outA), hostPort), b.ask(relay)
	const sent, atOnce = 500, 50
	count := func(from, to probe, at netip.AddrPort) (n int) {
		for range sent / atOnce { // so that no queue gets full
			for range atOnce {
				from.send(at, "hello")
			}
			from.heard(relay, relay)
			to.question(relay, func(string, netip.AddrPort) { n++ })
		}
		return n
	}
	for range 20 { // one of them opens B's router for A
		b.send(atA, "open")
	}
	a.heard(atB, relay)
	for _, got := range []int{count(b, a, atA), count(a, b, atB)} {
		if lost := 100 * (sent - got) / sent; lost < 10 || lost > 30 { // five times the standard deviation
			t.Errorf("%d %% of %d packets are lost, want about %d", lost, sent, tr.loss)
		}
	}
}

// TestTapSeesAll shows that a tap notes what goes out and what comes in, and tells checks
// from other packets.
func TestTapSeesAll(t *testing.T) {
	if !inNamespaces(t) {
		return
	}
	w := layWorld(t, trial{layout: lan, withMember: true, apart: true})
	tapped, err := newTap(w.homeB)
	if err != nil {
		t.Fatal(err)
	}
	defer tapped.close()
	a, b, m := socket(t, w.homeA, hostPort), socket(t, w.homeB, hostPort), socket(t, w.homeM, hostPort)
	at := func(addr string) netip.AddrPort { return netip.AddrPortFrom(netip.MustParseAddr(addr), hostPort) }
	m.send(at(addrA3), "kept apart")
	m.send(at(addrA), "from the member")
	if word, _ := a.next(soon); word != "from the member" {
		t.Fatalf("the host gets %q from the member", word)
	}
	b.send(at(addrA), "\x01 a check")
	a.next(soon)
	a.send(at(addrA3), "hello")
	b.next(soon)
	packets, err := tapped.finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range packets {
		if p.udp && p.from.Port() == hostPort {
			got = append(got, fmt.Sprintf("%v %v %v", p.from, p.to, p.check()))
		}
	}
	want := []string{fmt.Sprintf("%v %v true", at(addrA3), at(addrA)), fmt.Sprintf("%v %v false", at(addrA), at(addrA3))}
	if !slices.Equal(got, want) {
		t.Errorf("the tap saw %q, want %q", got, want)
	}
}

// TestMoves shows that who moves is elsewhere and finds its way out again.
func TestMoves(t *testing.T) {
	if !inNamespaces(t) {
		return
	}
	w := layWorld(t, pair(cone, cone, 1, ""))
	relay := reflect(t, w, 0)
	for _, tt := range []struct {
		who    *lab.Machine
		events []happening
		to     string
	}{{w.homeA, hostMoves(), movedA}, {w.homeB, joinerMoves(), movedB}} {
		p := socket(t, tt.who, 0)
		p.ask(relay)
		for _, e := range tt.events {
			if err := e.do(&show{world: w}); err != nil {
				t.Fatal(err)
			}
		}
		p.ask(relay)
		var addrs []net.Addr
		if err := tt.who.Within(func() (err error) { addrs, err = net.InterfaceAddrs(); return err }); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(addrs); got != fmt.Sprintf("[127.0.0.1/8 %s/24]", tt.to) {
			t.Errorf("%s is at %s", tt.who.Name, got)
		}
	}
}

func TestNothingOfARunIsLeft(t *testing.T) {
	if lab.Isolated() {
		m, err := lab.NewMachine("m")
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("sh", "-c", "trap '' HUP TERM INT; echo ready; sleep 1000")
		cmd.Stdout = os.Stdout
		if err := m.Within(cmd.Run); err != nil { // as long as this process lives
			t.Fatal(err)
		}
		return
	}
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := lab.Isolate(t.Context(), "-test.run=^"+t.Name()+"$")
	cmd.Stdout = in
	if err := cmd.Start(); err != nil {
		t.Skipf("namespaces cannot be made: %v", err)
	}
	in.Close()
	defer cmd.Wait()
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	out.SetReadDeadline(time.Now().Add(soon))
	if rest, err := io.ReadAll(lines); err != nil { // ends when nobody is left who could write
		t.Errorf("something lives on: %q, %v", rest, err)
	}
}
