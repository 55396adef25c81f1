package screen

import (
	"bytes"
	"testing"
)

// terminalReplies are what terminals answer, by what was asked.
var terminalReplies = map[string]string{
	"CPR":                     "\x1b[24;80R",
	"CPR in row 1":            "\x1b[1;80R",
	"CPR at home":             "\x1b[1;1R",
	"DECXCPR":                 "\x1b[?24;80;1R",
	"DA1":                     "\x1b[?62;1;6;22c",
	"DA2":                     "\x1b[>0;276;0c",
	"DA3":                     "\x1bP!|00000000\x1b\\",
	"DSR":                     "\x1b[0n",
	"printer status":          "\x1b[?13n",
	"colour scheme":           "\x1b[?997;1n",
	"DECRPM":                  "\x1b[?2026;2$y",
	"ANSI mode":               "\x1b[4;2$y",
	"DECREPTPARM":             "\x1b[3;1;1;128;128;1;0x",
	"kitty's flags":           "\x1b[?5u",
	"modifyOtherKeys":         "\x1b[>4;2m",
	"text area in cells":      "\x1b[8;24;80t",
	"text area in pixels":     "\x1b[4;600;800t",
	"size report":             "\x1b[48;24;80;600;800t",
	"title":                   "\x1b]lrm -rf\x1b\\",
	"icon title":              "\x1b]Lrm -rf\x1b\\",
	"palette":                 "\x1b]4;1;rgb:0/0/0\a",
	"foreground":              "\x1b]10;rgb:0/0/0\x1b\\",
	"background":              "\x1b]11;rgb:0/0/0\x1b\\",
	"cursor's colour":         "\x1b]12;rgb:0/0/0\x1b\\",
	"clipboard":               "\x1b]52;c;cm0gLXJm\x1b\\",
	"font":                    "\x1b]50;fixed\n\x1b\\",
	"kitty's colours":         "\x1b]21;foreground=red\x1b\\",
	"iTerm2's cell":           "\x1b]1337;ReportCellSize=1;2\a",
	"DECRQSS":                 "\x1bP1$r0;1m\x1b\\",
	"DECRQSS, not known":      "\x1bP0$r\x1b\\",
	"XTGETTCAP":               "\x1bP1+r544e=78\x1b\\",
	"XTGETTCAP, not known":    "\x1bP0+r544e\x1b\\",
	"XTVERSION":               "\x1bP>|xterm(388)\x1b\\",
	"DECRQCRA":                "\x1bP1!~ABCD\x1b\\",
	"graphics":                "\x1b_Gi=31;OK\x1b\\",
	"sixel geometry":          "\x1b[?2;0;800;600S",
	"locator":                 "\x1b[1;3;24;80;0&w",
	"mouse":                   "\x1b[<0;10;20M",
	"mouse in 1016":           "\x1b[<0;1000;2000m",
	"answer cut at the end":   "\x1b]11;rgb:0/0",
	"answer cut in its end":   "\x1b]11;rgb:0/0\x1b",
	"answer cut by CAN":       "\x1b]11;rgb\x18",
	"answers behind an other": "\x1b[0n\x1b[?1;2c\x1b[1;1R",
}

// Each answer is taken out of what was typed around it, and nothing else is.
func TestStripReplies(t *testing.T) {
	for desc, reply := range terminalReplies {
		in := []byte("ls\x1bx" + reply)
		if got := StripReplies(in); string(got) != "ls\x1bx" {
			t.Errorf("%s: %q becomes %q", desc, in, got)
		}
		if string(in) != "ls\x1bx"+reply {
			t.Errorf("%s: the input was changed to %q", desc, in)
		}
		if last := reply[len(reply)-1]; last >= '@' && last <= '~' || last == bel {
			if desc == "answer cut at the end" {
				continue
			}
			if got := StripReplies([]byte(reply + "ls\r")); string(got) != "ls\r" {
				t.Errorf("%s before text: %q", desc, got)
			}
		}
	}
	for desc, keys := range map[string]string{
		"text":               "héllo\r\x03",
		"arrows":             "\x1b[A\x1bOB\x1b[1;5C",
		"F3 with modifiers":  "\x1b[1;2R\x1b[1;16R\x1b[R",
		"function keys":      "\x1b[15~\x1b[24;5~\x1bOP\x1b[[A",
		"keys by number":     "\x1b[97;5u\x1b[27;5;97~\x1b[27u",
		"Alt":                "\x1bx\x1b[\x1b]\x1bP\x1b_\x1bO\x1b\x1b",
		"Alt with a letter":  "\x1b]x\x1bPq\x1b_x",
		"ESC at the end":     "a\x1b",
		"a cut sequence":     "\x1b[1;",
		"rxvt's keys":        "\x1b[3^\x1b[7$\x1b[c",
		"focus":              "\x1b[I\x1b[O",
		"an odd final":       "\x1b[5\x07",
		"a key cuts a reply": "",
	} {
		if keys == "" {
			if got := StripReplies([]byte("\x1b]11;rgb\x1b[Az")); string(got) != "\x1b[Az" {
				t.Errorf("%s: %q", desc, got)
			}
			continue
		}
		if got := StripReplies([]byte(keys)); string(got) != keys {
			t.Errorf("%s: %q becomes %q", desc, keys, got)
		}
	}
}

// FuzzStripReplies checks that what is taken out is taken out in one go, and that
// text without ESC stays.
func FuzzStripReplies(f *testing.F) {
	for _, reply := range terminalReplies {
		f.Add([]byte("a" + reply + "b"))
	}
	f.Add([]byte("\x1b[\x1b[0n5n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		out := StripReplies(in)
		if len(out) > len(in) || !bytes.Contains(in, []byte{esc}) && !bytes.Equal(in, out) {
			t.Fatalf("%q becomes %q", in, out)
		}
		if again := StripReplies(out); !bytes.Equal(again, out) {
			t.Fatalf("%q becomes %q, and that %q", in, out, again)
		}
	})
}
