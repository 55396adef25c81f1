//go:build linux

package main

import (
	"crypto/rand"
	"net"
	"net/netip"
	"regexp"
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
