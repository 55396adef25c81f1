package tty

import (
	"strings"
	"testing"
)

// resetItems is what a terminal must be sent on every way out, by what it undoes, in
// the order that matters: strings first, the screen and the title last.
var resetItems = []struct{ undoes, seq string }{
	{"a string that was cut", "\x1b\\"}, {"a sequence that was cut", "\x18"},
	{"a synchronised update", "\x1b[?2026l"}, {"kitty's keys", "\x1b[<99u"}, {"modifyOtherKeys", "\x1b[>4;0m"},
	{"mouse: presses", "\x1b[?9l"}, {"mouse: clicks", "\x1b[?1000l"}, {"mouse: highlighting", "\x1b[?1001l"},
	{"mouse: drags", "\x1b[?1002l"}, {"mouse: motion", "\x1b[?1003l"}, {"mouse in UTF-8", "\x1b[?1005l"},
	{"mouse in SGR", "\x1b[?1006l"}, {"mouse in urxvt's form", "\x1b[?1015l"}, {"mouse in pixels", "\x1b[?1016l"},
	{"focus reports", "\x1b[?1004l"}, {"brackets around pastes", "\x1b[?2004l"}, {"colour scheme reports", "\x1b[?2031l"},
	{"size reports", "\x1b[?2048l"}, {"a special ESC key", "\x1b[?7727l"}, {"cursor keys", "\x1b[?1l"}, {"keypad", "\x1b>"},
	{"insert mode", "\x1b[4l"}, {"newline mode", "\x1b[20l"}, {"no wrapping", "\x1b[?7h"}, {"reverse video", "\x1b[?5l"},
	{"wrapping backwards", "\x1b[?45l"}, {"origin mode", "\x1b[?6l"}, {"side margins", "\x1b[?69l"}, {"a scroll region", "\x1b[r"},
	{"line drawing", "\x1b(B\x0f"}, {"the cursor's shape", "\x1b[0 q"}, {"a link", "\x1b]8;;\x1b\\"}, {"colours", "\x1b[0m"},
	{"a hidden cursor", "\x1b[?25h"}, {"the alternate screen", "\x1b[?1049l"}, {"kitty's keys on the main screen", "\x1b[<99u"},
	{"the title", "\x1b[23;0t"}, {"a progress bar", "\x1b]9;4;0\x1b\\"}, {"a column", "\r"},
}

// TestResetList checks that each item is sent, in its order, and that nothing of it
// asks the terminal anything or moves the cursor off the row it is on.
func TestResetList(t *testing.T) {
	lists := map[string]string{
		"Restore": resetList + leaveReset + restoreTitle + resetEnd,
		"reset":   string(ResetAll()),
	}
	for name, list := range lists {
		rest := list
		for _, item := range resetItems {
			_, after, ok := strings.Cut(rest, item.seq)
			if !ok {
				t.Errorf("%s does not undo %s, or too late", name, item.undoes)
				continue
			}
			rest = after
		}
		for _, moves := range []string{"\x1b[?6l", "\x1b[?69l", "\x1b[r"} { // home the cursor
			for before := list; ; {
				head, tail, ok := strings.Cut(before, moves)
				if !ok {
					break
				}
				if strings.LastIndex(head, "\x1b7") < strings.LastIndex(head, "\x1b8") || !strings.Contains(tail, "\x1b8") {
					t.Errorf("%s: %q is not between save and restore", name, moves)
				}
				before = tail
			}
		}
	}
}
