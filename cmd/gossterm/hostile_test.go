package main

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/screen"
)

// What would harm a terminal is harmless as the name of a person, wherever that is
// shown: cleaned it holds neither controls nor format characters, and it is drawn
// whole.
func TestHostileNames(t *testing.T) {
	data, err := os.ReadFile("../../internal/screen/testdata/hostile.txt")
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	for line := range strings.Lines(string(data)) {
		desc, quoted, ok := strings.Cut(strings.TrimSuffix(line, "\n"), `: "`)
		if strings.HasPrefix(line, "#") || !ok {
			continue
		}
		name, err := strconv.Unquote(`"` + quoted)
		if err != nil {
			t.Fatal(err)
		}
		names++
		shown := member.Display(member.CleanName(name), id.Peer{})
		for _, c := range shown {
			if unicode.Is(unicode.C, c) || c == unicode.ReplacementChar {
				t.Errorf("%s: the name is shown as %q", desc, shown)
				break
			}
		}
		if got := screen.FitText(shown, 1000); got != shown {
			t.Errorf("%s: the name %q is drawn as %q", desc, shown, got)
		}
	}
	if names < 60 {
		t.Errorf("only %d names", names)
	}
}
