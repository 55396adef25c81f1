package screen

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// resizeJobs is how many lives of a terminal are compared.
const resizeJobs = 300

// randomLines is output of a shell: lines of all lengths, some in colour, some wide.
func randomLines(rnd *rand.Rand, n int) []byte {
	var b strings.Builder
	for range n {
		for range []int{0, 1, 3, 6, 20}[rnd.IntN(5)] {
			switch rnd.IntN(8) {
			case 0:
				b.WriteString("日本語")
			case 1:
				fmt.Fprintf(&b, "\x1b[%dm", 31+rnd.IntN(6))
			case 2:
				b.WriteString("\x1b[m")
			}
			b.WriteString("abcdefghijklmnop"[:1+rnd.IntN(15)])
			if rnd.IntN(4) > 0 {
				b.WriteByte(' ')
			}
		}
		b.WriteString("\x1b[m\r\n")
	}
	return []byte(b.String())
}

// TestXtermResize compares where lines, wrapped anew, are after random output and
// resizes: what is on the screen, and what came back to it or left it.
//
// A cursor in a line that is wrapped anew is not compared, so nothing is printed
// there: the reference leaves it at its column, we at its character.
func TestXtermResize(t *testing.T) {
	total := fewer(resizeJobs)
	rnd := rand.New(rand.NewPCG(7, 7))
	var jobs []xtermJob
	var screens []*Screen
	var prompts []bool // the cursor is behind one
	for range total {
		cols, rows := 10+rnd.IntN(50), 4+rnd.IntN(20)
		job := xtermJob{Cols: cols, Rows: rows, Past: true}
		s := New(cols, rows)
		s.KeepHistory(true)
		n, prompt := 1+rnd.IntN(4), false
		for i := range n {
			text := randomLines(rnd, rnd.IntN(20))
			if prompt = i == n-1 && rnd.IntN(2) == 0; prompt {
				text = append(text, "$ a prompt that was typed at"[:2+rnd.IntN(26)]...)
			}
			size := [2]int{10 + rnd.IntN(50), 4 + rnd.IntN(20)}
			job.Steps = append(job.Steps, xtermStep{Write: text}, xtermStep{Resize: &size})
			s.Write(text)
			s.Resize(size[0], size[1])
		}
		jobs, screens, prompts = append(jobs, job), append(screens, s), append(prompts, prompt)
	}
	same, cursor, shown := 0, 0, 0
	xterm(t, jobs, func(i int, want *xtermResult) {
		s := screens[i]
		if sameCursor(s, want) {
			cursor++
		} else if !prompts[i] {
			t.Errorf("job %d: cursor on an empty line: %s", i, compareScreens(jobs[i], s, want))
		}
		if at, _ := differing(s, want); len(at) == 0 {
			same++
		} else if shown++; shown <= 3 {
			t.Logf("job %d: %s", i, compareScreens(jobs[i], s, want))
		}
	})
	t.Logf("%d of %d jobs lead to the same screen, %d to the same cursor", same, total, cursor)
	if same < total {
		t.Errorf("%d of the jobs lead to another screen", total-same)
	}
}

// compareScreens prints two screens under what led to them.
func compareScreens(job xtermJob, s *Screen, want *xtermResult) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%dx%d", job.Cols, job.Rows)
	for _, step := range job.Steps {
		if step.Resize != nil {
			fmt.Fprintf(&b, "\n\tresize %v", *step.Resize)
		} else {
			fmt.Fprintf(&b, "\n\twrite %q", step.Write)
		}
	}
	var rows []string
	for y := range want.Rows {
		var row strings.Builder
		for _, c := range want.cells(y) {
			if c.text == "" && c.width == 1 {
				c.text = " "
			}
			row.WriteString(c.text)
		}
		rows = append(rows, strings.TrimRight(row.String(), " "))
	}
	fmt.Fprintf(&b, "\ncursor at %d,%d, the reference has it at %v", s.x, s.y, want.Cursor)
	got := s.Text()
	for i, row := range slices.Concat(make([]string, want.Past), got) {
		fmt.Fprintf(&b, "\n\t%-*s | %s", s.cols, row, rows[i])
	}
	return b.String()
}
