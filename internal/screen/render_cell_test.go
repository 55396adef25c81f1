package screen

import (
	"slices"
	"strings"
	"testing"
)

// TestSeen checks what cells are reduced to before they are compared and drawn.
func TestSeen(t *testing.T) {
	f := &Frame{Cols: 3, Rows: 1, Marks: []string{"", "\u0301", "\u202e"}, Links: []string{"", "file:///x"}}
	red, green := Palette(1), Palette(2)
	tests := []struct {
		desc     string
		in, want []Cell
	}{
		{"nothing is a blank", []Cell{{Width: 1}}, []Cell{emptyCell, emptyCell}},
		{"a blank keeps its background alone",
			[]Cell{{Rune: ' ', Width: 1, Pen: Pen{Fg: red, Bg: green, Ul: red, Attr: Bold | Italic}}},
			[]Cell{{Rune: ' ', Width: 1, Pen: Pen{Bg: green}}, emptyCell}},
		{"an underlined blank is seen",
			[]Cell{{Rune: ' ', Width: 1, Pen: Pen{Fg: red, Underline: 1}}},
			[]Cell{{Rune: ' ', Width: 1, Pen: Pen{Fg: red, Underline: 1}}, emptyCell}},
		{"an unknown underline is a single one",
			[]Cell{{Rune: 'a', Width: 1, Pen: Pen{Underline: 99}}},
			[]Cell{{Rune: 'a', Width: 1, Pen: Pen{Underline: SingleUnderline}}, emptyCell}},
		{"a wide character that is not text takes one column",
			[]Cell{{Rune: 0x202e, Width: 2}, {}},
			[]Cell{{Rune: replacement, Width: 1}, emptyCell}},
		{"a wide blank is two blanks", []Cell{{Rune: ' ', Width: 2}, {}}, []Cell{emptyCell, emptyCell}},
		{"a wide character cut at the right is blank", []Cell{{Rune: 'a', Width: 1}, {Rune: '中', Width: 2}, {}},
			[]Cell{{Rune: 'a', Width: 1}, emptyCell}},
		{"a wide character cut at its line's end is blank", []Cell{{Rune: '中', Width: 2}}, []Cell{emptyCell, emptyCell}},
		{"a right half alone is blank", []Cell{{Pen: Pen{Bg: red}}}, []Cell{{Rune: ' ', Width: 1, Pen: Pen{Bg: red}}, emptyCell}},
		{"a mark that is not one goes", []Cell{{Rune: 'a', Width: 1, Mark: 2}}, []Cell{{Rune: 'a', Width: 1}, emptyCell}},
		{"a mark beyond the table goes", []Cell{{Rune: 'a', Width: 1, Mark: 9}}, []Cell{{Rune: 'a', Width: 1}, emptyCell}},
		{"a link that is not http goes", []Cell{{Rune: 'a', Width: 1, Pen: Pen{Link: 1}}}, []Cell{{Rune: 'a', Width: 1}, emptyCell}},
		{"a link beyond the table goes", []Cell{{Rune: 'a', Width: 1, Pen: Pen{Link: 9}}}, []Cell{{Rune: 'a', Width: 1}, emptyCell}},
	}
	for _, test := range tests {
		got := make([]Cell, 2)
		NewRenderer(2, 1).buildRow(got, test.in, 0, f)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %+v, want %+v", test.desc, got, test.want)
		}
	}
}

// TestSetPen checks that the shorter way from pen to pen is taken.
func TestSetPen(t *testing.T) {
	all := Pen{Fg: Palette(1), Bg: RGB(1, 2, 3), Attr: Bold | Italic | Strike, Underline: CurlyUnderline, Ul: Palette(9)}
	tests := []struct {
		from, to Pen
		want     string
	}{
		{Pen{}, Pen{}, ""},
		{all, Pen{}, "\x1b[m"},
		{Pen{}, all, "\x1b[1;3;9;4:3;31;48;2;1;2;3;58:5:9m"},
		{all, Pen{Fg: Palette(1)}, "\x1b[0;31m"},
		{all, Pen{Fg: Palette(200), Bg: RGB(1, 2, 3), Attr: Bold | Italic | Strike, Underline: CurlyUnderline, Ul: Palette(9)}, "\x1b[38;5;200m"},
		{Pen{Attr: Bold | Faint, Bg: Palette(12)}, Pen{Attr: Faint, Bg: Palette(12)}, "\x1b[22;2m"},
		{Pen{Attr: Reverse | Bold, Fg: Palette(15)}, Pen{Attr: Bold, Fg: Palette(15)}, "\x1b[27m"},
		{Pen{Underline: 1, Ul: RGB(1, 2, 3), Bg: Palette(99)}, Pen{Underline: 1, Bg: Palette(99)}, "\x1b[59m"},
	}
	for _, test := range tests {
		r := NewRenderer(2, 1)
		r.pen = test.from
		if r.setPen(test.to); string(r.body) != test.want {
			t.Errorf("from %+v to %+v: %q, want %q", test.from, test.to, r.body, test.want)
		}
	}
}

// TestMoveTo checks that the cursor goes the shorter way, relatively as long as the
// place on the terminal is not known.
func TestMoveTo(t *testing.T) {
	tests := []struct {
		known        bool
		fromX, fromY int
		x, y         int
		want         string
	}{
		{true, 5, 5, 5, 5, ""},
		{true, 5, 5, 0, 5, "\r"},
		{true, 5, 5, 6, 5, "\x1b[C"},
		{true, 5, 5, 2, 5, "\x1b[3D"},
		{true, 50, 5, 4, 5, "\x1b[5G"},
		{true, unknownColumn, 5, 5, 5, "\x1b[6G"},
		{true, 5, 5, 0, 6, "\r\n"},
		{true, 5, 5, 3, 9, "\x1b[10;4H"},
		{true, 5, 5, 0, 0, "\x1b[H"},
		{true, unknownColumn, unknownRow, 0, 0, "\x1b[H"},
		{false, 5, 5, 5, 9, "\x1b[4B"},
		{false, 5, 5, 0, 2, "\x1b[3A\r"},
		{false, 5, 5, 0, 6, "\r\n"},
	}
	for _, test := range tests {
		r := NewRenderer(80, 24)
		p := &r.main
		p.made, p.x, p.y = 12, test.fromX, test.fromY
		if test.known {
			p.made = 24
		}
		if r.moveTo(p, test.x, test.y); string(r.body) != test.want {
			t.Errorf("known %v, from %d,%d to %d,%d: %q, want %q", test.known, test.fromX, test.fromY, test.x, test.y, r.body, test.want)
		}
	}
}

// TestTextTable checks that a table numbers what is left after cleaning, and keeps
// nothing overlong.
func TestTextTable(t *testing.T) {
	var table textTable
	a, b := table.id("\u0301", cleanMarks), table.id("\u0302\u202e", cleanMarks)
	if a != 1 || b != 2 || table.text(a) != "\u0301" || table.text(b) != "\u0302" {
		t.Errorf("numbers %d %d for %q", a, b, table.texts)
	}
	if again := table.id("\u0301", cleanMarks); again != a {
		t.Errorf("number %d, then %d", a, again)
	}
	for _, text := range []string{"", "\u202e", strings.Repeat("\u0301", 5000)} {
		if id := table.id(text, cleanMarks); id != 0 || len(table.ids) != 2 {
			t.Errorf("%.20q has number %d", text, id)
		}
	}
	if got := cleanMarks(strings.Repeat("\u0301", 500)); len(got) > maxMarkBytes || len(got) < maxMarkBytes-2 {
		t.Errorf("%d bytes of marks kept", len(got))
	}
}

// TestTablesEmptied checks that no number of before an emptying means anything
// after: on neither screen, nor for lines that wait.
func TestTablesEmptied(t *testing.T) {
	v := newViewing(t, 1, 20, 4, 20, 4)
	link := func(address string) {
		v.src.clear()
		v.src.link = address
		v.src.put("x", 1)
		v.src.link = ""
	}
	empty := func() {
		for i := 0; !v.r.links.full(); i++ {
			v.r.links.id("http://example.org/"+strings.Repeat("x", i), cleanLink)
			v.r.links.id("http://example.com/"+string(rune('a'+i%26))+strings.Repeat("x", i%2000), cleanLink)
		}
	}
	link("http://example.org/one")
	v.draw()
	empty()
	link("http://example.org/two")
	v.draw()
	v.check()

	v.src.toggleAlt()
	f := v.src.frame()
	f.Links = []string{"", "http://example.org/three"}
	f.Scrolled = [][]Cell{{{Rune: 'w', Width: 1, Pen: Pen{Link: 1}}}}
	v.term.write(v.r.Draw(f, Overlay{}))
	empty()
	link("http://example.org/four")
	v.draw()
	v.src.toggleAlt()
	v.draw()
	all := slices.Concat(v.term.history, v.term.main)
	i := slices.IndexFunc(all, func(row []termCell) bool { return row[0].text == "w" })
	if i < 0 || all[i][0].link != "" && all[i][0].link != "http://example.org/three" {
		t.Errorf("the line that waited is not there, or links elsewhere:\n%s", showRows(all))
	}
}

// TestNarrowedMeanwhile checks a line that waited while the terminal was made
// narrower, through a wide character.
func TestNarrowedMeanwhile(t *testing.T) {
	v := newViewing(t, 1, 6, 4, 6, 4)
	v.src.toggleAlt()
	f := v.src.frame()
	f.Scrolled = [][]Cell{{{Rune: 'a', Width: 1}, {Rune: 'b', Width: 1}, {Rune: '中', Width: 2}, {}, {Rune: 'c', Width: 1}}}
	v.term.write(v.r.Draw(f, Overlay{}))
	v.term.resize(3, 4)
	v.r.Resize(3, 4)
	v.src.toggleAlt()
	v.draw()
	if got := rowTexts(slices.Concat(v.term.history, v.term.main)); !slices.Contains(got, "ab ") || v.term.faults != nil {
		t.Errorf("got %q, %q", got, v.term.faults)
	}
}

// TestHeightStays checks that on a larger terminal a frame, once it was shown whole,
// keeps its room: a cleared screen leaves its prompt where it was.
func TestHeightStays(t *testing.T) {
	v := newViewing(t, 1, 20, 12, 20, 5)
	for range 30 {
		v.src.put("x", 1)
		v.src.newline()
	}
	v.draw()
	for range 30 {
		v.src.put("y", 1)
		v.src.newline()
	}
	v.src.clear()
	v.draw()
	v.check()
	if v.term.y != 12-5 {
		t.Errorf("the prompt is in row %d, want %d", v.term.y, 12-5)
	}
}
