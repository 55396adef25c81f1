package main

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gossterm/internal/member"
	"gossterm/internal/node"
	"gossterm/internal/path"
	"gossterm/internal/transport"
	"gossterm/session"
)

func TestHostStatus(t *testing.T) {
	s := status{
		crowd:  seen(2, 0, nil, row(3, "ana", ""), row(4, "bob", "W"), row(5, "cyd", "WA"), row(6, "dan", "A")),
		lasted: 12*time.Minute + 3*time.Second, output: 12345,
		addrs: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:4"), netip.MustParseAddrPort("[2001:db8::1]:4")},
		relays: []transport.RelayStatus{
			{Place: "r.example:443", Up: true, Carrier: "tcp", RTT: 48 * time.Millisecond},
			{Place: "192.0.2.7:4433", Up: true, Carrier: "udp"},
			{Place: "192.0.2.8:4433", Err: errors.New("by UDP: no answer")},
			{Place: "192.0.2.9:4433"},
		},
	}
	s.Told = 87
	const want = `session  12 min 3 s
people   2 typing, 1 watching, 2 away
output   12 kB in 87 records
relay    r.example:443 up by tcp, 48 ms
relay    192.0.2.7:4433 up by udp
relay    192.0.2.8:4433 down: by UDP: no answer
relay    192.0.2.9:4433 not reached yet
reached  at 192.0.2.1:4 [2001:db8::1]:4`
	if got := strings.Join(s.lines(session.View{Cols: 80, Rows: 24}), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s.relays, s.hidden = nil, true
	if got := strings.Join(s.lines(session.View{Cols: 80, Rows: 24})[3:], "\n"); got != "relay    none\nreached  at no address: --relay-only" {
		t.Errorf("hidden: %s", got)
	}
	s.hidden, s.addrs = false, nil
	if got := strings.Join(s.lines(session.View{Cols: 80, Rows: 24})[4:], "\n"); got != "reached  at no address" {
		t.Errorf("without addresses: %s", got)
	}
}

func TestMemberStatus(t *testing.T) {
	toHost, toAna := linkTo(1, path.Direct, 23*time.Millisecond), linkTo(3, path.LAN, 1300*time.Microsecond)
	rows := []member.Row{row(3, "ana", ""), row(4, "bob", ""), row(5, "cyd", "W")}
	for _, c := range []struct {
		desc    string
		in      crowd
		view    session.View
		told    uint64
		relays  []transport.RelayStatus
		hostIs  string
		typedIs string
		behind  string
	}{{
		desc: "straight to the host, all done",
		in:   seen(4, 1, []node.LinkStats{toHost, toAna}, rows...), view: session.View{Through: 7, Skipped: 70_000}, told: 7,
		hostIs: "Zoe·0010, direct 23 ms, heard 0.4 s ago", typedIs: "all is acknowledged", behind: "up to date, 70 kB of output skipped",
	}, {
		desc: "through a member, behind, unacknowledged",
		in:   seen(4, 3, []node.LinkStats{toAna}, rows...), view: session.View{Through: 7, Records: 3, Keys: 12}, told: 21,
		hostIs: "Zoe·0010, via ana·0030 (lan 1.3 ms), heard 0.4 s ago", typedIs: "12 keys in 3 records not acknowledged", behind: "14 records behind the host",
	}, {
		desc: "unsent too, by nobody",
		in:   seen(4, 0, nil, rows...), view: session.View{Records: 1, Keys: 1, Unsent: 40}, told: 1,
		hostIs: "Zoe·0010, out of reach, heard 0.4 s ago", typedIs: "1 key in 1 record not acknowledged, 40 keys not sent yet", behind: "1 record behind the host",
	}, {
		desc:   "a watcher whose parent is not known",
		in:     seen(5, 0, []node.LinkStats{toAna, linkTo(4, path.LAN, 0)}, rows...),
		hostIs: "Zoe·0010, via others, heard 0.4 s ago", typedIs: "nothing, you watch", behind: "up to date",
	}} {
		s := status{crowd: c.in}
		s.Heard, s.Told = 420*time.Millisecond, c.told
		c.view.Cols, c.view.Rows = 80, 24
		want := "host     " + c.hostIs + "\ntyped    " + c.typedIs + "\nscreen   " + c.behind + "\nrelay    none"
		if got := strings.Join(s.lines(c.view), "\n"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.desc, got, want)
		}
	}
}

func TestStatusFitsTheTerminal(t *testing.T) {
	s := status{crowd: seen(4, 0, nil), relays: []transport.RelayStatus{{Place: "192.0.2.8:4433", Err: errors.New(strings.Repeat("no ", 100))}}}
	for _, c := range []struct{ cols, rows, lines, used int }{
		{80, 24, 4, 5},
		{80, 6, 3, 3},
		{40, 24, 4, 6},
		{40, 3, 1, 2}, // the first line stays, and is said to be too much by who shows it
	} {
		got := s.lines(session.View{Cols: c.cols, Rows: c.rows})
		if len(got) != c.lines || rowsOf(got, c.cols) != c.used {
			t.Errorf("%dx%d: %d lines in %d rows, want %d in %d", c.cols, c.rows, len(got), rowsOf(got, c.cols), c.lines, c.used)
		}
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{lasting(-time.Second), "0 s"},
		{lasting(59900 * time.Millisecond), "59 s"},
		{lasting(time.Minute), "1 min 0 s"},
		{lasting(61 * time.Minute), "1 h 1 min"},
		{lasting(25*time.Hour + time.Minute), "1 day 1 h"},
		{amount(1), "1 byte"},
		{amount(999), "999 bytes"},
		{amount(1000), "1.0 kB"},
		{amount(9960), "10 kB"},
		{amount(999_600), "1.0 MB"},
		{amount(12_300_000_000), "12 GB"},
		{amount(1 << 63), "9223372 TB"},
		{milliseconds(40 * time.Microsecond), "0.0 ms"},
		{milliseconds(9940 * time.Microsecond), "9.9 ms"},
		{milliseconds(9960 * time.Microsecond), "10 ms"},
		{milliseconds(1234567 * time.Microsecond), "1235 ms"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// Lines of wide characters are cut by columns.
func TestALineOfAStatusIsCutByColumns(t *testing.T) {
	for n := range 40 {
		line := strings.Repeat("界", n)
		got := cutLine(line, 20)
		if want := min(n, 20); utf8.RuneCountInString(got) != want || strings.ContainsRune(got, 0) {
			t.Errorf("%d: %q, want %d of them", n, got, want)
		}
	}
}
