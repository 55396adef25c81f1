package doctor

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// judged checks a status and a text, and that there is something to do about what is
// not well.
func judged(t *testing.T, desc string, got Check, status Status, text string) {
	t.Helper()
	if got.Status != status || !strings.Contains(got.Text, text) {
		t.Errorf("%s: %v %q, want %v %q", desc, got.Status, got.Text, status, text)
	}
	if (got.Hint == "") != (got.Status == OK) {
		t.Errorf("%s: %v %q, hint %q", desc, got.Status, got.Text, got.Hint)
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		desc, all, out string
		status         Status
		text           string
	}{
		{"nothing", "", "", Fail, "none"},
		{"loopback and a link's own are none", "127.0.0.1 ::1 fe80::1 169.254.3.4", "", Fail, "none"},
		{"a LAN without a way out", "127.0.0.1 192.168.1.5", "", Warn, "LAN 192.168.1.5; no way to the internet"},
		{"a LAN", "192.168.1.5", "192.168.1.5", OK, "LAN 192.168.1.5; to the internet from 192.168.1.5"},
		{"all kinds", "10.0.0.2 100.64.1.1 203.0.113.2 2001:db8::2 fd00::2", "203.0.113.2", OK,
			"LAN 10.0.0.2, behind the provider's NAT 100.64.1.1, public 203.0.113.2, IPv6 2001:db8::2, IPv6 LAN fd00::2; to"},
		{"the useful one first, of many", "172.17.0.1 172.18.0.1 172.19.0.1 192.168.1.5", "192.168.1.5", OK,
			"LAN 192.168.1.5 172.17.0.1 172.18.0.1 and 1 more;"},
	} {
		judged(t, c.desc, Addresses(addrs(t, c.all), addrs(t, c.out)), c.status, c.text)
	}
}

func TestUDP(t *testing.T) {
	judged(t, "no socket", UDP{Err: errors.New("forbidden")}.Check(), Fail, "forbidden")
	judged(t, "not even to itself", UDP{Asked: 1, Answered: 1}.Check(), Fail, "itself")
	judged(t, "nobody to ask", UDP{Self: true}.Check(), OK, "no relay to ask")
	judged(t, "an answer of two", UDP{Self: true, Asked: 2, Answered: 1}.Check(), OK, "1 of 2 relays")
	judged(t, "blocked", UDP{Self: true, Asked: 1, TCP: true}.Check(), Warn, "no answer comes")
	judged(t, "no relay", UDP{Self: true, Asked: 1}.Check(), Warn, "not known")
	judged(t, "not out", UDP{Self: true, Asked: 1, Sent: errors.New("not permitted")}.Check(), Warn, "not permitted")
}

func TestRelay(t *testing.T) {
	good, bad := Try{OK: true, RTT: 12 * time.Millisecond}, Try{Text: "no answer", Hint: "do this"}
	for _, c := range []struct {
		desc  string
		relay Relay
		want  [3]Status
		texts [3]string
	}{
		{"well", Relay{UDP: good, TCP: good, Reg: good, Carrier: "udp"}, [3]Status{OK, OK, OK}, [3]string{"answers in 12 ms", "answers in 12 ms", "takes you, by UDP"}},
		{"no UDP", Relay{UDP: bad, TCP: good, Reg: good, Carrier: "tcp"}, [3]Status{Warn, OK, OK}, [3]string{"no answer", "", "by TCP"}},
		{"no QUIC", Relay{UDP: good, TCP: good, Reg: good, Carrier: "tcp"}, [3]Status{Warn, OK, OK}, [3]string{"does not come about", "", "by TCP"}},
		{"QUIC alone", Relay{UDP: bad, TCP: bad, Reg: good, Carrier: "udp"}, [3]Status{OK, Warn, OK}, [3]string{"does not say how you look", "no answer", ""}},
		{"no TCP", Relay{UDP: good, TCP: bad, Reg: good, Carrier: "udp"}, [3]Status{OK, Warn, OK}, [3]string{"", "no answer", ""}},
		{"refused", Relay{UDP: good, TCP: good, Reg: bad}, [3]Status{OK, OK, Fail}, [3]string{"", "", "does not take you: no answer"}},
		{"dead", Relay{UDP: bad, TCP: bad, Reg: bad}, [3]Status{Fail, Fail, Fail}, [3]string{}},
		{"by a proxy", Relay{UDP: bad, TCP: good, Proxy: "p:1", Reg: good, Carrier: "tcp"}, [3]Status{Warn, OK, OK}, [3]string{"", "by the proxy p:1: answers", ""}},
	} {
		hints := 0
		for i, got := range c.relay.Checks() {
			if got.Status != c.want[i] || !strings.Contains(got.Text, c.texts[i]) {
				t.Errorf("%s: %v %q, want %v %q", c.desc, got.Status, got.Text, c.want[i], c.texts[i])
			}
			if got.Hint != "" {
				hints++
			}
		}
		if bad := c.want != [3]Status{}; (hints > 0) != bad || c.desc == "dead" && hints != 1 {
			t.Errorf("%s: %d hints", c.desc, hints)
		}
	}
}

func TestLAN(t *testing.T) {
	judged(t, "none", LAN{}.Check(), Warn, "no network with multicast")
	judged(t, "silent", LAN{Interfaces: []string{"eth0"}}.Check(), Warn, "does not come back on eth0")
	judged(t, "failed", LAN{Interfaces: []string{"eth0"}, Err: errors.New("taken")}.Check(), Warn, "taken")
	judged(t, "well", LAN{Interfaces: []string{"eth0"}, Back: addrs(t, "192.168.1.5 fe80::1")}.Check(), OK, "comes back at 192.168.1.5")
	judged(t, "a link's own do", LAN{Interfaces: []string{"eth0"}, Back: addrs(t, "fe80::1")}.Check(), OK, "at fe80::1")
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	judged(t, "no reference", Clock(now, time.Time{}), OK, "2026-11-22 12:00 UTC; no reference")
	judged(t, "right", Clock(now, now.Add(-time.Second)), OK, "agrees")
	judged(t, "a little off", Clock(now, now.Add(-5*time.Minute)), OK, "5m0s ahead of")
	judged(t, "far behind", Clock(now, now.Add(5*time.Minute+time.Second)), Warn, "5m1s behind")
	judged(t, "far ahead", Clock(now, now.Add(-time.Hour)), Warn, "1h0m0s ahead of")
}

func TestTerminal(t *testing.T) {
	good := Terminal{In: true, Out: true, Cols: 80, Rows: 24, Type: "xterm", Locale: "C.UTF-8", NeedsUTF8: true}
	for _, c := range []struct {
		desc   string
		change func(*Terminal)
		status Status
		text   string
	}{
		{"well", func(*Terminal) {}, OK, "80x24, TERM=xterm, locale C.UTF-8"},
		{"utf8 is UTF-8", func(t *Terminal) { t.Locale = "de_DE.utf8" }, OK, "de_DE.utf8"},
		{"no output", func(t *Terminal) { t.Out = false }, Warn, "output is no"},
		{"no input", func(t *Terminal) { t.In = false }, Warn, "input is no"},
		{"dumb", func(t *Terminal) { t.Type = "dumb" }, Warn, "TERM=dumb"},
		{"no TERM", func(t *Terminal) { t.Type = "" }, Warn, "TERM="},
		{"another locale", func(t *Terminal) { t.Locale = "C" }, Warn, "locale C"},
		{"no locale", func(t *Terminal) { t.Locale = "" }, Warn, "locale not set"},
		{"none needed", func(t *Terminal) { t.Locale, t.NeedsUTF8 = "", false }, OK, "TERM=xterm"},
		{"tmux", func(t *Terminal) { t.Within = "tmux" }, OK, "inside tmux"},
		{"nested", func(t *Terminal) { t.Nested = true }, Warn, "inside a shared session"},
	} {
		term := good
		c.change(&term)
		judged(t, c.desc, term.Check(), c.status, c.text)
	}
}

func TestReportAsJSON(t *testing.T) {
	b, err := json.Marshal(Report{Checks: []Check{{"udp", Warn, "slow", "wait"}}, Verdict: "Well."})
	want := `{"checks":[{"name":"udp","status":"warn","text":"slow","hint":"wait"}],"verdict":"Well."}`
	if err != nil || string(b) != want {
		t.Errorf("%s, %v; want %s", b, err, want)
	}
}
