package screen

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// historyPieces is output of programs that colour, wrap, move, scroll and show the
// alternate screen.
var historyPieces = []string{
	"hello ", "world", "\r\n", "\r\n", "\r\n\n", "\n", "\t", "中文", "😀", "e\u0301", "한か\u3099", "─│┌", "\b", "a long line that wraps ",
	"\x1b[31m", "\x1b[1;44m", "\x1b[m", "\x1b[7m", "\x1b[4:3;58:5:9m", "\x1b[38;2;1;2;3m", "\x1b[9;53m", "\x1b[48;5;200m",
	"\x1b[H", "\x1b[5;9H", "\x1b[9;1H", "\x1b[9;1H", "\x1b[A", "\x1b[J", "\x1b[2J", "\x1b[K", "\x1b[1K", "\x1b[5X",
	"\x1b[L", "\x1b[2M", "\x1b[3;8r", "\x1b[r", "\x1bM", "\x1bD", "\x1b[2S", "\x1b[T",
	"\x1b[?1049h", "\x1b[?1049l", "\x1b[?1049l", "\x1b(0qqx\x1b(B",
	"\x1b]8;;https://example.org/a\x1b\\", "\x1b]8;;http://example.org/b\x1b\\", "\x1b]8;;\x1b\\",
}

func randomOutput(rnd *rand.Rand, pieces int) []byte {
	var b []byte
	for range pieces {
		b = append(b, historyPieces[rnd.IntN(len(historyPieces))]...)
	}
	return b
}

// A seen is a model and the terminal that shows it.
type seen struct {
	t     *testing.T
	model *Screen
	r     *Renderer
	term  *terminal
	frame Frame
}

func newSeen(t *testing.T, s *Screen, cols, rows int) *seen {
	s.KeepScrolled(true)
	return &seen{t: t, model: s, r: NewRenderer(cols, rows), term: newTerminal(cols, rows)}
}

func (v *seen) draw() {
	v.t.Helper()
	v.model.Frame(&v.frame)
	sent := v.r.Draw(&v.frame, Overlay{})
	v.term.write(sent)
	for _, f := range v.term.faults {
		v.t.Fatalf("%s; sent %q", f, sent)
	}
}

// all returns scrollback and screen as one text.
func (v *seen) all() [][]termCell { return trimRows(slices.Concat(v.term.history, v.term.main)) }

// A newcomer's scrollback and screen read as those of somebody who was there from
// the beginning, whatever was printed, wherever he came in, and however much came
// before the history did; below what his terminal showed before.
func TestANewcomerSeesWhatAWatcherSaw(t *testing.T) {
	seeds := uint64(60)
	if testing.Short() || raceEnabled {
		seeds = 15
	}
	for seed := range seeds {
		rnd := rand.New(rand.NewPCG(seed, 7))
		cols, rows := 12+rnd.IntN(30), 3+rnd.IntN(12)
		host := New(cols, rows)
		host.KeepHistory(true)
		watcher := newSeen(t, New(cols, rows), cols, rows)
		feed := func(pieces int, more ...*seen) {
			for range 1 + rnd.IntN(4) {
				data := randomOutput(rnd, pieces)
				host.Write(data)
				for _, v := range append(more, watcher) {
					v.model.Write(data)
					if v == watcher || rnd.IntN(2) == 0 {
						v.draw()
					}
				}
				if rnd.IntN(3) == 0 {
					host.History() // for another newcomer
				}
			}
		}
		feed(10 + rnd.IntN(500))
		late := newSeen(t, New(80, 24), cols, rows+rnd.IntN(6))
		for range rnd.IntN(5) {
			late.term.print('$')
			late.term.x = 0
			late.term.lineFeed()
		}
		tickets := trimRows(slices.Concat(late.term.history, late.term.main))
		late.model.HoldScrolled(true)
		late.model.Resize(cols, rows)
		late.model.Write(host.Snapshot())
		history := host.History()
		late.draw()
		if host.g == &host.main {
			sameRows(t, fmt.Sprint(seed, ": before the history"), trimRows(*late.term.screen()), late.r, host)
		}
		if rnd.IntN(2) == 0 {
			feed(rnd.IntN(200), late)
		}
		if err := late.model.PrependHistory(history); err != nil {
			t.Fatal(err)
		}
		late.model.HoldScrolled(false)
		late.draw()
		if rnd.IntN(2) == 0 {
			feed(rnd.IntN(100), late)
		}
		for _, v := range []*seen{late, watcher} {
			v.model.Write([]byte("\x1b[?1049l"))
			v.draw()
		}
		(&viewing{t: t}).same(fmt.Sprint("seed ", seed), late.all(), slices.Concat(tickets, watcher.all()))
	}
}

// sameRows checks that the rows of a terminal end with the rows of s.
func sameRows(t *testing.T, what string, got [][]termCell, r *Renderer, s *Screen) {
	t.Helper()
	text := trimLines(rowTexts(got))
	for i, want := range slices.Backward(trimLines(s.Text())) {
		if n := len(text) - len(trimLines(s.Text())) + i; n < 0 || text[n] != want {
			t.Fatalf("%s: the terminal shows %q, want %q", what, text, s.Text())
		}
	}
}

// linesOf returns the lines of a History as text.
func linesOf(t *testing.T, b []byte) []string {
	t.Helper()
	if len(b) > MaxHistory {
		t.Fatalf("a history of %d bytes", len(b))
	}
	s := New(80, 24)
	s.KeepScrolled(true)
	if err := s.PrependHistory(b); err != nil {
		t.Fatal(err)
	}
	var f Frame
	s.Frame(&f)
	var lines []string
	for _, l := range f.Scrolled {
		lines = append(lines, s.rowText(l))
	}
	return lines
}

// The history is the newest lines, all that fit, however often it is asked for.
func TestHistoryHoldsTheNewestThatFit(t *testing.T) {
	for _, tt := range []struct {
		desc         string
		lines, width int
		least, most  int
		often        int // asked for after each so many lines
	}{
		{desc: "none", lines: 0},
		{desc: "few", lines: 7, width: 10, least: 7, most: 7},
		{desc: "1,000", lines: 5000, width: 10, least: MaxScrolled, most: MaxScrolled},
		{desc: "1,000, asked often", lines: 5000, width: 10, least: MaxScrolled, most: MaxScrolled, often: 77},
		{desc: "64 KiB", lines: 900, width: 300, least: MaxHistory/302 - 1, most: MaxHistory / 302},
		{desc: "64 KiB, asked often", lines: 900, width: 300, least: MaxHistory/302 - 1, most: MaxHistory / 302, often: 50},
	} {
		s := New(max(tt.width, 5), 2)
		s.KeepHistory(true)
		text := func(n int) string { return fmt.Sprintf("%0*d", max(tt.width, 5), n) }
		for n := range tt.lines {
			fmt.Fprintf(writerTo{s}, "%s\r\n", text(n))
			if tt.often > 0 && n%tt.often == 0 {
				s.History()
			}
		}
		if tt.lines > 0 {
			s.Write([]byte("\n")) // the last one leaves, too
		}
		got := linesOf(t, s.History())
		if len(got) < tt.least || len(got) > tt.most {
			t.Errorf("%s: %d lines, want %d to %d", tt.desc, len(got), tt.least, tt.most)
		}
		for i, l := range got {
			if want := text(tt.lines - len(got) + i); l != want {
				t.Fatalf("%s: line %d is %q, want %q", tt.desc, i, l, want)
			}
		}
	}
}

// A line that does not fit ends the history: what is older would adjoin nothing.
func TestHistoryHasNoHole(t *testing.T) {
	s := New(MaxSize, 2)
	s.KeepHistory(true)
	s.Write([]byte("old\r\n\n"))
	s.History()
	s.Write([]byte("older than the huge one\r\n"))
	for i := range MaxSize { // colours and marks for each cell
		fmt.Fprintf(writerTo{s}, "\x1b[1;2;3;7;38;2;1;2;%d;48;2;111;222;%d;58:2::111:222:%dmx", i%250, i%249, i%251)
		s.Write([]byte(strings.Repeat("\u0300", 12)))
	}
	s.Write([]byte("\x1b[m"))
	s.Write([]byte("\x1b]8;;\x1b\\\r\nnew\r\n\n"))
	if got := linesOf(t, s.History()); !slices.Equal(got, []string{"new"}) {
		t.Errorf("got %q, want the line after the huge one", got)
	}
}

// What 'clear' erased is shown to nobody who comes later.
func TestErasedLinesAreInNoHistory(t *testing.T) {
	s := New(20, 2)
	s.KeepHistory(true)
	s.Write([]byte("secret 1\r\n\n\n"))
	s.History()
	s.Write([]byte("secret 2\r\n\n\n\x1b[H\x1b[2J\x1b[3Jafter\r\n\n"))
	if got := linesOf(t, s.History()); !slices.Equal(got, []string{"after"}) || s.Erasures() != 1 {
		t.Errorf("got %q after %d erasures, want one and what came after it", got, s.Erasures())
	}
	viewer := New(20, 2)
	viewer.KeepScrolled(true)
	viewer.Write([]byte("seen\r\n\n\n\x1b[3J"))
	var f Frame
	if viewer.Frame(&f); len(f.Scrolled) != 2 {
		t.Errorf("a viewer is shown %d lines, want all 2 that went by", len(f.Scrolled))
	}
	if n := viewer.past.count; n != 0 {
		t.Errorf("the viewer keeps %d of them", n)
	}
	s.Write([]byte("secret 3\r\n\n\n\x1bc"))
	if got := linesOf(t, s.History()); len(got) != 0 || s.Erasures() != 2 {
		t.Errorf("after RIS: got %q after %d erasures, want none and 2", got, s.Erasures())
	}
}

// Lines of several widths keep what was right of them blank.
func TestHistoryOfSeveralWidths(t *testing.T) {
	s := New(4, 2)
	s.KeepHistory(true)
	s.Write([]byte("\x1b[41mab\x1b[K\x1b[m\r\n\n\n"))
	s.Resize(9, 2)
	s.Write([]byte("\x1b[1;1H123456789\r\n\n"))
	v := New(9, 2)
	v.KeepScrolled(true)
	if err := v.PrependHistory(s.History()); err != nil {
		t.Fatal(err)
	}
	var f Frame
	v.Frame(&f)
	if len(f.Scrolled) < 2 || v.rowText(f.Scrolled[0]) != "ab" || v.rowText(f.Scrolled[len(f.Scrolled)-1]) != "123456789" {
		t.Fatalf("got %d lines", len(f.Scrolled))
	}
	for x, c := range f.Scrolled[0] {
		if red := c.Pen.Bg == Palette(1); red != (x < 4) {
			t.Errorf("column %d is red: %v", x, red)
		}
	}
}

// Lines that wait stand behind the history, in no Frame before, and count.
func TestHeldLines(t *testing.T) {
	host := New(20, 2)
	host.KeepHistory(true)
	for i := range 900 {
		fmt.Fprintf(writerTo{host}, "old %d\r\n", i)
	}
	for _, tt := range []struct {
		held, lost int
		first      string
	}{
		{held: 0, first: "old 0"},
		{held: 50, first: "old 0"},
		{held: 250, first: "old 149"}, // 899 old ones have left the top
		{held: MaxScrolled - 1, first: "old 898"},
		{held: MaxScrolled, first: "new 0"},
		{held: MaxScrolled + 5, first: "new 5", lost: 5},
	} {
		v := New(20, 2)
		v.KeepScrolled(true)
		v.HoldScrolled(true)
		for i := range tt.held {
			fmt.Fprintf(writerTo{v}, "new %d\r\n", i)
		}
		v.Write([]byte("\n")) // the last of them leaves
		var f Frame
		if v.Frame(&f); len(f.Scrolled) != 0 || f.Lost != 0 {
			t.Fatalf("%d held: %d lines in a Frame, %d lost", tt.held, len(f.Scrolled), f.Lost)
		}
		if err := v.PrependHistory(host.History()); err != nil {
			t.Fatal(err)
		}
		v.HoldScrolled(false)
		v.Frame(&f)
		if got := v.rowText(f.Scrolled[0]); got != tt.first || f.Lost != tt.lost || len(f.Scrolled) != min(899+tt.held, MaxScrolled) {
			t.Errorf("%d held: %d lines from %q on, %d lost; want %q, %d", tt.held, len(f.Scrolled), got, f.Lost, tt.first, tt.lost)
		}
		if got, want := v.rowText(f.Scrolled[len(f.Scrolled)-1]), fmt.Sprintf("new %d", tt.held-1); tt.held > 0 && got != want {
			t.Errorf("%d held: the last is %q, want %q", tt.held, got, want)
		}
	}
}

// Marks and links of the history get numbers of the viewer's own tables, also when
// those are full and are compacted meanwhile.
func TestHistoryKeepsMarksAndLinks(t *testing.T) {
	host := New(20, 2)
	host.KeepHistory(true)
	for i := range 900 {
		fmt.Fprintf(writerTo{host}, "\x1b]8;;http://x/%d\x1b\\e%c\x1b]8;;\x1b\\\r\n", i, 0x300+i%64)
	}
	for _, full := range []string{"", "of many", "of long ones"} {
		v := New(20, 2)
		v.KeepScrolled(true)
		switch full {
		case "of many":
			writeMarks(v, 0, maxTexts-10)
			for i := range maxTexts - 10 {
				fmt.Fprintf(writerTo{v}, "\x1b]8;;http://y/%d\x1b\\x\x1b]8;;\x1b\\\r", i)
			}
		case "of long ones": // so that the history's numbers are above the table's
			for i := range maxTextBytes / 2008 {
				fmt.Fprintf(writerTo{v}, "\x1b]8;;http://%02000d\x1b\\x\x1b]8;;\x1b\\\r", i)
			}
		}
		v.Write([]byte("\x1b]8;;http://mine\x1b\\m\u0308\x1b]8;;\x1b\\"))
		if err := v.PrependHistory(host.History()); err != nil {
			t.Fatal(err)
		}
		var f Frame
		v.Frame(&f)
		for i, l := range f.Scrolled {
			c := l[0]
			if got, want := f.Links[c.Pen.Link], fmt.Sprintf("http://x/%d", i); got != want {
				t.Fatalf("full %s: line %d links to %q, want %q", full, i, got, want)
			}
			if got, want := f.Marks[c.Mark], string(rune(0x300+i%64)); got != want {
				t.Fatalf("full %s: line %d has mark %q, want %q", full, i, got, want)
			}
		}
		if c := f.Cells[0]; f.Links[c.Pen.Link] != "http://mine" || f.Marks[c.Mark] != "\u0308" {
			t.Errorf("full %s: the screen's own cell has link %q, mark %q", full, f.Links[c.Pen.Link], f.Marks[c.Mark])
		}
	}
}

func TestWhatIsNoHistory(t *testing.T) {
	for _, b := range [][]byte{{1}, {0, 1, 'x'}, {0xff, 0xff, 'x'}, append([]byte{0, 80}, make([]byte, MaxHistory)...)} {
		s := fed(20, 5, []byte("shown"))
		s.KeepScrolled(true)
		if err := s.PrependHistory(b); !errors.Is(err, ErrHistory) {
			t.Errorf("%d bytes of %d columns: %v, want ErrHistory", len(b), b[0], err)
		}
	}
}

// checkPrepended checks that any bytes for a history leave the screen as it is and
// make lines that can be drawn.
func checkPrepended(t *testing.T, b []byte) {
	t.Helper()
	const cols, rows = 20, 5
	v := newSeen(t, New(cols, rows), cols, rows)
	v.model.Write([]byte("\x1b[31mone\r\ntwo\x1b]2;title\a\x1b[3;4H"))
	want := fed(cols, rows, v.model.Snapshot())
	v.model.HoldScrolled(true)
	v.draw()
	before := slices.Clone(trimLines(rowTexts(v.term.main)))
	_ = v.model.PrependHistory(b) // whatever it says
	v.model.HoldScrolled(false)
	if d := want.difference(v.model); d != "" {
		t.Fatalf("the history changed the %s", d)
	}
	if n := v.model.past.fresh; n > 2*MaxScrolled {
		t.Fatalf("%d lines", n)
	}
	v.draw()
	if got := trimLines(rowTexts(v.all())); !slices.Equal(got[max(0, len(got)-len(before)):], before) {
		t.Fatalf("the terminal ends with %q, want %q", got, before)
	}
	if v.term.title != "gossterm: title" || v.term.onAlt {
		t.Fatalf("title %q, alternate screen %v", v.term.title, v.term.onAlt)
	}
}

func TestGarbageForAHistory(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 9))
	for range 10 {
		b := make([]byte, MaxHistory)
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		binary.BigEndian.PutUint16(b, uint16(2+rnd.IntN(998)))
		checkPrepended(t, b)
	}
	for _, s := range []string{"\n", "\x1b[65535b", "\x1b[999S", "x\x1b[?1049h", "\x1bc", "\x1b]2;evil\a", "\x1b[8;9;9t", "中\u0301", "\x1b[6n\x1b[c"} {
		checkPrepended(t, append([]byte{3, 0xe8}, strings.Repeat(s, (MaxHistory-2)/len(s))...))
	}
}

func FuzzPrependHistory(f *testing.F) {
	s := New(20, 3)
	s.KeepHistory(true)
	s.Write(randomOutput(rand.New(rand.NewPCG(1, 1)), 100))
	f.Add(s.History())
	f.Add([]byte("\x00\x14\x1b]8;;http://a\x1b\\e\u0301\r\n\n\x1b]2;x"))
	f.Fuzz(func(t *testing.T, b []byte) { checkPrepended(t, b) })
}

// FuzzHistory checks that a history says of any output what a watcher saw go by.
func FuzzHistory(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(randomOutput(rand.New(rand.NewPCG(seed, 1)), 60), uint16(200), uint8(20), uint8(3), uint8(13))
	}
	for _, r := range recordings(f) {
		f.Add(r.data[:min(len(r.data), 3000)], uint16(1000), uint8(59), uint8(4), uint8(40))
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint16, cols, rows, cols2 uint8) {
		if len(data) > 4096 {
			return
		}
		host, watcher := New(int(cols%60), int(rows%20)), New(int(cols%60), int(rows%20))
		host.KeepHistory(true)
		watcher.KeepScrolled(true)
		at := min(int(cut), len(data))
		for i, part := range [][]byte{data[:at], data[at:]} {
			for _, s := range []*Screen{host, watcher} {
				s.Write(part)
				if i == 0 {
					s.Resize(int(cols2%60), int(rows%20)/2)
				}
			}
			if i == 0 && cut%2 == 0 {
				host.History()
			}
		}
		if host.Erasures() > 0 {
			return
		}
		late := New(20, 5)
		late.KeepScrolled(true)
		if err := late.PrependHistory(host.History()); err != nil {
			t.Fatal(err)
		}
		want, got := logicalPast(watcher), logicalPast(late)
		if len(got) > len(want) || len(got) < len(want) && late.past.count < MaxScrolled && len(host.History()) < MaxHistory-20_000 {
			t.Fatalf("%d lines, want %d", len(got), len(want))
		}
		want = want[len(want)-len(got):]
		for i, line := range got {
			if i == 0 && strings.HasSuffix(want[i], withoutPen(line)) {
				continue // its begin had no room
			}
			if line != want[i] {
				t.Fatalf("line %d: got %q\nwant %q", i, line, want[i])
			}
		}
	})
}

// withoutPen returns a logical line without the pen that it begins with.
func withoutPen(line string) string {
	if _, text, ok := strings.Cut(line, ">"); ok && line[0] == '<' {
		return text
	}
	return line
}

// Feeding goes on as fast as without: see the figures beside BenchmarkWritePlain.
func BenchmarkHistory(b *testing.B) {
	const between = 256 << 10 // from one snapshot to the next
	for _, c := range []struct {
		name string
		line string
	}{{"yes", "y\r\n"}, {"text", strings.Repeat("the quick brown fox ", 4) + "\r\n"}} {
		data := bytes.Repeat([]byte(c.line), between/len(c.line))
		for _, kept := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/kept=%v", c.name, kept), func(b *testing.B) {
				s := New(120, 40)
				s.KeepHistory(kept)
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					s.Write(data)
					s.History()
				}
			})
		}
	}
}
