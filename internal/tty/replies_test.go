package tty

import "testing"

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

// No answer of the terminal is typed, however it is cut, and what is typed around it
// is.
func TestRepliesAreConsumed(t *testing.T) {
	for desc, reply := range terminalReplies {
		for cut := range len(reply) {
			_, events := decode(Options{Escape: '~'}, "a"+reply, 1+cut)
			for _, ev := range events {
				if m, ok := ev.(Mouse); ok {
					t.Logf("%s is %+v", desc, m)
					continue
				}
				if typed, ok := ev.(Typed); !ok || string(typed.Bytes) != "a" {
					t.Errorf("%s cut at %d: %q gives %s", desc, cut, reply, show(events))
				}
			}
		}
	}
}
