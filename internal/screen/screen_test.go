package screen

import (
	"strings"
	"testing"
)

// What sequences do to a blank screen of 10 columns and 5 rows. Rows are joined
// by |, without those that are empty at the end; @ is where the cursor stands.
func TestSequences(t *testing.T) {
	const full = "aaaaaaaaaa\r\nbbbbbbbbbb\r\ncccccccccc\r\ndddddddddd\r\neeeeeeeeee"
	for _, c := range []struct{ desc, in, want string }{
		{"text wraps", "0123456789ab", "0123456789|ab@"},
		{"a wrap waits for a character", "0123456789", "012345678@9"},
		{"CR cancels a pending wrap", "0123456789\rx", "x@123456789"},
		{"line feed keeps the column", "ab\ncd", "ab|  cd@"},
		{"the bottom scrolls", "1\r\n2\r\n3\r\n4\r\n5\r\n6", "2|3|4|5|6@"},
		{"backspace stops at the left", "ab\b\b\bx", "x@b"},
		{"tab goes to eighths and stops at the edge", "\tx\ty", "        x@y"},
		{"tab keeps a pending wrap", "0123456789\ty", "0123456789|y@"},
		{"a set tab stop is found, a cleared one not", "\x1b[3g\x1b[4G\x1bH\r\tx\r\x1b[4G\x1b[g\r\ty", "   x     @y"},
		{"CUP is cut to the screen", "\x1b[99;99Hx\x1b[0;0Hy", "y@||||         x"},
		{"CUU stops at the margin from inside", "\x1b[2;4r\x1b[3;1H\x1b[9Ax", "|x@"},
		{"CUU stops at the top from above", "\x1b[3;4r\x1b[2;1H\x1b[9Ax", "x@"},
		{"CUD stops at the margin from inside", "\x1b[2;4r\x1b[3;1H\x1b[9Bx", "|||x@"},
		{"CHA, VPA, HPR, VPR, CNL, CPL", "\x1b[3Ga\x1b[2db\x1b[2ac\x1b[ed\x1b[Ee\x1b[2Ff", "  a|f@  b  c|       d|e"},
		{"CBT goes back", "\x1b[10G\x1b[Zx", "        x@"},
		{"EL erases right, left, all", "aaaaa\x1b[3G\x1b[K\r\nbbbbb\x1b[3G\x1b[1K\r\ncc\x1b[2K", "aa|   bb|  @"},
		{"ED erases below", full + "\x1b[2;3H\x1b[J", "aaaaaaaaaa|bb@"},
		{"ED erases above", full + "\x1b[2;3H\x1b[1J", "|  @ bbbbbbb|cccccccccc|dddddddddd|eeeeeeeeee"},
		{"ED 2 leaves the cursor", full + "\x1b[2;3H\x1b[2Jx", "|  x@"},
		{"ICH, DCH, ECH", "abcdef\x1b[3G\x1b[2@\x1b[2d\x1b[1Gabcdef\x1b[3G\x1b[2P\x1b[3d\x1b[1Gabcdef\x1b[3G\x1b[2X", "ab  cdef|abef|ab@  ef"},
		{"IL and DL stay in the region", full + "\x1b[2;4r\x1b[3;3H\x1b[L\x1b[2;1H\x1b[M", "aaaaaaaaaa|@|cccccccccc||eeeeeeeeee"},
		{"IL outside of the region does nothing", full + "\x1b[2;3r\x1b[4;3H\x1b[L", "aaaaaaaaaa|bbbbbbbbbb|cccccccccc|dd@dddddddd|eeeeeeeeee"},
		{"SU and SD move the region", full + "\x1b[2;4r\x1b[S\x1b[2T", "@aaaaaaaaaa|||cccccccccc|eeeeeeeeee"},
		{"RI at the top margin scrolls down", full + "\x1b[2;4r\x1b[2;1H\x1bMx", "aaaaaaaaaa|x@|bbbbbbbbbb|cccccccccc|eeeeeeeeee"},
		{"IND and NEL", "a\x1bDb\x1bEc", "a| b|c@"},
		{"a line feed below the region does not scroll", "\x1b[1;2r\x1b[5;1Hx\ny", "||||xy@"},
		{"DECSTBM refuses less than two rows and goes home", "x\x1b[3;3ry\x1b[2;3rz", "z@y"},
		{"origin mode counts from the region and stays in it", "\x1b[2;4r\x1b[?6hx\x1b[9;1Hy\x1b[?6lz", "z@|x||y"},
		{"insert mode pushes right", "abc\r\x1b[4hxy\x1b[4lz", "xyz@bc"},
		{"without autowrap the last column is overwritten", "\x1b[?7l0123456789abc\x1b[?7h", "012345678@c"},
		{"LNM makes line feed a new line", "ab\x1b[20h\ncd", "ab|cd@"},
		{"DECSC and DECRC keep a pending wrap", "0123456789\x1b7\x1b[3;3H\x1b8x", "0123456789|x@"},
		{"DECRC without DECSC goes home", "abc\x1b8x", "x@bc"},
		{"DECALN fills", "\x1b#8", "@EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE|EEEEEEEEEE"},
		{"REP repeats what is left of the cursor", "ab\x1b[3bc\r\n\x1b[3b", "abbbbc|@"},
		{"REP is bounded by the screen", "a\x1b[65535b", "aaaaaaaaaa|aaaaaaaaaa|aaaaaaaaaa|aaaaaaaaaa|a@"},
		{"line drawing by G0, and by SO", "\x1b(0lqk\x1b(Bq\x1b)0\x0ex\x0fx", "┌─┐q│x@"},
		{"four charsets, locked and for one character", "\x1b*0\x1b+Aq\x1bNqq\x1bO##\x1bnq\x1boq#\x0fq", "q─q£#─q£q@"},
		{"a single shift waits for a character", "\x1b*0\x1bN\r\n\x1b[1mq", "|─@"},
		{"DECSC keeps the charsets", "\x1b)0\x0e\x1b7\x0f\x1b8q\x1b[!pq", "─q@"},
		{"EL and ED to the right of a pending wrap erase nothing there", "0123456789\x1b[Kx\x1b[1;10H9\x1b[Jy", "0123456789|y@"},
		{"EL to the left does", "0123456789\x1b[1Kx", "         @x"},
		{"SL and SR move the columns of the region", "ab\r\ncd\r\nef\x1b[2;3r\x1b[2;1H\x1b[ @\x1b[3 A", "ab|@   d|   f"},
		{"DECIC and DECDC move those at the cursor", "abc\r\ndef\x1b[1;2H\x1b[2'}\x1b[2;2H\x1b[1'~", "a bc|d@ ef"},
		{"but not from outside of the region", "abc\x1b[2;3r\x1b[ @\x1b[1;1H\x1b['}", "@abc"},
		{"CHT, HPA, VPA and HVP", "\x1b[Ia\x1b[3`b\x1b[2dc\x1b[4;2fd", "  b     a|   c|| d@"},
		{"1048 is DECSC and DECRC", "ab\x1b[?1048hcd\x1b[?1048lx", "abx@d"},
		{"DECSTR leaves text and cursor", "abc\x1b[2;3r\x1b[?6h\x1b[4h\x1b[2;2Hx\x1b[!py", "abc|| xy@"},
		{"1049 comes back to what was there", "abc\x1b[?1049hxyz\x1b[?1049ld", "abcd@"},
		{"1047 keeps the cursor, and the alternate screen is blank", "abc\x1b[?1047hx\x1b[?1047l\x1b[?1047h", "    @"},
		{"wide characters wrap whole", "012345678日x", "012345678|日x@"},
		{"half an overwritten wide character is blank", "日本\x1b[2Gx", " x@本"},
		{"ECH of half a wide character blanks it", "日本\x1b[2G\x1b[X", " @ 本"},
		{"DCH of half a wide character blanks it", "日本a\x1b[2G\x1b[P", " @本a"},
		{"a wide character pushed over the edge goes", "01234567日\r\x1b[@", "@ 01234567"},
		{"marks join the character before", "e\u0301\x1b[3;10Hx\u0301\u0302", "e\u0301||         @x\u0301\u0302"},
		{"invalid UTF-8 is U+FFFD", "a\xff\xfe\x80b", "a\ufffd\ufffd\ufffdb@"},
		{"once for what could have begun a character", "a\xe4\xb8b\xf0\x9f\x92", "a\ufffdb@"},
		{"also before another character", "\xf0\x9f\x92\xe4\xb8\xadx", "\ufffd中x@"},
		{"and each byte of a surrogate", "\xed\xa0\x80x\xc0\x80", "\ufffd\ufffd\ufffdx\ufffd\ufffd@"},
		{"CAN takes back an unfinished character", "a\xe4\xb8\x18b", "ab@"},
		{"C1 controls are nothing", "a\u009b31mb\u0085c", "a31mbc@"},
		{"a control inside a sequence is executed", "a\x1b[3\rCb", "a  b@"},
		{"CAN and ESC abort a sequence", "\x1b[3\x18C\x1b[3\x1b[2Cx", "C  x@"},
		{"an unknown sequence is swallowed", "a\x1b[?1;2$zb\x1b[>99qc\x1b[1;2<md", "abcd@"},
		{"a sequence that is too long is swallowed", "a\x1b[" + strings.Repeat("0", 300) + "2Cb", "ab@"},
		{"strings that nobody wants are swallowed", "a\x1b_x\ay\x1b\\b\x1bPqz\x1b\\c\x1b^\x1b\\d", "abcd@"},
		{"a string that is too long is swallowed", "a\x1b]0;" + strings.Repeat("x", 9999) + "\ab", "ab@"},
		{"another sequence aborts a string", "a\x1b]0;x\x1b[2Cb", "a  b@"},
		{"RIS clears", full + "\x1b[2;3r\x1b[?6;7l\x1bcx", "x@"},
	} {
		s := fed(10, 5, []byte(c.in))
		if err := invariant(s); err != nil {
			t.Errorf("%s: %v", c.desc, err)
		}
		if got := picture(s); got != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.desc, got, c.want)
		}
	}
}

// picture is the text of s with the cursor, an @ left of the cell it is on.
func picture(s *Screen) string {
	rows := s.Text()
	cells := s.g.rows[s.y].cells
	rows[s.y] = s.rowText(append(append([]Cell{}, cells[:s.x]...), Cell{Rune: '@', Width: 1})) + s.rowText(cells[s.x:])
	end := len(rows)
	for end > 0 && rows[end-1] == "" {
		end--
	}
	return strings.Join(rows[:end], "|")
}

func TestPen(t *testing.T) {
	for _, c := range []struct {
		desc, in string
		want     Pen
	}{
		{"attributes add up", "\x1b[1;2;3;5;7;8;9;53m", Pen{Attr: Bold | Faint | Italic | Blink | Reverse | Conceal | Strike | Overline}},
		{"and go one by one", "\x1b[1;2;3;5;7;8;9;53m\x1b[22;23;25;27;28;29;55m", Pen{}},
		{"no parameter resets", "\x1b[1;31m\x1b[m", Pen{}},
		{"16 colours", "\x1b[31;42m\x1b[94m", Pen{Fg: Palette(12), Bg: Palette(2)}},
		{"256 colours", "\x1b[38;5;200;48;5;3m", Pen{Fg: Palette(200), Bg: Palette(3)}},
		{"256 colours with colons", "\x1b[38:5:200;1m", Pen{Fg: Palette(200), Attr: Bold}},
		{"direct colours", "\x1b[38;2;1;2;3;4m", Pen{Fg: RGB(1, 2, 3), Underline: SingleUnderline}},
		{"direct colours with colons", "\x1b[48:2:1:2:3;1m", Pen{Bg: RGB(1, 2, 3), Attr: Bold}},
		{"and with a colour space", "\x1b[48:2::1:2:3;1m", Pen{Bg: RGB(1, 2, 3), Attr: Bold}},
		{"default colours", "\x1b[31;41;58:5:1m\x1b[39;49;59m", Pen{}},
		{"underline styles", "\x1b[4:3;58:2::1:2:3m", Pen{Underline: CurlyUnderline, Ul: RGB(1, 2, 3)}},
		{"double underline", "\x1b[21m", Pen{Underline: DoubleUnderline}},
		{"no underline", "\x1b[4m\x1b[4:0m", Pen{}},
		{"a cut colour changes nothing", "\x1b[38;5m\x1b[1;38;2;1;2m", Pen{Attr: Bold}},
		{"numbers over 255 change nothing", "\x1b[38;5;256m\x1b[48;2;1;2;300m", Pen{}},
		{"XTMODKEYS is no SGR", "\x1b[>4;1m\x1b[?4m", Pen{}},
	} {
		s := fed(10, 5, []byte(c.in))
		if s.pen != c.want {
			t.Errorf("%s: got %+v, want %+v", c.desc, s.pen, c.want)
		}
		v := fed(10, 5, appendSGR(nil, s.pen))
		if v.pen != s.pen {
			t.Errorf("%s: written %q, read %+v", c.desc, appendSGR(nil, s.pen), v.pen)
		}
	}
}

// Erasing takes the background of the pen, and nothing else of it.
func TestErasedBackground(t *testing.T) {
	for _, in := range []string{"\x1b[2J", "\x1b[K", "\x1b[5X", "\x1b[5@", "\x1b[5P", "\x1b[L", "\x1b[5;1H\n", "\x1b[T", "\x1b[?1047h"} {
		s := fed(10, 5, []byte("\x1b[1;4;31;44m"+in))
		found := false
		for _, r := range s.g.rows {
			for _, c := range r.cells {
				found = found || c == blankCell(Palette(4))
			}
		}
		if err := invariant(s); err != nil || !found {
			t.Errorf("%q: background found %v, %v", in, found, err)
		}
	}
}

func TestSetTitle(t *testing.T) {
	for _, c := range []struct{ desc, in, want string }{
		{"OSC 0 and ST", "\x1b]0;one\x1b\\", "one"},
		{"OSC 2 and BEL", "\x1b]2;a;b\a", "a;b"},
		{"OSC 1 is the icon's", "\x1b]1;icon\a", ""},
		{"controls and what is no UTF-8 go", "\x1b]0;a\x01\x7f\xff\u009bb\a", "ab"},
		{"pushed and popped", "\x1b]0;a\a\x1b[22;0t\x1b]0;b\a\x1b[23;0t", "a"},
		{"an empty stack changes nothing", "\x1b]0;a\a\x1b[23;0t", "a"},
		{"the stack forgets the oldest", strings.Repeat("\x1b]0;x\a\x1b[22t", 20) + strings.Repeat("\x1b[23t", 20), "x"},
		{"more pushed than fit", strings.Repeat("\x1b]0;x\a\x1b[22t", 20), "x"},
		{"cut at a character", "\x1b]0;" + strings.Repeat("é", 600) + "\a", strings.Repeat("é", 512)},
		{"too long is ignored", "\x1b]0;" + strings.Repeat("x", maxString) + "\a", ""},
		{"aborted is ignored", "\x1b]0;a\x18", ""},
	} {
		s := fed(10, 5, []byte(c.in))
		if s.Title() != c.want {
			t.Errorf("%s: got %q, want %q", c.desc, s.Title(), c.want)
		}
		if len(s.titles) > maxTitleStack {
			t.Errorf("%s: %d titles pushed", c.desc, len(s.titles))
		}
	}
}

// Links go on the web or nowhere.
func TestSetLink(t *testing.T) {
	for target, want := range map[string]string{
		"http://a/b":                             "http://a/b",
		"https://a/b?c;d":                        "https://a/b?c;d",
		"file:///etc":                            "",
		"javascript:x":                           "",
		"http://a b":                             "",
		"http://é":                               "",
		"http://" + strings.Repeat("x", maxLink): "",
	} {
		s := fed(10, 5, []byte("\x1b]8;id=1;"+target+"\x1b\\ab\x1b]8;;\x1b\\c"))
		var f Frame
		s.Frame(&f)
		if got := f.Links[f.Cells[1].Pen.Link]; got != want {
			t.Errorf("%q: got %q, want %q", target, got, want)
		}
		if got := f.Links[f.Cells[2].Pen.Link]; got != "" {
			t.Errorf("%q: goes on behind its end", target)
		}
	}
}
