package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gossterm/internal/doctor"
	"gossterm/internal/id"
	"gossterm/internal/relay"
	"gossterm/internal/ticket"
	"gossterm/internal/transport"
)

// relayHere runs a relay on the loopback until the test ends, and returns its value.
func relayHere(t *testing.T, token string) id.Relay {
	t.Helper()
	s, err := relay.Listen(relay.ServerConfig{
		Listen: netip.MustParseAddrPort("127.0.0.1:0"), Secret: id.SecretFromSeed(randomKey()), Token: token,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := soon(func() error { return s.Serve(ctx) })
	t.Cleanup(func() {
		stop()
		if err := served.get(); err != nil {
			t.Error(err)
		}
	})
	return s.Values()[0]
}

// webServer runs a web server with TLS, which is no relay.
func webServer(t *testing.T) *httptest.Server {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// closedPort returns an address of the loopback where nobody is.
func closedPort(t *testing.T) netip.AddrPort {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

// hostHere answers the handshakes of a session on the loopback until the test ends. It
// returns the session's ticket, with an address if there are no relays.
func hostHere(t *testing.T, relays ...id.Relay) ticket.Ticket {
	t.Helper()
	secret := id.SecretFromSeed(randomKey())
	tick, err := ticket.New(rand.Reader, secret.Peer())
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan transport.Event)
	tr, err := transport.Listen(transport.Config{
		Secret: secret, Inbox: events, Listen: netip.MustParseAddrPort("127.0.0.1:0"),
		Relays: relays, RelayOnly: len(relays) > 0, Topic: id.TopicOf(secret.Peer()),
	})
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	drained := soon(func() bool {
		for {
			select {
			case <-events:
			case <-closed:
				return true
			}
		}
	})
	t.Cleanup(func() {
		tr.Close(transport.Ended)
		close(closed)
		drained.get()
	})
	if tick.Relays = relays; len(relays) == 0 {
		tick.Addrs = tr.Addrs()
	}
	awaitRelays(t, tr)
	return tick
}

// awaitRelays waits until all relays of a host know it: before that they say that they
// do not.
func awaitRelays(t *testing.T, tr *transport.Transport) {
	t.Helper()
	down := func(r transport.RelayStatus) bool { return !r.Up }
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for late := time.Now().Add(10 * time.Second); slices.ContainsFunc(tr.Relays(), down); <-tick.C {
		if time.Now().After(late) {
			t.Fatalf("relays: %+v", tr.Relays())
		}
	}
}

// examined is what an examination said.
type examined struct {
	doctor.Report
	works bool
	text  string
}

// examine runs an examination with little patience for UDP: all is near.
func examine(t *testing.T, word string, relays ...id.Relay) examined {
	t.Helper()
	e := examination{relays: relays, word: word, patience: doctorTime, udpPatience: time.Second, std: stdio{os.Stdin, os.Stdout, os.Stderr}}
	var b bytes.Buffer
	var said []doctor.Check
	works := e.run(t.Context(), func(c doctor.Check) {
		said = append(said, c)
		doctorPrinter{w: &b}.check(c)
	})
	if !slices.Equal(said, e.report.Checks) {
		t.Errorf("said %v, reported %v", said, e.report.Checks)
	}
	return examined{e.report, works, b.String()}
}

// all returns the checks of a name.
func (x examined) all(name string) (out []doctor.Check) {
	for _, c := range x.Checks {
		if c.Name == name {
			out = append(out, c)
		}
	}
	return out
}

// wants checks the first check of a name.
func (x examined) wants(t *testing.T, name string, status doctor.Status, text string) {
	t.Helper()
	if c := x.all(name); len(c) == 0 || c[0].Status != status || !strings.Contains(c[0].Text, text) {
		t.Errorf("%s: %+v, want %v %q\n%s", name, c, status, text, x.text)
	}
}

// verdictIs checks the verdict.
func (x examined) verdictIs(t *testing.T, works bool, text string) {
	t.Helper()
	if x.works != works || !strings.Contains(x.Verdict, text) {
		t.Errorf("verdict %v %q, want %v %q\n%s", x.works, x.Verdict, works, text, x.text)
	}
}

// withoutLeaks fails a test that leaves goroutines.
func withoutLeaks(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

func TestDoctorWithARelay(t *testing.T) {
	withoutLeaks(t)
	x := examine(t, "", relayHere(t, "Blue-7"))
	x.wants(t, "udp", doctor.OK, "1 of 1")
	x.wants(t, "relay udp", doctor.OK, "answers in")
	x.wants(t, "relay tcp", doctor.OK, "answers in")
	x.wants(t, "relay", doctor.OK, "takes you, by UDP")
	x.wants(t, "nat", doctor.OK, "says nothing")
	x.wants(t, "clock", doctor.OK, "agrees")
	x.verdictIs(t, true, "Whoever can reach the relay")
	if strings.Contains(x.text, "Blue-7") {
		t.Errorf("it shows the token:\n%s", x.text)
	}
	var names []string
	for _, c := range x.Checks {
		names = append(names, c.Name)
	}
	if want := []string{"addresses", "udp", "relay udp", "relay tcp", "relay", "nat", "lan", "clock", "terminal"}; !slices.Equal(names, want) {
		t.Errorf("checks %v, want %v", names, want)
	}
}

func TestDoctorSaysWhatIsWrongWithARelay(t *testing.T) {
	withoutLeaks(t)
	value := relayHere(t, "Blue-7")
	token, pin, dead, web := value, value, value, value
	token.Token = "Blue-8"
	pin.Pin[0]++
	dead.Port = closedPort(t).Port()
	server := webServer(t)
	web.Port = netip.MustParseAddrPort(server.Listener.Addr().String()).Port()

	x := examine(t, "", token)
	x.wants(t, "relay udp", doctor.OK, "answers")
	x.wants(t, "relay tcp", doctor.OK, "answers")
	x.wants(t, "relay", doctor.Fail, "wants another token")
	x.verdictIs(t, false, "No relay works")

	x = examine(t, "", pin)
	x.wants(t, "relay udp", doctor.OK, "answers")
	x.wants(t, "relay tcp", doctor.Warn, "its key is not the one")
	x.wants(t, "relay", doctor.Fail, "another key")
	x.wants(t, "clock", doctor.OK, "no reference")
	x.verdictIs(t, false, "No relay works")

	x = examine(t, "", dead)
	x.wants(t, "udp", doctor.Warn, "not known")
	x.wants(t, "relay udp", doctor.Fail, "no answer")
	x.wants(t, "relay tcp", doctor.Fail, "refused")
	x.wants(t, "relay", doctor.Fail, "nobody answers")
	x.wants(t, "nat", doctor.Warn, "no relay answers")
	x.verdictIs(t, false, "No relay works")

	x = examine(t, "", web)
	x.wants(t, "relay tcp", doctor.Fail, "TLS is intercepted: the certificate is by \"O=Acme Co\"")
	x.wants(t, "relay", doctor.Fail, "TLS is intercepted")
	x.verdictIs(t, false, "No relay works")

	x = examine(t, "", dead, value) // one that works is enough
	if c := x.all("relay"); len(c) != 2 || c[0].Status != doctor.Fail || c[1].Status != doctor.OK {
		t.Errorf("relays %+v", c)
	}
	x.verdictIs(t, true, "Whoever can reach the relay")
}

func TestDoctorKnowsAWebServerAndAStrangeAuthority(t *testing.T) {
	server := webServer(t)
	port := netip.MustParseAddrPort(server.Listener.Addr().String()).Port()
	for place, want := range map[string]string{"127.0.0.1": "by an authority that this machine does not know: O=Acme Co", "localhost": "not localhost"} {
		a := askWeb(t.Context(), id.Relay{Place: place, Port: port})
		if a.err == nil {
			t.Errorf("%s: the certificate is good enough", place)
		} else if text, hint := inWords(a.err); !strings.Contains(text, want) || hint == "" {
			t.Errorf("%s: %q, %q", place, text, hint)
		}
	}
	if text, _ := inWords(&statusError{"404 Not Found"}); !strings.Contains(text, "no relay: 404") {
		t.Errorf("%q", text)
	}
	_, err := relayAddrs(t.Context(), id.Relay{Place: "relay.invalid", Port: 1})
	if text, hint := inWords(whyNobody(err)); err == nil || !strings.Contains(text, "name") || hint == "" {
		t.Errorf("%v: %q, %q", err, text, hint)
	}
}

func TestDoctorWithATicket(t *testing.T) {
	withoutLeaks(t)
	tick := hostHere(t)
	x := examine(t, tick.String())
	x.wants(t, "ticket", doctor.OK, "to type, made by the host "+tick.Host.Tag())
	x.wants(t, "host", doctor.OK, tick.Addrs[0].String()+": answers in")
	x.verdictIs(t, true, "you can join, straight")
	secret := tick.Secret.Bytes()
	letters := base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	for _, s := range []string{tick.String()[:40], letters.EncodeToString(secret[:])} {
		if strings.Contains(x.text, s) {
			t.Errorf("it shows the ticket:\n%s", x.text)
		}
	}

	// Somebody else is at the address now; the member that made it answers.
	member := hostHere(t)
	tick.Via = ticket.Contact{Peer: member.Host, Addrs: member.Addrs}
	tick.Addrs = member.Addrs
	x = examine(t, tick.Watch().String())
	x.wants(t, "ticket", doctor.OK, "to watch, made by the member "+member.Host.Tag())
	x.wants(t, "host", doctor.Warn, "another session answers there")
	x.wants(t, "member", doctor.OK, "answers in")
	x.verdictIs(t, true, "the member that made the ticket does")
	tick.Via = ticket.Contact{}
	x = examine(t, tick.String())
	x.verdictIs(t, false, "ask for a new ticket")

	tick.Addrs = nil
	x = examine(t, tick.String())
	x.wants(t, "ticket", doctor.Fail, "no address and no relay")
	x.verdictIs(t, false, "Nobody of this ticket")
}

func TestDoctorReachesAHostThroughItsRelay(t *testing.T) {
	withoutLeaks(t)
	value := relayHere(t, "")
	tick := hostHere(t, value)
	x := examine(t, tick.String())
	x.wants(t, "relay", doctor.OK, "takes you")
	x.wants(t, "host", doctor.OK, "through the relay "+relayPlace(value)+": answers in")
	x.verdictIs(t, true, "through the relay")

	// The relay says at once that it has not got a host that has gone.
	gone, err := ticket.New(rand.Reader, id.SecretFromSeed(randomKey()).Peer())
	if err != nil {
		t.Fatal(err)
	}
	gone.Relays = tick.Relays
	x = examine(t, gone.String())
	x.wants(t, "host", doctor.Warn, "the relay does not know the host")
	x.verdictIs(t, false, "Nobody of this ticket")
}

func TestDoctorSaysWhatItKnowsBeforeTheRest(t *testing.T) {
	withoutLeaks(t)
	silent, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}) // and never speaks
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	value := id.Relay{Place: "127.0.0.1", Port: uint16(silent.Addr().(*net.TCPAddr).Port), Pinned: true}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e := examination{relays: []id.Relay{value}, patience: time.Hour, udpPatience: time.Hour, std: stdio{os.Stdin, os.Stdout, os.Stderr}}
	works := e.run(ctx, func(c doctor.Check) {
		if c.Name == "addresses" {
			cancel() // else nothing would end
		}
	})
	if works {
		t.Errorf("works with a relay that says nothing: %+v", e.report)
	}
}

func TestDoctorEndsInTime(t *testing.T) {
	withoutLeaks(t)
	silent, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	value := id.Relay{Place: "127.0.0.1", Port: uint16(silent.Addr().(*net.TCPAddr).Port), Pinned: true}
	tick, err := ticket.New(rand.Reader, id.SecretFromSeed(randomKey()).Peer())
	if err != nil {
		t.Fatal(err)
	}
	tick.Relays, tick.Addrs = []id.Relay{value}, []netip.AddrPort{closedPort(t)}
	e := examination{word: tick.String(), patience: time.Second, udpPatience: time.Second, std: stdio{os.Stdin, os.Stdout, os.Stderr}}
	ended := soon(func() bool { return e.run(t.Context(), func(doctor.Check) {}) })
	select {
	case <-ended.done:
	case <-time.After(doctorTime):
		t.Fatal("it goes on after its time")
	}
	if ended.v {
		t.Errorf("works without anybody: %+v", e.report)
	}
}

// What others say cannot draw on the terminal.
func TestDoctorPrintsNoControls(t *testing.T) {
	var said doctor.Check
	e := examination{say: func(c doctor.Check) { said = c }}
	e.add(doctor.Check{Text: "a\x1b[2Jb\nc", Hint: "d\x07"})
	if said.Text != "a[2Jb c" || said.Hint != "d" || e.report.Checks[0] != said {
		t.Errorf("said %+v, reported %+v", said, e.report.Checks)
	}
}

// A liar that does not know the number of a question is not heard.
func TestProbeHearsNobodyElse(t *testing.T) {
	p := openProbe()
	defer p.close()
	asked, answer := closedPort(t), make(chan reflection, 1)
	number := [16]byte{1}
	p.asked[number] = question{asked, time.Now(), answer}
	reply := func(number [16]byte) []byte {
		b := relay.ReflectQuery(number)
		b[0] = 4
		copy(b[17:], netip.MustParseAddr("::ffff:203.0.113.9").AsSlice())
		b[len(b)-1] = 7
		return b
	}
	p.heard(reply([16]byte{2}), asked)
	p.heard(reply(number), netip.MustParseAddrPort("127.0.0.1:9"))
	select {
	case r := <-answer:
		t.Fatalf("heard %+v", r)
	default:
	}
	p.heard(reply(number), asked)
	if r := <-answer; r.at != netip.MustParseAddrPort("203.0.113.9:7") {
		t.Errorf("seen at %v", r.at)
	}
	if p.heard(reply(number), asked); len(answer) > 0 {
		t.Error("an answer counts twice")
	}
}

func TestDoctorPrintsOneObject(t *testing.T) {
	std, said := quietly(t)
	e := examination{word: "gst1abc", patience: time.Second, udpPatience: time.Second, std: std}
	status, err := e.print(t.Context(), true)
	var got struct {
		Checks []struct {
			Name, Status, Text string
			Hint               *string
		}
		Verdict string
	}
	if err != nil || status != exitUnwell || json.Unmarshal([]byte(said()), &got) != nil {
		t.Fatalf("status %d, %v: %s", status, err, said())
	}
	last := got.Checks[len(got.Checks)-1]
	if last.Name != "ticket" || last.Status != "fail" || last.Hint == nil || got.Verdict != "This ticket cannot be used." {
		t.Errorf("%+v", got)
	}
}

func TestDoctorPrints(t *testing.T) {
	var b bytes.Buffer
	c := doctor.Check{Name: "udp", Status: doctor.Warn, Text: "slow", Hint: "wait"}
	doctorPrinter{w: &b}.check(c)
	if want := "warn  udp        slow\n                 -> wait\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	b.Reset()
	doctorPrinter{w: &b, colour: true}.check(c)
	if want := "\x1b[33mwarn\x1b[m  udp"; !strings.HasPrefix(b.String(), want) {
		t.Errorf("%q, want %q", b.String(), want)
	}
}

func TestDoctorFlags(t *testing.T) {
	a, b := "192.0.2.7:1/pxvpv4xwqz3awqezshbm63bonq", "relay.example:2"
	got, err := parseRelays([]string{a + " " + b, a})
	if err != nil || len(got) != 2 || got[0].String() != a || got[1].String() != b {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range [][]string{{"x"}, {b, "c.example:3", "d.example:4", "e.example:5"}} {
		if _, err := parseRelays(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
