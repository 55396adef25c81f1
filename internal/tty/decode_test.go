package tty

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var start = time.Unix(1_000_000, 0)

// show prints events for comparison. Parts of text and of pastes are joined:
// where they are cut depends on how the bytes came.
func show(events []Event) string {
	var b strings.Builder
	text := func(kind string, p []byte) {
		if s := b.String(); strings.HasSuffix(s, ")+") && strings.LastIndex(s, kind+"(") > strings.LastIndex(s, " ") {
			b.Reset()
			b.WriteString(s[:len(s)-len(")+")])
		} else {
			b.WriteString(" " + kind + "(")
		}
		for _, c := range p {
			if c <= ' ' || c > '~' || c == '(' || c == ')' || c == '+' || c == '\\' {
				fmt.Fprintf(&b, `\%02x`, c)
			} else {
				b.WriteByte(c)
			}
		}
		b.WriteString(")+")
	}
	for _, ev := range events {
		switch ev := ev.(type) {
		case Typed:
			text("typed", ev.Bytes)
		case Paste:
			if ev.First {
				b.WriteString(" [")
			}
			text("paste", ev.Bytes)
			if ev.Last {
				b.WriteString(" ]")
			}
		case Key:
			fmt.Fprintf(&b, " key(%c,%d,%d)", ev.Final, ev.Num, ev.Mod)
		case Mouse:
			fmt.Fprintf(&b, " mouse(%d,%d,%d,%t)", ev.Button, ev.X, ev.Y, ev.Release)
		case Focus:
			fmt.Fprintf(&b, " focus(%t)", ev.In)
		case Pan:
			fmt.Fprintf(&b, " pan(%d,%d)", ev.DX, ev.DY)
		case Command:
			fmt.Fprintf(&b, " command(%02x)", ev.Key)
		}
	}
	return strings.TrimSpace(strings.ReplaceAll(b.String(), ")+", ")"))
}

// decode feeds input, cut at the places given, and lets time pass at the end.
func decode(opt Options, input string, cuts ...int) (*Decoder, []Event) {
	d := NewDecoder(opt)
	var events []Event
	last := 0
	for _, c := range append(cuts, len(input)) {
		events = append(events, d.Feed(start, []byte(input[last:c]))...)
		last = c
	}
	return d, append(events, d.Tick(start.Add(pasteDelay))...)
}

func TestDecode(t *testing.T) {
	for _, tt := range []struct{ desc, in, want string }{
		{"text", "héllo\r", `typed(h\c3\a9llo\0d)`},
		{"^C is text", "\x03", `typed(\03)`},
		{"not UTF-8", "a\xe9b\xff\xe2\x82", `typed(a\e9b\ff\e2\82)`},
		{"lone ESC", "\x1b", `typed(\1b)`},
		{"ESC twice", "\x1b\x1b", `typed(\1b\1b)`},
		{"alt x", "a\x1bxb", `typed(a\1bxb)`},
		{"alt é", "\x1bé", `typed(\1b\c3\a9)`},
		{"alt enter", "\x1b\r", `typed(\1b\0d)`},
		{"alt [ ] O P _ alone", "\x1b[\x1b]\x1bO\x1bP\x1b_", `typed(\1b[\1b]\1bO\1bP\1b_)`},
		{"alt ] then a letter", "\x1b]x", `typed(\1b]x)`},

		{"arrows", "\x1b[A\x1bOB\x1b[1;5C\x1b[1;2D", "key(A,0,0) key(B,0,0) key(C,0,4) key(D,0,1)"},
		{"text around a key", "a\x1b[Ab", "typed(a) key(A,0,0) typed(b)"},
		{"alt arrow as two ESC", "\x1b\x1b[A", `typed(\1b) key(A,0,0)`},
		{"home", "\x1b[H\x1bOH\x1b[1~\x1b[7~\x1b[1;5H\x1b[1;5~", "key(H,0,0) key(H,0,0) key(H,0,0) key(H,0,0) key(H,0,4) key(H,0,4)"},
		{"end", "\x1b[F\x1bOF\x1b[4~\x1b[8~", "key(F,0,0) key(F,0,0) key(F,0,0) key(F,0,0)"},
		{"F1 to F4", "\x1bOP\x1b[12~\x1b[1;2R\x1b[1;16S", "key(P,0,0) key(Q,0,0) key(R,0,1) key(S,0,15)"},
		{"F3 without modifier", "\x1b[R\x1bOR\x1b[13~", "key(R,0,0) key(R,0,0) key(R,0,0)"},
		{"F5 to F12", "\x1b[15~\x1b[17~\x1b[24;3~", "key(~,15,0) key(~,17,0) key(~,24,2)"},
		{"console F1 to F5", "\x1b[[A\x1b[[D\x1b[[E", "key(P,0,0) key(S,0,0) key(~,15,0)"},
		{"editing keys", "\x1b[2~\x1b[3;5~\x1b[5~\x1b[6~\x1b[Z", "key(~,2,0) key(~,3,4) key(~,5,0) key(~,6,0) key(Z,0,0)"},
		{"odd keys are typed", "\x1b[c\x1b[3^\x1bOM\x1b[9999~", `typed(\1b[c\1b[3^\1bOM\1b[9999~)`},
		{"numbers out of range are typed", "\x1b[99999999999999999999~\x1b[1;0A\x1b[1;257A", `typed(\1b[99999999999999999999~\1b[1;0A\1b[1;257A)`},
		{"all modifiers, but no locks", "\x1b[1;65A\x1b[1;129A\x1b[1;256A\x1b[5;38~", "key(A,0,0) key(A,0,0) key(A,0,63) key(~,5,37)"},

		{"control, alt and super with a character", "\x1b[97;5u\x1b[120;3u\x1b[97;9u\x1b[231;5u", "key(u,97,4) key(u,120,2) key(u,97,8) key(u,231,4)"},
		{"keys that type a control", "\x1b[27u\x1b[13;2u\x1b[9;2u\x1b[127;5u", "key(u,27,0) key(u,13,1) key(u,9,1) key(u,127,4)"},
		{"and without modifiers", "\x1b[13u\x1b[9;1u\x1b[127;65u", `typed(\0d\09\7f)`},
		{"keys without a character", "\x1b[57417u\x1b[57376;2u", "key(u,57417,0) key(u,57376,1)"},
		{"text as numbers is text", "\x1b[97u\x1b[97;2u\x1b[233;66u\x1b[49:33;2u\x1b[49;2u", `typed(aA\c3\89!1)`},
		{"with a control it is taken out", "\x1b[97;;13u\x1b[97;;27:98u", "typed(b)"},
		{"with the text it makes", "\x1b[97;2;65u\x1b[0;;229u\x1b[97;5;1u", `typed(A\c3\a5) key(u,97,4)`},
		{"another keyboard's letter", "\x1b[1089::99;5u", "key(u,1089,4)"},
		{"what fits no key", "\x1b[128512u\x1b[128512;3u\x1b[128512;5u", `typed(\f0\9f\98\80\1b\f0\9f\98\80\f0\9f\98\80)`},
		{"no key at all", "\x1b[0u\x1b[3;5u\x1b[155;5u\x1b[55296;5u\x1b[1114112;3u\x1b[u", ""},
		{"releases are no keys", "\x1b[97;5:3u\x1b[1;1:3A\x1b[5;5:3~\x1b[97;1:3u", ""},
		{"presses and repeats are", "\x1b[97;5:1u\x1b[1;1:2A\x1b[5;5:2~", "key(u,97,4) key(A,0,0) key(~,5,4)"},
		{"modifyOtherKeys", "\x1b[27;5;97~\x1b[27;6;65~\x1b[27;2;13~\x1b[27;2;65~\x1b[27;3;120~", "key(u,97,4) key(u,97,5) key(u,13,1) typed(A) key(u,120,2)"},
		{"neither is it with too many numbers", "\x1b[97;5;1;1u\x1b[1:2:3:4;5u", `typed(\1b[97;5;1;1u\1b[1:2:3:4;5u)`},
		{"a sequence cut by a control", "\x1b[1;\rx", `typed(\1b[1;\0dx)`},
		{"a sequence cut by a key", "\x1b[1;\x1b[A", `typed(\1b[1;) key(A,0,0)`},
		{"a sequence without end", "\x1b[" + strings.Repeat("0", 70) + "A", `typed(\1b[` + strings.Repeat("0", 70) + "A)"},

		{"mouse", "\x1b[<0;10;20M\x1b[<0;10;20m\x1b[<65;1;1M", "mouse(0,10,20,false) mouse(0,10,20,true) mouse(65,1,1,false)"},
		{"malformed mouse", "\x1b[<0;10M\x1b[<0;0;0M\x1b[<0;-1;2M", ""},
		{"old mouse", "\x1b[M !!\x1b[M#*+\x1b[MC*+", "mouse(0,1,1,false) mouse(3,10,11,true) mouse(35,10,11,false)"},
		{"focus", "\x1b[I\x1b[O", "focus(true) focus(false)"},

		{"cursor report", "a\x1b[24;80Rb\x1b[1;1Rc\x1b[1;80R", "typed(abc)"},
		{"device attributes", "\x1b[?1;2c\x1b[>0;276;0c\x1b[=1c", ""},
		{"status", "\x1b[0n\x1b[?997;1n", ""},
		{"mode report", "\x1b[?2026;2$y\x1b[4;1$y", ""},
		{"window reports", "\x1b[8;24;80t\x1b[4;600;800t", ""},
		{"keyboard flags", "\x1b[?5u", ""},
		{"colour by ST and BEL", "\x1b]11;rgb:0/0/0\x1b\\x\x1b]4;1;rgb:0/0/0\ay", "typed(xy)"},
		{"settings, version, capability", "\x1bP1$r0m\x1b\\\x1bP>|xterm(388)\x1b\\\x1bP1+r544e=78\x1b\\z", "typed(z)"},
		{"graphics", "\x1b_Gi=1;OK\x1b\\z", "typed(z)"},
		{"a reply cut by a key", "\x1b]11;rgb\x1b[Az", "key(A,0,0) typed(z)"},
		{"a reply cut by silence", "\x1b]11;rgb", ""},
		{"a reply without end", "\x1b]1" + strings.Repeat("x", maxString) + "end", "typed(end)"},

		{"paste", "a\x1b[200~one\rtwo\x1b[201~b", `typed(a) [ paste(one\0dtwo) ] typed(b)`},
		{"empty paste", "\x1b[200~\x1b[201~", "[ paste() ]"},
		{"paste cannot break out", "\x1b[200~a\x1b[20\x1b[201;b\x1b[A\u009bc\x1b[201~", "[ paste(a[20[201;b[Ac) ]"},
		{"paste of a paste", "\x1b[200~a\x1b[200~b\x1b[201~", "[ paste(a[200~b) ]"},
		{"paste without end", "\x1b[200~abc\x1b[20", "[ paste(abc) ]"},
		{"end without paste", "a\x1b[201~b", "typed(ab)"},
		{"tilde in a paste is text", "\x1b[200~\n~.\x1b[201~~.", `[ paste(\0a~.) ] typed(~.)`},

		{"command at the start", "~.", "command(2e)"},
		{"command after enter", "ls\r~?~\x1a", `typed(ls\0d) command(3f) command(1a)`},
		{"command after LF", "x\n~.", `typed(x\0a) command(2e)`},
		{"not in a line", "a~.", "typed(a~.)"},
		{"not after a key", "\x1b[A~.", "key(A,0,0) typed(~.)"},
		{"twice is one", "~~.", "typed(~.)"},
		{"another key sends both", "~a~.", "typed(~a~.)"},
		{"a character of several bytes too", "~é", `typed(~\c3\a9)`},
		{"enter sends both and begins a line", "~\r~.", `typed(~\0d) command(2e)`},
		{"a key releases it", "~\x1b[H", "typed(~) key(H,0,0)"},
		{"an arrow pans", "~\x1b[A~\x1bOB~\x1b[C\r~\x1bOD", `pan(0,-1) pan(0,1) pan(1,0) typed(\0d) pan(-1,0)`},
		{"and the line has not begun", "~\x1b[A~.~\x1b[1;1B", "pan(0,-1) command(2e) pan(0,1)"},
		{"one arrow only", "~\x1b[A\x1b[A~\x1b[A", "pan(0,-1) key(A,0,0) typed(~) key(A,0,0)"},
		{"not an arrow with a modifier", "~\x1b[1;5A", "typed(~) key(A,0,4)"},
		{"not an arrow with Alt as ESC", "~\x1b\x1b[A", `typed(~\1b) key(A,0,0)`},
		{"ESC after it is typed", "~\x1b", `typed(~\1b)`},
		{"Alt-[ and Alt-O after it too", "~\x1b[\r~\x1bO", `typed(~\1b[\0d~\1bO)`},
		{"alt . is no command", "~\x1b.", `typed(~\1b.)`},
		{"a paste releases it", "~\x1b[200~.\x1b[201~", "typed(~) [ paste(.) ]"},
		{"the mouse does not", "~\x1b[<0;1;1M.", "mouse(0,1,1,false) command(2e)"},
		{"a reply does not", "~\x1b[0n.", "command(2e)"},
		{"^Z as a key is the command", "~\x1b[122;5u~\x1b[27;5;122~", "command(1a) command(1a)"},
		{"the escape character as a number", "\x1b[126u.\x1b[13u\x1b[126u\x1b[46u", `command(2e) typed(\0d) command(2e)`},
		{"another key as a number sends both", "~\x1b[97;5u.", "typed(~) key(u,97,4) typed(.)"},
		{"held back until the next key", "~", ""},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			opt := Options{Escape: '~'}
			_, events := decode(opt, tt.in)
			if got := show(events); got != tt.want {
				t.Errorf("%q\n got %s\nwant %s", tt.in, got, tt.want)
			}
			for i := 1; i < len(tt.in) && len(tt.in) < 1000; i++ {
				if _, events := decode(opt, tt.in, i); show(events) != tt.want {
					t.Errorf("%q cut at %d\n got %s\nwant %s", tt.in, i, show(events), tt.want)
				}
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		desc string
		opt  Options
		in   string
		want string
	}{
		{"no escape character", Options{}, "~.", "typed(~.)"},
		{"another", Options{Escape: 0x1d}, "~.\r\x1d.", `typed(~.\0d) command(2e)`},
		{"as a key", Options{Escape: 0x1d}, "\x1b[93;5u.x\x1b[93;5u.", "command(2e) typed(x) key(u,93,4) typed(.)"},
		{"as a key, twice", Options{Escape: 0x1d}, "\x1b[93;5u\x1b[93;5u.", "key(u,93,4) typed(.)"},
		{"other commands", Options{Escape: '~', Commands: "d"}, "~d~.", "command(64) typed(~.)"},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			if _, events := decode(tt.opt, tt.in); show(events) != tt.want {
				t.Errorf("got %s, want %s", show(events), tt.want)
			}
		})
	}
}

func TestDeadlines(t *testing.T) {
	for _, tt := range []struct {
		desc, in string
		due      time.Duration // zero for none
		want     string
	}{
		{"text", "a", 0, ""},
		{"a lone ESC", "a\x1b", 10 * time.Millisecond, `typed(\1b)`},
		{"a cut key", "\x1b[1;", sequenceDelay, `typed(\1b[1;)`},
		{"a cut character", "\xc3", sequenceDelay, `typed(\c3)`},
		{"a cut reply", "\x1b]1", sequenceDelay, ""},
		{"a paste", "\x1b[200~a", 5 * time.Second, "[ paste() ]"},
		{"a tilde waits", "~", 0, ""},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			d := NewDecoder(Options{Escape: '~'})
			d.Feed(start, []byte(tt.in))
			due, ok := d.Deadline()
			if ok != (tt.due != 0) || (ok && due.Sub(start) != tt.due) {
				t.Fatalf("due after %v, %t, want %v", due.Sub(start), ok, tt.due)
			}
			if !ok {
				return
			}
			if early := d.Tick(due.Add(-1)); len(early) != 0 {
				t.Errorf("before its time: %s", show(early))
			}
			got := show(d.Tick(due))
			if tt.desc == "a paste" { // its beginning has gone out before
				got = "[ " + got
			}
			if got != tt.want {
				t.Errorf("when due: got %s, want %s", got, tt.want)
			}
			if _, ok := d.Deadline(); ok {
				t.Error("still due")
			}
			if got := show(d.Feed(due, []byte("x"))); got != "typed(x)" {
				t.Errorf("afterwards: got %s", got)
			}
		})
	}
}

func TestBytesThatWaitedStayTogether(t *testing.T) {
	d := NewDecoder(Options{})
	d.Feed(start, []byte("\x1b"))
	if got := show(d.Feed(start.Add(time.Minute), []byte("[A"))); got != "key(A,0,0)" {
		t.Errorf("got %s: a stalled reader cut a key", got)
	}
}

func TestEventsAreBoundedAndWhole(t *testing.T) {
	text := strings.Repeat("x€\x1by\x1b[99;5^", 2000)
	for _, in := range []string{text, "x" + text, "\x1b[200~" + strings.Repeat("x€é", 2000) + "\x1b[201~"} {
		_, events := decode(Options{}, in)
		if len(events) < 5 {
			t.Fatalf("%d events", len(events))
		}
		for i, ev := range events {
			checkEvent(t, ev)
			var p []byte
			switch ev := ev.(type) {
			case Typed:
				p = ev.Bytes
				if i < len(events)-1 && len(p) < MaxBytes-maxSequence {
					t.Errorf("an event of only %d bytes", len(p))
				}
				if last := strings.LastIndexByte(string(p), esc); string(p[last:]) != "\x1by" && !strings.HasPrefix(string(p[last:]), "\x1b[99;5^") && !strings.HasPrefix(string(p[last:]), "\x1by\x1b") {
					t.Errorf("a sequence is cut: ...%q", p[last:])
				}
			case Paste:
				p = ev.Bytes
			}
			if !utf8.Valid(p) {
				t.Errorf("a character is cut: %q...%q", p[:4], p[len(p)-4:])
			}
		}
	}
}

// checkEvent checks what holds for every event.
func checkEvent(t *testing.T, ev Event) {
	t.Helper()
	switch ev := ev.(type) {
	case Typed:
		if n := len(ev.Bytes); n == 0 || n > MaxBytes {
			t.Errorf("Typed of %d bytes", n)
		}
	case Paste:
		if n := len(ev.Bytes); n > MaxBytes {
			t.Errorf("Paste of %d bytes", n)
		}
		if slices.Contains(ev.Bytes, esc) {
			t.Errorf("ESC in a paste: %q", ev.Bytes)
		}
	case Key:
		if strings.IndexByte("ABCDHFPQRSZ~u", ev.Final) < 0 || (ev.Num != 0) != (ev.Final == '~' || ev.Final == 'u') || ev.Mod > 63 {
			t.Errorf("no such key: %+v", ev)
		}
	case Mouse:
		if ev.X < 1 || ev.Y < 1 {
			t.Errorf("no such place: %+v", ev)
		}
	}
}

func FuzzDecoder(f *testing.F) {
	for _, in := range []string{
		"hello\r~.", "~~\x1b[A", "\x1b[200~a\x1b[20\x1b[201~b", "\x1b]11;rgb\x1b\\x", "é\x1bé\xff\xe2\x82",
		"\x1b[<0;1;2M\x1b[M !!", "\x1b[1;5R\x1b[1;1R", "\x1bOP\x1b[[A\x1b[Z", "~\x1b[97:65;5:3;65u\x1b[27;5;122~", "~\x1b[A",
	} {
		f.Add([]byte(in), uint16(3), uint16(7))
	}
	f.Fuzz(func(t *testing.T, in []byte, a, b uint16) {
		opt := Options{Escape: '~'}
		whole, events := decode(opt, string(in))
		cuts := []int{int(a) % (len(in) + 1), int(b) % (len(in) + 1)}
		slices.Sort(cuts)
		_, cut := decode(opt, string(in), cuts...)
		if x, y := show(events), show(cut); x != y {
			t.Errorf("%q cut at %v:\nwhole %s\n  cut %s", in, cuts, x, y)
		}
		open, size := false, 0
		for _, ev := range cut {
			checkEvent(t, ev)
			p, isPaste := ev.(Paste)
			if isPaste && p.First == open || !isPaste && open {
				t.Errorf("%q: a paste is not one piece: %s", in, show(cut))
			}
			open = isPaste && !p.Last
			if typed, ok := ev.(Typed); ok {
				size += len(typed.Bytes)
			}
			size += len(p.Bytes)
		}
		if open || size > len(in) {
			t.Errorf("%q: %d bytes typed, paste open %t", in, size, open)
		}
		if whole.state != ground || len(whole.held) != 0 {
			t.Errorf("%q: still holds %q when all is overdue", in, whole.held)
		}
	})
}
