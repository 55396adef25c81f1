//go:build unix

package screen

import (
	"slices"
	"strings"
	"testing"
)

// tmuxSame is how many of the recordings tmux must show as we do, all in all.
const tmuxSame = 0.85

// tmuxKnown lists the rows that tmux 3.3a shows otherwise, and why. On all of them we
// do as the reference of TestXterm does.
var tmuxKnown = map[string]struct {
	from, to int // rows, both inclusive
	why      string
}{
	"nano-wide.60x18.rec":    {2, 3, "the Hangul vowel U+D7BF takes no column"},
	"vim-unicode.72x24.rec":  {9, 9, "the Hangul vowel U+D7BF takes no column"},
	"tabs.80x24.rec":         {6, 16, "tmux has no CHT (ESC[2I), so a line begins where it did not move to"},
	"vttest-wide.132x24.rec": {0, 23, "DECCOLM (ESC[?3l) clears the screen, though it cannot change the width"},
}

// TestTmuxShowsTheSame is a second opinion on what each recording shows in the end:
// that of tmux, which is text only.
func TestTmuxShowsTheSame(t *testing.T) {
	recs := recordings(t)
	same := 0
	for _, r := range recs {
		x := newTmux(t, r.cols, r.rows)
		x.write(r.data)
		got := strings.Split(x.run("capture-pane", "-p"), "\n")
		want := fed(r.cols, r.rows, r.data).Text()
		if slices.EqualFunc(got[:r.rows], want, sameButBlanks) {
			same++
		}
		for y, row := range want {
			known := tmuxKnown[r.name]
			if !sameButBlanks(got[y], row) && (known.why == "" || y < known.from || y > known.to) {
				t.Errorf("%s: row %d: tmux shows %q, we %q", r.name, y, got[y], row)
			}
		}
	}
	t.Logf("tmux shows %d of %d recordings the same", same, len(recs))
	if share := float64(same) / float64(len(recs)); share < tmuxSame {
		t.Errorf("tmux shows %.3f of the recordings the same, want %.3f", share, tmuxSame)
	}
}

func sameButBlanks(a, b string) bool { return strings.TrimRight(a, " ") == b }
