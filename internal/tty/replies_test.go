package tty

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// terminalReplies returns what terminals answer, by what was asked.
func terminalReplies(t testing.TB) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../screen/testdata/replies.txt")
	if err != nil {
		t.Fatal(err)
	}
	replies := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var desc, reply string
		if _, err := fmt.Sscanf(line, "%q %q", &desc, &reply); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		replies[desc] = reply
	}
	return replies
}

// No answer of the terminal is typed, however it is cut, and what is typed around it
// is.
func TestRepliesAreConsumed(t *testing.T) {
	for desc, reply := range terminalReplies(t) {
		for cut := range len(reply) {
			_, events := decode(Options{Escape: '~'}, "a"+reply, 1+cut)
			for _, ev := range events {
				if m, ok := ev.(Mouse); ok {
					t.Logf("%s is %+v", desc, m)
					continue
				}
				if typed, ok := ev.(Typed); !ok || string(typed.Bytes) != "a" {
					t.Errorf("%s cut at %d: %q gives %s", desc, cut, reply, show(events))
				}
			}
		}
	}
}
