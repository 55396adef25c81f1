package session

import (
	"strings"
	"testing"

	"gossterm/internal/envelope"
)

// fillShell makes the shell full with the first part of a record of ben's.
func (r *hostRig) fillShell() {
	r.room = 2
	r.in(ben, 1, "bbbb")
}

func TestAnInterruptPassesAFullShell(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.fillShell()
	r.in(ben, 2, "b")
	r.in(ana, 1, "a")
	r.room = 100 // after the flush
	r.in(ana, 2, ctrlC)
	r.in(ana, 3, "ls")
	r.wantShell("bb!ls")
	if len(r.signals) != 1 || r.signals[0] != SignalInterrupt {
		t.Errorf("signals %v", r.signals)
	}
	r.wantAck(ana, 3, 0b100)
	r.wantAck(ben, 2, 0b11)
	if _, _, flushes := r.ack(ana); flushes != 1 {
		t.Errorf("flushes %d, want 1", flushes)
	}
}

func TestEveryInterruptKeyPasses(t *testing.T) {
	for key, want := range map[string]Signal{ctrlC: SignalInterrupt, "\x1c": SignalQuit, "\x1a": SignalSuspend} {
		r := newHostRig(t)
		r.join(ana, ben)
		r.fillShell()
		r.in(ana, 1, key)
		if len(r.signals) != 1 || r.signals[0] != want {
			t.Errorf("%q: signals %v, want %v", key, r.signals, want)
		}
	}
}

// A terminal that tells keys apart sends ^C as a key. It is one where the program does
// not want to know.
func TestAnInterruptThatIsAKeyPasses(t *testing.T) {
	for _, tt := range []struct {
		wish string // of the program
		want int    // signals
	}{{"", 1}, {"\x1b[>1u", 0}} {
		r := newHostRig(t)
		r.join(ana, ben)
		r.step(Output{[]byte(tt.wish)})
		r.fillShell()
		key := envelope.Key{Final: 'u', Number: 'c', Modifiers: 5}
		r.step(Input{Author: ana, Incarnation: 1, Seq: 1, Plain: envelope.Typing{Items: []envelope.InputItem{key}}.Append(nil)})
		if len(r.signals) != tt.want {
			t.Errorf("%q: signals %v, want %d", tt.wish, r.signals, tt.want)
		}
		m := newMemberRig(t)
		m.oneEach(70) // more than may be unacked
		m.step(Keys{[]envelope.InputItem{key}})
		if m.dropped == 0 {
			t.Error("what was typed before it waits")
		}
	}
}

// So does one that types it with other modifiers, or on the keypad.
func TestAnInterruptByAnyKeyPasses(t *testing.T) {
	for _, tt := range []struct {
		desc string
		key  envelope.Key
		want int
	}{
		{"control shift c", envelope.Key{Final: 'u', Number: 'c', Modifiers: 6}, 1},
		{"control alt c", envelope.Key{Final: 'u', Number: 'c', Modifiers: 7}, 1},
		{"control super c", envelope.Key{Final: 'u', Number: 'c', Modifiers: 13}, 1},
		{"alt c", envelope.Key{Final: 'u', Number: 'c', Modifiers: 3}, 0},
		{"an arrow", envelope.Key{Final: 'A', Number: 1, Modifiers: 5}, 0},
	} {
		r := newHostRig(t)
		r.join(ana, ben)
		r.fillShell()
		r.step(Input{Author: ana, Incarnation: 1, Seq: 1, Plain: envelope.Typing{Items: []envelope.InputItem{tt.key}}.Append(nil)})
		if len(r.signals) != tt.want {
			t.Errorf("%s: signals %v, want %d", tt.desc, r.signals, tt.want)
		}
	}
}

func TestAnInterruptIsAKeyLikeAnyOther(t *testing.T) {
	for _, tt := range []struct {
		desc  string
		set   func(*hostRig)
		shell string
	}{{
		desc: "when the shell reads", set: func(r *hostRig) { r.room = 100 }, shell: "bbbb\x03",
	}, {
		desc: "when the terminal makes no signals", set: func(r *hostRig) { r.modes.Signals = false }, shell: "bbbb\x03",
	}, {
		desc: "when that key is disabled", set: func(r *hostRig) { r.modes.Intr = 0 }, shell: "bbbb\x03",
	}} {
		t.Run(tt.desc, func(t *testing.T) {
			r := newHostRig(t)
			r.join(ana, ben)
			r.room = 2
			tt.set(r)
			r.in(ben, 1, "bbbb")
			r.in(ana, 1, ctrlC)
			r.makeRoom(100)
			r.wantShell(tt.shell)
			r.wantAck(ana, 1, 0)
			r.wantAck(ben, 1, 0)
		})
	}
}

// The line discipline may be full while the terminal still takes bytes.
func TestUnreadLinesCountAsAFullShell(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.modes.Unread = unreadFull
	r.in(ana, 1, ctrlC)
	if len(r.signals) != 1 {
		t.Errorf("signals %v, want one", r.signals)
	}
}

// It was admitted while the shell still took bytes, behind more than it took.
func TestAnInterruptThatWaitsInAQueueIsSeenWhenTheShellFills(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.room = 3
	r.in(ana, 4, ctrlC)
	r.in(ana, 3, "cc")
	r.in(ana, 2, "bb")
	r.in(ana, 1, "aa")
	r.wantShell("aab!")
	r.wantAck(ana, 4, 0b110)
}

// A queue that was full lets the interrupt in only when its first record goes.
func TestAnInterruptBehindAFullQueueIsSeenWhenItComesIn(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.room = 0
	for seq := uint64(1); seq <= queueRecords+1; seq++ {
		r.in(ana, seq, "a")
	}
	r.in(ana, queueRecords+2, ctrlC)
	r.makeRoom(2) // the first goes, the interrupt comes into the queue
	if len(r.signals) != 1 || len(r.shell) > 3 {
		t.Errorf("signals %v after %q", r.signals, r.shell)
	}
}

func TestModesAreNotAskedForPlainTyping(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.in(ana, 1, "ls -l\r\n\t\x1b[A")
	if r.asked != 0 {
		t.Errorf("asked %d times", r.asked)
	}
	r.in(ana, 2, ctrlC)
	if r.asked != 1 {
		t.Errorf("asked %d times for one ^C, want 1", r.asked)
	}
}

// Promise: whose input was thrown away types nothing more until it knows.
func TestWhoLostInputMustKnowBeforeItTypesOn(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.fillShell()
	r.in(ben, 2, "rm -r ") // what follows makes sense only behind it
	r.room = 100
	r.in(ana, 1, ctrlC)
	r.in(ben, 3, "/tmp/x\n")
	r.inKnowing(ben, 4, 1, "ls")
	r.inKnowing(ana, 2, 0, "pwd") // the interrupter lost nothing
	r.wantShell("bb!lspwd")
	r.wantAck(ben, 4, 0b1110)
	r.wantAck(ana, 2, 0)
}

// It learns of it although the shell still takes nothing.
func TestWhoLostHeldInputLearnsWhileTheShellIsFull(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.room = 1
	r.in(ana, 1, "aa")
	r.in(ben, 2, "b") // held: 1 is missing
	r.in(ana, 2, ctrlC)
	r.in(ana, 3, "full again")
	r.in(ben, 1, "b")
	r.wantAck(ben, 2, 0b11)
}

// What an author must know outlasts its leaving.
func TestWhoLostInputMustKnowAfterComingBack(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.fillShell()
	r.room = 100
	r.in(ana, 1, ctrlC)
	r.join(ana)
	r.join(ana, ben)
	r.in(ben, 2, "b")
	r.wantShell("bb!")
	r.wantAck(ben, 2, 0b11)
}

func TestWhatFollowsTheKeyInItsRecordIsTyped(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.fillShell()
	r.room = 100
	r.in(ana, 1, "x"+ctrlC+"ls")
	r.wantShell("bb!ls")
	r.wantAck(ana, 1, 0)
}

func TestAPasteThatWasCutDoesNotSwallowTheNext(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.step(Output{[]byte("\x1b[?2004h")})
	piece := func(seq uint64, first, last bool, text string) {
		p := envelope.Paste{First: first, Last: last, Data: []byte(text)}
		r.step(Input{Author: ana, Incarnation: 1, Seq: seq, Plain: envelope.Typing{Items: []envelope.InputItem{p}}.Append(nil)})
	}
	r.room = 3
	piece(1, true, false, "abc")
	piece(2, false, true, "def")
	r.room = 100
	r.in(ben, 1, ctrlC)
	r.inKnowing(ben, 2, 1, "ls")
	if got := r.shell[strings.Index(r.shell, "!")+1:]; got != "ls" {
		t.Errorf("after the interrupt the shell took %q, want \"ls\"", got)
	}
	r.shell = ""
	r.step(Input{Author: ben, Incarnation: 1, Seq: 3, Plain: envelope.Typing{Flushes: 1, Items: []envelope.InputItem{
		envelope.Paste{First: true, Last: true, Data: []byte("p")}}}.Append(nil)})
	r.wantShell("\x1b[200~p\x1b[201~")
}
