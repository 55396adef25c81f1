package screen

import (
	"strings"
	"testing"
)

// resized feeds a screen that keeps its past, and resizes it to each size in turn.
func resized(cols, rows int, in string, sizes ...[2]int) *Screen {
	s := New(cols, rows)
	s.KeepScrolled(true)
	s.Write([]byte(in))
	for _, size := range sizes {
		s.Resize(size[0], size[1])
	}
	return s
}

// Lines come back from the past when there is room and the screen was full.
func TestResizeBringsBack(t *testing.T) {
	const seven = "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7"
	const wrapped = "0123456789ab\r\n2\r\n3\r\n4\r\n5" // the first row has left
	for _, c := range []struct {
		desc, in string
		sizes    [][2]int
		want     string
	}{
		{"taller", seven, [][2]int{{10, 6}}, "2|3|4|5|6|7@"},
		{"taller than there are lines", seven, [][2]int{{10, 9}}, "1|2|3|4|5|6|7@"},
		{"not below which there is room", seven + "\x1b[2;1H\x1b[J", [][2]int{{10, 6}}, "3|@"},
		{"shrunk and back", "1\r\n2\r\n3\r\n4\r\n5", [][2]int{{10, 2}, {10, 5}}, "1|2|3|4|5@"},
		{"wider", "a\r\nb\r\nc\r\n0123456789abcde\r\nd\r\ne", [][2]int{{15, 5}}, "b|c|0123456789abcde|d|e@"},
		{"narrower and back", "0123456789\r\n2\r\n3\r\n4\r\n5", [][2]int{{5, 5}, {10, 5}}, "0123456789|2|3|4|5@"},
		{"a line whose start is in the past", "0123456789abcdefghijABCDEFGHIJ\r\n2\r\n3\r\n4", [][2]int{{30, 5}}, "0123456789abcdefghijABCDEFGHIJ|2|3|4@"},
		{"only the row that was partly on the screen", "0123456789abcdefghijABCDE\r\n2\r\n3\r\n4\r\n5\x1b[A\x1b[J", [][2]int{{13, 5}}, "defghijABCDE|2|3|4@"},
		{"not what ED 3 erased", seven + "\x1b[3J", [][2]int{{10, 7}}, "3|4|5|6|7@"},
		{"but what came after", seven + "\x1b[3J\r\n8", [][2]int{{10, 7}}, "3|4|5|6|7|8@"},
		{"not what DL took away", wrapped + "\x1b[H\x1b[M\x1b[5;2H", [][2]int{{20, 5}}, "2|3|4|5| @"},
		{"nor what IL pushed down", wrapped + "\x1b[H\x1b[L\x1b[5;2H", [][2]int{{20, 5}}, "|ab|2|3|4@"},
		{"nor what SL moved", wrapped + "\x1b[ @\x1b[5;2H", [][2]int{{20, 5}}, "b|||| @"},
		{"nor what DECALN covered", wrapped + "\x1b#8", [][2]int{{20, 5}}, "@EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE"},
		{"not what the row above no more goes on in", "0123456789ab\r\n2\r\n3\r\n4\r\n5\x1b[H\x1b[2Kx\x1b[5;2H", [][2]int{{20, 5}}, "x|2|3|4|5@"},
	} {
		s := resized(10, 5, c.in, c.sizes...)
		if got := picture(s); got != c.want {
			t.Errorf("%s: got %q, want %q", c.desc, got, c.want)
		}
		if err := invariant(s); err != nil {
			t.Errorf("%s: %v", c.desc, err)
		}
		checkRebuilt(t, s, nil, s, used)
	}
}

func TestResizeModel(t *testing.T) {
	for _, c := range []struct {
		desc, in   string
		cols, rows int
		want       string
		scrolled   string
	}{
		{"wider", "0123456789ab", 14, 5, "0123456789ab@", ""},
		{"narrower", "0123456789\r\nab", 4, 5, "0123|4567|89|ab@", ""},
		{"a wide character is not cut", "abc日", 4, 5, "abc|日@", ""},
		{"and comes back behind its text", "01234567日日x", 12, 5, "01234567日日|x@", ""},
		{"a column without a character is no text", "012345678日x", 12, 5, "012345678日@x", ""},
		{"a space is, in the same place", "012345678 日x", 14, 5, "012345678 日x@", ""},
		{"blanks between words stay, at a margin as well", "ab\tcd", 5, 5, "ab|   c@d", ""},
		{"blanks behind the text do not wrap", "ab\x1b[44m\x1b[K", 1, 5, "a@b", ""},
		{"a pending wrap becomes a place", "0123456789", 12, 5, "0123456789@", ""},
		{"and the place a pending wrap", "01234567", 8, 5, "0123456@7", ""},
		{"behind the text the cursor stays so far behind", "abc\x1b[1;8H", 9, 5, "abc    @", ""},
		{"or at the edge", "abc\x1b[1;8H", 6, 5, "abc  @", ""},
		{"it stays at its character", "0123456789abcdef\x1b[1;8H", 5, 5, "01234|56@789|abcde|f", ""},
		{"and so if that was in the next row", "0123456789abcdef\x1b[2;2H", 16, 5, "0123456789a@bcdef", ""},
		{"blank rows below go first", "1\r\n2\r\n3", 10, 3, "1|2|3@", ""},
		{"also when lines take more rows", "0123456789\r\n2\r\n3", 5, 4, "01234|56789|2|3@", ""},
		{"then the top scrolls off", "1\r\n2\r\n3\r\n4\r\n5", 10, 3, "3|4|5@", "1|2"},
		{"then, above the cursor, no more", "1\r\n2\r\n3\r\n4\r\n5\x1b[2;2H", 10, 3, "2@|3|4", "1"},
		{"lines that take more rows push", "0123456789\r\n2\r\n3\r\n4\r\n5", 5, 5, "56789|2|3|4|5@", "01234"},
		{"taller adds below", "1\r\n2\r\n3\r\n4\r\n5", 10, 7, "1|2|3|4|5@", ""},
		{"the alternate screen scrolls nothing off", "\x1b[?1049h1\r\n2\r\n3\r\n4\r\n5", 10, 3, "3|4|5@", ""},
		{"and is not wrapped anew", "\x1b[?1049h0123456789ab\x1b[1;5H", 6, 5, "0123@45|ab", ""},
		{"margins are forgotten", "\x1b[2;3r", 10, 4, "@", ""},
		{"a wrapped row becomes the last", "\x1b[3;1H0123456789ab\x1b[1;1H", 10, 3, "@||0123456789", ""},
		{"a saved wrap is off the margin", "0123456789\x1b7\r", 12, 5, "@0123456789", ""},
		{"sizes are cut", "abc", 0, -1, "ab|c@", ""},
	} {
		s := New(10, 5)
		s.KeepScrolled(true)
		s.Write([]byte(c.in))
		s.Resize(c.cols, c.rows)
		if err := invariant(s); err != nil {
			t.Errorf("%s: %v", c.desc, err)
		}
		checkRebuilt(t, s, nil, s, used)
		if got := picture(s); got != c.want {
			t.Errorf("%s: got %q, want %q", c.desc, got, c.want)
		}
		if s.top != 0 || s.bottom != s.rows-1 {
			t.Errorf("%s: region %d to %d", c.desc, s.top, s.bottom)
		}
		var f Frame
		s.Frame(&f)
		var lines []string
		for _, l := range f.Scrolled {
			lines = append(lines, s.rowText(l))
		}
		if got := strings.Join(lines, "|"); got != c.scrolled {
			t.Errorf("%s: scrolled off %q, want %q", c.desc, got, c.scrolled)
		}
	}
}

// The main screen follows a resize while the alternate one is shown.
func TestResizeBehindAlternate(t *testing.T) {
	s := fed(10, 5, []byte("1\r\n2\r\n3\r\n4\r\n5\x1b[?1049hx"))
	s.Resize(6, 3)
	s.Write([]byte("\x1b[?1049l!"))
	if got, want := picture(s), "3|4|5!@"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSizes(t *testing.T) {
	for _, c := range [][4]int{{80, 24, 80, 24}, {0, 0, MinSize, MinSize}, {-5, 5000, MinSize, MaxSize}} {
		s := New(c[0], c[1])
		if cols, rows := s.Size(); cols != c[2] || rows != c[3] {
			t.Errorf("New(%d, %d): got %d by %d, want %d by %d", c[0], c[1], cols, rows, c[2], c[3])
		}
		s.Write([]byte("\x1b[999;999H日本\x1b[2J"))
		if err := invariant(s); err != nil {
			t.Error(err)
		}
	}
}

// A tab stop that is set stays when the screen grows; new columns have the usual ones.
func TestResizeTabs(t *testing.T) {
	s := fed(10, 5, []byte("\x1b[3g\x1b[4G\x1bH"))
	s.Resize(30, 5)
	s.Write([]byte("\r\ta\tb\tc"))
	if got, want := s.Text()[0], "   a            b       c"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
