package screen

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestWrapText names how a line is cut into rows of six columns.
func TestWrapText(t *testing.T) {
	for _, test := range []struct {
		desc, line string
		want       []string
	}{
		{"nothing", "", []string{""}},
		{"ASCII", "0123456789ab", []string{"012345", "6789ab"}},
		{"two columns each", "中文中文", []string{"中文中", "文"}},
		{"a wide one is not cut", "12345中6", []string{"12345", "中6"}},
		{"a mark stays with its base", "12345e\u0301中\u0301x", []string{"12345e\u0301", "中\u0301x"}},
		{"a mark without a base goes", "\u0301ab", []string{"ab"}},
		{"a mark of one column is a character", "कि", []string{"कि"}},
		{"controls and bidi go", "a\x1b[31m\u202eb\u009bc\nd", []string{"a[31mb", "cd"}},
		{"marks without end", "e" + strings.Repeat("\u0301", 99), []string{"e" + strings.Repeat("\u0301", maxMarkBytes/2)}},
		{"joiners go", "👩\u200d💻", []string{"👩💻"}},
	} {
		got := slices.Collect(wrapText(test.line, 6))
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.desc, got, test.want)
		}
		columns := 0
		for _, row := range got {
			columns += TextWidth(row)
			if w := TextWidth(row); w > 6 {
				t.Errorf("%s: row %q takes %d columns", test.desc, row, w)
			}
		}
		if got := TextWidth(test.line); got != columns {
			t.Errorf("%s: TextWidth is %d, its rows take %d", test.desc, got, columns)
		}
	}
	if got := slices.Collect(wrapText("中\u0301a中", 1)); !slices.Equal(got, []string{"a"}) {
		t.Errorf("on one column: %q", got)
	}
	if got := TextWidth("e\u0301中\u202e한"); got != 5 {
		t.Errorf("TextWidth is %d, want 5", got)
	}
}

// TestLinesInUnicode shows lines of any text: each row holds what wrapText says, the
// terminal never wraps but between rows of ASCII, and a Draw of the same says nothing.
func TestLinesInUnicode(t *testing.T) {
	for _, test := range []struct {
		line   string
		want   []string
		goesOn []bool
	}{
		{"Zoë: gst1aaaaaabbbbbbbbbbcc", []string{"Zoë: gst1a", "aaaaabbbbb", "bbbbbcc"}, []bool{false, true, false}},
		{"gst1aaaaaabbbbbbbbbb中文", []string{"gst1aaaaaa", "bbbbbbbbbb", "中文"}, []bool{true, false, false}},
		{"123456789中文e\u0301", []string{"123456789", "中文e\u0301"}, []bool{false, false}},
		{"中文中文中文中文", []string{"中文中文中", "文中文"}, []bool{false, false}},
	} {
		for _, how := range []string{"", "\x1b[?1049h", strings.Repeat("line\r\n", 9)} {
			term, src, r := New(10, 6), New(10, 6), NewRenderer(10, 6)
			check := newTerminal(10, 6)
			check.mayWrap = true // between rows of ASCII only, which it checks
			src.Write([]byte(how))
			var f, got Frame
			src.Frame(&f)
			o := Overlay{Lines: []string{test.line}, Notice: "李 joined"}
			sent := r.Draw(&f, o)
			term.Write(sent)
			check.write(sent)
			term.Frame(&got)
			first := 5 - len(test.want)
			if rows := term.Text()[first:]; !slices.Equal(rows, append(slices.Clone(test.want), o.Notice)) {
				t.Errorf("%q after %q: the rows are %q, want %q", test.line, how, rows, test.want)
			}
			if !slices.Equal(got.Wrapped[first:5], test.goesOn) {
				t.Errorf("%q after %q: rows go on: %v, want %v", test.line, how, got.Wrapped[first:5], test.goesOn)
			}
			if check.faults != nil {
				t.Errorf("%q after %q: %q", test.line, how, check.faults)
			}
			src.Frame(&f)
			if b := r.Draw(&f, o); len(b) > 0 {
				t.Errorf("%q after %q: nothing changed, drawn %q", test.line, how, b)
			}
		}
	}
}

// TestNoticeMarksStay draws ever new marks under a notice that has one: when the
// tables are emptied the notice is still right.
func TestNoticeMarksStay(t *testing.T) {
	v := newViewing(t, 3, 30, 5, 30, 5)
	v.overlay.Notice = "ame\u0301lie joined"
	for i := range 2 * maxDrawTexts {
		v.src.x, v.src.y = 0, 0
		v.src.put("x"+string(rune(0x300+i%100))+string(rune(0x300+i/100)), 1)
		v.draw()
		if i%64 == 0 {
			v.check()
		}
	}
	v.check()
	if got := fmt.Sprint(rowTexts(v.term.main)[4]); !strings.HasPrefix(got, v.overlay.Notice) {
		t.Errorf("the notice is %q", got)
	}
}
