package screen

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// xtermDir holds the program that runs jobs on @xterm/headless, a terminal that is
// not ours: what we show is compared with what it shows.
const xtermDir = "../../scripts/xterm-reference"

// An xtermJob is a terminal's life: a size and what happens to it.
type xtermJob struct {
	Cols  int         `json:"cols"`
	Rows  int         `json:"rows"`
	Past  bool        `json:"past,omitempty"` // with the lines that left the top
	Steps []xtermStep `json:"steps"`
}

// An xtermStep is one of its fields.
type xtermStep struct {
	Write  []byte  `json:"write,omitempty"`
	Resize *[2]int `json:"resize,omitempty"` // columns, rows
}

// An xtermResult is what the terminal is in the end.
type xtermResult struct {
	Cols    int             `json:"cols"`
	Rows    [][]xtermRun    `json:"rows"`
	Wrapped []bool          `json:"wrapped"` // by row: it goes on from the row before
	Past    int             `json:"past"`    // how many of the rows are above the screen
	Cursor  [2]int          `json:"cursor"`  // the column is Cols where a wrap is pending
	Alt     bool            `json:"alt"`
	Modes   json.RawMessage `json:"modes"`
	Inside  xtermInside     `json:"inside"`
}

// An xtermInside is what cannot be seen, but what further output meets.
type xtermInside struct {
	Hidden        bool   `json:"hidden"` // the cursor
	MouseEncoding string `json:"mouseEncoding"`
	Margins       [2]int `json:"margins"`
	Tabs          []int  `json:"tabs"`
	Saved         [2]int `json:"saved"` // the cursor of DECSC
	GLevel        int    `json:"glevel"`
}

// An xtermRun is a number of equal cells.
type xtermRun struct {
	n    int
	cell xtermCell
}

// An xtermCell is a cell in the reference's words, into which ours are put.
type xtermCell struct {
	text      string
	width     int
	fg, bg    string // "" for the default, "7" or "#0a0b0c"
	attrs     Attr
	underline uint8
	ul        string // colour of the underline
}

func (r *xtermRun) UnmarshalJSON(b []byte) error {
	c := &r.cell
	return json.Unmarshal(b, &[]any{&r.n, &c.text, &c.width, &c.fg, &c.bg, &c.attrs, &c.underline, &c.ul})
}

// xterm runs jobs on the reference, in one process, and hands each result to got. If
// the reference is not installed the test is skipped, or fails where
// GOSSTERM_NEED_XTERM is set, as in continuous integration.
func xterm(t *testing.T, jobs []xtermJob, got func(i int, r *xtermResult)) {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("GOSSTERM_NEED_XTERM") != "" {
		missing = t.Fatalf
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing("node is not installed: %v", err)
	}
	if _, err := os.Stat(filepath.Join(xtermDir, "node_modules")); err != nil {
		missing("run npm ci in scripts/%s: %v", filepath.Base(xtermDir), err)
	}
	var in, complaint bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, j := range jobs {
		if err := enc.Encode(j); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), node, "reference.js")
	cmd.Dir, cmd.Stdin, cmd.Stderr = xtermDir, &in, &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bufio.NewReaderSize(out, 1<<20))
	for i := range jobs {
		var r xtermResult
		if err := dec.Decode(&r); err != nil {
			cmd.Wait()
			t.Fatalf("result %d of %d: %v\n%s", i+1, len(jobs), err, &complaint)
		}
		got(i, &r)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, &complaint)
	}
}

// fewer returns n, or less with the race detector, which has nothing to find in the
// comparison and makes it slow.
func fewer(n int) int {
	if raceEnabled {
		return n / 10
	}
	return n
}

// cells returns row y cell by cell.
func (r *xtermResult) cells(y int) []xtermCell {
	var cells []xtermCell
	for _, run := range r.Rows[y] {
		for range run.n {
			cells = append(cells, run.cell)
		}
	}
	return cells
}

// asXterm puts a cell of s in the reference's words.
func asXterm(s *Screen, c Cell) xtermCell {
	x := xtermCell{
		width: int(c.Width), fg: xtermColor(c.Pen.Fg), bg: xtermColor(c.Pen.Bg),
		attrs: c.Pen.Attr, underline: c.Pen.Underline,
	}
	if c.Rune != 0 {
		x.text = string(c.Rune) + s.marks.list[c.Mark]
	}
	if c.Pen.Underline != NoUnderline {
		x.ul = xtermColor(c.Pen.Ul)
	}
	return x
}

func xtermColor(c Color) string {
	if r, g, b, ok := c.RGB(); ok {
		return fmt.Sprintf("#%02x%02x%02x", r, g, b)
	}
	if i, ok := c.Index(); ok {
		return fmt.Sprint(i)
	}
	return ""
}

// looksAs reports whether c and d show the same: a blank and a space do.
func (c xtermCell) looksAs(d xtermCell) bool {
	if c.text == "" && c.width == 1 {
		c.text = " "
	}
	if d.text == "" && d.width == 1 {
		d.text = " "
	}
	return c == d
}

// A spot is a cell of the screen, from 0.
type spot struct{ x, y int }

// differing returns the spots where s does not show what the reference does, and
// says how.
func differing(s *Screen, r *xtermResult) (at []spot, how []string) {
	for y, row := range s.g.rows {
		want := r.cells(r.Past + y)
		for x, c := range row.cells {
			if got := asXterm(s, c); !got.looksAs(want[x]) {
				at = append(at, spot{x, y})
				how = append(how, fmt.Sprintf("%d,%d: got %+v, the reference %+v", x, y, got, want[x]))
			}
		}
	}
	return at, how
}

// sameCursor reports whether the cursor is where the reference has it.
func sameCursor(s *Screen, r *xtermResult) bool {
	x := s.x
	if s.wrapNext {
		x++
	}
	return [2]int{x, s.y} == r.Cursor
}
