package session

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
)

func resized(seq uint64, cols, rows uint16) Recorded {
	return Recorded{Seq: seq, Plain: envelope.AppendLog(nil, envelope.Resize{Cols: cols, Rows: rows})}
}

// snapOf makes part k of n of a snapshot of 50 x 20 whose screen shows text.
func snapOf(seq uint64, k, n uint16, view envelope.View, text string) Recorded {
	var items []envelope.LogItem
	if k == 1 {
		items = append(items, envelope.Resize{Cols: 50, Rows: 20}, view)
		text = "\x1b[H\x1b[2J" + text
	}
	return Recorded{Seq: seq, Part: k, Parts: n, Plain: envelope.AppendLog(nil, append(items, envelope.Screen{Data: []byte(text)})...)}
}

func TestTheScreenBehindAResizeIsTaken(t *testing.T) {
	view := envelope.View{}
	for _, tt := range []struct {
		desc    string
		in      []Recorded
		text    string
		retaken uint64
	}{{
		desc: "all its parts",
		in:   []Recorded{resized(2, 50, 20), snapOf(3, 1, 2, view, "ab"), snapOf(4, 2, 2, view, "c"), rec(5, "d")},
		text: "abcd", retaken: 1,
	}, {
		desc: "not before they are there",
		in:   []Recorded{resized(2, 50, 20), snapOf(3, 1, 2, view, "ab")},
		text: "a",
	}, {
		desc: "one that agrees changes nothing",
		in:   []Recorded{resized(2, 50, 20), snapOf(3, 1, 1, view, "a"), rec(4, "d")},
		text: "ad",
	}, {
		desc: "a resize without one is a resize, and the next is taken whenever it comes",
		in:   []Recorded{resized(2, 50, 20), rec(3, "b"), snapOf(4, 1, 1, view, "xyz"), rec(5, "!")},
		text: "xyz!", retaken: 1,
	}, {
		desc: "only that",
		in:   []Recorded{resized(2, 50, 20), snapOf(3, 1, 1, view, "xyz"), snapOf(4, 1, 1, view, "NO"), rec(5, "!")},
		text: "xyz!", retaken: 1,
	}, {
		desc: "who jumps to another needs it no more",
		in:   []Recorded{resized(2, 50, 20), snapOf(9, 1, 1, view, "z"), snapOf(10, 1, 1, view, "NO"), rec(11, "!")},
		text: "z!",
	}, {
		desc: "parts that do not follow each other are none",
		in:   []Recorded{resized(2, 50, 20), snapOf(3, 1, 3, view, "ab"), snapOf(4, 2, 3, view, "c"), snapOf(5, 2, 3, view, "c"), snapOf(6, 3, 3, view, "d")},
		text: "a",
	}, {
		desc: "nor with something in between, but the next whole one is taken",
		in:   []Recorded{resized(2, 50, 20), snapOf(3, 1, 2, view, "ab"), rec(4, "b"), snapOf(5, 2, 2, view, "c"), snapOf(6, 1, 1, view, "xyz")},
		text: "xyz", retaken: 1,
	}, {
		desc: "of two sizes in a record the first counts",
		in: []Recorded{{Seq: 2, Plain: envelope.AppendLog(nil, envelope.Resize{Cols: 50, Rows: 20}, envelope.Resize{Cols: 60, Rows: 30})},
			snapOf(3, 1, 1, view, "ab")},
		text: "ab", retaken: 1,
	}, {
		desc: "a resize in between makes those parts too old",
		in:   []Recorded{resized(2, 50, 20), snapOf(3, 1, 3, view, "NO"), resized(4, 50, 20), snapOf(5, 3, 3, view, "NO"), snapOf(6, 1, 1, view, "c")},
		text: "c", retaken: 1,
	}} {
		r := newMemberRig(t)
		r.step(snapOf(1, 1, 1, view, "a"))
		for _, in := range tt.in {
			r.step(in)
		}
		if cols, rows := r.core.Screen().Size(); cols != 50 || rows != 20 {
			t.Errorf("%s: size %dx%d", tt.desc, cols, rows)
		}
		if got := r.core.Screen().Text()[0]; got != tt.text {
			t.Errorf("%s: shows %q, want %q", tt.desc, got, tt.text)
		}
		if n := r.core.Stats().Retaken; n != tt.retaken {
			t.Errorf("%s: %d screens taken, want %d", tt.desc, n, tt.retaken)
		}
	}
}

// Promise 3: whoever follows, from whenever on, has the host's screen at every size.
func TestResizesMakeEverybodyEqual(t *testing.T) {
	for seed := range uint64(6) {
		r := newHistoryRig(t, seed)
		viewers := []*shown{r.watcher}
		for range 60 {
			r.print(10 + r.rnd.IntN(60))
			for range r.rnd.IntN(3) {
				r.step(Resized{2 + r.rnd.IntN(40), 2 + r.rnd.IntN(12)})
				r.output([]byte("redrawn\r\n"))
			}
			if r.rnd.IntN(8) == 0 {
				r.letIn()
				viewers = append(viewers, r.newcomer(0))
			}
			for i, v := range viewers {
				for v.next < len(r.log) {
					v.follow(r.hostRig, 1+r.rnd.IntN(4))
				}
				r.wait(resizeGap) // what is due is recorded
				v.follow(r.hostRig, 1000)
				if !v.core.Screen().Equal(r.core.Screen()) {
					t.Fatalf("seed %d: viewer %d has\n%s\nthe host\n%s", seed, i,
						strings.Join(v.core.Screen().Text(), "\n"), strings.Join(r.core.Screen().Text(), "\n"))
				}
			}
		}
	}
}

// What scrolled off is in each viewer's scrollback once and in order, however the
// terminal changed size meanwhile.
func TestLinesAreNeitherLostNorDoubledByResizes(t *testing.T) {
	for seed := range uint64(6) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		r := newHostRig(t)
		viewers := []*shown{newShown(t, Self{Key: ana}, 100, 50)}
		follow := func(most int) {
			for _, v := range viewers {
				v.follow(r, most)
			}
		}
		n := 0
		lines := func(more int) {
			for range more {
				n++
				r.step(Output{fmt.Appendf(nil, "line %d\r\n", n)})
			}
			r.wait(resizeGap)
			follow(1000)
		}
		for i := range 10 {
			lines(rnd.IntN(60))
			if i%4 == 2 {
				viewers = append(viewers, lateViewer(t, r, byte(i)))
			}
			for range 1 + rnd.IntN(3) {
				r.step(Resized{20 + rnd.IntN(100), 4 + rnd.IntN(40)})
				r.wait(resizeGap)
				follow(1 + rnd.IntN(3))
			}
		}
		lines(100) // all that came back is above again
		var want []string
		for i := range n {
			want = append(want, fmt.Sprintf("line %d", i+1))
		}
		for i, v := range viewers {
			v.wantAll(fmt.Sprintf("seed %d, viewer %d", seed, i), want)
		}
	}
}

// lateViewer lets somebody in, who begins at the newest snapshot and gets its history.
func lateViewer(t *testing.T, r *hostRig, n byte) *shown {
	r.join(ana, id.Peer{9, n})
	r.wait(snapshotGap)
	v := newShown(t, Self{Key: id.Peer{9, n}}, 100, 50)
	for v.next = len(r.log) - 1; r.log[v.next].Part != 1; {
		v.next--
	}
	v.follow(r, 1000)
	if len(v.wants) != 1 {
		t.Errorf("asks for %d histories", len(v.wants))
	}
	for _, seq := range v.wants {
		for _, a := range r.core.Step(r.now, HistoryWanted{seq}) {
			if h, ok := a.(History); ok {
				v.step(r.now, h)
			}
		}
	}
	return v
}

func TestANewcomerWhoIsShownNothing(t *testing.T) {
	for _, tt := range []struct {
		shown       envelope.Shown
		text, later string
		asks        bool
	}{
		{envelope.ShownLines, "old", "oldnew", true},
		{envelope.ShownScreen, "old", "oldnew", false},
		{envelope.ShownNone, "", "   new", false},
	} {
		r := newViewRig(t, envelope.View{History: tt.shown})
		r.step(Output{[]byte(strings.Repeat("gone\r\n", 50) + "\x1b[Hold\x1b[K\x1b]2;title\a\x1b[?2004h")})
		r.wait(time.Second)
		first := len(r.log) // of the snapshot for the newcomer
		r.join(ana)
		r.wait(time.Second)
		s := newShown(t, Self{Key: ana}, 80, 24)
		s.next = first
		if tt.shown != envelope.ShownLines { // all that is there: it is passed over
			s.next = 0
		}
		s.follow(r, 1000)
		if len(s.scroll) > 0 || tt.shown != envelope.ShownLines && strings.Contains(s.term.Text()[0], "gone") {
			t.Errorf("%d: its terminal shows %q", tt.shown, s.all())
		}
		if got := s.core.Screen().Text()[0]; got != tt.text || s.core.Screen().Title() != "title" {
			t.Errorf("%d: shows %q, title %q", tt.shown, got, s.core.Screen().Title())
		}
		if asks := len(s.wants) > 0; asks != tt.asks {
			t.Errorf("%d: asks for the history: %v", tt.shown, asks)
		}
		if got := len(answerTo(t, r.core, r.log[first].Seq).Plain) > 0; got != tt.asks {
			t.Errorf("%d: the host answers who asks: %v", tt.shown, got)
		}
		r.step(Output{[]byte("new")})
		r.step(Resized{70, 20})
		r.wait(time.Second)
		s.follow(r, 1000)
		if got := s.core.Screen().Text()[0]; got != tt.later {
			t.Errorf("%d: after a resize shows %q, want %q", tt.shown, got, tt.later)
		}
		for y, row := range s.core.Screen().Text()[1:] {
			if tt.shown == envelope.ShownNone && row != "" {
				t.Errorf("row %d shows %q", y+1, row)
			}
		}
		own := newShown(t, Self{Key: id.Peer{7}, Own: true}, 80, 24) // the host sees all
		own.follow(r, 1000)
		if !own.core.Screen().Equal(r.core.Screen()) {
			t.Errorf("%d: the host's own terminal differs", tt.shown)
		}
	}
}

func answerTo(t *testing.T, h *HostCore, seq uint64) History {
	t.Helper()
	for _, a := range h.Step(start.Add(time.Hour), HistoryWanted{seq}) {
		if h, ok := a.(History); ok {
			return h
		}
	}
	t.Fatal("no answer")
	return History{}
}

// A host that says part 2 for ever fills nobody's memory.
func TestPartsWithoutEndAreNotKept(t *testing.T) {
	m := newMemberRig(t)
	for _, in := range []Recorded{snapOf(1, 1, 1, envelope.View{}, ""), resized(2, 60, 20), snapOf(3, 1, 256, envelope.View{}, "")} {
		m.step(in)
	}
	for i := range uint64(1000) {
		m.step(snapOf(4+i, 2, 256, envelope.View{}, strings.Repeat("x", 1000)))
	}
	if n := len(m.core.parts); n > 2000 {
		t.Errorf("%d bytes of parts are kept", n)
	}
}
