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
		{"no modifier that is none", "", Key{Final: 'A', Mod: 17}, ""},
		{"number 0 is no key", "", Key{Final: '~'}, ""},
	} {
		if got := fed(10, 5, []byte(c.modes)).EncodeKey(c.key); string(got) != c.want {
			t.Errorf("%s: got %q, want %q", c.desc, got, c.want)
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
