package screen

import (
	"bytes"
	"strings"
	"testing"
)

func TestEncodeKey(t *testing.T) {
	for _, c := range []struct {
		desc, modes string
		key         Key
		want        string
	}{
		{"arrow", "", Key{Final: 'A', Mod: 1}, "\x1b[A"},
		{"arrow for a program with DECCKM", "\x1b[?1h", Key{Final: 'A'}, "\x1bOA"},
		{"control arrow, DECCKM or not", "\x1b[?1h", Key{Final: 'C', Num: 1, Mod: 5}, "\x1b[1;5C"},
		{"home", "", Key{Final: 'H'}, "\x1b[H"},
		{"F1", "", Key{Final: 'P'}, "\x1bOP"},
		{"shift F4", "", Key{Final: 'S', Mod: 2}, "\x1b[1;2S"},
		{"F5", "\x1b[?1h", Key{Final: '~', Num: 15}, "\x1b[15~"},
		{"alt page up", "", Key{Final: '~', Num: 5, Mod: 3}, "\x1b[5;3~"},
		{"back-tab", "", Key{Final: 'Z', Mod: 2}, "\x1b[Z"},
		{"no bracketed paste by a key", "", Key{Final: '~', Num: 200}, ""},
		{"no other final", "", Key{Final: 'm'}, ""},
		{"no number for an arrow", "", Key{Final: 'A', Num: 7}, ""},
		{"no modifier that is none", "", Key{Final: 'A', Mod: 65}, ""},
		{"hyper is not said where nobody knows it", "", Key{Final: 'A', Mod: 17}, "\x1b[A"},
		{"kitty's meta is xterm's", "", Key{Final: 'A', Mod: 33}, "\x1b[1;9A"},

		{"kitty: arrow, DECCKM or not", "\x1b[?1h\x1b[>1u", Key{Final: 'A'}, "\x1b[A"},
		{"kitty: all modifiers", "\x1b[>1u", Key{Final: 'A', Mod: 64}, "\x1b[1;64A"},
		{"kitty: F1", "\x1b[>1u", Key{Final: 'P'}, "\x1b[P"},
		{"kitty: F3 is no cursor report", "\x1b[>1u", Key{Final: 'R', Mod: 2}, "\x1b[13;2~"},
		{"kitty: back-tab", "\x1b[>1u", Key{Final: 'Z'}, "\x1b[9;2u"},
		{"number 0 is no key", "", Key{Final: '~'}, ""},
	} {
		if got := fed(10, 5, []byte(c.modes)).EncodeKey(c.key); string(got) != c.want {
			t.Errorf("%s: got %q, want %q", c.desc, got, c.want)
		}
	}
}

// A key that types a character comes in the form that the program asked for, and in
// the old one if it asked for none, so that nothing typed is lost.
func TestEncodeCharKey(t *testing.T) {
	const shift, alt, control, super = 2, 3, 5, 9
	modes := [...]string{"", "\x1b[>4;1m", "\x1b[>4;2m", "\x1b[>1u", "\x1b[>8u"}
	for _, c := range []struct {
		desc string
		num  uint16
		mod  uint8
		want [len(modes)]string
	}{
		{"a letter", 'a', 1, [...]string{"a", "a", "a", "a", "\x1b[97u"}},
		{"with shift", 'a', shift, [...]string{"A", "A", "A", "A", "\x1b[97;2u"}},
		{"of two bytes with shift", 'é', shift, [...]string{"É", "É", "É", "É", "\x1b[233;2u"}},
		{"control", 'c', control, [...]string{"\x03", "\x03", "\x1b[27;5;99~", "\x1b[99;5u", "\x1b[99;5u"}},
		{"control and shift", 'c', control + 1, [...]string{"\x03", "\x1b[27;6;67~", "\x1b[27;6;67~", "\x1b[99;6u", "\x1b[99;6u"}},
		{"alt", 'x', alt, [...]string{"\x1bx", "\x1bx", "\x1b[27;3;120~", "\x1b[120;3u", "\x1b[120;3u"}},
		{"alt and control", 'x', alt + 4, [...]string{"\x1b\x18", "\x1b\x18", "\x1b[27;7;120~", "\x1b[120;7u", "\x1b[120;7u"}},
		{"control without a code", '1', control, [...]string{"1", "\x1b[27;5;49~", "\x1b[27;5;49~", "\x1b[49;5u", "\x1b[49;5u"}},
		{"control space", ' ', control, [...]string{"\x00", "\x00", "\x1b[27;5;32~", "\x1b[32;5u", "\x1b[32;5u"}},
		{"control slash", '/', control, [...]string{"\x1f", "\x1f", "\x1b[27;5;47~", "\x1b[47;5u", "\x1b[47;5u"}},
		{"super", 'a', super, [...]string{"a", "\x1b[27;9;97~", "\x1b[27;9;97~", "\x1b[97;9u", "\x1b[97;9u"}},
		{"escape", 27, 1, [...]string{"\x1b", "\x1b", "\x1b", "\x1b[27u", "\x1b[27u"}},
		{"enter", 13, 1, [...]string{"\r", "\r", "\r", "\r", "\x1b[13u"}},
		{"shift enter", 13, shift, [...]string{"\r", "\x1b[27;2;13~", "\x1b[27;2;13~", "\x1b[13;2u", "\x1b[13;2u"}},
		{"alt enter", 13, alt, [...]string{"\x1b\r", "\x1b\r", "\x1b[27;3;13~", "\x1b[13;3u", "\x1b[13;3u"}},
		{"back-tab", 9, shift, [...]string{"\x1b[Z", "\x1b[Z", "\x1b[27;2;9~", "\x1b[9;2u", "\x1b[9;2u"}},
		{"control tab", 9, control, [...]string{"\t", "\x1b[27;5;9~", "\x1b[27;5;9~", "\x1b[9;5u", "\x1b[9;5u"}},
		{"backspace", 127, 1, [...]string{"\x7f", "\x7f", "\x7f", "\x7f", "\x1b[127u"}},
		{"control backspace", 127, control, [...]string{"\b", "\b", "\x1b[27;5;127~", "\x1b[127;5u", "\x1b[127;5u"}},
		{"left of the keypad", 57417, 1, [...]string{"\x1b[D", "\x1b[D", "\x1b[D", "\x1b[57417u", "\x1b[57417u"}},
		{"7 of the keypad", 57406, 1, [...]string{"7", "7", "7", "\x1b[57406u", "\x1b[57406u"}},
		{"F13", 57376, control, [...]string{"\x1b[25;5~", "\x1b[25;5~", "\x1b[25;5~", "\x1b[57376;5u", "\x1b[57376;5u"}},
		{"volume up", 57439, 1, [...]string{"", "", "", "\x1b[57439u", "\x1b[57439u"}},
		{"no control is a key", 3, 1, [len(modes)]string{}},
		{"no C1 control", 0x9b, 1, [len(modes)]string{}},
		{"no half of a pair", 0xd800, control, [len(modes)]string{}},
		{"not nothing", 0, control, [len(modes)]string{}},
	} {
		for i, set := range modes {
			if got := fed(10, 5, []byte(set)).EncodeKey(Key{Final: 'u', Num: c.num, Mod: c.mod}); string(got) != c.want[i] {
				t.Errorf("%s after %q: got %q, want %q", c.desc, set, got, c.want[i])
			}
		}
	}
}

// Control names the keys that interrupt, however the terminal writes them.
func TestKeyControl(t *testing.T) {
	for k, want := range map[Key]int{
		{Final: 'u', Num: 'c', Mod: 5}:    3,
		{Final: 'u', Num: '\\', Mod: 5}:   0x1c,
		{Final: 'u', Num: 'z', Mod: 5}:    0x1a,
		{Final: 'u', Num: '4', Mod: 5}:    0x1c,
		{Final: 'u', Num: '\r', Mod: 1}:   '\r',
		{Final: 'u', Num: 27}:             27,
		{Final: 'u', Num: 'c', Mod: 1}:    -1,
		{Final: 'u', Num: 'c', Mod: 6}:    -1,
		{Final: 'u', Num: 'c', Mod: 7}:    -1,
		{Final: 'u', Num: 'c', Mod: 13}:   -1,
		{Final: 'u', Num: 0x163, Mod: 5}:  -1,
		{Final: '~', Num: 'c', Mod: 5}:    -1,
		{Final: 'u', Num: 57415, Mod: 5}:  -1,
		{Final: 'u', Num: '1', Mod: 5}:    -1,
		{Final: 'u', Num: 0x7f, Mod: 255}: -1,
	} {
		b, ok := k.Control()
		if got := int(b); ok && got != want || !ok && want != -1 {
			t.Errorf("%+v: %d %v, want %d", k, b, ok, want)
		}
	}
}

func TestEncodeFocus(t *testing.T) {
	s := New(10, 5)
	if got := s.EncodeFocus(true); got != nil {
		t.Errorf("not asked for: got %q", got)
	}
	s.Write([]byte("\x1b[?1004h"))
	if got := string(s.EncodeFocus(true)) + string(s.EncodeFocus(false)); got != "\x1b[I\x1b[O" {
		t.Errorf("got %q", got)
	}
}

func TestEncodeMouse(t *testing.T) {
	press, release := Mouse{Button: 0, X: 4, Y: 2}, Mouse{Button: 0, X: 4, Y: 2, Release: true}
	drag, hover := Mouse{Button: 32, X: 4, Y: 2}, Mouse{Button: 35, X: 4, Y: 2}
	wheel := Mouse{Button: 64 + 16, X: 4, Y: 2}
	far := Mouse{X: 299, Y: 2}
	for _, c := range []struct {
		desc, modes string
		m           Mouse
		want        string
	}{
		{"not asked for", "", press, ""},
		{"X10 press", "\x1b[?9h", Mouse{Button: 2 + 4, X: 4, Y: 2}, "\x1b[M\"%#"},
		{"X10 knows no release", "\x1b[?9h", release, ""},
		{"X10 knows no wheel", "\x1b[?9h", wheel, ""},
		{"press", "\x1b[?1000h", press, "\x1b[M %#"},
		{"release", "\x1b[?1000h", release, "\x1b[M#%#"},
		{"1000 knows no motion", "\x1b[?1000h", drag, ""},
		{"1002 knows motion with a button", "\x1b[?1002h", drag, "\x1b[M@%#"},
		{"and none without", "\x1b[?1002h", hover, ""},
		{"1003 knows all motion", "\x1b[?1003h", hover, "\x1b[MC%#"},
		{"SGR", "\x1b[?1003;1006h", wheel, "\x1b[<80;5;3M"},
		{"SGR names the button that is released", "\x1b[?1003;1006h", release, "\x1b[<0;5;3m"},
		{"urxvt", "\x1b[?1003;1015h", press, "\x1b[32;5;3M"},
		{"UTF-8", "\x1b[?1003;1005h", far, "\x1b[M \u014c#"},
		{"bytes cannot say column 300", "\x1b[?1003h", far, ""},
		{"off again", "\x1b[?1003;1006h\x1b[?1003l", press, ""},
		{"outside of the screen", "\x1b[?1003h", Mouse{X: 300, Y: 0}, ""},
		{"left of it", "\x1b[?1003h", Mouse{X: -1, Y: 0}, ""},
		{"no such button", "\x1b[?1003;1006h", Mouse{Button: 256}, ""},
	} {
		if got := fed(300, 5, []byte(c.modes)).EncodeMouse(c.m); string(got) != c.want {
			t.Errorf("%s: got %q, want %q", c.desc, got, c.want)
		}
	}
}

func TestEncodePaste(t *testing.T) {
	const on = "\x1b[?2004h"
	for _, c := range []struct{ desc, modes, in, want string }{
		{"not asked for", "", "ls\n", "ls\r"},
		{"bracketed", on, "ls", "\x1b[200~ls\x1b[201~"},
		{"newlines are CR", on, "a\nb\r\nc\rd", "\x1b[200~a\rb\rc\rd\x1b[201~"},
		{"an end mark inside is taken out", on, "a\x1b[201~b", "\x1b[200~ab\x1b[201~"},
		{"with CSI in UTF-8", on, "a\u009b201~b", "\x1b[200~ab\x1b[201~"},
		{"with CSI as one byte", on, "a\x9b201~b", "\x1b[200~ab\x1b[201~"},
		{"none arises from taking one out", on, "a\x1b\x1b[201~[201~b", "\x1b[200~a[201~b\x1b[201~"},
		{"nor in the middle of one", on, "\x1b[20\x1b[201~1~", "\x1b[200~[201~\x1b[201~"},
		{"other sequences lose their ESC", on, "a\x1b[31mb\x1b[20", "\x1b[200~a[31mb[20\x1b[201~"},
		{"C1 controls go", on, "a\u0090b\u0085c\x84d", "\x1b[200~abcd\x1b[201~"},
		{"characters stay whole", on, "日本é👋", "\x1b[200~日本é👋\x1b[201~"},
	} {
		whole := fed(10, 5, []byte(c.modes)).EncodePaste([]byte(c.in), true, true)
		if string(whole) != c.want {
			t.Errorf("%s: got %q, want %q", c.desc, whole, c.want)
		}
		for cut := range len(c.in) + 1 {
			s := fed(10, 5, []byte(c.modes))
			got := s.EncodePaste([]byte(c.in[:cut]), true, false)
			s.Write([]byte("\x1b[?2004l")) // what was begun is ended as it was begun
			got = append(got, s.EncodePaste([]byte(c.in[cut:]), false, true)...)
			if string(got) != c.want {
				t.Errorf("%s, cut at %d: got %q, want %q", c.desc, cut, got, c.want)
			}
		}
	}
}

// A paste whose last chunk is lost does not swallow the next.
func TestPasteWithoutEnd(t *testing.T) {
	s := fed(10, 5, []byte("\x1b[?2004h"))
	got := append(s.EncodePaste([]byte("a"), true, false), s.EncodePaste([]byte("b"), true, true)...)
	if want := "\x1b[200~a\x1b[201~\x1b[200~b\x1b[201~"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Nothing that is pasted ends a bracketed paste, whatever it is and however it
// is cut.
func FuzzEncodePaste(f *testing.F) {
	f.Add([]byte("a\x1b[201~b"), uint8(3))
	f.Add([]byte("\x1b\x9b\xc2\x9b201~\x1b[2"), uint8(1))
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		s := fed(10, 5, []byte("\x1b[?2004h"))
		out := s.EncodePaste(nil, true, false)
		for p := in; len(p) > 0; {
			n := min(int(size)+1, len(p))
			out = append(out, s.EncodePaste(p[:n], false, false)...)
			p = p[n:]
		}
		out = append(out, s.EncodePaste(nil, false, true)...)
		body, ok := bytes.CutPrefix(out, []byte(pasteBegin))
		body, ok2 := bytes.CutSuffix(body, []byte(pasteEnd))
		if !ok || !ok2 || bytes.ContainsAny(body, "\x1b\n") || strings.ContainsRune(string(body), 0x9b) {
			t.Fatalf("got %q", out)
		}
		if whole := s.EncodePaste(in, true, true); !bytes.Equal(whole, out) {
			t.Fatalf("in pieces %q, at once %q", out, whole)
		}
	})
}
