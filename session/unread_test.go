package session

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"gossterm/internal/envelope"
)

// A follower is a member that takes each record of the host's log as it comes.
type follower struct {
	*hostRig
	m  *MemberCore
	at int
}

// follow lets a member in.
func (r *hostRig) follow() *follower {
	r.join(ana)
	m := NewMemberCore(Self{Key: ana})
	m.Step(r.now, Joined{Incarnation: 1, MayType: true})
	return &follower{r, m, 0}
}

// read takes what was recorded.
func (f *follower) read() {
	for ; f.at < len(f.log); f.at++ {
		f.m.Step(f.now, Recorded(f.log[f.at]))
	}
}

// wantScreen reads, and checks that the member sees what the host does.
func (f *follower) wantScreen(when string) {
	f.t.Helper()
	f.read()
	if got, want := f.m.output, f.core.stats.OutputBytes; got != want {
		f.t.Errorf("%s: the member knows of %d bytes of output, the host of %d", when, got, want)
	}
	if !f.m.Screen().Equal(f.core.Screen()) {
		f.t.Errorf("%s: the member's screen is another:\n%q\n%q", when, f.m.Screen().Text(), f.core.Screen().Text())
	}
}

// counter returns what prints its next thousand bytes or more of numbered lines: at one
// each millisecond, too many to be read.
func counter() func() []byte {
	line := 0
	return func() (b []byte) {
		for len(b) < 1000 {
			line++
			b = fmt.Appendf(b, "line %d\r\n", line)
		}
		return b
	}
}

// atTop returns a thousand bytes of lines at the top of the screen: nothing scrolls.
func atTop() []byte { return bytes.Repeat([]byte("\x1b[H\r\n"), 200) }

// unreadFlood prints lines until they are left out, and returns all of them.
func (f *follower) unreadFlood(print func() []byte) []byte {
	f.t.Helper()
	f.wait(time.Second)
	all := f.prints(600, print)
	if !f.core.unread.on() {
		f.t.Fatal("the flood is still recorded")
	}
	return all
}

// Of lines that nobody can read the screen is recorded, again and again; behind the last
// of them those that a person may scroll back to, once.
func TestUnreadLinesAreNotRecorded(t *testing.T) {
	f := newHostRig(t).follow()
	print := counter()
	all := f.unreadFlood(print)
	at, snapshots := len(f.log), f.snapshots()
	all = append(all, f.prints(2000, print)...)
	if n, _ := f.outputs(at); n > 0 {
		t.Errorf("%d records of output", n)
	}
	if n := len(f.core.pending); n > 2*markEvery+2000 {
		t.Errorf("%d bytes wait", n)
	}
	if n := f.snapshots() - snapshots; n < 19 || n > 21 {
		t.Errorf("%d snapshots in 2 s, want one each %v", n, unreadGap)
	}
	f.step(Output{[]byte("$ ")})
	all = append(all, "$ "...)
	f.wait(unreadPause)
	f.wantScreen("after a pause")
	if n, _ := f.outputs(at); n > 0 {
		t.Errorf("%d records of output in a pause", n)
	}
	f.wait(floodRest - unreadPause)
	if last := f.log[len(f.log)-1]; last.Part > 0 {
		t.Error("a snapshot at once behind the last lines: who is behind goes on at that")
	}
	f.wait(unreadPause)
	f.wantScreen("after the flood")
	_, last := f.outputs(at)
	if len(last) < markEvery || len(last) > 2*markEvery+2000 || !bytes.HasSuffix(all, last) {
		t.Errorf("%d bytes are recorded behind it, want the last %d to %d", len(last), markEvery, 2*markEvery)
	}
	if _, shown := f.outputs(0); f.m.stats.SkippedBytes+uint64(len(shown)) != uint64(len(all)) {
		t.Errorf("%d bytes were skipped and %d shown of %d", f.m.stats.SkippedBytes, len(shown), len(all))
	}
	if got := f.core.Stats().UnreadBytes; got != f.m.stats.SkippedBytes {
		t.Errorf("the host left out %d bytes, the member skipped %d", got, f.m.stats.SkippedBytes)
	}
	f.in(ana, 1, "x")
	f.step(Output{[]byte("x")})
	f.wait(time.Second)
	f.wantScreen("when it is quiet again")
	if _, got := f.outputs(0); !bytes.HasSuffix(got, []byte("$ x")) {
		t.Errorf("what is typed then comes back as %q", got[len(got)-10:])
	}
}

// Each snapshot of a flood is what a member sees, also one that was away and one that comes.
func TestUnreadLinesAreSeen(t *testing.T) {
	f := newHostRig(t).follow()
	print := counter()
	f.unreadFlood(print)
	for range 20 {
		before := f.snapshots()
		for f.snapshots() == before {
			f.wait(time.Millisecond)
			if f.snapshots() == before {
				f.step(Output{print()})
			}
		}
		f.m.Dirty()
		f.wantScreen("at a snapshot")
		if !f.m.Dirty() {
			t.Error("what a snapshot shows is not to be drawn")
		}
	}
	late := &follower{f.hostRig, NewMemberCore(Self{Key: ben}), len(f.log) - 1}
	late.m.Step(f.now, Joined{Incarnation: 1})
	f.prints(100, print)
	f.wait(floodRest)
	late.wantScreen("who came in the flood")
}

// Somebody who types in such a flood sees sooner what it leads to.
func TestUnreadLinesOfWhoTypes(t *testing.T) {
	f := newHostRig(t).follow()
	print := counter()
	f.unreadFlood(print)
	snapshots := f.snapshots()
	for i := range 10 {
		f.in(ana, uint64(i+1), "x")
		f.prints(100, print)
	}
	if n, want := f.snapshots()-snapshots, int(time.Second/typedGap); n < want-2 || n > want+1 {
		t.Errorf("%d snapshots in a second, want about %d", n, want)
	}
	f.prints(int(typedFor/time.Millisecond), print)
	snapshots = f.snapshots()
	f.prints(1000, print)
	if n := f.snapshots() - snapshots; n > 11 {
		t.Errorf("%d snapshots in a second in which nobody types", n)
	}
}

// Who has stopped such a flood gets what that led to, and none of it.
func TestUnreadLinesThatWereStopped(t *testing.T) {
	f := newHostRig(t).follow()
	print := counter()
	f.unreadFlood(print)
	f.prints(500, print)
	at := len(f.log)
	f.in(ana, 1, ctrlC)
	snapshots := f.snapshots()
	f.wait(outputGap)
	rest := bytes.Repeat([]byte("line\r\n"), 500)
	f.step(Output{rest})
	if f.snapshots() != snapshots {
		t.Error("a snapshot of what is still to come of the flood")
	}
	f.step(Output{[]byte("^C\r\n$ ")})
	f.wantScreen("at once")
	f.wait(time.Second)
	f.wantScreen("later")
	if _, got := f.outputs(at); string(got) != string(rest)+"^C\r\n$ " {
		t.Errorf("%d bytes are recorded, want what came behind the key", len(got))
	}
}

// A resize, and the end of the program, find all that was left out in a snapshot.
func TestUnreadLinesBeforeAResizeAndTheEnd(t *testing.T) {
	f := newHostRig(t).follow()
	print := counter()
	f.unreadFlood(print)
	f.step(Resized{100, 30})
	f.prints(300, print)
	f.wantScreen("after a resize")
	f.unreadFlood(print)
	f.step(Exited{3})
	f.wantScreen("at the end")
	if !f.m.ended {
		t.Error("the member knows of no end")
	}
}

// A flood that goes on slowly is recorded again.
func TestUnreadLinesThatBecomeFewer(t *testing.T) {
	f := newHostRig(t).follow()
	f.unreadFlood(counter())
	for i := range 20 {
		f.step(Output{fmt.Appendf(nil, "slow %d\r\n", i)})
		f.wait(floodRest / 2)
	}
	f.wantScreen("then")
	if _, got := f.outputs(0); !bytes.HasSuffix(got, []byte("slow 18\r\nslow 19\r\n")) {
		t.Errorf("the log ends with %q", got[max(0, len(got)-40):])
	}
}

// Who was to see nothing of what was before sees what a flood leaves.
func TestUnreadLinesOfWhoSeesNoHistory(t *testing.T) {
	r := newViewRig(t, envelope.View{History: envelope.ShownNone})
	r.step(Output{[]byte("secret")})
	r.wait(time.Second)
	f := r.follow()
	f.wait(time.Second)
	f.read()
	if got := f.m.Screen().Text()[0]; got != "" {
		t.Fatalf("it begins with %q", got)
	}
	f.unreadFlood(counter())
	f.wait(unreadPause)
	f.wantScreen("in the flood")
}

// What goes on in small pieces after ^C is not a snapshot each.
func TestUnreadLinesThatDoNotStop(t *testing.T) {
	f := newHostRig(t).follow()
	f.unreadFlood(counter())
	f.in(ana, 1, ctrlC)
	snapshots := f.snapshots()
	for range 100 {
		f.step(Output{bytes.Repeat([]byte("line\r\n"), 50)})
		f.wait(freshAfter / 4)
	}
	if n, most := f.snapshots()-snapshots, 100/4+1; n == 0 || n > most {
		t.Errorf("%d snapshots in %v, want 1 to %d", n, 25*freshAfter, most)
	}
}

// The snapshot that a flood leaves has the lines above it for whoever comes later.
func TestUnreadLinesAreHistory(t *testing.T) {
	for _, end := range []string{"by itself", "by ^C"} {
		f := newHostRig(t).follow()
		f.unreadFlood(counter())
		if end == "by ^C" {
			f.in(ana, 1, ctrlC)
			f.step(Output{[]byte("^C\r\n$ ")})
		}
		f.wait(time.Second)
		first := len(f.log) - 1
		for f.log[first].Part != 1 {
			first--
		}
		var history []byte
		for _, a := range f.core.Step(f.now, HistoryWanted{f.log[first].Seq}) {
			if h, is := a.(History); is {
				history = h.Plain
			}
		}
		if len(history) == 0 {
			t.Errorf("a flood that ends %s leaves no history", end)
		}
	}
}

// Who is to see the screen alone has none of the lines of before he came.
func TestUnreadLinesBeforeWhoSeesTheScreenAlone(t *testing.T) {
	f := newViewRig(t, envelope.View{History: envelope.ShownScreen}).follow()
	print := counter()
	f.unreadFlood(print)
	at := len(f.log)
	f.join(ana, ben)
	since := f.prints(20, print)
	f.wait(time.Second)
	if _, got := f.outputs(at); !bytes.Equal(got, since) {
		t.Errorf("%d bytes are recorded, want the %d since", len(got), len(since))
	}
	f.wantScreen("then")
}

// What is not lines is recorded whole, however much of it: somebody may be watching.
func TestAFloodWithoutLinesIsRead(t *testing.T) {
	f := newHostRig(t).follow()
	f.wait(time.Second)
	frame := 0
	all := f.prints(2000, func() []byte {
		frame++
		return append(fmt.Appendf(nil, "\x1b[Hframe %d", frame), bytes.Repeat([]byte("#"), 1500)...)
	})
	f.wait(time.Second)
	if _, got := f.outputs(0); !bytes.Equal(got, all) {
		t.Errorf("%d of %d bytes are recorded", len(got), len(all))
	}
}

// Nor are lines that are short left out, if they are no flood of bytes.
func TestAFloodOfShortLinesIsRead(t *testing.T) {
	f := newHostRig(t).follow()
	f.wait(time.Second)
	all := f.prints(4*markEvery/90, func() []byte { return bytes.Repeat([]byte("y\r\n"), 30) })
	f.wait(time.Second)
	if _, got := f.outputs(0); !bytes.Equal(got, all) {
		t.Errorf("%d of %d bytes are recorded", len(got), len(all))
	}
}

// A few bytes soon after many do not make a flood none.
func TestAFloodIsNotOverByOneRecord(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.wait(time.Second)
	big := bytes.Repeat([]byte("y\r\n"), 20_000)
	for range 20 {
		r.step(Output{big})
		r.wait(floodGap)
		r.step(Output{[]byte("y\r\n")})
		r.wait(floodGap / 4)
	}
	if !r.core.flood.gathers() {
		t.Error("the flood is over")
	}
	r.wait(floodRest)
	r.step(Output{[]byte("y")})
	if r.core.flood.gathers() {
		t.Error("the flood is not over")
	}
}

// A screen that grows too large for a snapshot in such a flood is seen as soon as one fits
// again, also if it has another size then.
func TestUnreadLinesThatGrowTooLarge(t *testing.T) {
	f := newHostRig(t).follow()
	f.step(Resized{envelope.MaxCells, envelope.MaxCells})
	f.unreadFlood(counter())
	f.step(Output{manyColours()})
	f.prints(2*markEvery/1000+100, atTop)
	f.wait(floodRest)
	if f.core.Stats().TooLarge == 0 {
		t.Fatal("no snapshot was too large: the test proves nothing")
	}
	f.wait(time.Second)
	at := len(f.log)
	f.step(Output{[]byte("more")})
	f.wait(time.Second)
	if n, _ := f.outputs(at); n > 0 {
		t.Error("there is output behind a screen that nobody has")
	}
	f.step(Resized{envelope.MaxCells, envelope.MaxCells - 1})
	if n := len(f.core.pending); n > 0 {
		t.Errorf("%d bytes for the size of before wait", n)
	}
	f.wait(time.Second)
	f.step(Output{[]byte("\x1b[2J\x1b[Hsmall")})
	f.wait(2 * tooLargePause)
	f.wantScreen("when it fits")
	f.step(Output{[]byte(" again")})
	f.wait(time.Second)
	f.step(Output{[]byte("!")})
	f.wait(time.Second)
	f.wantScreen("later")
	if _, got := f.outputs(at); !bytes.HasSuffix(got, []byte("!")) {
		t.Error("output is still left out")
	}
}

// A screen of which no snapshot can be had is followed by its output, as ever.
func TestUnreadLinesOnALargeScreen(t *testing.T) {
	f := newHostRig(t).follow()
	f.step(Resized{envelope.MaxCells, envelope.MaxCells})
	f.step(Output{manyColours()})
	f.wait(time.Second)
	at := len(f.log)
	all := f.prints(550, atTop)
	f.wait(time.Second)
	if _, got := f.outputs(at); !bytes.Equal(got, all) {
		t.Errorf("%d of %d bytes are recorded", len(got), len(all))
	}
	f.wantScreen("all the time")
}
