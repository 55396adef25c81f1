package session

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

// A large terminal of 80 x 24 that says in each cell of its first row and column where it is.
func largeScreen() []byte {
	s := screen.New(80, 24)
	for y := range 24 {
		s.Write(fmt.Appendf(nil, "\x1b[%dH", y+1))
		for x := 0; x < 80; x += 8 {
			s.Write(fmt.Appendf(nil, "%02d.%02d   ", x, y))
		}
	}
	s.Write([]byte("\x1b[2;3H"))
	return s.Snapshot()
}

func joinLarge(t *testing.T, cols, rows int) *joinedSession {
	term := newFakeTerminal()
	term.resize(cols, rows)
	j := join(t, term, typist1())
	j.bus.append(envelope.Resize{Cols: 80, Rows: 24})
	j.bus.snapshot(envelope.Resize{Cols: 80, Rows: 24}, envelope.View{}, envelope.Acks{}, envelope.Screen{Data: largeScreen()})
	sleep(2 * frameGap)
	return j
}

// wantAt asserts which cell of the large screen is at the top left.
func (j *joinedSession) wantAt(t *testing.T, what, cell string) {
	t.Helper()
	sleep(2 * frameGap)
	if got := j.term.text(); !strings.HasPrefix(got, cell) {
		t.Errorf("%s: shows %q, want %s at the top left", what, got, cell)
	}
}

func (j *joinedSession) arrow(final byte) {
	j.term.events <- Typing{[]envelope.InputItem{envelope.Key{Final: final, Modifiers: 1}}}
}

func TestTheViewIsPanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := joinLarge(t, 32, 8)
		sleep(noticeFor)
		j.wantAt(t, "at first", "00.00")
		j.term.events <- Pan{DX: 1}
		j.wantAt(t, "to the right by half a window", "16.00")
		j.arrow('B')
		j.wantAt(t, "down by half a window, by an arrow alone", "16.04")
		j.arrow('D')
		j.wantAt(t, "to the left", "00.04")
		j.arrow('A')
		j.arrow('A')
		j.wantAt(t, "up, and no further than that", "00.00")
		j.arrow('C')
		if got := j.bus.typed(t); got != "" {
			t.Errorf("typed %q", got)
		}
		sleep(panFor)
		j.wantAt(t, "it stays", "16.00")
		j.term.events <- Typing{[]envelope.InputItem{envelope.Focus{In: true}}}
		j.wantAt(t, "the focus leaves it", "16.00")
		j.arrow('C')
		j.wantAt(t, "a key later follows the cursor", "00.00")
		if sent := j.bus.records(t); sent[len(sent)-1].Items[0] != (envelope.Key{Final: 'C', Modifiers: 1}) {
			t.Errorf("sent %v, want the arrow that came later", sent)
		}
		j.term.events <- Pan{DY: 1}
		j.wantAt(t, "and again", "00.04")
		j.term.key("x")
		j.wantAt(t, "typing follows the cursor at once", "00.01")
		j.arrow('C')
		j.wantAt(t, "and ends the panning", "00.01")
		if got := j.bus.typed(t); got != "x" {
			t.Errorf("typed %q, want x", got)
		}
	})
}

// An arrow with a modifier is a key like any other, also while plain ones pan.
func TestAnArrowWithControlIsTyped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := joinLarge(t, 40, 8)
		j.term.events <- Pan{DX: 1}
		sleep(frameGap)
		j.term.events <- Typing{[]envelope.InputItem{envelope.Key{Final: 'C', Modifiers: 5}}}
		sleep(frameGap)
		if n := len(j.bus.records(t)); n != 1 {
			t.Errorf("%d records were sent, want the key's", n)
		}
	})
}

// Where all is shown the arrows are the program's.
func TestNothingIsPannedWhereAllIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := joinLarge(t, 80, 24)
		if got := j.term.text(); strings.Contains(got, "an arrow") {
			t.Errorf("a notice: %q", got)
		}
		j.term.events <- Pan{DX: 1}
		j.wantAt(t, "all is shown", "00.00")
		j.arrow('C')
		sleep(frameGap)
		if n := len(j.bus.records(t)); n != 1 {
			t.Errorf("%d records were sent, want the arrow's", n)
		}
	})
}

func TestAWindowThatIsTooSmallSaysSoOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := joinLarge(t, 60, 8)
		const said = "this window shows 60x8 of 80x24; ~ and an arrow move it"
		if got := j.term.text(); strings.Contains(got, "arrow") {
			t.Errorf("at once: %q", got)
		}
		sleep(partFor + frameGap)
		if got := j.term.text(); !strings.Contains(got, said) {
			t.Errorf("shows %q, want %q", got, said)
		}
		sleep(noticeFor)
		for range 3 {
			j.term.key("x")
			sleep(frameGap)
		}
		resize := func(cols, rows int) {
			j.term.resize(cols, rows)
			j.term.events <- TerminalResized{}
			sleep(2 * frameGap)
		}
		resize(50, 8)
		if got := j.term.text(); strings.Contains(got, "arrow") {
			t.Errorf("said again: %q", got)
		}
		resize(90, 30)
		resize(60, 10)
		resize(40, 10) // dragged
		sleep(partFor + frameGap)
		if got := j.term.text(); !strings.Contains(got, "\n40x10 of 80x24; ~ and an arrow move it") {
			t.Errorf("after it was large for a while: %q", got)
		}
		sleep(noticeFor + 2*frameGap)
		if got := j.term.text(); strings.Contains(got, "arrow") || !strings.Contains(got, ".09") {
			t.Errorf("the notice did not go: %q", got)
		}

		resize(90, 30)
		resize(40, 10)
		sleep(partFor + frameGap)
		resize(90, 30)
		if got := j.term.text(); strings.Contains(got, "arrow") {
			t.Errorf("it stays when all is shown: %q", got)
		}
	})
}

// The program is told the cell that the mouse is on, whatever part of it a window shows.
func TestTheMousePointsIntoTheTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := joinLarge(t, 32, 8)
		j.bus.append(envelope.Output{Data: []byte("\x1b[?1049h\x1b[?1003h")})
		sleep(frameGap)
		j.term.events <- Pan{DX: 1}
		j.term.events <- Pan{DY: 1}
		sleep(2 * frameGap)
		mouse := func(col, row uint16) {
			j.term.events <- Typing{[]envelope.InputItem{envelope.Mouse{Button: 1, Col: col, Row: row}}}
			sleep(frameGap)
		}
		mouse(3, 2)
		sent := j.bus.records(t)
		if want := (envelope.Mouse{Button: 1, Col: 19, Row: 6}); len(sent) != 1 || sent[0].Items[0] != want {
			t.Errorf("sent %v, want %v", sent, want)
		}
		j.term.resize(100, 40)
		j.term.events <- TerminalResized{}
		sleep(2 * frameGap)
		mouse(80, 10) // on the border
		mouse(10, 24)
		mouse(79, 23)
		sent = j.bus.records(t)
		if want := (envelope.Mouse{Button: 1, Col: 79, Row: 23}); len(sent) != 2 || sent[1].Items[0] != want {
			t.Errorf("sent %v, want %v last", sent, want)
		}
	})
}
