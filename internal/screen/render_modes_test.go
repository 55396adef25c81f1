package screen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// on returns the modes that the terminal has beyond those it begins with.
func (t *terminal) on() []int {
	var on []int
	for _, n := range slices.Sorted(maps.Keys(t.modes)) {
		if t.modes[n] && n != 7 && n != 25 {
			on = append(on, n)
		}
	}
	return on
}

// TestDrawModes checks what the terminal reports, by what the program asked for and
// whether this user may type.
func TestDrawModes(t *testing.T) {
	tests := []struct {
		desc   string
		mouse  MouseMode
		focus  bool
		paste  bool
		writer bool
		want   []int
	}{
		{desc: "a viewer's terminal reports nothing", mouse: MouseMotion, focus: true, paste: true},
		{desc: "a writer's pastes are always bracketed", writer: true, want: []int{2004}},
		{desc: "presses come as presses and releases", mouse: MouseX10, writer: true, want: []int{1000, 1006, 2004}},
		{desc: "clicks, in the form of 1006", mouse: MouseClick, writer: true, want: []int{1000, 1006, 2004}},
		{desc: "drags and focus", mouse: MouseDrag, focus: true, writer: true, want: []int{1002, 1004, 1006, 2004}},
		{desc: "motion", mouse: MouseMotion, paste: true, writer: true, want: []int{1003, 1006, 2004}},
		{desc: "an unknown mouse mode is none", mouse: 200, writer: true, want: []int{2004}},
	}
	for _, test := range tests {
		t.Run(test.desc, func(t *testing.T) {
			v := newViewing(t, 1, 20, 5, 20, 5)
			f := v.src.frame()
			f.Mouse, f.Focus, f.Paste = test.mouse, test.focus, test.paste
			v.term.write(v.r.Draw(f, Overlay{Writer: test.writer}))
			if got := v.term.on(); !slices.Equal(got, test.want) {
				t.Errorf("modes %v, want %v", got, test.want)
			}
			if again := v.r.Draw(f, Overlay{Writer: test.writer}); again != nil {
				t.Errorf("nothing changed, but %q is sent", again)
			}
			v.term.write(v.r.Draw(f, Overlay{}))
			if got := v.term.on(); got != nil {
				t.Errorf("modes %v for who may not type any more", got)
			}
			v.term.write(v.r.Draw(f, Overlay{Writer: test.writer}))
			v.term.write(v.r.End())
			if got := v.term.on(); got != nil || v.term.faults != nil {
				t.Errorf("modes %v after End; %q", got, v.term.faults)
			}
		})
	}
}

// TestDrawKeys goes from each keyboard mode to each, on both screens, for a writer and
// for a watcher. The terminal faults what changes nothing.
func TestDrawKeys(t *testing.T) {
	type keys struct {
		flags, other uint8
		alt, writer  bool
	}
	var all []keys
	for _, flags := range []uint8{0, 1, 2, 5, 8, 31} {
		for _, other := range []uint8{0, 1, 2, 3, 200} {
			for i := range 4 {
				all = append(all, keys{flags, other, i&1 != 0, i&2 != 0})
			}
		}
	}
	v := newViewing(t, 1, 20, 5, 20, 5)
	draw := func(k keys) {
		if v.src.onAlt != k.alt {
			v.src.toggleAlt()
		}
		f := v.src.frame()
		f.KeyFlags, f.OtherKeys = k.flags, k.other
		v.sent = slices.Clone(v.r.Draw(f, Overlay{Writer: k.writer}))
		v.term.write(v.sent)
		if got, want := v.term.keys[b2i(k.alt)], k.writer && k.flags&9 != 0; got != want {
			t.Fatalf("%+v: flag is %v, want %v; sent %q", k, got, want, v.sent)
		}
		other := ""
		if n := min(k.other, 2); k.writer && n > 0 {
			other = fmt.Sprint(";", n)
		}
		if v.term.other != other || v.term.faults != nil {
			t.Fatalf("%+v: modifyOtherKeys %q, want %q; sent %q; %q", k, v.term.other, other, v.sent, v.term.faults)
		}
		if !k.alt && v.term.keys[1] {
			t.Fatalf("%+v: the flag of the alternate screen is left; sent %q", k, v.sent)
		}
	}
	for _, from := range all {
		for _, to := range all {
			draw(from)
			draw(to)
		}
	}
	for _, alt := range []bool{false, true} {
		v.r.Resize(20, 5) // the flags are still there
		draw(keys{1, 2, alt, true})
		v.sent = slices.Clone(v.r.End())
		v.term.write(v.sent)
		if v.term.keys != [2]bool{} || v.term.other != "" || v.term.faults != nil {
			t.Errorf("End leaves %v %q; sent %q; %q", v.term.keys, v.term.other, v.sent, v.term.faults)
		}
	}
}

// TestDrawMouse goes from each mouse mode to each; the terminal faults a mode that
// is set to what it is.
func TestDrawMouse(t *testing.T) {
	v := newViewing(t, 1, 20, 5, 20, 5)
	for from := MouseOff; from <= MouseMotion; from++ {
		for to := MouseOff; to <= MouseMotion; to++ {
			for _, mouse := range []MouseMode{from, to} {
				f := v.src.frame()
				f.Mouse = mouse
				v.term.write(v.r.Draw(f, Overlay{Writer: true}))
				want := []int{1000, 1006, 2004}
				switch mouse {
				case MouseOff:
					want = []int{2004}
				case MouseDrag, MouseMotion:
					want[0] = mouseModes[mouse]
					slices.Sort(want)
				}
				if got := v.term.on(); !slices.Equal(got, want) || v.term.faults != nil {
					t.Fatalf("from %d to %d: modes %v, want %v; %q", from, to, got, want, v.term.faults)
				}
			}
		}
	}
}

// TestDrawTitle checks that a title is marked, clean and undone.
func TestDrawTitle(t *testing.T) {
	v := newViewing(t, 1, 20, 5, 20, 5)
	v.term.title = "my terminal"
	show := func(title string) {
		f := v.src.frame()
		f.Title = title
		v.term.write(v.r.Draw(f, Overlay{}))
	}
	for _, test := range []struct{ in, want string }{
		{"", "my terminal"},
		{"vim", "gossterm: vim"},
		{"a\x1b]2;b\a\u202ec", "gossterm: a]2;bc"},
		{"\x07", "gossterm"},
		{"", "gossterm"},
		{strings.Repeat("long ", 60), strings.TrimSpace(("gossterm: " + strings.Repeat("long ", 60))[:80])},
	} {
		show(test.in)
		if v.term.title != test.want {
			t.Errorf("title %q shows as %q, want %q", test.in, v.term.title, test.want)
		}
	}
	v.term.write(v.r.End())
	if v.term.title != "my terminal" || v.term.faults != nil {
		t.Errorf("title after End %q; %q", v.term.title, v.term.faults)
	}
}

// TestDrawCursorStyle checks DECSCUSR.
func TestDrawCursorStyle(t *testing.T) {
	v := newViewing(t, 1, 20, 5, 20, 5)
	for _, test := range []struct {
		style uint8
		want  string
	}{{0, ""}, {4, "4 "}, {4, "4 "}, {6, "6 "}, {77, "0 "}, {2, "2 "}} {
		f := v.src.frame()
		f.Cursor.Style = test.style
		v.term.write(v.r.Draw(f, Overlay{}))
		if v.term.style != test.want {
			t.Errorf("style %d is sent as %q, want %q", test.style, v.term.style, test.want)
		}
	}
	if v.term.write(v.r.End()); v.term.style != "0 " {
		t.Errorf("style %q after End", v.term.style)
	}
}

// TestDrawReverse checks that a reversed screen is drawn with reversed pens, and
// so within the alphabet.
func TestDrawReverse(t *testing.T) {
	v := newViewing(t, 1, 12, 3, 12, 3)
	v.src.pen = Pen{Attr: Reverse}
	v.src.put("r", 1)
	v.src.pen = Pen{}
	v.src.put("n", 1)
	f := v.src.frame()
	f.Reverse = true
	v.term.write(v.r.Draw(f, Overlay{}))
	for y, row := range v.term.main {
		for x, c := range row {
			if reversed := c.pen.Attr&Reverse != 0; reversed == (x == 0 && y == 0) {
				t.Errorf("row %d column %d: %+v", y, x, c)
			}
		}
	}
	v.src.scrolled = nil
	v.draw()
	v.same("back", v.term.main, v.window())
}

// TestSkipped checks that lines which are missing are said, in their place.
func TestSkipped(t *testing.T) {
	line := func(text string) []Cell {
		var cells []Cell
		for _, c := range text {
			cells = append(cells, Cell{Rune: c, Width: 1})
		}
		return cells
	}
	v := newViewing(t, 1, 30, 3, 30, 3)
	send := func(alt bool, lost int, lines ...string) {
		if v.src.onAlt != alt {
			v.src.toggleAlt()
		}
		f := v.src.frame()
		f.Lost = lost
		for _, text := range lines {
			f.Scrolled = append(f.Scrolled, line(text))
		}
		v.term.write(v.r.Draw(f, Overlay{}))
	}
	send(false, 0, "one", "two")
	send(false, 7, "ten")
	send(true, 0, "eleven")
	send(true, 2, "fourteen")
	send(true, 0, "fifteen")
	send(false, 3, "nineteen")
	var many []string
	for i := range MaxScrolled {
		many = append(many, fmt.Sprint("many", i))
	}
	send(true, 0, "twenty")
	send(true, 0, many...)
	send(false, 0, "last")
	got := trimLines(rowTexts(slices.Concat(v.term.history, v.term.main)))
	want := []string{"one", "two", "… 7 lines skipped …", "ten", "… 3 lines skipped …", "fourteen", "fifteen",
		"… 3 lines skipped …", "nineteen", "… 1 line skipped …"}
	want = slices.Concat(trimLines(rowTexts(v.tickets)), want, many, []string{"last"})
	if !slices.Equal(got, want) {
		t.Errorf("got\n%.800q\nwant\n%.800q", got, want)
	}
	send(true, 0, "waits")
	v.term.write(v.r.End())
	if got := strings.Join(rowTexts(slices.Concat(v.term.history, v.term.main)), "\n"); !strings.Contains(got, "waits") || len(v.term.faults) > 0 {
		t.Errorf("End keeps a line back: %s %q", got, v.term.faults)
	}
}
