package member

import (
	"strings"
	"testing"
	"unicode/utf8"

	"gossterm/internal/id"
)

func TestCleanName(t *testing.T) {
	for _, c := range []struct{ desc, in, want string }{
		{"plain", "ana", "ana"},
		{"letters of all scripts", "Аня 安娜", "Аня 安娜"},
		{"nothing", "", "guest"},
		{"only what is not shown", "\x1b\u200b\u202e", "guest"},
		{"escape sequences lose their escape", "\x1b[31mred\x07", "[31mred"},
		{"C1 controls", "a\u0085b\u009bc", "a bc"},
		{"text direction", "a\u202eb\u2066c\u200fd", "abcd"},
		{"zero width", "a\u200bb\u200dc\ufeffd\u00ade", "abcde"},
		{"tag characters", "a\U000e0041b", "ab"},
		{"fillers that look like nothing", "a\u3164\u115f\uffa0\u2800\u034fb", "ab"},
		{"variation selectors", "a\ufe0fb", "ab"},
		{"line breaks and blanks become one blank", " a \t\n\u2028 \u3000b ", "a b"},
		{"invalid UTF-8", "a\xff\xc3b", "ab"},
		{"a mark with nothing to stand on", "\u0301a \u0301b", "a b"},
		{"stacked marks", "a\u0301\u0302\u0303\u0304b", "a\u0301\u0302b"},
		{"the dot of a tag", "ana·3f9a", "ana3f9a"},
		{"33 bytes", strings.Repeat("a", 33), strings.Repeat("a", 32)},
		{"a letter over the edge", strings.Repeat("a", 31) + "éa", strings.Repeat("a", 31)},
		{"a blank before the edge", strings.Repeat("a", 31) + " b", strings.Repeat("a", 31)},
	} {
		if got := CleanName(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.desc, got, c.want)
		}
	}
}

func TestDisplayCleansAndTags(t *testing.T) {
	if got, want := Display("ana·0000\x1b", id.Peer{0x3f, 0x9a}), "ana0000·3f9a"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("ana")
	f.Add(" a\u0301\u0301\u0301 \x1b[2J\u202e安娜 b")
	f.Fuzz(func(t *testing.T, s string) {
		got := CleanName(s)
		if len(got) == 0 || len(got) > MaxName || !utf8.ValidString(got) || CleanName(got) != got {
			t.Errorf("%q becomes %q, and that %q", s, got, CleanName(got))
		}
		for _, r := range got {
			if r != ' ' && !shown(r) {
				t.Errorf("%q shows %U", s, r)
			}
		}
	})
}
