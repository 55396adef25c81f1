package session

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"gossterm/internal/envelope"
)

// A memberRig is a MemberCore whose actions are kept.
type memberRig struct {
	t       *testing.T
	core    *MemberCore
	now     time.Time
	sent    []Send
	said    []string // what the person is told
	dropped int
}

func newMemberRig(t *testing.T) *memberRig {
	r := &memberRig{t: t, core: NewMemberCore(Self{Key: ana}), now: start}
	r.step(Joined{Incarnation: 1, MayType: true})
	return r
}

func (r *memberRig) step(ev MemberEvent) {
	for _, a := range r.core.Step(r.now, ev) {
		switch a := a.(type) {
		case Send:
			r.sent = append(r.sent, a)
		case Settled:
			how := "typed"
			if a.Discarded {
				how = "discarded"
			}
			r.said = append(r.said, fmt.Sprintf("%s %d/%d: %d", how, a.Incarnation, a.Seq, a.Bytes))
		case MaybeLost:
			r.said = append(r.said, fmt.Sprintf("maybe lost %d/%d-%d: %d", a.Incarnation, a.From, a.To, a.Bytes))
		case Dropped:
			r.dropped += a.Bytes
		case Skipped:
			r.said = append(r.said, fmt.Sprintf("skipped %d-%d", a.From, a.To))
		case Ended:
			r.said = append(r.said, fmt.Sprintf("ended %d", a.Status))
		}
	}
}

func (r *memberRig) keys(texts ...string) {
	var items []envelope.InputItem
	for _, text := range texts {
		items = append(items, envelope.Typed{Data: []byte(text)})
	}
	r.step(Keys{items})
}

// oneEach types n keys, each a record of its own.
func (r *memberRig) oneEach(n int) {
	for range n {
		r.keys("x")
	}
}

func (r *memberRig) paste(first, last bool, text string) {
	r.step(Keys{[]envelope.InputItem{envelope.Paste{First: first, Last: last, Data: []byte(text)}}})
}

// take forgets and returns what was sent.
func (r *memberRig) take() []Send {
	sent := r.sent
	r.sent = nil
	return sent
}

// items prints what a record holds.
func items(s Send) string {
	t, err := envelope.ParseTyping(s.Plain)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, it := range t.Items {
		switch it := it.(type) {
		case envelope.Typed:
			fmt.Fprintf(&b, "%s", it.Data)
		case envelope.Paste:
			fmt.Fprintf(&b, "<%v %d %v>", it.First, len(it.Data), it.Last)
		case envelope.Key:
			fmt.Fprintf(&b, "(%c)", it.Final)
		case envelope.Mouse:
			fmt.Fprintf(&b, "(mouse %d)", it.Button)
		}
	}
	return b.String()
}

func (r *memberRig) ack(through, discarded uint64, flushes uint32) {
	seq := r.core.through + 1
	if seq == 1 {
		r.step(Recorded{Seq: 1, Part: 1, Parts: 1, Plain: envelope.AppendLog(nil, envelope.Resize{Cols: 80, Rows: 24})})
		seq++
	}
	r.step(Recorded{Seq: seq, Plain: envelope.AppendLog(nil, envelope.Acks{Flushes: flushes, Authors: []envelope.Ack{
		{Author: ben, Incarnation: 1, Through: 99}, {Author: ana, Incarnation: 1, Through: through, Discarded: discarded}}})})
}

func (r *memberRig) wait(d time.Duration) {
	r.t.Helper()
	end := r.now.Add(d)
	for {
		at, ok := r.core.Deadline()
		if !ok || at.After(end) {
			r.now = end
			return
		}
		r.now = at
		r.step(Tick{})
		if again, ok := r.core.Deadline(); ok && !again.After(r.now) {
			r.t.Fatalf("due at %v although it was ticked at %v", again, r.now)
		}
	}
}

func (r *memberRig) wantSaid(want ...string) {
	r.t.Helper()
	if got := strings.Join(r.said, "; "); got != strings.Join(want, "; ") {
		r.t.Errorf("the person was told %q, want %q", got, want)
	}
}

func TestWhatIsTypedTogetherIsSentTogether(t *testing.T) {
	r := newMemberRig(t)
	r.keys("l", "s", "\n")
	r.keys("x")
	sent := r.take()
	if len(sent) != 2 || items(sent[0]) != "ls\n" || sent[0].Seq != 1 || items(sent[1]) != "x" || sent[1].Seq != 2 {
		t.Errorf("sent %v", sent)
	}
}

func TestNothingIsSentBeforeTheWelcome(t *testing.T) {
	r := &memberRig{t: t, core: NewMemberCore(Self{Key: ana}), now: start}
	r.keys("ls")
	if len(r.sent) != 0 {
		t.Errorf("sent %v", r.sent)
	}
	r.step(Joined{Incarnation: 4, MayType: true})
	if len(r.sent) != 1 || r.sent[0].Incarnation != 4 || items(r.sent[0]) != "ls" {
		t.Errorf("sent %v", r.sent)
	}
}

func TestWhoMayNotTypeIsToldWhatIsDropped(t *testing.T) {
	r := &memberRig{t: t, core: NewMemberCore(Self{Key: ana}), now: start}
	r.keys("ls")
	r.step(Joined{Incarnation: 4})
	r.keys("x")
	if len(r.sent) != 0 || r.dropped != 2 {
		t.Errorf("sent %v, dropped %d", r.sent, r.dropped)
	}
}

func TestAtMost64AreUnackedAndTheLastPlaceIsForAnInterrupt(t *testing.T) {
	r := newMemberRig(t)
	r.oneEach(100)
	if n := len(r.take()); n != maxUnacked-1 {
		t.Errorf("%d unacked, want %d", n, maxUnacked-1)
	}
	r.keys(ctrlC, "ls")
	sent := r.take()
	if len(sent) != 1 || sent[0].Seq != maxUnacked || items(sent[0]) != ctrlC {
		t.Errorf("sent %v, want the interrupt alone", sent)
	}
	if want := 100 - (maxUnacked - 1); r.dropped != want {
		t.Errorf("%d dropped, want %d", r.dropped, want)
	}
	r.keys(ctrlC)
	if n := len(r.take()); n != 0 {
		t.Errorf("%d sent beyond the last place", n)
	}
}

// The interrupter's own words behind its key are kept, although all before was discarded.
func TestTheInterruptersLaterTypingIsKept(t *testing.T) {
	r := newMemberRig(t)
	r.oneEach(70)
	r.keys(ctrlC, "ls")
	r.take()
	r.dropped = 0
	r.ack(maxUnacked, ^uint64(1), 1) // all discarded but the key itself
	sent := r.take()
	if len(sent) != 1 || items(sent[0]) != "ls" || r.dropped != 0 {
		t.Errorf("sent %v, dropped %d", sent, r.dropped)
	}
}

func TestSomebodyElsesInterruptDropsTheBacklog(t *testing.T) {
	r := newMemberRig(t)
	r.oneEach(70)
	r.take()
	r.ack(maxUnacked-1, ^uint64(0), 1)
	if r.dropped != 7 || len(r.take()) != 0 {
		t.Errorf("dropped %d, want 7", r.dropped)
	}
	r.wait(burstGap)
	r.take()
	r.keys("ls")
	sent := r.take()
	typing, _ := envelope.ParseTyping(sent[0].Plain)
	if typing.Flushes != 1 {
		t.Errorf("what is typed then knows of %d interrupts, want 1", typing.Flushes)
	}
}

// It is not known yet whether these will be discarded. If they are, what follows must be too.
func TestTheNewCountIsNotSentWhileOlderRecordsAreOpen(t *testing.T) {
	r := newMemberRig(t)
	r.keys("a")
	r.keys("b")
	r.ack(1, 0, 1)
	r.keys("c")
	sent := r.take()
	if got := flushesOf(sent[2].Plain); got != 0 {
		t.Errorf("c knows of %d interrupts while b is open", got)
	}
	r.ack(3, 0, 1)
	r.keys("d")
	if got := flushesOf(r.take()[0].Plain); got != 1 {
		t.Errorf("d knows of %d interrupts, want 1", got)
	}
}

func TestAnInterruptCutsAPaste(t *testing.T) {
	for _, tt := range []struct {
		desc    string
		do      func(*memberRig)
		sent    string // of the last record
		seq     uint64
		dropped int
	}{{
		desc: "whose beginning was sent: it is ended, in the interrupt's record",
		do: func(r *memberRig) {
			r.oneEach(maxUnacked - 2)
			r.paste(true, false, strings.Repeat("p", 3*maxText))
		},
		sent: "<false 0 true>" + ctrlC, seq: maxUnacked, dropped: 2*maxText + 10,
	}, {
		desc: "of which nothing was sent",
		do: func(r *memberRig) {
			r.oneEach(maxUnacked - 1)
			r.paste(true, false, "ppp")
		},
		sent: ctrlC, seq: maxUnacked, dropped: 3 + 10,
	}, {
		desc: "that was all sent",
		do: func(r *memberRig) {
			r.paste(true, true, "ppp")
			r.paste(true, true, "ppp")
		},
		sent: ctrlC, seq: 3,
	}} {
		t.Run(tt.desc, func(t *testing.T) {
			r := newMemberRig(t)
			tt.do(r)
			open := r.core.pasting
			r.keys(ctrlC)
			sent := r.take()
			if last := sent[len(sent)-1]; items(last) != tt.sent || last.Seq != tt.seq {
				t.Errorf("record %d is %q, want %d, %q", last.Seq, items(last), tt.seq, tt.sent)
			}
			if open { // the terminal still brings the rest
				r.paste(false, false, "rrrrr")
				r.paste(false, true, "rrrrr")
			}
			if r.dropped != tt.dropped {
				t.Errorf("%d dropped, want %d", r.dropped, tt.dropped)
			}
			r.ack(tt.seq, 0, 0)
			r.paste(true, true, "next")
			if sent := r.take(); len(sent) != 1 || items(sent[0]) != "<true 4 true>" {
				t.Errorf("then sent %v", sent)
			}
		})
	}
}

func TestRepeatsComeLaterAndLater(t *testing.T) {
	r := newMemberRig(t)
	r.oneEach(20)
	first := r.take()
	r.wait(10 * time.Second)
	var at []string
	sent := r.take()
	for i := 0; i < len(sent); i += repeatBatch {
		for j, s := range sent[i : i+repeatBatch] {
			if !s.Repeat || s.Seq != uint64(j+1) || !bytes.Equal(s.Plain, first[j].Plain) {
				t.Fatalf("repeat %d is %v", j, s)
			}
		}
		at = append(at, "x")
	}
	// 0.25, then 0.5, 1, 2, 2, 2, 2 s later: at 0.25 0.75 1.75 3.75 5.75 7.75 9.75
	if len(at) != 7 {
		t.Errorf("%d repeats in 10 s, want 7", len(at))
	}
	r.ack(1, 0, 0)
	r.wait(repeatFirst)
	if sent := r.take(); len(sent) != repeatBatch || sent[0].Seq != 2 {
		t.Errorf("after progress: %d repeats", len(sent))
	}
	r.ack(20, 0, 0)
	if at, ok := r.core.Deadline(); ok {
		t.Errorf("due at %v with nothing unacked", at)
	}
}

func TestANewLinkRepeatsAll(t *testing.T) {
	r := newMemberRig(t)
	r.oneEach(20)
	r.take()
	r.step(LinkUp{})
	if n := len(r.take()); n != 20 {
		t.Errorf("%d repeats, want 20", n)
	}
}

func TestEachRecordIsSettledOnce(t *testing.T) {
	r := newMemberRig(t)
	r.keys("a")
	r.keys("bb")
	r.keys("ccc")
	r.ack(2, 0b10, 0)
	r.ack(2, 0b10, 0)
	r.ack(1, 0, 0) // an older word
	r.ack(3, 0b100, 0)
	r.wantSaid("discarded 1/1: 1", "typed 1/2: 2", "typed 1/3: 3")
	if sent, unsent := r.core.Unsettled(); sent+unsent != 0 {
		t.Errorf("unsettled %d, %d", sent, unsent)
	}
}

func TestANewIncarnationSaysWhatMayBeLostAndNeverSendsItAgain(t *testing.T) {
	r := newMemberRig(t)
	r.keys("a")
	r.keys("bb")
	r.keys("ccc")
	r.ack(1, 0, 0)
	r.take()
	r.step(Joined{Incarnation: 7, MayType: true})
	r.step(LinkUp{})
	r.wait(10 * time.Second)
	r.keys("d")
	sent := r.take()
	if len(sent) != 1 || sent[0].Incarnation != 7 || sent[0].Seq != 1 || items(sent[0]) != "d" {
		t.Errorf("sent %v", sent)
	}
	r.ack(3, 0, 0) // of the old life
	r.wantSaid("typed 1/1: 1", "maybe lost 1/2-3: 5")
}

func TestTheSameIncarnationGoesOn(t *testing.T) {
	r := newMemberRig(t)
	r.keys("a")
	r.take()
	r.step(Joined{Incarnation: 1, MayType: true})
	r.step(LinkUp{})
	if sent := r.take(); len(sent) != 1 || sent[0].Seq != 1 {
		t.Errorf("sent %v, want record 1 again", sent)
	}
	r.wantSaid()
}

func TestUnsettledCountsWhatThePersonTyped(t *testing.T) {
	r := newMemberRig(t)
	r.oneEach(maxUnacked + 10)
	if sent, unsent := r.core.Unsettled(); sent != maxUnacked-1 || unsent != 11 {
		t.Errorf("%d sent, %d unsent; want %d, 11", sent, unsent, maxUnacked-1)
	}
}

// A full backlog holds the terminal while the host goes on taking; once it does
// not, the terminal is read again, for there may be a ^C, and what is too much is
// dropped and said.
func TestAFullBacklogHoldsTheTerminalForAWhile(t *testing.T) {
	r := newMemberRig(t)
	piece := strings.Repeat("p", maxText)
	fill := func() (pieces int) {
		for {
			if _, hold := r.core.HoldUntil(r.now); hold {
				return pieces
			}
			r.paste(pieces == 0, false, piece)
			if pieces++; pieces > 2*backlogMost/maxText {
				return pieces
			}
		}
	}
	r.core.movedAt = r.now
	if n := fill(); n > backlogFull/maxText+maxUnacked+1 {
		t.Fatal("the terminal was never held")
	}
	until, _ := r.core.HoldUntil(r.now)
	if want := r.now.Add(stallAfter); !until.Equal(want) {
		t.Errorf("held until %v, want %v", until, want)
	}
	r.now = until
	if _, hold := r.core.HoldUntil(r.now); hold {
		t.Fatal("the terminal is held although the host takes nothing")
	}
	fill()
	if r.core.waitingBytes > backlogMost {
		t.Errorf("%d bytes wait, want at most %d", r.core.waitingBytes, backlogMost)
	}
	if r.core.stats.DroppedBytes == 0 {
		t.Error("nothing was dropped")
	}
	last, ok := r.core.waiting[len(r.core.waiting)-1].(envelope.Paste)
	if !ok || !last.Last {
		t.Errorf("the cut paste ends with %+v, want an end", last)
	}
}

// What the terminal still brings of typing that somebody's interrupt threw away is
// thrown away too, up to a pause or an interrupt of one's own.
func TestTheRestOfABurstGoesWithIt(t *testing.T) {
	for _, tt := range []struct {
		desc  string
		pause time.Duration
		text  string
		want  string // what is typed of text
	}{
		{"the rest of the burst", burstGap - time.Millisecond, "touch x\r", ""},
		{"after a pause it is another", burstGap, "ls\r", "ls\r"},
		{"an interrupt gets through", time.Millisecond, "x\x03", "\x03"},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			r := newMemberRig(t)
			r.oneEach(maxUnacked + 10)
			r.core.keysAt = r.now
			r.core.acked(r.now, 1, envelope.Ack{Incarnation: r.core.incarnation, Through: 1, Discarded: 1})
			before := r.core.unsent()
			r.now = r.now.Add(tt.pause)
			r.core.keys(r.now, []envelope.InputItem{envelope.Typed{Data: []byte(tt.text)}})
			if before != 0 || r.core.unsent() != len(tt.want) {
				t.Errorf("%d bytes wait after %q, %d before; want %d, 0", r.core.unsent(), tt.text, before, len(tt.want))
			}
		})
	}
}

func TestTextIsCutBetweenCharactersAndSequences(t *testing.T) {
	for _, unit := range []string{"é", "€", "😀", "\x1b[1;5C", "\x1bOP"} {
		for shift := range len(unit) {
			text := strings.Repeat(".", shift) + strings.Repeat(unit, 3*maxText/len(unit))
			var all string
			for _, it := range splitTyped([]byte(text)) {
				piece := string(it.(envelope.Typed).Data)
				all += piece
				if len(piece) > maxText || strings.Trim(strings.ReplaceAll(piece, unit, ""), ".") != "" {
					t.Errorf("%q cut: %d bytes, ends with %q", unit, len(piece), piece[max(0, len(piece)-10):])
				}
			}
			if all != text {
				t.Errorf("%q: text changed", unit)
			}
		}
	}
}
