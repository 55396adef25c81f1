package session

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/envelope"
)

// echoPanel tells what it was made for.
var echoPanel = Panel{Key: 'e', What: "an echo", Lines: func(v View) []string {
	return []string{fmt.Sprintf("%dx%d through %d, %d with %d, %d", v.Cols, v.Rows, v.Through, v.Records, v.Keys, v.Unsent), "Zoë·3f9a\x1b[m"}
}, Every: time.Second}

func TestAPanelIsMadeForTheMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		shows := func(want string) {
			t.Helper()
			j.term.events <- Command{'e'}
			sleep(frameGap)
			if got := j.term.text(); !strings.HasSuffix(got, "\n"+want+"\nZoë·3f9a[m") {
				t.Errorf("shown: %q, want %q", got, want)
			}
		}
		shows("40x8 through 1, 0 with 0, 0")
		j.term.key("abc")
		j.term.key("d")
		j.bus.append(envelope.Output{Data: []byte("x")})
		synctest.Wait()
		shows("40x8 through 2, 2 with 4, 0")
		j.bus.append(envelope.Acks{Authors: []envelope.Ack{{Author: key(1), Incarnation: 9, Through: 1}}})
		synctest.Wait()
		shows("40x8 through 3, 1 with 1, 0")
		for range 2 * maxUnacked {
			j.term.key("k")
		}
		shows(fmt.Sprintf("40x8 through 3, %d with %d, %d", maxUnacked-1, maxUnacked-1, 2*maxUnacked+1-(maxUnacked-1)))
	})
}

// A panel follows what it tells, and stays no longer for that; tickets stay as they are.
func TestAPanelIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		j.term.events <- Command{'e'}
		sleep(frameGap)
		j.bus.append(envelope.Output{Data: []byte("x")})
		sleep(frameGap)
		if got := j.term.text(); !strings.Contains(got, "through 1,") {
			t.Errorf("at once: %q", got)
		}
		sleep(time.Second)
		if got := j.term.text(); !strings.Contains(got, "through 2,") {
			t.Errorf("after a second: %q", got)
		}
		turns := int(j.asked.Load())
		sleep(panelFor)
		restored(t, j, "hellox")
		if n := int(j.asked.Load()) - turns; n > 20*int(panelFor/time.Second) {
			t.Errorf("%d turns of the loop meanwhile", n)
		}
	})
}

// One panel takes the place of another, and a key without one takes it away.
func TestOnePanelAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		askTickets(t, j)
		j.term.events <- Command{'e'}
		sleep(frameGap)
		if got := j.term.text(); strings.Contains(got, "abc") || !strings.Contains(got, "through 1") {
			t.Errorf("the second panel: %q", got)
		}
		j.term.events <- Command{'q'}
		restored(t, j, "hello")

		j.term.resize(40, 2)
		j.term.events <- TerminalResized{}
		j.term.events <- Command{'e'}
		sleep(frameGap)
		if got := j.term.text(); !strings.Contains(got, "too small to show an ec") {
			t.Errorf("on 2 rows: %q", got)
		}
	})
}

var helpPanel = Panel{Key: '?', What: "the help", Lines: func(View) []string { return []string{"the keys"} }, For: 10 * time.Second}

func TestCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		j.term.events <- Command{'?'}
		sleep(frameGap)
		if got := j.term.text(); !strings.Contains(got, "the keys") {
			t.Errorf("after the help key: %q", got)
		}
		sleep(helpPanel.For + frameGap)
		if got := j.term.text(); strings.Contains(got, "the keys") {
			t.Errorf("the help stayed: %q", got)
		}
		j.term.events <- Command{0x1a}
		sleep(frameGap)
		if j.term.suspended != 1 || !strings.Contains(j.term.text(), "hello") {
			t.Errorf("suspended %d times, shows %q", j.term.suspended, j.term.text())
		}
		j.term.events <- Command{'.'}
		<-j.done
		if j.res.Way != WayLeft {
			t.Errorf("result %+v, want left", j.res)
		}
	})
}
