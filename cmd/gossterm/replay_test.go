package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gossterm/internal/cast"
	"gossterm/internal/screen"
)

// recorded returns b as a recording of n events a tenth of a second apart, each of
// whole characters, and how many bytes of b there are up to each event.
func recorded(t *testing.T, version, cols, rows, n int, b []byte) (file []byte, ends []int) {
	t.Helper()
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"version":%d,"width":%d,"height":%d,"term":{"cols":%[2]d,"rows":%d}}`+"\n", version, cols, rows)
	for i := range n {
		end := len(b) * (i + 1) / n
		for end < len(b) && !utf8.RuneStart(b[end]) {
			end++
		}
		from := 0
		if i > 0 {
			from = ends[i-1]
		}
		data, err := json.Marshal(string(b[from:end]))
		if err != nil {
			t.Fatal(err)
		}
		tenths := i + 1
		if version == 3 {
			tenths = 1
		}
		fmt.Fprintf(&out, "[%d.%d, \"o\", %s]\n", tenths/10, tenths%10, data)
		ends = append(ends, end)
	}
	return out.Bytes(), ends
}

// TestReplayIsTheScreen checks, with the screen's own recordings, that replay prints at
// each time what a Screen shows that got the same output, and that its ansi form
// makes any Screen the same.
func TestReplayIsTheScreen(t *testing.T) {
	const events = 12
	paths, err := filepath.Glob("../../internal/screen/testdata/*.rec")
	if err != nil || len(paths) == 0 {
		t.Fatal("no recordings", err)
	}
	tried := 0
	for _, path := range paths {
		name := filepath.Base(path)
		size := strings.Split(name, ".")
		c, r, _ := strings.Cut(size[len(size)-2], "x")
		cols, err1 := strconv.Atoi(c)
		rows, err2 := strconv.Atoi(r)
		b, err := os.ReadFile(path)
		if err != nil || err1 != nil || err2 != nil {
			t.Fatal(path, err, err1, err2)
		}
		if !utf8.Valid(b) {
			continue // no asciicast can hold it
		}
		tried++
		for _, version := range []int{2, 3} {
			file, ends := recorded(t, version, cols, rows, events, b)
			for _, i := range []int{0, 3, 6, events - 1} {
				want := screen.New(cols, rows)
				want.Write(b[:ends[i]])
				at := time.Duration(i+1) * 100 * time.Millisecond
				got, err := screenAt(bytes.NewReader(file), at)
				if err != nil || !got.Equal(want) {
					t.Errorf("%s as version %d at %v: %v, or another screen", name, version, at, err)
					continue
				}
				again := screen.New(cols, rows)
				again.Write([]byte("used\x1b[?1049h\x1b[31m"))
				again.Write(got.Snapshot())
				if !again.Equal(want) {
					t.Errorf("%s at %v: the snapshot makes another screen", name, at)
				}
			}
		}
	}
	if tried < 5 {
		t.Errorf("only %d recordings are UTF-8", tried)
	}
}

// TestReplayResizes checks that a resize has its place among the output.
func TestReplayResizes(t *testing.T) {
	file := `{"version": 3, "term": {"cols": 10, "rows": 3}}
[1, "o", "one\r\ntwo"]
[1, "r", "12x5"]
[1, "o", "\u001b[5;12Hx"]
[1, "r", "8x2"]`
	want := screen.New(10, 3)
	for i, step := range []func(){
		func() { want.Write([]byte("one\r\ntwo")) },
		func() { want.Resize(12, 5) },
		func() { want.Write([]byte("\x1b[5;12Hx")) },
		func() { want.Resize(8, 2) },
	} {
		step()
		got, err := screenAt(strings.NewReader(file), time.Duration(i+1)*time.Second)
		if err != nil || !got.Equal(want) {
			t.Errorf("after %d events: %v, or another screen", i+1, err)
		}
	}
}

// TestReplayForms checks the laws between the forms: lines are what text prints, and
// the texts of a row's cells are the line, when the widths are kept.
func TestReplayForms(t *testing.T) {
	s := screen.New(12, 4)
	s.Write([]byte("a 中文 e\u0301\u202e\r\n\x1b[31m  \U0001F600\x1b[44m  \x1b[m\r\n\u00ad\u200d"))
	var text, object bytes.Buffer
	printText(&text, s, false)
	if err := printJSON(&object, s); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Cols, Rows int
		Lines      []string
		Cells      [][]struct {
			Text   string
			Width  int
			Fg, Bg any
			Attrs  []string
		}
	}
	if err := json.Unmarshal(object.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n"); !slices.Equal(lines, got.Lines) || len(lines) != 4 {
		t.Errorf("lines %q, text %q", got.Lines, lines)
	}
	for y, row := range got.Cells {
		var b strings.Builder
		width := 0
		for _, c := range row {
			b.WriteString(c.Text)
			width += c.Width
			if (c.Width == 0) != (c.Text == "") || c.Attrs == nil {
				t.Errorf("row %d: cell %+v", y, c)
			}
		}
		if line := strings.TrimRight(b.String(), " "); line != got.Lines[y] || width != got.Cols || len(row) != got.Cols {
			t.Errorf("row %d: cells say %q in %d columns, the line is %q", y, line, width, got.Lines[y])
		}
	}
	for _, r := range object.String() {
		if r != '\n' && visible(r) != r {
			t.Errorf("%U is in the JSON as it stands", r)
		}
	}
}

// TestReplayDrawsPictures checks what reaches a terminal: rows for which it has no room
// first, nothing of the modes, and the whole of a smaller screen.
func TestReplayDrawsPictures(t *testing.T) {
	s := screen.New(10, 5)
	s.Write([]byte("\x1b]2;title\x07\x1b[?1049h\x1b[?1003;1004;2004h\x1b[5 q\x1b[?25l\x1b[H1\r\n2\r\n3\r\n4\r\n\x1b[1m5\x1b[2;3H"))
	for rows, want := range map[int]string{
		3: "4|5|", 6: "1|2|3|4|5|", 20: "before|1|2|3|4|5|after", // there is a row for the prompt
	} {
		seen := screen.New(10, rows)
		seen.Write([]byte("before\r\n"))
		out := pictureOf(s, 10, rows)
		seen.Write(out)
		if rows > 10 {
			seen.Write([]byte("after"))
		}
		var shown screen.Frame
		seen.Frame(&shown)
		got := strings.Join(seen.Text(), "|")
		if strings.TrimRight(got, "|") != strings.TrimRight(want, "|") {
			t.Errorf("on %d rows: %q, want %q", rows, got, want)
		}
		if shown.Alt || shown.Title != "" || shown.Mouse != screen.MouseOff || shown.Focus || shown.Paste ||
			shown.Cursor != (screen.Cursor{X: shown.Cursor.X, Y: shown.Cursor.Y, Visible: true}) {
			t.Errorf("on %d rows the terminal is left as %+v", rows, shown.Cursor)
		}
		for _, part := range []string{"title", "\x1b[?10", "\x1b[?2004"} {
			if bytes.Contains(out, []byte(part)) {
				t.Errorf("on %d rows %q is drawn: %q", rows, part, out)
			}
		}
	}
}

func TestReplayRefusesSizes(t *testing.T) {
	for _, size := range [][2]int{{1, 24}, {80, 1}, {1001, 24}, {80, 1001}} {
		for line, file := range map[int]string{
			1: fmt.Sprintf(`{"version":2,"width":%d,"height":%d}`, size[0], size[1]),
			2: fmt.Sprintf("{\"version\":2,\"width\":80,\"height\":24}\n[0,\"r\",\"%dx%d\"]", size[0], size[1]),
		} {
			_, err := screenAt(strings.NewReader(file), cast.MaxTime)
			want := fmt.Sprintf("line %d: a screen of %d by %d", line, size[0], size[1])
			if err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	}
	for _, size := range []int{screen.MinSize, screen.MaxSize} {
		s, err := screenAt(strings.NewReader(fmt.Sprintf(`{"version":2,"width":%d,"height":%[1]d}`, size)), 0)
		if err != nil {
			t.Fatal(err)
		}
		if cols, rows := s.Size(); cols != size || rows != size {
			t.Errorf("%d by %d, want %d", cols, rows, size)
		}
	}
}

// TestReplayShowsTheLeft checks which part of a wide screen a narrow terminal gets.
func TestReplayShowsTheLeft(t *testing.T) {
	s := screen.New(30, 3)
	s.Write([]byte("0123456789abcdefghij\r\n\r\nlast\x1b[1;25H"))
	seen := screen.New(10, 6)
	seen.Write(pictureOf(s, 10, 6))
	if got := strings.Join(seen.Text(), "|"); got != "0123456789||last|||" {
		t.Errorf("shown: %q", got)
	}
}

// What a recording was in the middle of does not go on in what prints it.
func TestNoSequenceGoesOnBehindAnANSIScreen(t *testing.T) {
	s := screen.New(20, 4)
	s.Write([]byte("abc\x1b]52;c;cm0gLXJm"))
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := printScreen(stdio{out: out}, s, formANSI); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	again := screen.New(20, 4)
	again.Write(append(b, 'd'))
	if got := again.Text()[0]; got != "abcd" || strings.Contains(string(b), "52;") {
		t.Errorf("shows %q after %q", got, b)
	}
}
