package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"gossterm/internal/lab"
	"gossterm/internal/screen"
)

func TestChoose(t *testing.T) {
	all := trials()
	seen := map[string]bool{}
	for _, tr := range all {
		if seen[tr.name] {
			t.Errorf("two cases are called %s", tr.name)
		}
		seen[tr.name] = true
		if tr.play == nil || tr.joiners == 0 || tr.what == "" {
			t.Errorf("%s is no whole case", tr.name)
		}
		if n := tr.joiners; tr.name != stormName && echoPlace("a")+n > echoRows*echoPerRow {
			t.Errorf("%s has no room for the echo of %d joiners", tr.name, n)
		}
	}
	short, _ := (options{short: true}).choose(all)
	if len(short) == len(all) || slices.ContainsFunc(short, func(tr trial) bool { return tr.long }) {
		t.Errorf("%d of %d cases are short", len(short), len(all))
	}
}

// Each person has a token and an echo of its own.
func TestPeopleDiffer(t *testing.T) {
	var s show
	seen := map[string]bool{}
	for i := range stormSize + 2 {
		who := s.nextName()
		place := echoPlace(who)
		if seen[who] || seen[string(rune(place))] {
			t.Errorf("person %d is called %s, at %d", i, who, place)
		}
		seen[who], seen[string(rune(place))] = true, true
		s.people = append(s.people, &person{who: who})
	}
	if s.people[0].who != "h" {
		t.Errorf("the host is called %s", s.people[0].who)
	}
}

func TestEchoes(t *testing.T) {
	begin := time.Unix(1000, 0)
	at := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Millisecond) }
	p := person{who: "a"}
	for i := range 5 {
		p.typedAt = append(p.typedAt, at(100*i))
	}
	p.see("nothing", at(5))
	p.see("a:1;", at(10))
	p.see("a:3; ", at(400)) // 2 has scrolled away
	p.see("a:1;a:2;a:3;", at(450))
	p.see("a:11;a:40;", at(500)) // another's, or a later one's
	ms := time.Millisecond
	if got, want := p.lags(begin, at(1000), at(900)), []time.Duration{10 * ms, 200 * ms, 300 * ms, 500 * ms, 600 * ms}; !slices.Equal(got, want) {
		t.Errorf("got lags %v, want %v: who has no echo waits on", got, want)
	}
	if got, want := p.lags(at(50), at(150), at(900)), []time.Duration{300 * ms}; !slices.Equal(got, want) {
		t.Errorf("of a time: got lags %v, want %v", got, want)
	}
	if got := p.firstEcho(at(10)); got != at(400) {
		t.Errorf("the first echo after a time is at %v", got)
	}
	if got := p.firstEcho(at(400)); !got.IsZero() {
		t.Errorf("an echo that has not come is at %v", got)
	}
	if got := part([]time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.9); got != 10 {
		t.Errorf("the p90 is %d", got)
	}
	if part(nil, 0.9) != 0 || part([]time.Duration{7}, 1) != 7 {
		t.Error("the part of few is wrong")
	}
}

// screenOf returns a person whose terminal shows that.
func screenOf(t *testing.T, output string) *person {
	t.Helper()
	p := &person{Program: &lab.Program{Screen: screen.New(lab.TermCols, lab.TermRows)}}
	p.Screen.Write([]byte(output))
	return p
}

// Screens are equal by rows and cursor, but for the rows that notices may hide.
func TestScreensAreCompared(t *testing.T) {
	base := "\x1b[2J\x1b[5;1Hsome text\x1b[10;10H"
	for _, tt := range []struct {
		desc, output string
		rest, whole  bool
	}{
		{"equal", base, true, true},
		{"another row", base + "\x1b7\x1b[3;1Hx\x1b8", false, false},
		{"a notice", base + "\x1b7\x1b[24;1Hsomebody joined\x1b8", true, false},
		{"another cursor", base + "\x1b[11;10H", true, false},
		{"no cursor", base + "\x1b[?25l", true, false},
	} {
		p, h := screenOf(t, tt.output), screenOf(t, base)
		if rest, whole := sameRows(p, h, 1), sameRows(p, h, 0); rest != tt.rest || whole != tt.whole {
			t.Errorf("%s: equal but for the last row %v, wholly %v", tt.desc, rest, whole)
		}
		if !tt.whole && difference(p, h) == "" {
			t.Errorf("%s: no difference is told", tt.desc)
		}
	}
}

func TestUnconfirmedAtEnd(t *testing.T) {
	for _, tt := range []struct {
		said string
		want int
	}{
		{"gossterm: error: join: host lost", 0},
		{"gossterm: 12 bytes you typed last may not have been typed", 12},
		{"gossterm: 12 bytes you typed last may not have been typed\r\ngossterm: 31 bytes you typed never left this machine", 43},
		{"gossterm: 1 byte you typed last may not have been typed", 1},
		{strings.Repeat("x", 75) + "31 bytes you typed never left this machine", 31}, // over two rows
	} {
		if got := screenOf(t, tt.said).unconfirmedAtEnd(); got != tt.want {
			t.Errorf("%q: got %d bytes, want %d", tt.said, got, tt.want)
		}
	}
}

// Every promise that is broken, in any run, is the case's and asks for status 1.
func TestResults(t *testing.T) {
	var r result
	good := &show{equal: 2, judged: 2, memory: 5, tally: tally{Typed: 10, Confirmed: 10}}
	r.take(good, nil)
	if r.status() != 0 || r.verdict() != "ok" || r.Heal != nil {
		t.Errorf("a good run: %+v", r)
	}
	healed := *good
	healed.healed, healed.heal = time.Unix(1, 0), 300*time.Millisecond
	r.take(&healed, nil)
	worse := healed
	worse.heal = 100 * time.Millisecond
	worse.breaks("a promise")
	r.take(&worse, nil)
	if r.Runs != 3 || r.Typed != 30 || r.Equal != 6 || r.Memory != 5 || r.Heal == nil || *r.Heal != 300 {
		t.Errorf("three runs: %+v", r)
	}
	if r.status() != exitBroken || !strings.Contains(r.verdict(), "BROKEN: a promise") {
		t.Errorf("a broken promise: status %d, %s", r.status(), r.verdict())
	}
	r.take(good, errors.New("no network"))
	if r.status() != exitFailed || !strings.Contains(r.verdict(), "FAILED: no network") || !strings.Contains(r.verdict(), "a promise") {
		t.Errorf("a failure: status %d, %s", r.status(), r.verdict())
	}
	skipped := result{Case: "x", Skipped: "no root"}
	if skipped.status() != 0 || !strings.Contains(table([]result{skipped, r}), "skipped: no root") {
		t.Errorf("a skipped case: status %d, %s", skipped.status(), skipped.verdict())
	}
}

func TestEachBrokenPromiseIsNamed(t *testing.T) {
	for _, tt := range []struct {
		t    tally
		want string
	}{
		{tally{Lost: 1}, "lost"}, {tally{Doubled: 1}, "twice"}, {tally{OutOfOrder: 1}, "order"}, {tally{Foreign: 1}, "nobody"},
	} {
		if got := tt.t.broken(); len(got) != 1 || !strings.Contains(got[0], tt.want) {
			t.Errorf("%+v: %q", tt.t, got)
		}
	}
}
