package lab

import (
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	all := []string{"lan", "cone/cone", "cone/none", "cut", "cut-60"}
	for _, tt := range []struct{ names, want string }{
		{"", "lan cut"},
		{"cut-60", "cut-60"},
		{"cut*", "cut cut-60"},
		{"cone/*", "cone/cone cone/none"},
		{"*", strings.Join(all, " ")},
		{"cut lan", "lan cut"},
		{"lan l*", "lan"},
		{"lan nothing", "error"},
		{"[", "error"},
	} {
		var names Names
		for _, n := range strings.Fields(tt.names) {
			if err := names.Set(n); err != nil {
				t.Fatal(err)
			}
		}
		chosen, err := Choose(names, all, func(s string) string { return s }, func(s string) bool { return len(s) == 3 })
		got := strings.Join(chosen, " ")
		if err != nil {
			got = "error"
		}
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.names, got, tt.want)
		}
	}
}
