//go:build linux

package main

import (
	"crypto/rand"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gossterm/internal/id"
	"gossterm/internal/lan"
	"gossterm/internal/ticket"
	"gossterm/session"
)

// cmdSilence lets the time pass that must be silent before a plain key is an answer,
// during which the screen shows what matches all along.
func cmdSilence(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, 2)
	p, re := programOf(ts, args), patternOf(ts, args[1])
	const silence = 1200 * time.Millisecond
	for end := time.Now().Add(patience); p.stage.until(silence, func() bool { return !re.MatchString(p.text()) }); {
		if !p.stage.until(time.Until(end), func() bool { return re.MatchString(p.text()) }) {
			ts.Fatalf("%s does not show %q for so long\n%s", p.name, args[1], p.show())
		}
	}
}

func TestAnswersGiveNoMoreThanAsked(t *testing.T) {
	for _, c := range []struct {
		desc     string
		answer   session.Answer
		wanted   id.Role
		readOnly bool
		want     id.Role
		late     bool
	}{
		{"y", session.AnswerType, id.Type, false, id.Type, false},
		{"w", session.AnswerWatch, id.Type, false, id.Watch, false},
		{"y to who wants to watch", session.AnswerType, id.Watch, false, id.Watch, false},
		{"y where nobody may type", session.AnswerType, id.Type, true, id.Watch, false},
		{"n", session.AnswerNo, id.Type, false, 0, false},
		{"nobody", session.AnswerNobody, id.Type, false, 0, true},
		{"too many", session.AnswerFull, id.Type, false, 0, true},
		{"none", 0, id.Type, false, 0, true},
	} {
		got, err := roleFor(c.answer, mayType(lan.Question{Role: c.wanted}, c.readOnly))
		refusal, _ := errors.AsType[*lan.Refusal](err)
		if got != c.want || (err == nil) != (c.want != 0) || refusal != nil && (refusal.Late != c.late || refusal.Reason == "") {
			t.Errorf("%s: got %v, %v; want %v", c.desc, got, err, c.want)
		}
	}
}

func TestQuestionsInWords(t *testing.T) {
	q := lan.Question{Name: "a\x1b[2Jna", From: netip.MustParseAddr("fe80::1%eth0"), Role: id.Type, Words: [4]string{"apple", "moon", "stone", "water"}}
	const text = "a[2Jna at fe80::1 asks to join, words: apple moon stone water"
	for _, c := range []struct {
		desc     string
		role     id.Role
		readOnly bool
		escape   escape
		choices  string
	}{
		{"may type", id.Type, false, '~', "y: may type, w: may watch, n: no; or, at the start of a line, ~y ~w ~n"},
		{"wants to watch", id.Watch, false, '~', "y: may watch, n: no; or, at the start of a line, ~y ~n"},
		{"read only", id.Type, true, 1, "y: may watch, n: no; or, at the start of a line, ^Ay ^An"},
		{"no escape", id.Type, false, 0, "y: may type, w: may watch, n: no"},
	} {
		q.Role = c.role
		if got := questionOf(q, c.readOnly, c.escape); got.Text != text || got.Choices != c.choices || got.Who != "a[2Jna" {
			t.Errorf("%s: got %+v", c.desc, got)
		}
	}
}

// A host that keeps its ticket keeps its name; any other has a new one each time.
func TestNameFor(t *testing.T) {
	s, other := id.SecretFromSeed([32]byte{1}), id.SecretFromSeed([32]byte{2})
	name := func(s id.Secret, kept bool) string {
		t.Helper()
		n, err := nameFor(s, kept)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if a, b := name(s, true), name(s, true); a != b || a == name(other, true) {
		t.Errorf("kept names %s and %s, of another key %s", a, b, name(other, true))
	}
	if a, b := name(s, false), name(s, false); a == b {
		t.Errorf("drew %s twice", a)
	}
}

func TestDestinations(t *testing.T) {
	tick := testTicket(t)
	for _, c := range []struct{ in, name, host string }{
		{" Brave-Otter-42 ", "brave-otter-42", ""},
		{tick.String(), "", tick.Host.Tag()},
	} {
		to, err := destinationOf(c.in)
		if err != nil || to.name != c.name || c.host != "" && to.ticket.Host.Tag() != c.host {
			t.Errorf("%q: got %+v, %v", c.in, to, err)
		}
	}
	for _, in := range []string{"brave-otter", "gst1abc", ""} {
		if to, err := destinationOf(in); err == nil {
			t.Errorf("%q: got %+v", in, to)
		}
	}
}

func TestFailuresByName(t *testing.T) {
	at := func(s string) lan.Found { return lan.Found{Doors: []netip.AddrPort{netip.MustParseAddrPort(s)}} }
	for _, c := range []struct {
		desc   string
		err    error
		text   string
		hint   string
		status int
	}{
		{"nobody", nameFailure("n", lan.ErrNotFound), "join: n: nobody of this name answers on this network", "guest WiFi", exitLost},
		{"no", nameFailure("n", &lan.Refusal{Reason: "no"}), "join: n: the host refused: no", "", exitRefused},
		{"busy", nameFailure("n", &lan.Refusal{Late: true, Reason: "busy"}), "join: n: the host refused: busy", "try again", exitRefused},
		{"another key", nameFailure("n", &lan.KeyError{}), "join: n: the door belongs to 0000, not to 0000", "pretend", exitLost},
		{"several", severalFailure("n", []lan.Found{at("10.0.0.1:1"), at("[fe80::1%eth0]:2")}), "join: 2 hosts answer to n: at 10.0.0.1, fe80::1", "ask for the ticket", exitLost},
	} {
		f, ok := errors.AsType[*failure](c.err)
		if !ok || f.Error() != c.text || f.status != c.status || !strings.Contains(f.hint, c.hint) || c.hint == "" && f.hint != "" {
			t.Errorf("%s: got %+v", c.desc, f)
		}
	}
}

func testTicket(t *testing.T) ticket.Ticket {
	t.Helper()
	tick, err := ticket.New(rand.Reader, id.SecretFromSeed([32]byte{1}).Peer())
	if err != nil {
		t.Fatal(err)
	}
	return tick
}
