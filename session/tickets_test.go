package session

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/envelope"
)

// testTickets is a line of 100 characters: three rows of the fake terminal.
func testTickets(View) []string { return []string{"to join: gst1" + strings.Repeat("abc", 29)} }

var ticketsPanel = Panel{Key: 'i', What: "a ticket", Lines: testTickets}

// showsTickets reports whether the terminal's last rows are the whole ticket, row by
// row, and nothing else.
func showsTickets(term *fakeTerminal) bool {
	line := testTickets(View{})[0]
	return strings.HasSuffix(term.text(), "\n"+line[:40]+"\n"+line[40:80]+"\n"+line[80:])
}

// askTickets presses the key and fails unless the ticket is shown.
func askTickets(t *testing.T, j *joinedSession) {
	t.Helper()
	j.term.events <- Command{'i'}
	sleep(frameGap)
	if !showsTickets(j.term) || !strings.HasPrefix(j.term.text(), "hello") {
		t.Fatalf("after the key: %q", j.term.text())
	}
}

// restored fails if anything of the ticket is left, or what it hid is not back.
func restored(t *testing.T, j *joinedSession, want string) {
	t.Helper()
	sleep(frameGap)
	if got := strings.TrimRight(j.term.text(), "\n"); got != want {
		t.Errorf("the terminal shows %q, want %q", got, want)
	}
}

func TestTicketsStayUntilAKeyOrTheirTime(t *testing.T) {
	const full = "hello\n2\n3\n4\n5\n6\n7\n8"
	for _, c := range []struct {
		desc  string
		do    func(j *joinedSession)
		stays bool
		want  string
	}{
		{"a key", func(j *joinedSession) { j.term.key("l") }, false, full},
		{"a paste", func(j *joinedSession) { j.item(envelope.Paste{First: true, Last: true, Data: []byte("x")}) }, false, full},
		{"a cursor key", func(j *joinedSession) { j.item(envelope.Key{Final: 'A', Number: 1, Modifiers: 1}) }, false, full},
		{"another command", func(j *joinedSession) { j.term.events <- Command{'?'} }, false, full[:len(full)-1] + "the keys"},
		{"the mouse, which copies it", func(j *joinedSession) { j.item(envelope.Mouse{}) }, true, ""},
		{"the focus, lost to where it is pasted", func(j *joinedSession) { j.item(envelope.Focus{}) }, true, ""},
		{"output", func(j *joinedSession) { j.bus.append(envelope.Output{Data: []byte("\x1b[1;6H!")}) }, true, ""},
		{"nearly its time", func(*joinedSession) { time.Sleep(panelFor - 3*frameGap) }, true, ""},
		{"its time", func(*joinedSession) { time.Sleep(panelFor) }, false, full},
	} {
		t.Run(c.desc, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := join(t, newFakeTerminal(), typist1())
				j.bus.append(envelope.Output{Data: []byte("\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8")})
				sleep(frameGap)
				askTickets(t, j)
				c.do(j)
				sleep(frameGap)
				if got := showsTickets(j.term); got != c.stays {
					t.Errorf("the ticket is shown %v, want %v: %q", got, c.stays, j.term.text())
				}
				if !c.stays {
					restored(t, j, c.want)
				}
			})
		})
	}
}

// item does something at the terminal.
func (j *joinedSession) item(it envelope.InputItem) {
	j.term.events <- Typing{[]envelope.InputItem{it}}
}

// The key that takes the ticket away is typed all the same, and the one that shows
// it is not.
func TestTheKeyAfterTicketsIsTyped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		askTickets(t, j)
		j.term.key("l")
		synctest.Wait()
		if got := j.bus.typed(t); got != "l" {
			t.Errorf("sent %q, want %q", got, "l")
		}
		for _, s := range j.bus.sent {
			if strings.Contains(string(s.Plain), "gst1") {
				t.Errorf("the ticket was sent: %q", s.Plain)
			}
		}
	})
}

func TestTicketsAndNotices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), MemberState{Joined: &Joined{Incarnation: 1}, Link: 1})
		askTickets(t, j)
		s := MemberState{Joined: &Joined{Incarnation: 1}, Link: 1, Lost: true}
		j.bus.ports.State <- s
		sleep(frameGap)
		line := testTickets(View{})[0]
		if got := j.term.text(); !strings.Contains(got, "\n"+line[80:]+"\ndisconnected 0 s") {
			t.Errorf("a notice while the ticket is shown: %q", got)
		}
		j.term.key("l") // a watcher's: it is not typed, but it is a key
		sleep(frameGap)
		if got := j.term.text(); strings.Contains(got, "abc") || !strings.Contains(got, "you are watching") {
			t.Errorf("after a watcher's key: %q", got)
		}
	})
}

func TestTicketsNeedRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term := newFakeTerminal()
		term.resize(40, 3)
		j := join(t, term, typist1())
		j.term.events <- Command{'i'}
		sleep(frameGap)
		if got := j.term.text(); strings.Contains(got, "abc") || !strings.Contains(got, "too small") {
			t.Errorf("on 3 rows: %q", got)
		}
		sleep(2*noticeFor + frameGap) // that the window is small is said, too
		restored(t, j, "hello")

		resize := func(cols, rows int) {
			term.resize(cols, rows)
			j.term.events <- TerminalResized{}
			sleep(frameGap)
		}
		resize(40, 8)
		askTickets(t, j)
		resize(40, 3)
		if got := j.term.text(); strings.Contains(got, "abc") || !strings.Contains(got, "too small") {
			t.Errorf("after shrinking: %q", got)
		}
		resize(40, 8)
		if !showsTickets(j.term) {
			t.Errorf("after growing: %q", j.term.text())
		}
		resize(40, 4) // for the ticket and a row, but not for a notice too
		j.bus.ports.State <- MemberState{Joined: &Joined{Incarnation: 9, MayType: true}, Link: 1, Lost: true}
		sleep(frameGap)
		if !showsTickets(j.term) {
			t.Errorf("with a notice that has no room: %q", j.term.text())
		}
		j.term.key("x")
		sleep(2*noticeFor + 2*frameGap) // that the window is small is said first
		restored(t, j, "hello\n\n\ndisconnected 8 s, 1 key held; ~. leaves")
	})
}

// resize gives the terminal another size, as its owner does.
func (t *fakeTerminal) resize(cols, rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cols, t.rows = cols, rows
	t.seen.Resize(cols, rows)
}

// The end takes the ticket off the terminal: what stays there is the session's.
func TestTheEndLeavesNoTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		askTickets(t, j)
		j.bus.append(envelope.End{})
		<-j.done
		if got := strings.TrimRight(j.term.text(), "\n"); got != "hello" {
			t.Errorf("the terminal shows %q at the end", got)
		}
	})
}

// Escape takes a panel away and is not typed; any other key is.
func TestEscapeIsForThePanel(t *testing.T) {
	for _, esc := range []envelope.InputItem{envelope.Typed{Data: []byte("\x1b")}, envelope.Key{Final: 'u', Number: 27, Modifiers: 1}} {
		synctest.Test(t, func(t *testing.T) {
			j := join(t, newFakeTerminal(), typist1())
			press := func(it envelope.InputItem) int {
				j.term.events <- Typing{[]envelope.InputItem{it}}
				sleep(frameGap)
				return len(j.bus.records(t))
			}
			askTickets(t, j)
			if n := press(esc); n != 0 || showsTickets(j.term) {
				t.Errorf("%d records; %q", n, j.term.text())
			}
			if n := press(esc); n != 1 {
				t.Errorf("without a panel: %d records, want 1", n)
			}
			askTickets(t, j)
			if n := press(envelope.Typed{Data: []byte("q")}); n != 2 || showsTickets(j.term) {
				t.Errorf("another key: %d records, want 2; %q", n, j.term.text())
			}
		})
	}
}
