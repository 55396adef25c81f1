package screen

import (
	"strings"
	"testing"
)

// TestOtherWidths draws on a terminal that takes for narrow, or for wide, what we
// take for the other. All but the characters in question must be right.
func TestOtherWidths(t *testing.T) {
	for _, odd := range []string{"😀", "☃"} {
		for seed := range uint64(15) {
			v := newViewing(t, seed, 20, 6, 20, 6)
			v.term.width = func(c rune) int {
				if strings.ContainsRune(odd, c) {
					return 3 - runeWidth(c)
				}
				return runeWidth(c)
			}
			for range 30 {
				for range v.src.rnd.IntN(5) {
					v.src.write()
				}
				v.draw()
				for _, fault := range v.term.faults {
					t.Fatalf("%s; sent %q", fault, v.sent)
				}
				v.checkCursor(len(v.term.history) + v.term.rows)
				if odd == "😀" { // narrow there: the place beside it may show nothing else
					v.sameBut(odd)
				}
			}
		}
	}
}

// sameBut compares the main screen without the cells of odd and beside it.
func (v *viewing) sameBut(odd string) {
	want := v.window()
	got := v.term.main[min(max(v.r.main.top, 0), len(v.term.main)):]
	if !v.r.main.known() {
		return
	}
	for y, row := range got {
		for x, c := range want[y] {
			if c.text == "" || strings.Contains(c.text, odd) {
				if x < len(row) && row[x].text != " " && !strings.Contains(row[x].text, odd) && want[y][max(x-1, 0)].text == odd {
					v.t.Fatalf("row %d column %d shows %q beside %s", y, x, row[x].text, odd)
				}
				continue
			}
			if looks(row[x]).text != looks(c).text {
				v.t.Fatalf("row %d column %d: %q, want %q\n%s", y, x, row[x].text, c.text, showRows(got))
			}
		}
	}
}

// TestLastColumn puts a symbol with a mark into the last column of a terminal that
// takes the symbol for wide. It must not wrap, which on the last row would scroll.
func TestLastColumn(t *testing.T) {
	v := newViewing(t, 1, 6, 3, 6, 3)
	v.term.width = func(c rune) int {
		if c == '☃' {
			return 2
		}
		return runeWidth(c)
	}
	v.src.screen()[2][5] = termCell{text: "☃\u0301"}
	v.src.screen()[1][5] = termCell{text: "e\u0301"}
	v.src.screen()[0][5] = termCell{text: "中\u0301"} // no Screen has that in one column
	v.draw()
	if v.term.faults != nil {
		t.Errorf("%q; sent %q", v.term.faults, v.sent)
	}
	if got := v.term.main[1][5].text; got != "e\u0301" {
		t.Errorf("last column has %q", got)
	}
}

// TestMarksThatTakeColumns puts marks near the margin of a terminal that gives each a
// column of its own. It must not wrap; in the last column see lastMarks.
func TestMarksThatTakeColumns(t *testing.T) {
	for x := range 5 {
		v := newViewing(t, 1, 6, 3, 6, 3)
		v.term.width = func(rune) int { return 1 }
		for range 3 {
			v.src.newline() // the terminal is full
		}
		v.src.screen()[2][x] = termCell{text: "x\u0302\u0323"}
		v.src.screen()[1][x] = termCell{text: "☃\u0301"}
		v.draw()
		if v.term.faults != nil {
			t.Errorf("column %d: %q; sent %q", x, v.term.faults, v.sent)
		}
	}
}
