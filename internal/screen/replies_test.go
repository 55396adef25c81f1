package screen

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// terminalReplies returns what terminals answer, by what was asked.
func terminalReplies(t testing.TB) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/replies.txt")
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

// Each answer is taken out of what was typed around it, and nothing else is.
func TestStripReplies(t *testing.T) {
	for desc, reply := range terminalReplies(t) {
		in := []byte("ls\x1bx" + reply)
		if got := StripReplies(in); string(got) != "ls\x1bx" {
			t.Errorf("%s: %q becomes %q", desc, in, got)
		}
		if string(in) != "ls\x1bx"+reply {
			t.Errorf("%s: the input was changed to %q", desc, in)
		}
		if last := reply[len(reply)-1]; last >= '@' && last <= '~' || last == bel {
			if desc == "answer cut at the end" {
				continue
			}
			if got := StripReplies([]byte(reply + "ls\r")); string(got) != "ls\r" {
				t.Errorf("%s before text: %q", desc, got)
			}
		}
	}
	for desc, keys := range map[string]string{
		"text":               "héllo\r\x03",
		"arrows":             "\x1b[A\x1bOB\x1b[1;5C",
		"F3 with modifiers":  "\x1b[1;2R\x1b[1;16R\x1b[R",
		"function keys":      "\x1b[15~\x1b[24;5~\x1bOP\x1b[[A",
		"keys by number":     "\x1b[97;5u\x1b[27;5;97~\x1b[27u",
		"Alt":                "\x1bx\x1b[\x1b]\x1bP\x1b_\x1bO\x1b\x1b",
		"Alt with a letter":  "\x1b]x\x1bPq\x1b_x",
		"ESC at the end":     "a\x1b",
		"a cut sequence":     "\x1b[1;",
		"rxvt's keys":        "\x1b[3^\x1b[7$\x1b[c",
		"focus":              "\x1b[I\x1b[O",
		"an odd final":       "\x1b[5\x07",
		"a key cuts a reply": "",
	} {
		if keys == "" {
			if got := StripReplies([]byte("\x1b]11;rgb\x1b[Az")); string(got) != "\x1b[Az" {
				t.Errorf("%s: %q", desc, got)
			}
			continue
		}
		if got := StripReplies([]byte(keys)); string(got) != keys {
			t.Errorf("%s: %q becomes %q", desc, keys, got)
		}
	}
}

// FuzzStripReplies checks that what is taken out is taken out in one go, and that
// text without ESC stays.
func FuzzStripReplies(f *testing.F) {
	for _, reply := range terminalReplies(f) {
		f.Add([]byte("a" + reply + "b"))
	}
	f.Add([]byte("\x1b[\x1b[0n5n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		out := StripReplies(in)
		if len(out) > len(in) || !bytes.Contains(in, []byte{esc}) && !bytes.Equal(in, out) {
			t.Fatalf("%q becomes %q", in, out)
		}
		if again := StripReplies(out); !bytes.Equal(again, out) {
			t.Fatalf("%q becomes %q, and that %q", in, out, again)
		}
	})
}
