package main

import (
	"fmt"
	"regexp"
	"strconv"
)

// token returns the nth that somebody types, from 1.
func token(who string, n int) string { return fmt.Sprintf("%s:%d;", who, n) }

// A typed is what somebody typed: tokens from 1 on, so many of which are confirmed.
type typed struct {
	who               string
	tokens, confirmed int
}

// A tally counts keys, each character of a token as one. The sum of two is of two runs.
type tally struct {
	Typed, Confirmed          int
	Lost, Doubled, OutOfOrder int
	Foreign                   int // bytes that are of no token that was typed
}

func (t *tally) add(o tally) {
	t.Typed += o.Typed
	t.Confirmed += o.Confirmed
	t.Lost += o.Lost
	t.Doubled += o.Doubled
	t.OutOfOrder += o.OutOfOrder
	t.Foreign += o.Foreign
}

// broken returns which promises a tally breaks.
func (t tally) broken() (all []string) {
	for _, p := range []struct {
		n    int
		what string
	}{
		{t.Lost, "confirmed keys are lost"}, {t.Doubled, "keys are typed twice"},
		{t.OutOfOrder, "keys are out of order"}, {t.Foreign, "bytes were read that nobody typed so"},
	} {
		if p.n > 0 {
			all = append(all, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return all
}

var (
	// Answers of a terminal to queries of the program, which are typed between tokens or,
	// as records go, within one: CSI, and strings such as DCS or OSC.
	answers  = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]|\x1b[P\]_^X][^\x1b\x07]*(\x1b\\|\x07)|\x05`)
	anyToken = regexp.MustCompile(`([a-z]+):([0-9]+);`)
	// controls are what people type beside tokens: Enter, words to the sink, and
	// what acts and is held.
	controls = regexp.MustCompile(`[\r\n!.%&\x01]`)
)

// judge compares what was read with what was typed.
func judge(read []byte, people []typed) tally {
	var t tally
	read = controls.ReplaceAll(answers.ReplaceAll(read, nil), nil)
	seen := map[string][]int{}
	foreign := len(read)
	byName := map[string]typed{}
	for _, p := range people {
		byName[p.who] = p
	}
	for _, m := range anyToken.FindAllSubmatch(read, -1) {
		who := string(m[1])
		n, err := strconv.Atoi(string(m[2]))
		if err == nil && n >= 1 && n <= byName[who].tokens {
			seen[who] = append(seen[who], n)
			foreign -= len(m[0])
		}
	}
	t.Foreign = foreign
	for _, p := range people {
		t.add(p.judge(seen[p.who]))
	}
	return t
}

// judge compares the numbers of the tokens that were read with what was typed.
func (p typed) judge(read []int) (t tally) {
	count := make([]int, p.tokens+1)
	last := 0
	for _, n := range read {
		size := len(token(p.who, n))
		count[n]++
		switch {
		case count[n] > 1:
			t.Doubled += size
		case n < last:
			t.OutOfOrder += size
		}
		last = max(last, n)
	}
	for n := 1; n <= p.tokens; n++ {
		size := len(token(p.who, n))
		t.Typed += size
		if n <= p.confirmed {
			t.Confirmed += size
		}
		// What is not confirmed may be missing, but not in the middle of what was typed.
		if count[n] == 0 && (n <= p.confirmed || n < last) {
			t.Lost += size
		}
	}
	return t
}

// confirmedOf returns how many of the first n tokens are confirmed if so many bytes at
// the end of them are not.
func confirmedOf(who string, n, unconfirmed int) int {
	for n > 0 && unconfirmed > 0 {
		unconfirmed -= len(token(who, n))
		n--
	}
	return n
}
