package screen

import (
	"bytes"
	"testing"
)

// Widths go by code point, as of Unicode 12.1, whatever the locale.
func TestRuneWidth(t *testing.T) {
	for _, c := range []struct {
		what string
		r    rune
		want int
	}{
		{"Latin", 'é', 1},
		{"combining accent", 0x301, 0},
		{"ideograph", '日', 2},
		{"ideograph that was added later", 0x9ffc, 2},
		{"ideograph beyond the basic plane", 0x20000, 2},
		{"full-width Latin", 'ａ', 2},
		{"half-width kana", 'ｱ', 1},
		{"Hangul syllable", '한', 2},
		{"Hangul vowel that joins", 0x1160, 0},
		{"emoji", '👋', 2},
		{"emoji of Unicode 12", 0x1f971, 2},
		{"emoji that was added later", 0x1fae0, 1},
		{"scissors, text by default", '✂', 1},
		{"variation selector", 0xfe0f, 0},
		{"joiner", 0x200d, 0},
		{"soft hyphen", 0xad, 1},
		{"ambiguous", '½', 1},
		{"ambiguous line", '─', 1},
		{"flag letter", 0x1f1e9, 1},
		{"unassigned", 0x378, 1},
		{"the last", 0x10ffff, 1},
	} {
		if got := runeWidth(c.r); got != c.want {
			t.Errorf("%s %U: got %d, want %d", c.what, c.r, got, c.want)
		}
	}
}

// The table says of each code point what the lists say.
func TestWidthTable(t *testing.T) {
	want := bytes.Repeat([]byte{1}, 1<<21)
	for w, ranges := range map[byte][][2]rune{0: zeroWidth[:], 2: doubleWidth[:]} {
		for _, r := range ranges {
			for c := r[0]; c <= r[1]; c++ {
				want[c] = w
			}
		}
	}
	for c, w := range want {
		if got := runeWidth(rune(c)); got != int(w) {
			t.Fatalf("%U: got %d, want %d", c, got, w)
		}
	}
}
