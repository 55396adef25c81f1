//go:build linux || darwin || freebsd

package tty

import "testing"

// TestRestoreTitle checks that the title is popped exactly if a Write left it pushed.
func TestRestoreTitle(t *testing.T) {
	for _, test := range []struct{ desc, drawn, want string }{
		{"saved", "\x1b[22;0t\x1b]2;gossterm\x1b\\x", restoreTitle},
		{"and restored", "\x1b[22;0tx\x1b[23;0t", ""},
		{"not saved", "x", ""},
	} {
		master, term := local(t)
		s := watch(t, master)
		for range 2 { // nothing is left of the first time
			if err := term.Raw(); err != nil {
				t.Fatal(err)
			}
			if _, err := term.Write([]byte(test.drawn)); err != nil {
				t.Fatal(err)
			}
			if err := term.Restore(); err != nil {
				t.Fatal(err)
			}
			s.wait(t, test.drawn+resetList+test.want+resetEnd)
			test.drawn, test.want = "y", ""
		}
	}
}
