package lan

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestListsHoldWordsEasilyToldApart(t *testing.T) {
	seen := map[string]bool{}
	for desc, list := range map[string][]string{"adjectives": adjectives, "nouns": nouns, "spoken": spoken} {
		if len(list) != 256 || !slices.IsSorted(list) {
			t.Errorf("%s: %d words, sorted %v; want 256 in order", desc, len(list), slices.IsSorted(list))
		}
		starts := map[string]bool{}
		for i, w := range list {
			if len(w) < 3 || len(w) > 9 || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
				t.Errorf("%s: %q is no word of 3 to 9 small letters", desc, w)
			}
			start := w[:min(4, len(w))]
			if seen[w] || starts[start] {
				t.Errorf("%s: %q is there twice, or another begins with %q", desc, w, start)
			}
			seen[w], starts[start] = true, true
			for _, v := range list[:i] {
				if oneApart(v, w) {
					t.Errorf("%s: %q and %q are one letter apart", desc, v, w)
				}
			}
		}
	}
}

// oneApart reports whether one letter changed, added or taken away makes b of a.
func oneApart(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i < len(a) && a[i+1:] == b[i+1:]
	}
	return len(a)+1 == len(b) && a[i:] == b[i+1:]
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		in, want string
		like     bool
	}{
		{"brave-otter-42", "brave-otter-42", true},
		{" Brave-OTTER-42\n", "brave-otter-42", true},
		{"otter-brave-42", "", true},
		{"brave-otter", "", true},
		{"brave-otter-7", "", true},
		{"brave-otter-007", "", true},
		{"brave-otter-+7", "", true},
		{"brave-otter-09", "", true},
		{"brave-otter-42-1", "", true},
		{"brave-ottre-42", "", true},
		{"gst1abc", "", false},
		{"", "", false},
	} {
		got, err := ParseName(c.in)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: got %q, %v; want %q", c.in, got, err, c.want)
		}
		if e, ok := errors.AsType[*NameError](err); err != nil && (!ok || e.Reason == "") {
			t.Errorf("%q: error %v has no reason", c.in, err)
		}
		if LooksLikeName(c.in) != c.like {
			t.Errorf("%q looks like a name: %v, want %v", c.in, !c.like, c.like)
		}
	}
}

func TestDrawnNamesAreNames(t *testing.T) {
	drawn := map[string]bool{}
	for range 200 {
		n, err := DrawName(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseName(n); got != n || err != nil || !LooksLikeName(n) {
			t.Errorf("drew %q, which reads as %q, %v", n, got, err)
		}
		drawn[n] = true
	}
	if len(drawn) < 190 {
		t.Errorf("%d names in 200 draws", len(drawn))
	}
	a, _ := DrawName(bytes.NewReader([]byte{0, 255, 0, 0, 0, 89}))
	if want := adjectives[0] + "-" + nouns[255] + "-99"; a != want {
		t.Errorf("drew %q, want %q", a, want)
	}
	if _, err := DrawName(bytes.NewReader(nil)); err == nil {
		t.Error("a name was drawn of nothing")
	}
}

func FuzzParseName(f *testing.F) {
	f.Add("brave-otter-42")
	f.Add("--")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseName(s)
		if err != nil {
			return
		}
		if again, err := ParseName(n); again != n || err != nil || !strings.EqualFold(strings.TrimSpace(s), n) {
			t.Errorf("%q was read as %q, and that as %q, %v", s, n, again, err)
		}
	})
}
