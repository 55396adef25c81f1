package session

import (
	"strings"
	"testing"
	"time"

	"gossterm/internal/envelope"
)

// cut begins an outage whose silence began a moment before.
func (r *memberRig) cut() {
	r.step(OutOfReach{Since: r.now})
}

// heal ends an outage that was so long.
func (r *memberRig) heal(after time.Duration) {
	r.wait(after)
	r.take()
	r.step(InReach{})
}

// sentText returns what was sent for the first time since the last call.
func (r *memberRig) sentText() string {
	text := ""
	for _, s := range r.take() {
		if !s.Repeat {
			text += items(s)
		}
	}
	return text
}

func (r *memberRig) wantSent(when, want string) {
	r.t.Helper()
	if got := r.sentText(); got != want {
		r.t.Errorf("%s: sent %q, want %q", when, got, want)
	}
}

func TestWhatActsIsHeldDuringAnOutage(t *testing.T) {
	for _, tt := range []struct {
		desc string
		keys []envelope.InputItem
		sent string // at once
		held int    // keys
	}{{
		desc: "text is sent",
		keys: []envelope.InputItem{envelope.Typed{Data: []byte("ls")}},
		sent: "ls",
	}, {
		desc: "enter and what follows",
		keys: []envelope.InputItem{envelope.Typed{Data: []byte("ls\rpwd")}},
		sent: "ls",
		held: 4,
	}, {
		desc: "tab and backspace do not act",
		keys: []envelope.InputItem{envelope.Typed{Data: []byte("l\t\b\x7f")}},
		sent: "l\t\b\x7f",
	}, {
		desc: "escape",
		keys: []envelope.InputItem{envelope.Typed{Data: []byte("\x1b:q")}},
		held: 3,
	}, {
		desc: "an interrupt",
		keys: []envelope.InputItem{envelope.Typed{Data: []byte("\x03")}},
		held: 1,
	}, {
		desc: "an arrow does not act",
		keys: []envelope.InputItem{envelope.Key{Final: 'A', Number: 1, Modifiers: 1}},
		sent: "(A)",
	}, {
		desc: "control with an arrow",
		keys: []envelope.InputItem{envelope.Key{Final: 'A', Number: 1, Modifiers: 5}},
		held: 1,
	}, {
		desc: "a function key",
		keys: []envelope.InputItem{envelope.Key{Final: '~', Number: 20, Modifiers: 1}},
		held: 1,
	}, {
		desc: "shift and enter",
		keys: []envelope.InputItem{envelope.Key{Final: 'u', Number: 13, Modifiers: 2}},
		held: 1,
	}, {
		desc: "a paste of less than a line",
		keys: []envelope.InputItem{envelope.Paste{First: true, Last: true, Data: []byte("word")}},
		sent: "<true 4 true>",
	}, {
		desc: "a paste with a line",
		keys: []envelope.InputItem{envelope.Paste{First: true, Last: true, Data: []byte("word\n")}},
		held: 5,
	}, {
		desc: "the beginning of a longer paste",
		keys: []envelope.InputItem{envelope.Paste{First: true, Data: []byte("word")}},
		held: 4,
	}, {
		desc: "a click is for the screen as it was",
		keys: []envelope.InputItem{envelope.Mouse{Button: 0, Col: 1, Row: 1}},
	}} {
		t.Run(tt.desc, func(t *testing.T) {
			r := newMemberRig(t)
			r.cut()
			r.step(Keys{tt.keys})
			r.wantSent("in the outage", tt.sent)
			if got := r.core.Held(); got != tt.held {
				t.Errorf("%d keys held, want %d", got, tt.held)
			}
		})
	}
}

func TestAfterAShortOutageWhatWasHeldIsSent(t *testing.T) {
	r := newMemberRig(t)
	r.cut()
	r.keys("ls\r")
	r.keys("pwd\r")
	r.take()
	r.heal(askAfter - time.Millisecond)
	r.wantSent("back after a moment", "\rpwd\r")
	if _, asks := r.core.Asks(); asks || r.core.Held() != 0 {
		t.Errorf("asks %v, %d held, want nothing", asks, r.core.Held())
	}
}

func TestAfterALongOutageThePersonIsAsked(t *testing.T) {
	for _, tt := range []struct {
		desc    string
		send    bool
		want    string
		dropped int
	}{
		{"send", true, "\rpwd\rmore", 0},
		{"drop", false, "", 9},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			r := newMemberRig(t)
			r.cut()
			r.keys("ls\r")
			r.keys("pwd\r")
			r.take()
			r.heal(askAfter)
			if lasted, asks := r.core.Asks(); !asks || lasted != askAfter {
				t.Fatalf("asks %v after %v, want to be asked after %v", asks, lasted, askAfter)
			}
			r.keys("more")
			r.wantSent("before the answer", "")
			r.step(Decide{Send: tt.send})
			r.wantSent("after the answer", tt.want)
			if r.dropped != tt.dropped {
				t.Errorf("%d bytes dropped, want %d", r.dropped, tt.dropped)
			}
			r.keys("x\r")
			r.wantSent("later", "x\r")
			r.step(Decide{Send: !tt.send})
			r.wantSent("after a second answer", "")
		})
	}
}

func TestWhatFollowsTheQuestionIsBoundedToo(t *testing.T) {
	r := newMemberRig(t)
	r.cut()
	r.keys("\r")
	r.heal(askAfter)
	for range 100 {
		r.keys(strings.Repeat("x", 1000))
	}
	if held := r.core.Held(); held > heldMost {
		t.Errorf("%d keys held, want at most %d", held, heldMost)
	}
}

// That the host is heard says nothing new to who never missed it.
func TestToBeInReachAgainAndAgainChangesNothing(t *testing.T) {
	r := newMemberRig(t)
	r.cut()
	r.keys("\r")
	r.heal(askAfter)
	r.wait(time.Second)
	r.step(InReach{})
	if lasted, asks := r.core.Asks(); !asks || lasted != askAfter {
		t.Errorf("asks %v after %v, want to be asked after %v", asks, lasted, askAfter)
	}
}

// Who is asked and loses the host again is asked when it is back, however soon.
func TestASecondOutageAsksAgain(t *testing.T) {
	r := newMemberRig(t)
	r.cut()
	r.keys("\r")
	r.heal(askAfter)
	r.cut()
	if _, asks := r.core.Asks(); asks {
		t.Error("asks while the host is out of reach")
	}
	r.step(Decide{Send: true})
	r.wantSent("an answer in the outage", "")
	r.heal(time.Second)
	if _, asks := r.core.Asks(); !asks {
		t.Error("does not ask once the host is back")
	}
	r.wantSent("before the answer", "")
}

func TestAnInterruptDropsWhatIsHeld(t *testing.T) {
	r := newMemberRig(t)
	r.cut()
	r.keys("\rrm x\r")
	r.keys("\x03")
	if r.dropped != 6 || r.core.Held() != 1 {
		t.Errorf("%d bytes dropped and %d keys held, want 6 and the interrupt", r.dropped, r.core.Held())
	}
	r.heal(askAfter)
	r.keys("\x03") // on the question: not to be held up
	if _, asks := r.core.Asks(); asks {
		t.Error("still asks after an interrupt")
	}
	r.wantSent("an interrupt once the host is back", "\x03")
}

// Somebody else's interrupt throws away what is not sent, and that is held too.
func TestSomebodyElsesInterruptDropsWhatIsHeld(t *testing.T) {
	r := newMemberRig(t)
	r.cut()
	r.keys("x\rmore")
	r.wait(askAfter)
	r.ack(1, 1, 1)
	r.step(InReach{})
	if _, asks := r.core.Asks(); asks || r.core.Held() != 0 || r.dropped != 5 {
		t.Errorf("asks %v, %d keys held, %d bytes dropped, want 5 dropped", asks, r.core.Held(), r.dropped)
	}
}

func TestWhatIsHeldIsBounded(t *testing.T) {
	r := newMemberRig(t)
	r.cut()
	r.keys("\r")
	for range 100 {
		r.keys(strings.Repeat("x", 1000))
	}
	if held := r.core.Held(); held > heldMost || held < heldMost-2000 || held+r.dropped != 100_001 {
		t.Errorf("%d held and %d dropped of 100,001, want about %d held", held, r.dropped, heldMost)
	}
}

// A paste that began before the outage, and whose rest is dropped, is ended: else its
// program would wait for that for ever.
func TestADroppedPasteIsEnded(t *testing.T) {
	r := newMemberRig(t)
	r.paste(true, false, "one ")
	r.take()
	r.cut()
	r.paste(false, false, "two\n")
	r.heal(askAfter)
	r.step(Decide{Send: false})
	r.wantSent("the answer", "<false 0 true>")
	r.paste(false, true, "three")
	r.wantSent("the rest of the paste", "")
	if r.dropped != len("two\nthree") {
		t.Errorf("%d bytes dropped, want %d", r.dropped, len("two\nthree"))
	}
}

func TestUnsettledKeysCountsCharacters(t *testing.T) {
	r := newMemberRig(t)
	r.keys("äö")
	r.cut()
	r.keys("ü\r")
	r.step(Keys{[]envelope.InputItem{envelope.Key{Final: 'A', Number: 1, Modifiers: 1}}})
	if sent, unsent := r.core.UnsettledKeys(); sent != 3 || unsent != 2 {
		t.Errorf("%d keys sent and %d not, want 3 and 2", sent, unsent)
	}
	r.ack(1, 0, 0)
	if sent, unsent := r.core.UnsettledKeys(); sent != 1 || unsent != 2 {
		t.Errorf("after an ack %d keys sent and %d not, want 1 and 2", sent, unsent)
	}
}

// Where there is no room for the end of a paste that has begun it is ended all the same.
func TestAPasteThatFindsNoRoomIsEnded(t *testing.T) {
	for _, last := range []bool{false, true} {
		r := newMemberRig(t)
		r.oneEach(maxUnacked)
		r.paste(true, false, strings.Repeat("x", 2*heldMost))
		r.take()
		r.cut()
		r.paste(false, last, "rest")
		if got := r.core.waiting[len(r.core.waiting)-1]; !isPasteEnd(got) {
			t.Errorf("last piece %v: ends with %v", last, got)
		}
		if r.dropped != len("rest") {
			t.Errorf("last piece %v: %d bytes dropped, want %d", last, r.dropped, len("rest"))
		}
	}
}
