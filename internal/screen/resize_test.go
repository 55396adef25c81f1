package screen

import (
	"strings"
	"testing"
)

func TestResizeModel(t *testing.T) {
	for _, c := range []struct {
		desc, in   string
		cols, rows int
		want       string
		scrolled   string
	}{
		{"wider", "0123456789ab", 14, 5, "0123456789|ab@", ""},
		{"narrower cuts", "0123456789\r\nab", 4, 5, "0123|ab@", ""},
		{"half a wide character goes", "abc日", 4, 5, "abc@", ""},
		{"blank rows below go first", "1\r\n2\r\n3", 10, 3, "1|2|3@", ""},
		{"then the top scrolls off", "1\r\n2\r\n3\r\n4\r\n5", 10, 3, "3|4|5@", "1|2"},
		{"the cursor keeps its line", "1\r\n2\r\n3\r\n4\r\n5\x1b[2;2H", 10, 3, "1|2@|3", ""},
		{"taller adds below", "1\r\n2\r\n3\r\n4\r\n5", 10, 7, "1|2|3|4|5@", ""},
		{"the alternate screen scrolls nothing off", "\x1b[?1049h1\r\n2\r\n3\r\n4\r\n5", 10, 3, "3|4|5@", ""},
		{"margins are forgotten", "\x1b[2;3r", 10, 4, "@", ""},
		{"a wrapped row becomes the last", "\x1b[3;1H0123456789ab\x1b[1;1H", 10, 3, "@||0123456789", ""},
		{"a saved wrap is off the margin", "0123456789\x1b7\r", 12, 5, "@0123456789", ""},
		{"sizes are cut", "abc", 0, -1, "a@b", ""},
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
