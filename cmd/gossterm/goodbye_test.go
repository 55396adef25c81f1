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
