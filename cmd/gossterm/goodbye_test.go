//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"gossterm/internal/node"
	"gossterm/internal/transport"
	"gossterm/session"
)

func TestJoinFailuresHaveAHint(t *testing.T) {
	for _, tc := range []struct {
		desc   string
		err    error
		status int
		hint   string
	}{
		{"a full host needs no other ticket", node.ErrFull, exitRefused, "the same ticket works once somebody has left"},
		{"a refused ticket does", node.ErrRefused, exitRefused, "ask the host for a new ticket"},
		{"a host that may be back", node.ErrLost, exitLost, "the same ticket works again"},
		{"a host that will not", node.ErrGone, exitLost, "the session is over"},
		{"two versions", node.ErrBroken, exitLost, "is it the same version on both"},
		{"two protocols", transport.ErrVersion, exitLost, "host and joiner need the same version"},
		{"where it arises wins", &advised{node.ErrRefused, "do this"}, exitRefused, "do this"},
		{"none is made up", errors.New("odd"), exitLost, ""},
	} {
		var b bytes.Buffer
		status := report(&b, joinFailure(fmt.Errorf("call: %w", tc.err)))
		_, hint, _ := strings.Cut(b.String(), "gossterm: hint: ")
		if status != tc.status || !strings.HasPrefix(hint, tc.hint) || (hint == "") != (tc.hint == "") {
			t.Errorf("%s: got %d %q, want %d %q", tc.desc, status, hint, tc.status, tc.hint)
		}
	}
}

// What was typed last is told as unknown or as not typed, never as typed.
func TestUnconfirmedIsSaid(t *testing.T) {
	const sent, unsent = "gossterm: 12 bytes you typed last may not have been typed\n", "gossterm: 31 bytes you typed never left this machine\n"
	for want, res := range map[string]session.JoinResult{
		"": {},
		strings.Replace(sent, "12 bytes", "1 byte", 1): {Unconfirmed: 1},
		sent:          {Unconfirmed: 12},
		unsent:        {Unsent: 31},
		sent + unsent: {Unconfirmed: 12, Unsent: 31},
	} {
		var b bytes.Buffer
		if sayUnconfirmed(&b, res); b.String() != want {
			t.Errorf("%+v: got %q", res, b.String())
		}
	}
}
