package screen

import (
	"strings"
	"testing"
)

// States that no escape sequence could rebuild never come up, and those that
// take some care to rebuild are rebuilt, at every cut.
func TestOddStates(t *testing.T) {
	const wrapped = "0123456789ab"
	for _, c := range []struct{ desc, in string }{
		{"a wrap restored behind an erased cell", "0123456789\x1b7\x1b[2K\x1b8x"},
		{"a wrap saved, and its cell erased", "0123456789\x1b7\x1b[2Kx\x1b8"},
		{"a wrap pending behind a wide character with a mark", "01234567日\u0301"},
		{"a wrap pending as autowrap goes", "0123456789\x1b[?7l\x1b[?7hx"},
		{"a cursor restored outside of its region", "\x1b[?6h\x1b[5;1H\x1b7\x1b[?6l\x1b[1;3r\x1b8x"},
		{"a wrapped row whose end is erased", wrapped + "\x1b[1;5H\x1b[K"},
		{"a wrapped row whose wide end is broken", "01234567日ab\x1b[1;9Hy"},
		{"a wrapped row that goes on with a blank", wrapped + "\x1b[44m\x1b[2;1H\x1b[2X"},
		{"a wrapped row that goes on with blanks alone", wrapped + "\x1b[44m\x1b[2;1H\x1b[5X\x1b[2;3H\x1b[K"},
		{"a row wrapped early by a wide character", "\x1b[44m012345678日\x1b[m"},
		{"a wrapped row pushed to the bottom", "\x1b[4;1H" + wrapped + "\x1b[1;1H\x1b[L"},
		{"a wrapped row pushed by ICH and DCH", wrapped + "\x1b[1;1H\x1b[@\x1b[P"},
		{"a scroll that ends a wrapped row", "\x1b[2;1H" + wrapped + "\x1b[1;2r\x1b[S"},
		{"a wrap in a region and below it", "\x1b[1;2r" + wrapped + wrapped + "\x1b[5;1H" + wrapped},
		{"tab stops", "\x1b[3g\x1b[2G\x1bH\x1b[9G\x1bH\x1b[1g\t\t"},
		{"titles on the stack", "\x1b]0;a\a\x1b[22t\x1b]0;\a\x1b[22t\x1b]0;b\a\x1b[23t\x1b[23t"},
		{"more titles than the stack takes", strings.Repeat("\x1b]0;a\a\x1b[22t\x1b]0;b\a\x1b[22t", 6) + strings.Repeat("\x1b[23t", 5)},
		{"modes put aside", "\x1b[?1;1002;1006;2004h\x1b[?7;25l\x1b[?1;7;25;1002;1006;2004s\x1b[?1;1002;1006;2004l\x1b[?7;25h\x1b[?1;7;25;1002;1006;2004r"},
		{"keyboard flags of both screens", "\x1b[>1u\x1b[=5u\x1b[>3u\x1b[?1049h\x1b[=7;2u\x1b[>9u\x1b[<u\x1b[?1049l\x1b[<2u\x1b[<9u"},
		{"more keyboard flags than the stack takes", strings.Repeat("\x1b[>1u\x1b[>2u", 10) + strings.Repeat("\x1b[<u", 18)},
		{"modifyOtherKeys, the cursor's style, and others", "\x1b[>4;2m\x1b[5 q\x1b[?5;12;66;1007;2026h\x1b[4;20h\x1b=\x1b[>4m\x1b[!p"},
		{"a link that goes on, and one saved", "\x1b]8;;http://a\x1b\\x\x1b7\x1b]8;;http://b\x1b\\y\x1b]8;;\x1b\\\x1b8z"},
		{"cursors saved on both screens", "\x1b[31m\x1b(0\x1b[2;3H\x1b[?1049h\x1b)0\x0e\x1b[4;10Hx\x1b7\x1b[?1047l\x1b8q"},
		{"charsets of all four, one for a single character", "\x1b*0\x1b+A\x1bn\x1b7\x1bNq\x1bO#\x1bO\x1b[1m\x1bN"},
		{"a blank that a wide character left, and then not wide", "\x1b[44m012345678日\x1b[m\x1b[2;1Hab\x1b[2;1H\x1b[X"},
		{"one of which the row before is erased", "012345678日\x1b[1;9H\x1b[1K\x1b[2;1H\x1b[3X"},
		{"two in a row", "012345678日日日日日日本"},
		{"47 twice, and back without", "a\x1b[?47hb\x1b[?47hc\x1b[?47ld\x1b[?47le"},
		{"1049 twice", "a\x1b[?1049hb\x1b[2;2H\x1b[?1049hc\x1b[?1049ld\x1b[?1049le"},
		{"a string and its end", "\x1b]0;ab\x1b\\\x1bP$qm\x1b\\\x1b_x\x1b\\\x1bX\x1b\x1b[mx\x1b]0;y\x1b\n\x1b]2;z\x1bé"},
		{"parameters without end", "\x1b[1;2;3;4;5;6;7;8;9;1;2;3;4;5;6;7;8;9;1;2;3;4;5;6;7;8;9;1;2;3;4;5;31mx\x1b[" + strings.Repeat("0", 300) + "31mx"},
		{"intermediates without end", "\x1b" + strings.Repeat(" ", 300) + "cx\x1b[  $px\x1bP1" + strings.Repeat("0", 300) + "qx\x1b\\y"},
		{"unfinished characters", "é日👋\xf0\x9f\x91x\xf0\x9f\x1b[mx\xe6\x97\x18x\xc3\n"},
	} {
		want := fed(10, 5, []byte(c.in))
		for cut := range len(c.in) + 1 {
			s := fed(10, 5, []byte(c.in[:cut]))
			if err := invariant(s); err != nil {
				t.Errorf("%s, cut at %d: %v", c.desc, cut, err)
			}
			for _, onto := range []func(int, int) *Screen{New, used} {
				t.Run(c.desc, func(t *testing.T) { checkRebuilt(t, s, []byte(c.in[cut:]), want, onto) })
			}
		}
	}
}

// A row is wrapped as long as its text goes on in the next: W marks those.
func TestWrapped(t *testing.T) {
	const wrapped = "0123456789ab"
	for _, c := range []struct{ desc, in, want string }{
		{"text that wraps", wrapped, "W...."},
		{"text that ends at the margin", "0123456789\r\nab", "....."},
		{"through the bottom", "\x1b[5;1H" + wrapped, "...W."},
		{"through the bottom of a region", "\x1b[2;3r\x1b[3;1H" + wrapped, ".W..."},
		{"not below a region", "\x1b[1;3r\x1b[5;1H" + wrapped, "....."},
		{"the row scrolls", wrapped + "\x1b[T", ".W..."},
		{"its end is overwritten", wrapped + "\x1b[1;10Hz", "....."},
		{"its end is erased", wrapped + "\x1b[1;9H\x1b[K", "....."},
		{"its start is erased", wrapped + "\x1b[1;9H\x1b[1K", "W...."},
		{"the next is erased", wrapped + "\x1b[2;9H\x1b[2K", "....."},
		{"a row comes between", wrapped + "\x1b[2;1H\x1b[L", "....."},
		{"the next goes", wrapped + "\x1b[2;1H\x1b[M", "....."},
		{"the next goes out of the region", wrapped + "\x1b[1;1r\x1b[1;2r\x1b[T", "....."},
		{"it scrolls away from the next", "\x1b[2;1H" + wrapped + "\x1b[1;2r\x1b[S", "....."},
		{"DECALN", wrapped + "\x1b#8", "....."},
	} {
		got := ""
		var f Frame
		fed(10, 5, []byte(c.in)).Frame(&f)
		for _, w := range f.Wrapped {
			if w {
				got += "W"
			} else {
				got += "."
			}
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.desc, got, c.want)
		}
	}
}

// One cell takes so many marks and no more, however they come.
func TestMarksBounded(t *testing.T) {
	s := fed(10, 5, []byte("x"+strings.Repeat("\u0301", 1000)))
	var f Frame
	s.Frame(&f)
	if n := len(f.Marks[f.Cells[0].Mark]); n > maxMarks || n < maxMarks-4 {
		t.Errorf("got %d bytes of marks, want nearly %d", n, maxMarks)
	}
}
