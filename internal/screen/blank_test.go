package screen

import "testing"

// What comes after meets all but the cells as it was.
func TestBlankLeavesAllButTheCells(t *testing.T) {
	for _, out := range []string{
		"abc\r\n\x1b[41mdef\x1b[3;7Hx",
		"main\x1b7\x1b[?1049halt\x1b[5;9H\x1b[?25l\x1b[4;8r",
		"1234567890123456789012345678901234567890", // a wrap is pending
		"12345678901234567890123456789012345678901234",
		"\x1b[3g\x1b[?2004;1002h\x1b]2;title\a\x1b[?6h\x1b[31mtext\x1b[1",
	} {
		s, want := New(40, 10), New(40, 10)
		s.Write([]byte(out))
		s.Blank()
		var f, g Frame
		s.Frame(&f)
		for _, row := range s.Text() {
			if row != "" {
				t.Errorf("%q: shows %q", out, row)
			}
		}
		want.Write([]byte(out))
		want.Frame(&g)
		if f.Cursor != g.Cursor || f.Alt != g.Alt || f.Title != g.Title || f.Mouse != g.Mouse || f.Paste != g.Paste {
			t.Errorf("%q: %+v and %+v", out, f, g)
		}
		again := New(40, 10) // the laws hold of it
		again.Write(s.Snapshot())
		if !again.Equal(s) {
			t.Errorf("%q: its snapshot does not give it", out)
		}
		s.Write([]byte("\x1b[?1049l"))
		if text := s.Text()[0]; text != "" {
			t.Errorf("%q: below the alternate screen is %q", out, text)
		}
	}
}
