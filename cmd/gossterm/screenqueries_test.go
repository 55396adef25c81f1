//go:build linux

package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"gossterm/internal/screen"
)

// Promise 10: a program that asks gets one answer of each kind, the host's, though the
// terminals of the host and of five joiners would all answer.
func TestOneAnswerToEachQuery(t *testing.T) {
	th := newTheater(t, 160, 30, "bash", "--norc", "--noprofile")
	all := []*program{th.host}
	for i := range 5 {
		all = append(all, th.join(fmt.Sprintf("j%d", i), 80+10*i, 24))
	}
	th.expect(`^rdy>`, all...)
	th.types(th.host, fmt.Sprintf("clear; asks %d\r", len(all)))
	th.expect(`^asked$`, all...)
	for _, p := range all {
		th.types(p, "z") // behind whatever its terminal has answered
	}
	th.expect(`^got "`, th.host)

	model := screen.New(160, 30) // what a terminal answers
	model.AnswerQueries(true)
	var want []byte
	answers := 0
	for _, q := range queries {
		model.Write([]byte(q))
		for _, r := range model.TakeReplies() {
			answers++
			want = append(want, r.Take()...)
		}
	}
	if answers != len(queries) {
		t.Fatalf("a terminal gives %d answers to %d queries: the test proves nothing", answers, len(queries))
	}
	th.expect("^"+regexp.QuoteMeta(fmt.Sprintf("got %+q", want))+"$", th.host)
	for _, p := range all {
		th.mu.Lock()
		raw := string(p.raw)
		th.mu.Unlock()
		for _, q := range queries {
			if strings.Contains(raw, q) {
				t.Errorf("the terminal of %s was asked %q", p.name, q)
			}
		}
	}
}
