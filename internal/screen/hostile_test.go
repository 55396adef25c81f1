package screen

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// A threat is one line of testdata/hostile.txt.
type threat struct{ name, seq string }

// threats reads the corpus of what must not reach a terminal.
func threats(t *testing.T) []threat {
	data, err := os.ReadFile("testdata/hostile.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []threat
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, quoted, ok := strings.Cut(line, `: "`)
		seq, err := strconv.Unquote(`"` + quoted)
		if !ok || err != nil {
			t.Fatalf("not a name and a string: %s", line)
		}
		all = append(all, threat{name, seq})
	}
	if len(all) < 60 {
		t.Fatalf("only %d lines", len(all))
	}
	return all
}

// A hazard is a way for a threat to come: what a viewer's renderer draws then.
type hazard struct {
	name string
	show func(seq string, f *Frame, o *Overlay)
}

// hazards are all ways from the host to a viewer's terminal.
func hazards(cols, rows int) []hazard {
	output := func(seq string, f *Frame, _ *Overlay) {
		s := New(cols, rows)
		s.KeepScrolled(true)
		s.Write([]byte("before\r\n" + seq + "after" + strings.Repeat("\r\nline", rows)))
		s.Frame(f)
	}
	return []hazard{
		{"output", output},
		{"output, cut short", func(seq string, f *Frame, _ *Overlay) {
			s := New(cols, rows)
			s.Write([]byte(seq))
			s.Frame(f)
		}},
		{"what a snapshot makes", func(seq string, f *Frame, _ *Overlay) {
			s, late := New(cols, rows), New(cols, rows)
			s.Write([]byte(seq))
			late.Write(s.Snapshot())
			late.Frame(f)
		}},
		{"title", func(seq string, f *Frame, o *Overlay) {
			output("x", f, o)
			f.Title = seq
		}},
		{"notice", func(seq string, f *Frame, o *Overlay) {
			output("x", f, o)
			o.Notice = seq
		}},
		{"line", func(seq string, f *Frame, o *Overlay) {
			output("x", f, o)
			o.Lines = []string{seq, strings.Repeat(seq, 3)}
		}},
		{"link and marks", func(seq string, f *Frame, o *Overlay) {
			output("x", f, o)
			f.Links, f.Marks = []string{"", seq, "https://" + seq}, []string{"", seq, "\u0301" + seq}
			for i := range f.Cells {
				f.Cells[i].Pen.Link, f.Cells[i].Mark = uint16(i%4), uint16(i%4)
			}
		}},
	}
}

// TestHostile has every threat come every way, to a writer and to a watcher: what is
// sent to the terminal is the alphabet alone, asks nothing, and can be undone.
func TestHostile(t *testing.T) {
	const cols, rows = 40, 10
	for _, threat := range threats(t) {
		for _, hazard := range hazards(cols, rows) {
			for _, writer := range []bool{false, true} {
				var f Frame
				o := Overlay{Writer: writer}
				hazard.show(threat.seq, &f, &o)
				term, r := newTerminal(cols, rows), NewRenderer(cols, rows)
				term.mayWrap = true // lines go on over the margin
				model := New(cols, rows)
				model.AnswerQueries(true)
				sent := append([]byte(nil), r.Draw(&f, o)...)
				sent = append(sent, r.End()...)
				term.write(sent)
				model.Write(sent)
				if term.faults != nil {
					t.Errorf("%s as %s: %q; sent %q", threat.name, hazard.name, term.faults, sent)
				}
				if replies := model.TakeReplies(); replies != nil {
					t.Errorf("%s as %s: the terminal answers %q; sent %q", threat.name, hazard.name, replies[0].Take(), sent)
				}
				if on := term.on(); on != nil || term.onAlt || term.keys != [2]bool{} || term.other != "" {
					t.Errorf("%s as %s: modes %v are left on", threat.name, hazard.name, on)
				}
				if !writer && strings.ContainsAny(modesIn(sent), "mkfp") {
					t.Errorf("%s as %s: a watcher's terminal is told to report: %q", threat.name, hazard.name, sent)
				}
			}
		}
	}
}

// modesIn names what of the reporting modes is switched on in sent: m mouse, f focus, p
// pastes, k keys.
func modesIn(sent []byte) string {
	var on string
	for mode, name := range map[string]string{
		"\x1b[?1000h": "m", "\x1b[?1002h": "m", "\x1b[?1003h": "m", "\x1b[?1006h": "m",
		"\x1b[?1004h": "f", "\x1b[?2004h": "p", "\x1b[>1u": "k", "\x1b[>4;": "k",
	} {
		if strings.Contains(string(sent), mode) {
			on += name
		}
	}
	return on
}
