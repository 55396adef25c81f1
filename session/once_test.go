package session

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
)

func TestHostTypesOnceAndInOrder(t *testing.T) {
	type in struct {
		key  id.Peer
		seq  uint64
		text string
	}
	for _, tt := range []struct {
		desc    string
		in      []in
		shell   string
		through uint64 // of ana
	}{{
		desc:  "each once",
		in:    []in{{ana, 1, "l"}, {ana, 2, "s"}},
		shell: "ls", through: 2,
	}, {
		desc:  "a repeat is not typed",
		in:    []in{{ana, 1, "l"}, {ana, 1, "l"}, {ana, 2, "s"}, {ana, 1, "l"}, {ana, 2, "s"}},
		shell: "ls", through: 2,
	}, {
		desc:  "equal keys are typed each",
		in:    []in{{ana, 1, "y"}, {ana, 2, "y"}, {ana, 3, "y"}},
		shell: "yyy", through: 3,
	}, {
		desc:  "early ones wait",
		in:    []in{{ana, 3, "c"}, {ana, 2, "b"}, {ana, 1, "a"}},
		shell: "abc", through: 3,
	}, {
		desc:  "a gap is neither jumped nor acked",
		in:    []in{{ana, 1, "a"}, {ana, 3, "c"}},
		shell: "a", through: 1,
	}, {
		desc:  "authors have windows of their own",
		in:    []in{{ana, 1, "a"}, {ben, 1, "b"}, {ben, 2, "b"}},
		shell: "abb", through: 1,
	}, {
		desc:  "a stranger is not typed",
		in:    []in{{id.Peer{9}, 1, "x"}, {ana, 1, "a"}},
		shell: "a", through: 1,
	}, {
		desc: "a far number moves nothing",
		in:   []in{{ana, 1000, "x"}, {ana, 1, "a"}, {ana, 1000, "x"}, {ana, 2, "b"}}, shell: "ab", through: 2,
	}} {
		t.Run(tt.desc, func(t *testing.T) {
			r := newHostRig(t)
			r.join(ana, ben)
			for _, in := range tt.in {
				r.in(in.key, in.seq, in.text)
			}
			r.wantShell(tt.shell)
			r.wantAck(ana, tt.through, 0)
		})
	}
}

func TestAnotherLifeIsAnotherAuthor(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.in(ana, 1, "a")
	r.step(Input{Author: ana, Incarnation: 2, Seq: 2, Plain: plain(0, "x")})
	r.wantShell("a")
	r.step(Roster{[]Person{{Key: ana, Incarnation: 2, MayType: true}}})
	r.in(ana, 2, "x") // of the first life
	r.step(Input{Author: ana, Incarnation: 2, Seq: 1, Plain: plain(0, "b")})
	r.wantShell("ab")
}

func TestAViewerTypesNothing(t *testing.T) {
	r := newHostRig(t)
	r.step(Roster{[]Person{{Key: ana, Incarnation: 1}}})
	r.in(ana, 1, "x")
	r.wantShell("")
	if r.core.Stats().Barred != 1 {
		t.Errorf("barred %d, want 1", r.core.Stats().Barred)
	}
}

// What was typed by a writer who is one no more is discarded and acked as such,
// but for the record of which the shell has a part.
func TestARoleThatIsTakenDiscardsWhatWaits(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.room = 2
	r.in(ana, 1, "abcd")
	r.in(ana, 2, "e")
	r.in(ana, 3, "f")
	r.step(Roster{[]Person{{Key: ana, Incarnation: 1}}})
	r.makeRoom(100)
	r.wantShell("abcd")
	r.wantAck(ana, 3, 0b011)
}

func TestAMalformedRecordIsDiscardedAndTheNextIsTyped(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.in(ana, 1, "a")
	bad := plain(0, "x")
	bad[4] = 77 // no kind of item
	r.step(Input{Author: ana, Incarnation: 1, Seq: 2, Plain: bad})
	r.in(ana, 3, "c")
	r.wantShell("ac")
	r.wantAck(ana, 3, 0b010)
}

func TestAckComesAfterTheLastByte(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.room = 2
	r.in(ana, 1, "abcd")
	r.wantAck(ana, 0, 0)
	r.makeRoom(1)
	r.wantAck(ana, 0, 0)
	r.makeRoom(1)
	r.wantShell("abcd")
	r.wantAck(ana, 1, 0)
}

func TestAcksAreGatheredAndNeverLate(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.wait(time.Second) // the newcomers' snapshot
	before := len(r.log)
	for seq := uint64(1); seq <= 10; seq++ {
		r.in(ana, seq, "a")
		r.in(ben, seq, "b")
		r.wait(time.Millisecond)
	}
	if n := len(r.log) - before; n != 0 {
		t.Errorf("%d records before the ack was due", n)
	}
	r.wait(ackDelay - 10*time.Millisecond)
	if n := len(r.log) - before; n != 1 {
		t.Errorf("%d records for 20 inputs in 10 ms, want 1", n)
	}
	r.wantAck(ana, 10, 0)
	r.wantAck(ben, 10, 0)
}

func TestOutputTakesAcksAlong(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.wait(time.Second)
	before := len(r.log)
	r.in(ana, 1, "a")
	r.step(Output{[]byte("a")})
	r.wait(time.Second)
	if n := len(r.log) - before; n != 1 {
		t.Errorf("%d records for an echo and its ack, want 1", n)
	}
	r.wantAck(ana, 1, 0)
}

func TestARepeatOfASettledRecordIsAckedAgain(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.in(ana, 1, "a")
	r.wait(time.Second)
	before := len(r.log)
	r.in(ana, 1, "a")
	r.wait(ackDelay)
	if n := len(r.log) - before; n != 1 {
		t.Errorf("%d records after a repeat, want its ack", n)
	}
}

func TestAuthorsTakeTurns(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.room = 0
	for seq := uint64(1); seq <= 3; seq++ {
		r.in(ana, seq, "a")
	}
	for seq := uint64(1); seq <= 3; seq++ {
		r.in(ben, seq, "b")
	}
	r.makeRoom(100)
	r.wantShell("ababab")
}

func TestTheQueueOfAnAuthorIsBounded(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.room = 0
	big := strings.Repeat("x", maxText)
	for seq := uint64(1); seq <= 2000; seq++ {
		r.in(ana, seq, big)
	}
	a := r.core.authors[0]
	if len(a.queue) > queueRecords || a.window.Bytes() > 2*queueRecords*envelope.MaxInputItems {
		t.Errorf("%d records queued, %d bytes in the window", len(a.queue), a.window.Bytes())
	}
	r.makeRoom(1 << 30)
	if n := len(r.shell) / maxText; n < queueRecords || n > queueRecords+256 {
		t.Errorf("%d records typed, want what was held", n)
	}
}

func TestARecordThatTypesNothingIsSettled(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	mouse := envelope.Typing{Items: []envelope.InputItem{envelope.Mouse{Button: 1}}}.Append(nil)
	r.step(Input{Author: ana, Incarnation: 1, Seq: 1, Plain: mouse})
	r.in(ana, 2, "a")
	r.wantShell("a")
	r.wantAck(ana, 2, 0)
}

func TestAReplyIsTypedWholeAndFirst(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.room = 1
	r.in(ana, 1, "ab")
	r.in(ana, 2, "c")
	r.step(Output{[]byte("\x1b[6n")})
	r.makeRoom(2)
	r.makeRoom(100)
	r.wantShell("ab\x1b[1;1Rc")
}

func TestAnAuthorWhoComesBackGoesOnWhereItWas(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.in(ana, 1, "a")
	r.in(ana, 2, "b")
	r.join(ben)
	r.in(ana, 3, "x") // not in the roster
	r.join(ben, ana)
	r.in(ana, 1, "a")
	r.in(ana, 2, "b")
	r.in(ana, 3, "c")
	r.wantShell("abc")
	r.wantAck(ana, 3, 0)
}

func TestWhatALeaverTypedIsTyped(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.room = 1
	r.in(ana, 1, "ab")
	r.in(ana, 2, "cd")
	r.join(ben)
	r.makeRoom(100)
	r.wantShell("abcd")
	r.join(ben)
	if n := len(r.core.authors); n != 1 {
		t.Errorf("%d authors are kept, want 1", n)
	}
}

// A shell that reads nothing and people who come and go do not fill the memory.
func TestWhoLeftIsRememberedWithinBounds(t *testing.T) {
	r := newHostRig(t)
	r.room = 0
	const lives = closedKept + departedKept + 100
	for n := uint64(1); n <= lives; n++ {
		r.step(Roster{[]Person{{Key: ana, Incarnation: n, MayType: true}}})
		r.step(Input{Author: ana, Incarnation: n, Seq: 1, Plain: plain(0, "x")})
	}
	if n := len(r.core.authors); n > departedKept+2 {
		t.Errorf("%d authors with input, want at most %d", n, departedKept+2)
	}
	c := &r.core.closed
	if len(c.kept) > closedKept {
		t.Errorf("%d closed authors", len(c.kept))
	}
	// A life that may have been forgotten is not begun anew: nothing of it is typed twice.
	old := c.floor
	r.step(Roster{[]Person{{Key: ana, Incarnation: old, MayType: true}}})
	r.step(Input{Author: ana, Incarnation: old, Seq: 1, Plain: plain(0, "twice")})
	r.makeRoom(1 << 20)
	if strings.Contains(r.shell, "twice") {
		t.Error("a forgotten life typed again")
	}
	if got := len(r.shell); got < departedKept || got > departedKept+2 {
		t.Errorf("%d of those who left were typed, want about %d", got, departedKept)
	}
}

func TestTheEndSettlesTheLastAndIsLast(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.in(ana, 1, "exit\n")
	r.step(Output{[]byte("bye")})
	r.step(Exited{3})
	last := len(r.log)
	for _, ev := range []HostEvent{Output{[]byte("x")}, Resized{50, 20}, Tick{}, Exited{4}} {
		r.step(ev)
	}
	if at, ok := r.core.Deadline(); ok || len(r.log) != last || r.done == nil || r.done.Status != 3 {
		t.Errorf("after the end: due %v %v, %d records more, done %v", at, ok, len(r.log)-last, r.done)
	}
	items, _ := envelope.ParseLog(r.log[last-1].Plain)
	if got := fmt.Sprint(items); got != "[{3}]" {
		t.Errorf("the last record is %v, want End 3", got)
	}
	if through, _, _ := r.ack(ana); through != 1 {
		t.Errorf("acked through %d at the end, want 1", through)
	}
}
