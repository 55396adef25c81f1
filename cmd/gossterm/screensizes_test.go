//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gossterm/internal/screen"
)

// partOf reports whether rows, but for the last, which may have a notice, are a part of
// the host's grid, and one that has its cursor, unless that is hidden.
func partOf(grid [][]rune, cursor screen.Cursor, rows []string, p *pane) bool {
	if len(rows) != p.rows {
		return false
	}
	seen := trimmed(rows[:p.rows-1])
	for y := range max(len(grid)-p.rows, 0) + 1 {
		for x := range max(len(grid[0])-p.cols, 0) + 1 {
			has := cursor.X >= x && cursor.X < x+p.cols && cursor.Y >= y && cursor.Y < y+p.rows
			if (has || !cursor.Visible) && slices.Equal(seen, cut(grid, x, y, p.cols, p.rows-1)) {
				return true
			}
		}
	}
	return false
}

func trimmed(rows []string) []string {
	out := slices.Clone(rows)
	for i := range out {
		out[i] = strings.TrimRight(out[i], " ")
	}
	return out
}

// wantPart waits until a window shows a part of what the host shows that its cursor is
// in, and of one that is large enough all of it, with a border where told.
func (th *theater) wantPart(p *pane, what string, border bool) {
	th.Helper()
	th.shows(p, "0", what, func(rows []string) string {
		grid, cursor := th.host.grid()
		if p.cols < len(grid[0]) || p.rows < len(grid) {
			if !partOf(grid, cursor, rows, p) {
				return "no part of what the host shows"
			}
			return ""
		}
		whole := cut(grid, 0, 0, len(grid[0]), len(grid)-1) // the last may have a notice
		top := 0
		if !border { // below what scrolled off
			top = max(slices.Index(trimmed(rows), whole[0]), 0)
		}
		if len(rows) < top+len(whole) {
			return fmt.Sprintf("only %d rows", len(rows))
		}
		for y, want := range whole {
			row := []rune(rows[top+y])
			if got := strings.TrimRight(string(row[:min(len(row), len(grid[0]))]), " "); got != want {
				return fmt.Sprintf("row %d is %q, the host's %q", y, got, want)
			}
			if rest := strings.TrimSpace(string(row[min(len(row), len(grid[0])):])); (rest != "") != border {
				return fmt.Sprintf("beside row %d is %q", y, rest)
			}
		}
		return ""
	})
}

// wideFile has lines that tell where each of their parts stands.
func wideFile(t testing.TB, dir string) string {
	var b strings.Builder
	for y := range 60 {
		for x := 0; x < 100; x += 10 {
			fmt.Fprintf(&b, "%03d.%03d | ", x, y+1)
		}
		b.WriteByte('\n')
	}
	file := filepath.Join(dir, "wide.txt")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A host of 100x30 in windows of three sizes, as tmux captures them.
func TestWindowsOfAnySizeShowTheRightPart(t *testing.T) {
	th := newTheater(t, 100, 30, "bash", "--norc", "--noprofile")
	small, usual, large := th.joinInTmux("small", 40, 10), th.joinInTmux("usual", 80, 24), th.joinInTmux("large", 200, 60)
	panes := []*pane{small, usual, large}
	for p, said := range map[*pane]string{
		small: "40x10 of 100x30; ~ and an arrow move it",
		usual: "this window shows 80x24 of 100x30; ~ and an arrow move it",
	} {
		th.shows(p, "0", "a notice", func(rows []string) string {
			if strings.Contains(strings.Join(rows, "\n"), said) {
				return ""
			}
			return "does not say " + said
		})
	}

	// A shell, its cursor far to the right.
	th.types(th.host, "clear; for i in $(seq 45); do echo \"row $i\"; done\r")
	th.expect(`^row 45$`, th.host)
	th.types(th.host, "echo "+strings.Repeat("0123456789", 7))
	th.expect(`0123456789$`, th.host)
	for _, p := range panes {
		th.wantPart(p, "a shell", false)
	}

	if _, err := exec.LookPath("vim"); err == nil {
		th.types(th.host, "\x15vim -u NONE -i NONE -N -c 'set nowrap' "+wideFile(t, th.dir)+"\r")
		th.expect(`001`, th.host)
		for _, keys := range []string{"", "G$", "20G50|"} {
			th.types(th.host, keys)
			for _, p := range panes {
				th.wantPart(p, "vim after "+keys, true)
			}
		}
		th.panned(small)
		th.types(th.host, ":q!\r")
		th.expect(`^rdy>$`, th.host)
	}
	if _, err := exec.LookPath("htop"); err == nil {
		th.types(th.host, "\x15clear; htop -d 100\r")
		th.expect(`F10Quit`, th.host)
		for _, p := range panes {
			th.wantPart(p, "htop", true)
		}
		th.types(th.host, "q")
		th.expect(`^rdy>$`, th.host)
	}
	th.types(th.host, "\x15clear; echo do\"\"ne\r")
	th.expect(`^done$`, th.host)
	for _, p := range panes { // which of the parts that have the cursor depends on where it was in the frame before
		th.wantPart(p, "the shell again", false)
	}
}

// panned pans a small window by hand: to where the cursor is not, and back by a key.
func (th *theater) panned(p *pane) {
	th.Helper()
	at := func(what string, ok func(x, y int) bool) {
		th.Helper()
		th.shows(p, "0", what, func(rows []string) string {
			grid, _ := th.host.grid()
			for y := range len(grid) - p.rows + 1 {
				for x := range len(grid[0]) - p.cols + 1 {
					if slices.Equal(trimmed(rows[:p.rows-1]), cut(grid, x, y, p.cols, p.rows-1)) && ok(x, y) {
						return ""
					}
				}
			}
			return "not there"
		})
	}
	th.types(p.program, "\r~\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A")
	at("panned to the top", func(_, y int) bool { return y == 0 })
	th.types(p.program, "G$")
	at("the cursor again", func(x, y int) bool { return y > 0 && x > 0 })
}

// What scrolls off is in the scrollback of each joiner's own terminal, once and in order.
func TestAllLinesAreInAJoinersScrollback(t *testing.T) {
	th := newTheater(t, 100, 30, "bash", "--norc", "--noprofile")
	var panes []*pane
	for i, size := range [][2]int{{100, 30}, {60, 36}, {40, 10}, {80, 24}, {200, 60}} {
		panes = append(panes, th.joinInTmux(fmt.Sprint("j", i), size[0], size[1]))
	}
	for _, p := range panes {
		th.shows(p, "0", "a prompt", func(rows []string) string {
			if strings.HasPrefix(strings.Join(rows, "\n"), "rdy>") {
				return ""
			}
			return "none"
		})
	}
	th.types(th.host, "clear; seq 1 500; echo th\"\"rough\r")
	for _, p := range panes {
		th.shows(p, "-", "500 lines", func(rows []string) string {
			if !slices.Contains(trimmed(rows), "through") {
				return "not through"
			}
			next := 1
			for _, row := range trimmed(rows) {
				switch {
				case row == fmt.Sprint(next):
					next++
				case strings.Trim(row, "0123456789") == "" && row != "":
					return fmt.Sprintf("%s instead of %d", row, next)
				}
			}
			if next != 501 {
				return fmt.Sprintf("the last is %d", next-1)
			}
			return ""
		})
	}
}
