package main

import (
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	people := []typed{{"a", 3, 3}, {"b", 4, 2}}
	for _, tt := range []struct {
		desc, read string
		want       tally
	}{
		{"each once", "a:1;b:1;a:2;b:2;a:3;b:3;b:4;", tally{}},
		{"the unconfirmed are not there", "a:1;b:1;a:2;b:2;a:3;", tally{}},
		{"one of two unconfirmed", "a:1;b:1;a:2;b:2;a:3;b:3;", tally{}},
		{"a confirmed one is lost at the end", "a:1;b:1;a:2;b:2;", tally{Lost: 4}},
		{"a confirmed one is lost within", "a:1;b:1;b:2;a:3;", tally{Lost: 4}},
		{"an unconfirmed one is lost within", "a:1;b:1;a:2;b:2;a:3;b:4;", tally{Lost: 4}},
		{"all are lost", "", tally{Lost: 20}},
		{"one is doubled", "a:1;b:1;a:2;a:2;b:2;a:3;", tally{Doubled: 4}},
		{"one is doubled later", "a:1;b:1;a:2;b:2;a:3;a:1;", tally{Doubled: 4}},
		{"two change places", "a:1;b:1;a:3;a:2;b:2;", tally{OutOfOrder: 4}},
		{"of two people, in any order", "b:1;b:2;a:1;a:2;a:3;", tally{}},
		{"a number that was not typed", "a:1;a:2;a:3;a:4;b:1;b:2;", tally{Foreign: 4}},
		{"a person who is not there", "c:1;a:1;a:2;a:3;b:1;b:2;", tally{Foreign: 4}},
		{"a key is doubled within a token", "a:1;aa:2;a:3;b:1;b:2;", tally{Foreign: 5, Lost: 4}},
		{"a key is lost", "a:1;a:;a:3;b:1;b:2;", tally{Foreign: 3, Lost: 4}},
		{"answers and controls between and within", "!a:1;\r\x01\x1b[?1;2ca\x1b[3;4R:2;a:3;\x1bP1$r0m\x1b\\b:1;b:2;", tally{}},
	} {
		tt.want.Typed, tt.want.Confirmed = 28, 20
		if got := judge([]byte(tt.read), people); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.desc, got, tt.want)
		}
	}
}

// Each fault that can be planted in a long session is found.
func TestJudgeFindsWhatIsPlanted(t *testing.T) {
	const n = 200
	var all []string
	for i := range n {
		all = append(all, token("a", i+1))
	}
	people := []typed{{"a", n, n}}
	join := func(parts ...[]string) []byte {
		var b strings.Builder
		for _, p := range parts {
			b.WriteString(strings.Join(p, ""))
		}
		return []byte(b.String())
	}
	if got := judge(join(all), people).broken(); got != nil {
		t.Errorf("nothing planted: got %q", got)
	}
	for i := range n {
		if got := judge(join(all[:i], all[i+1:]), people); got.Lost != len(all[i]) || got.Doubled+got.OutOfOrder+got.Foreign > 0 {
			t.Errorf("without token %d: got %+v", i+1, got)
		}
		if got := judge(join(all[:i], all[i:i+1], all[i:]), people); got.Doubled != len(all[i]) || got.Lost+got.OutOfOrder+got.Foreign > 0 {
			t.Errorf("token %d twice: got %+v", i+1, got)
		}
		if i == n-1 {
			continue
		}
		if got := judge(join(all[:i], all[i+1:i+2], all[i:i+1], all[i+2:]), people); got.OutOfOrder == 0 || got.Lost+got.Doubled+got.Foreign > 0 {
			t.Errorf("token %d after the next: got %+v", i+1, got)
		}
	}
}

func TestConfirmedOf(t *testing.T) {
	for _, tt := range []struct{ n, unconfirmed, want int }{
		{10, 0, 10}, {10, 1, 9}, {10, 5, 9}, {10, 6, 8}, {10, 9, 8}, {10, 10, 7}, {2, 100, 0}, {0, 0, 0},
	} {
		if got := confirmedOf("a", tt.n, tt.unconfirmed); got != tt.want {
			t.Errorf("%d tokens, %d bytes unconfirmed: got %d confirmed, want %d", tt.n, tt.unconfirmed, got, tt.want)
		}
	}
}
