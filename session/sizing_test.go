package session

import (
	"fmt"
	"testing"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
)

func TestFitting(t *testing.T) {
	own := cells{100, 30}
	for _, tt := range []struct {
		desc             string
		claims           []claim
		smallest, latest cells
	}{{
		desc: "nobody has a say", smallest: own, latest: own,
	}, {
		desc:   "one",
		claims: []claim{{cells{80, 24}, 1}}, smallest: cells{80, 24}, latest: cells{80, 24},
	}, {
		desc:     "each direction has a smallest of its own",
		claims:   []claim{{cells{80, 50}, 1}, {cells{120, 24}, 3}, {cells{200, 60}, 2}},
		smallest: cells{80, 24}, latest: cells{120, 24},
	}, {
		desc:     "a tiny window leaves the terminal usable",
		claims:   []claim{{cells{2, 2}, 2}, {cells{100, 40}, 1}},
		smallest: cells{20, 5}, latest: cells{20, 5},
	}, {
		desc:     "in one direction as well",
		claims:   []claim{{cells{2, 40}, 2}, {cells{100, 3}, 1}},
		smallest: cells{20, 5}, latest: cells{20, 40},
	}} {
		if got := fitting(envelope.SizesSmallest, own, tt.claims); got != tt.smallest {
			t.Errorf("%s: smallest %v, want %v", tt.desc, got, tt.smallest)
		}
		if got := fitting(envelope.SizesLatest, own, tt.claims); got != tt.latest {
			t.Errorf("%s: latest %v, want %v", tt.desc, got, tt.latest)
		}
	}
}

// says is an input of ana's or another's that says a size.
func (r *hostRig) says(key id.Peer, seq uint64, cols, rows uint16) {
	items := []envelope.InputItem{envelope.Size{Cols: cols, Rows: rows}}
	r.step(Input{Author: key, Incarnation: 1, Seq: seq, Plain: envelope.Typing{Items: items}.Append(nil)})
}

func (r *hostRig) wantSize(what string, cols, rows int) {
	r.t.Helper()
	r.wait(resizeGap)
	if c, w := r.core.Screen().Size(); c != cols || w != rows || r.core.wanted() != (cells{cols, rows}) {
		r.t.Errorf("%s: the terminal is %dx%d, want %dx%d", what, c, w, cols, rows)
	}
	if n := len(r.sizes); n > 0 && r.sizes[n-1].cells != (cells{cols, rows}) {
		r.t.Errorf("%s: the shell was told %v, want %dx%d", what, r.sizes[n-1].cells, cols, rows)
	}
}

func rosterOf(ps ...Person) Roster { return Roster{ps} }

func TestTheSmallestOfThoseWhoTypeSizesTheTerminal(t *testing.T) {
	r := newViewRig(t, envelope.View{Sizes: envelope.SizesSmallest})
	typist := func(key id.Peer) Person { return Person{Key: key, Incarnation: 1, MayType: true} }
	a, b, w := typist(ana), typist(ben), Person{Key: id.Peer{3}, Incarnation: 1}
	r.step(rosterOf(a, b, w))
	r.wantSize("nobody told a size", 80, 24)
	r.says(ana, 1, 100, 30)
	r.wantSize("one did", 100, 30)
	r.says(ben, 1, 120, 20)
	r.wantSize("two did", 100, 20)
	r.says(w.Key, 1, 30, 10)
	r.wantSize("a watcher has no say", 100, 20)
	away := b
	away.Away = true
	r.step(rosterOf(a, away, w))
	r.wantSize("one is away", 100, 30)
	r.step(rosterOf(a, b, w))
	r.wantSize("and back", 100, 20)
	barred := b
	barred.MayType = false
	r.step(rosterOf(a, barred, w))
	r.wantSize("one lost the right to type", 100, 30)
	r.step(rosterOf(a, b, w))
	r.wantSize("and got it back", 100, 20)
	r.step(rosterOf(a, w))
	r.wantSize("one left", 100, 30)
	r.step(rosterOf(a, b, w))
	r.wantSize("and is here again", 100, 20)
	r.step(rosterOf(w))
	r.wantSize("all left", 80, 24)
	r.step(Resized{90, 33})
	r.wantSize("then the host's counts", 90, 33)
	r.wantShell("")
}

// Who left has no say, though what he typed still waits for the shell.
func TestWhoLeftSizesNothing(t *testing.T) {
	r := newViewRig(t, envelope.View{Sizes: envelope.SizesSmallest})
	r.join(ana, ben)
	r.says(ana, 1, 100, 30)
	r.says(ben, 1, 60, 20)
	r.wantSize("both", 60, 20)
	r.room = 1
	r.in(ben, 2, "xyz")
	r.join(ana)
	r.wantSize("one left", 100, 30)
	r.wantShell("x")
}

func TestWhoTypedLastSizesTheTerminal(t *testing.T) {
	r := newViewRig(t, envelope.View{Sizes: envelope.SizesLatest})
	r.join(ana, ben)
	r.says(ana, 1, 100, 30)
	r.wantSize("the first", 100, 30)
	r.says(ben, 1, 60, 20)
	r.wantSize("to say a size counts as typing", 60, 20)
	r.in(ana, 2, "a")
	r.wantSize("who types has it", 100, 30)
	r.step(Input{Author: ben, Incarnation: 1, Seq: 2, Plain: envelope.Typing{Items: []envelope.InputItem{envelope.Focus{In: true}}}.Append(nil)})
	r.wantSize("looking is not typing", 100, 30)
	r.in(ben, 3, "b")
	r.wantSize("and the other", 60, 20)
	r.in(ben, 3, "b")
	r.in(ana, 2, "a")
	r.wantSize("a repeat is not typing", 60, 20)
	r.join(ana)
	r.wantSize("the other left", 100, 30)
	r.wantShell("ab")
}

// A size does not wait for a shell that takes nothing.
func TestASizeIsTakenWhileTheShellIsFull(t *testing.T) {
	r := newViewRig(t, envelope.View{Sizes: envelope.SizesSmallest})
	r.join(ana)
	r.room = 0
	r.in(ana, 1, "x")
	r.says(ana, 2, 60, 20)
	r.wantSize("full", 60, 20)
}

func TestOnlyAHostThatAsksTakesSizes(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.says(ana, 1, 60, 20)
	r.wantSize("not asked", 80, 24)
	r.wantAck(ana, 1, 0) // it is settled as typed: it types nothing
}

// The record of the size, all parts of a snapshot, and the shell: whatever it draws for
// that size comes behind.
func TestASnapshotFollowsAResizeAtOnce(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.wait(time.Second)
	r.step(Output{coloured(60_000)})
	before := len(r.log)
	r.step(Resized{100, 30})
	i := before
	for r.log[i].Part == 0 && !isResize(r.log[i]) { // the rest of the output
		i++
	}
	if !isResize(r.log[i]) || r.log[i+1].Part != 1 || int(r.log[i+1].Parts) != len(r.log)-i-1 {
		t.Errorf("behind the output are %d records, the first %+v", len(r.log)-i, r.log[i])
	}
	if r.order[len(r.order)-1] != 'R' {
		t.Errorf("the order is %s, want the shell to be told last", r.order)
	}
}

// isResize reports whether a record is a resize alone.
func isResize(a Append) bool {
	items, err := envelope.ParseLog(a.Plain)
	if err != nil || a.Part > 0 || len(items) != 1 {
		return false
	}
	_, ok := items[0].(envelope.Resize)
	return ok
}

// Promise 5: however often sizes change, the shell has ten signals a second at most, the
// first at once, and in the end the newest size.
func TestResizesAreGathered(t *testing.T) {
	for _, sizes := range []envelope.Sizes{envelope.SizesHost, envelope.SizesLatest} {
		r := newViewRig(t, envelope.View{Sizes: sizes})
		r.join(ana)
		r.wait(time.Second)
		begun, records := r.now, len(r.log)
		for i := range 1000 {
			if sizes == envelope.SizesHost {
				r.step(Resized{30 + i%50, 10 + i%20})
			} else {
				r.says(ana, uint64(i+1), uint16(30+i%50), uint16(10+i%20))
			}
			r.wait(time.Millisecond)
		}
		r.wantSize("in the end", 30+999%50, 10+999%20)
		if n := len(r.sizes); n > 12 || n < 10 || !r.sizes[0].at.Equal(begun) {
			t.Errorf("%d sizes in a second, the first %v late", n, r.sizes[0].at.Sub(begun))
		}
		for i := 1; i < len(r.sizes); i++ {
			if gap := r.sizes[i].at.Sub(r.sizes[i-1].at); gap < resizeGap {
				t.Errorf("the shell is told another size after %v", gap)
			}
		}
		if n := len(r.log) - records; n > 150 {
			t.Errorf("%d records of a second of resizes", n)
		}
	}
}

// Who sizes a large and colourful screen again and again costs each member a bounded
// number of bytes a second: what a snapshot costs is waited for.
func TestLargeScreensAreResizedSeldom(t *testing.T) {
	r := newViewRig(t, envelope.View{Sizes: envelope.SizesLatest})
	r.join(ana)
	r.says(ana, 1, 400, 200)
	r.wait(time.Second)
	var fill []byte
	for i := range 400 * 200 {
		fill = fmt.Appendf(fill, "\x1b[38;2;%d;%d;%dmx", i%256, i/256%256, i%7)
	}
	r.step(Output{fill})
	r.wait(time.Second)
	bytes := func() (n int) {
		for _, rec := range r.log {
			n += len(rec.Plain)
		}
		return n
	}
	before, sizes := bytes(), len(r.sizes)
	const seconds = 20
	for i := range uint64(10 * seconds) {
		r.says(ana, 2+i, 400, uint16(200-i%2))
		r.wait(time.Second / 10)
	}
	if n := len(r.sizes) - sizes; n < 3 {
		t.Errorf("%d sizes in %d s", n, seconds)
	}
	if n := (bytes() - before) / seconds; n > 3*resizeBytes/2 {
		t.Errorf("%d bytes a second", n)
	}
}

func TestASizeThatIsBackBeforeItsTimeIsNoResize(t *testing.T) {
	r := newHostRig(t)
	r.step(Resized{100, 30})
	r.step(Resized{60, 20})
	r.wait(resizeGap / 2)
	r.step(Resized{100, 30})
	r.wait(time.Second)
	if len(r.sizes) != 1 {
		t.Errorf("the shell was told %v, want one size", r.sizes)
	}
}

// What a resize costs a host with a long past, snapshot and all.
func BenchmarkResize(b *testing.B) {
	h := NewHostCore(120, 40, envelope.View{})
	h.Start(start)
	for range 10_000 {
		h.Step(start, Output{[]byte("a line of output that is neither short nor long, as they are\r\n")})
	}
	now, bytes := start, 0
	for i := 0; b.Loop(); i++ {
		now = now.Add(time.Second)
		for _, a := range h.Step(now, Resized{80 + 120*(i%2), 24 + 36*(i%2)}) {
			if a, ok := a.(Append); ok {
				bytes += len(a.Plain)
			}
		}
	}
	b.ReportMetric(float64(bytes)/float64(b.N), "B/resize")
}
