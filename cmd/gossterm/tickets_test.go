//go:build linux

package main

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gossterm/internal/id"
	"gossterm/internal/ticket"
)

// cmdTicket waits for a program to print a whole ticket and puts it in a variable.
func cmdTicket(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 3)
	kind := "gst1"
	if len(args) == 3 {
		kind = args[2]
	}
	re := regexp.MustCompile(`(` + kind + `[a-z2-7]+)\r?\n`)
	p := programOf(ts, args)
	var found [][]byte
	if !p.stage.until(patience, func() bool { found = re.FindSubmatch(p.raw); return found != nil }) {
		ts.Fatalf("%s printed no %s ticket\n%s", p.name, kind, p.show())
	}
	ts.Setenv(args[1], string(found[1]))
}

// cmdShown waits until a screen shows what matches, and puts what the first group of
// the pattern matched in a variable: what a person copies with the mouse.
func cmdShown(ts *testscript.TestScript, args []string) {
	need(ts, args, 3, 3)
	p, re := programOf(ts, args), patternOf(ts, args[2])
	var found []string
	if !p.stage.until(patience, func() bool { found = re.FindStringSubmatch(p.text()); return found != nil }) {
		ts.Fatalf("%s does not show %q\n%s", p.name, args[2], p.show())
	}
	ts.Setenv(args[1], found[1])
}

// cmdMade checks that a ticket is one that a member made: that of the session with
// the member added, who is somewhere.
func cmdMade(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 2)
	t, err := ticket.Parse(args[0])
	ts.Check(err)
	if !t.Via.Peer.Valid() || len(t.Via.Addrs) == 0 {
		ts.Fatalf("no member made the ticket: it names %v", t.Via)
	}
	t.Via = ticket.Contact{}
	if t.String() != args[1] {
		ts.Fatalf("without its member the ticket is not that of the session")
	}
}

// cmdForge puts a ticket in a variable that is like the one given, but for another
// host (key), with another secret (secret), or at another address.
func cmdForge(ts *testscript.TestScript, args []string) {
	need(ts, args, 3, 3)
	t, err := ticket.Parse(args[1])
	ts.Check(err)
	switch args[2] {
	case "key":
		other, err := id.NewSecret(rand.Reader)
		ts.Check(err)
		t.Host = other.Peer()
	case "secret":
		other, err := ticket.New(rand.Reader, t.Host)
		ts.Check(err)
		t.Secret = other.Secret
	default:
		addr, err := netip.ParseAddrPort(args[2])
		ts.Check(err)
		t.Addrs = []netip.AddrPort{addr}
	}
	ts.Setenv(args[0], t.String())
}

// A silentPort is a UDP port that takes packets and never answers.
type silentPort struct{ conn *net.UDPConn }

func (s *silentPort) close() { s.conn.Close() }

func cmdSilent(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, 1)
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	ts.Check(err)
	stageOf(ts).silent = &silentPort{conn}
	ts.Setenv(args[0], conn.LocalAddr().String())
}

// cmdPackets tells whether a packet came before one of our own, sent now: what
// was sent over loopback earlier is in the port's queue already.
func cmdPackets(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, args, 0, 0)
	conn := stageOf(ts).silent.conn
	const ours = "the last"
	out, err := net.Dial("udp4", conn.LocalAddr().String())
	ts.Check(err)
	defer out.Close()
	_, err = out.Write([]byte(ours))
	ts.Check(err)
	ts.Check(conn.SetReadDeadline(time.Now().Add(patience)))
	b := make([]byte, 2048)
	n, err := conn.Read(b)
	ts.Check(err)
	if came := string(b[:n]) != ours; came == neg {
		ts.Fatalf("packets came: %v", came)
	}
}

func TestAMembersTicketHoldsOneAddressOfEachKind(t *testing.T) {
	for _, c := range []struct{ desc, in, want string }{
		{"both", "10.0.0.1:1 172.17.0.1:1 [2001:db8::1]:1 [2001:db8::2]:1", "10.0.0.1:1 [2001:db8::1]:1 172.17.0.1:1 [2001:db8::2]:1"},
		{"IPv4 in IPv6 form is IPv4", "[::ffff:10.0.0.1]:1 10.0.0.2:1 [2001:db8::1]:1", "[::ffff:10.0.0.1]:1 [2001:db8::1]:1 10.0.0.2:1"},
		{"one kind stays in its order", "10.0.0.1:1 10.0.0.2:1 10.0.0.3:1", "10.0.0.1:1 10.0.0.2:1 10.0.0.3:1"},
		{"none", "", ""},
	} {
		var in []netip.AddrPort
		for _, a := range strings.Fields(c.in) {
			in = append(in, netip.MustParseAddrPort(a))
		}
		if got := strings.Trim(fmt.Sprint(oneOfEach(in)), "[]"); got != strings.Trim(c.want, "[]") {
			t.Errorf("%s: got %s, want %s", c.desc, got, c.want)
		}
	}
}
