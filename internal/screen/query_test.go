package screen

import (
	"strings"
	"testing"
)

func taken(s *Screen) string {
	var b strings.Builder
	for _, r := range s.TakeReplies() {
		b.Write(r.Take())
		if again := r.Take(); again != nil {
			b.WriteString("taken twice")
		}
	}
	return b.String()
}

func TestReplies(t *testing.T) {
	for _, c := range []struct{ desc, in, want string }{
		{"DA1 is a VT100 with advanced video", "\x1b[c\x1b[0c", "\x1b[?1;2c\x1b[?1;2c"},
		{"DA2 is xterm 276", "\x1b[>c", "\x1b[>0;276;0c"},
		{"DA3 is nobody in particular", "\x1b[=c", "\x1bP!|00000000\x1b\\"},
		{"ENQ, XTVERSION, DECREQTPARM, DECID get none", "\x05\x1b[>q\x1b[x\x1bZ", ""},
		{"kitty's flags are those that do something", "\x1b[?u\x1b[>31u\x1b[?u\x1b[<u\x1b[?u", "\x1b[?0u\x1b[?1u\x1b[?0u"},
		{"DECRQSS of DECSCA and DECSCL", "\x1bP$q\"q\x1b\\\x1bP$q\"p\x1b\\", "\x1bP1$r0\"q\x1b\\\x1bP1$r61;1\"p\x1b\\"},
		{"DSR is ready", "\x1b[5n", "\x1b[0n"},
		{"CPR says where the cursor is", "\x1b[3;4H\x1b[6n\x1b[?6n", "\x1b[3;4R\x1b[?3;4R"},
		{"CPR counts from the origin", "\x1b[2;4r\x1b[?6h\x1b[2;3H\x1b[6n", "\x1b[2;3R"},
		{"DECRQM tells set, reset and unknown", "\x1b[?7$p\x1b[?2004$p\x1b[?9999$p\x1b[4$p\x1b[?1006h\x1b[?1006$p", "\x1b[?7;1$y\x1b[?2004;2$y\x1b[?9999;0$y\x1b[4;2$y\x1b[?1006;1$y"},
		{"the colours, ended as asked", "\x1b]10;?\a\x1b]11;?\x1b\\\x1b]4;1;?\a", "\x1b]10;rgb:d0d0/d0d0/d0d0\a\x1b]11;rgb:0000/0000/0000\x1b\\\x1b]4;1;rgb:cdcd/0000/0000\a"},
		{"setting colours is no query", "\x1b]10;#fff\a\x1b]4;1;#fff\a\x1b]4;999;?\a", ""},
		{"DECRQSS", "\x1b[1;31m\x1bP$qm\x1b\\\x1bP$qr\x1b\\\x1bP$q q\x1b\\\x1bP$qx\x1b\\", "\x1bP1$r0;1;31m\x1b\\\x1bP1$r1;5r\x1b\\\x1bP1$r0 q\x1b\\\x1bP0$r\x1b\\"},
		{"XTGETTCAP gets no", "\x1bP+q544e\x1b\\", "\x1bP0+r\x1b\\"},
		{"the size, and no other window report", "\x1b[18t\x1b[14t\x1b[21t\x1b[20t\x1b[11t", "\x1b[8;5;10t"},
		{"the clipboard is nobody's", "\x1b]52;c;?\a", ""},
	} {
		s := New(10, 5)
		s.AnswerQueries(true)
		s.Write([]byte(c.in))
		if got := taken(s); got != c.want {
			t.Errorf("%s: got %q, want %q", c.desc, got, c.want)
		}
		if got := taken(s); got != "" {
			t.Errorf("%s: answered again: %q", c.desc, got)
		}
		if got := taken(fed(10, 5, []byte(c.in))); got != "" {
			t.Errorf("%s: a viewer answered %q", c.desc, got)
		}
	}
}

// A program that asks without reading fills no memory.
func TestRepliesBounded(t *testing.T) {
	s := New(10, 5)
	s.AnswerQueries(true)
	s.Write([]byte(strings.Repeat("\x1b[c", 10000)))
	if n := len(taken(s)); n > maxReplies || n < maxReplies-10 {
		t.Errorf("got %d bytes of answers, want nearly %d", n, maxReplies)
	}
	s.Write([]byte("\x1b[5n"))
	if got := taken(s); got != "\x1b[0n" {
		t.Errorf("after taking them: got %q", got)
	}
}
