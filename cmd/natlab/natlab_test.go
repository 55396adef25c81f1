//go:build linux

package main

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/lab"
	"gossterm/internal/ticket"
)

func TestParsePath(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	logged := time.Date(2026, 1, 2, 3, 4, 4, 250e6, time.UTC)
	for _, tt := range []struct {
		desc, line string
		want       pathChange
		ok         bool
	}{
		{"a change", `time=2026-01-02T03:04:04.250Z level=INFO msg=path layer=transport peer=ab12 via=relay addr="" rtt=41.5ms`,
			pathChange{logged, "ab12", viaRelay, "", 41500 * time.Microsecond}, true},
		{"without a time and a round trip", `level=INFO msg=path peer=ab12 via=direct addr=192.0.2.1:443`, pathChange{at, "ab12", viaDirect, "192.0.2.1:443", 0}, true},
		{"another message", `level=INFO msg=parent peer=ab12 via=direct`, pathChange{}, false},
		{"a message that begins so", `level=INFO msg=paths via=direct`, pathChange{}, false},
		{"a path in another place", `level=INFO msg="no msg=path" why=path`, pathChange{}, false},
	} {
		if got, ok := parsePath(tt.line, at); got != tt.want || ok != tt.ok {
			t.Errorf("%s: got %v, %v, want %v, %v", tt.desc, got, ok, tt.want, tt.ok)
		}
	}
}

func TestTyping(t *testing.T) {
	begin := time.Unix(1000, 0)
	at := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Millisecond) }
	ty := &typing{keys: "abcdef"}
	for i := range len(ty.keys) {
		ty.typed = append(ty.typed, at(100*i))
	}
	ty.see("", at(1))
	ty.see("a", at(10))
	ty.see("abc", at(400)) // b has waited for 300, c for 200
	ty.see("abcd", at(750))
	ty.see("abc", at(760)) // a redrawn screen shows less for a moment
	if ty.over() {
		t.Error("over before all keys are there")
	}
	ty.see("abcdef", at(800))
	if !ty.over() || ty.wrong != "" {
		t.Errorf("over: %v, wrong: %q", ty.over(), ty.wrong)
	}
	ms := time.Millisecond
	if got, want := ty.lags(time.Time{}), []time.Duration{10 * ms, 300 * ms, 200 * ms, 450 * ms, 400 * ms, 300 * ms}; !slices.Equal(got, want) {
		t.Errorf("got lags %v, want %v", got, want)
	}
	// Who went on at 700 ms is to blame only for what came after.
	if got, want := ty.lags(at(700)), []time.Duration{10 * ms, 300 * ms, 200 * ms, 50 * ms, 100 * ms, 100 * ms}; !slices.Equal(got, want) {
		t.Errorf("from then on: got lags %v, want %v", got, want)
	}
	ty.see("abxdef", at(900))
	if ty.wrong == "" {
		t.Error("an echo that nobody typed goes unnoticed")
	}
	if got := stalls([]time.Duration{0, 300 * ms, 250 * ms, calm, 201 * ms, 0, ms}, calm); got != 2 {
		t.Errorf("got %d stalls, want 2", got)
	}
}

func TestKeysTellWhatIsMissing(t *testing.T) {
	keys := newTyping(1).keys
	if len(keys) != keyCount {
		t.Fatalf("%d keys", len(keys))
	}
	for i := range keys {
		window := keys[i:min(i+plainWindow, len(keys))]
		if len(window) == plainWindow && strings.Count(keys, window) != 1 {
			t.Errorf("%q is there twice", window)
		}
	}
}

func TestMissedTargets(t *testing.T) {
	good := func() result {
		return result{Path: viaDirect, Direct: ms(200 * time.Millisecond), Echo: ms(2 * time.Millisecond), atLast: ms(2 * time.Millisecond), Stall: ms(50 * time.Millisecond), Typed: keyCount, TypedOnce: true}
	}
	tr := pair(cone, cone, 1, viaDirect)
	for _, tt := range []struct {
		desc  string
		spoil func(*result)
		want  string // in what is missed, "" for nothing
	}{
		{"all good", func(*result) {}, ""},
		{"on the relay", func(r *result) { r.Path, r.atLast = viaRelay, ms(50*time.Millisecond) }, `path "relay", not direct`},
		{"never direct", func(r *result) { r.Direct = nil }, "direct after -"},
		{"direct too late", func(r *result) { r.Direct = ms(501 * time.Millisecond) }, "direct after 501"},
		{"direct only in the log", func(r *result) { r.atLast = ms(41 * time.Millisecond) }, "not that of a path direct"},
		{"a key too many", func(r *result) { r.Typed, r.TypedOnce = keyCount+1, false }, "201 of 200 keys"},
		{"a long stall", func(r *result) { r.Stall, r.Stalls = ms(time.Second), 1 }, "waited 1000 ms"},
		{"as long on a busy machine", func(r *result) { r.Stall, r.calm = ms(time.Second), time.Second }, ""},
		{"no echo at all", func(r *result) { r.Echo, r.Stall = nil, nil }, "waited - ms"},
		{"two stalls", func(r *result) { r.Stalls = 2 }, "2 stalls"},
	} {
		r := good()
		tt.spoil(&r)
		missed := strings.Join(tr.missed(r), "; ")
		if (tt.want == "") != (missed == "") || !strings.Contains(missed, tt.want) {
			t.Errorf("%s: missed %q, want %q", tt.desc, missed, tt.want)
		}
	}
	busy := good()
	busy.Stall, busy.calm = ms(501*time.Millisecond), time.Second
	if got := tr.with(cutDirect(time.Second), cutStall).missed(busy); len(got) != 1 {
		t.Errorf("a target of its own is missed on a busy machine: %q", got)
	}
	relayed := good()
	relayed.Path = viaRelay
	if got := pair(symmetric, symmetric, 1, viaRelay).missed(relayed); len(got) != 1 || !strings.Contains(got[0], "not that of a path relay") {
		t.Errorf("an echo quicker than the relay: missed %q", got)
	}
}

func TestReadTickets(t *testing.T) {
	secret, err := id.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tick, err := ticket.New(rand.Reader, secret.Peer())
	if err != nil {
		t.Fatal(err)
	}
	line := "to type:   gossterm join " + tick.String()
	whole := func(pad int) []string { // the ticket ends pad columns before the last one
		s := strings.Repeat(" ", (2*lab.TermCols-pad)-len(line)) + line
		return []string{"a row", s[:lab.TermCols], s[lab.TermCols:], "to watch:  gossterm join gsr1", ""}
	}
	for _, tt := range []struct {
		desc string
		rows []string
		want int
	}{
		{"over two rows", whole(10), 1},
		{"to the last column", whole(0), 1},
		{"two tickets", append(whole(10), whole(0)...), 2},
		{"cut", whole(10)[:2], 0},
		{"in the last row", whole(10)[:3], 1},
		{"none", []string{"gossterm join gst1", "", "x"}, 0},
	} {
		got := readTickets(tt.rows)
		for _, g := range got {
			if g.String() != tick.String() {
				t.Errorf("%s: got %v", tt.desc, g)
			}
		}
		if len(got) != tt.want {
			t.Errorf("%s: got %d tickets, want %d: %q", tt.desc, len(got), tt.want, tt.rows)
		}
	}
}

func TestTooOften(t *testing.T) {
	begin := time.Unix(1000, 0)
	rounds := func(starts ...int) (all []packet) {
		for _, s := range starts {
			for _, at := range []int{0, 50, 100, 200, 400, 800, 1600} {
				all = append(all, packet{at: begin.Add(time.Duration(s+at) * time.Millisecond), udp: true, first: 1})
			}
		}
		return all
	}
	if got := tooOften(rounds(0, 1600, 5000)); len(got) != 0 {
		t.Errorf("rounds one after the other: %q", got)
	}
	if got := tooOften(rounds(0, 1600, 3200, 3300)); len(got) == 0 {
		t.Error("a round within another goes unnoticed")
	}
}

func TestChoose(t *testing.T) {
	all := trials()
	seen := map[string]bool{}
	for _, tr := range all {
		if seen[tr.name] {
			t.Errorf("two cases are called %s", tr.name)
		}
		seen[tr.name] = true
		if !slices.IsSortedFunc(tr.events, func(a, b happening) int { return int(a.after - b.after) }) {
			t.Errorf("%s: what happens is not in order", tr.name)
		}
	}
	if short, _ := (options{short: true}).choose(all); len(short) == 0 || len(short) == len(all) {
		t.Errorf("%d of %d cases are short", len(short), len(all))
	}
}
