package session

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/screen"
)

// A shown is a member and the terminal that shows its screen, with a scrollback.
type shown struct {
	t      *testing.T
	core   *MemberCore
	next   int // of the host's log
	wants  []uint64
	r      *screen.Renderer
	term   *screen.Screen
	frame  screen.Frame
	scroll []string // what left the terminal upwards
}

func newShown(t *testing.T, self Self, cols, rows int) *shown {
	s := &shown{t: t, core: NewMemberCore(self), r: screen.NewRenderer(cols, rows), term: screen.New(cols, rows)}
	s.term.KeepScrolled(true)
	return s
}

func (s *shown) step(now time.Time, ev MemberEvent) {
	for _, a := range s.core.Step(now, ev) {
		if w, ok := a.(WantHistory); ok {
			s.wants = append(s.wants, w.Seq)
		}
	}
}

// follow takes up to n further records of the host's log and draws.
func (s *shown) follow(r *hostRig, n int) {
	for ; s.next < len(r.log) && n > 0; n-- {
		s.step(r.now, Recorded(r.log[s.next]))
		s.next++
	}
	s.tick(r.now)
	s.draw()
}

func (s *shown) tick(now time.Time) {
	s.t.Helper()
	if at, ok := s.core.Deadline(); !ok || at.After(now) {
		return
	}
	s.step(now, Tick{})
	if at, ok := s.core.Deadline(); ok && !at.After(now) {
		s.t.Fatalf("due at %v although it was ticked then", at)
	}
}

func (s *shown) draw() {
	s.core.Frame(&s.frame, false)
	for piece := range slices.Chunk(s.r.Draw(&s.frame, screen.Overlay{}), screen.MaxScrolled) { // so that term loses none
		s.term.Write(piece)
		var f screen.Frame
		s.term.Frame(&f)
		for _, line := range f.Scrolled {
			s.scroll = append(s.scroll, printed(line, &f))
		}
	}
}

// all returns scrollback and screen, without blank lines at the end.
func (s *shown) all() []string {
	var f screen.Frame
	s.term.Frame(&f)
	all := slices.Clone(s.scroll)
	for y := range f.Rows {
		all = append(all, printed(f.Row(y), &f))
	}
	for len(all) > 0 && all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	return all
}

// printed returns what a line shows, pens included.
func printed(line []screen.Cell, f *screen.Frame) string {
	var b strings.Builder
	end := 0
	for _, c := range line {
		pen := c.Pen
		link := f.Links[pen.Link]
		pen.Link = 0
		if pen != (screen.Pen{}) || link != "" {
			fmt.Fprintf(&b, "<%v%s>", pen, link)
			end = -1
		}
		if c.Rune == 0 {
			c.Rune = ' '
		}
		b.WriteRune(c.Rune)
		b.WriteString(f.Marks[c.Mark])
		if c.Rune != ' ' || c.Mark != 0 || end < 0 {
			end = b.Len()
		}
	}
	return b.String()[:max(end, 0)]
}

func (s *shown) wantAll(what string, want []string) {
	s.t.Helper()
	got := s.all()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			s.t.Fatalf("%s: differs from line %d on:\n got %q\nwant %q", what, i, got[min(i, len(got)):], want[min(i, len(want)):])
		}
	}
}

// A historyRig is a host, a member that was there from the beginning, and random
// output.
type historyRig struct {
	*hostRig
	rnd     *rand.Rand
	watcher *shown
	people  byte
}

const historyCols, historyRows = 20, 6

func newHistoryRig(t *testing.T, seed uint64) *historyRig {
	r := &historyRig{hostRig: newHostRig(t), rnd: rand.New(rand.NewPCG(seed, 5))}
	r.step(Resized{historyCols, historyRows})
	r.watcher = newShown(t, Self{Key: ana}, historyCols, historyRows)
	r.watcher.follow(r.hostRig, 1000)
	return r
}

var historyPieces = []string{"hello ", "\r\n", "\r\n", "\r\n", "\x1b[31m", "\x1b[m", "\x1b[1;44m", "中文", "e\u0301", "long enough to wrap ",
	"\x1b[K", "\x1b[H", "\x1b[6;1H", "\x1b[6;1H", "\x1b[2J", "\x1b[?1049h", "\x1b[?1049l", "\x1b[?1049l", "\x1b]8;;http://a\x1b\\l\x1b]8;;\x1b\\"}

// print has the shell print about n pieces, over some time.
func (r *historyRig) print(n int) {
	for n > 0 {
		var b []byte
		for range min(n, 1+r.rnd.IntN(12)) {
			b = append(b, historyPieces[r.rnd.IntN(len(historyPieces))]...)
			n--
		}
		r.output(b)
	}
}

func (r *historyRig) output(b []byte) {
	r.step(Output{b})
	r.wait(time.Duration(r.rnd.IntN(8)) * time.Millisecond)
	r.watcher.follow(r.hostRig, 1000)
}

// letIn admits somebody, which makes a snapshot.
func (r *historyRig) letIn() {
	r.people++
	r.join(id.Peer{9, r.people})
	r.wait(snapshotGap + time.Millisecond)
	r.watcher.follow(r.hostRig, 1000)
}

// newcomer begins with the n-th newest snapshot.
func (r *historyRig) newcomer(n int) *shown {
	s := newShown(r.t, Self{Key: ben}, historyCols, historyRows)
	for s.next = len(r.log) - 1; ; s.next-- {
		if r.log[s.next].Part == 1 {
			if n--; n < 0 {
				return s
			}
		}
	}
}

// ask asks the host for a history.
func (r *historyRig) ask(seq uint64) History {
	r.t.Helper()
	for _, a := range r.core.Step(r.now, HistoryWanted{seq}) {
		if h, ok := a.(History); ok {
			return h
		}
	}
	r.t.Fatalf("no answer for %d", seq)
	return History{}
}

// Promise 4: who comes late has the same in his scrollback and on his screen as who
// was there from the beginning. Without the history it is the newer part of that.
func TestHistoryMakesANewcomerEqual(t *testing.T) {
	const soon, late = 300 * time.Millisecond, historyPatience + time.Millisecond
	for _, tt := range []struct {
		desc  string
		give  func(r *historyRig, s *shown, h History)
		after time.Duration
		all   bool
	}{
		{"at once", func(r *historyRig, s *shown, h History) { s.step(r.now, h) }, 0, true},
		{"soon", func(r *historyRig, s *shown, h History) { s.step(r.now, h) }, soon, true},
		{"twice", func(r *historyRig, s *shown, h History) { s.step(r.now, h); s.step(r.now, h) }, soon, true},
		{"drawn, and again", func(r *historyRig, s *shown, h History) { s.step(r.now, h); s.draw(); s.step(r.now, h) }, soon, true},
		{"behind another's", func(r *historyRig, s *shown, h History) {
			s.step(r.now, History{h.Seq + 1, []byte("\x00\x14another\r\n\n")})
			s.step(r.now, h)
		}, soon, true},
		{"never", func(*historyRig, *shown, History) {}, late, false},
		{"too late", func(r *historyRig, s *shown, h History) { s.step(r.now, h) }, late, false},
		{"another's only", func(r *historyRig, s *shown, h History) {
			s.step(r.now, History{h.Seq - 1, h.Plain})
			r.wait(late)
		}, soon, false},
		{"none known", func(r *historyRig, s *shown, h History) { s.step(r.now, History{Seq: h.Seq}) }, soon, false},
		{"malformed", func(r *historyRig, s *shown, h History) { s.step(r.now, History{h.Seq, []byte{0xff, 0xff, 'x'}}) }, soon, false},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			drawn, missing := 0, 0
			for seed := range uint64(15) {
				r := newHistoryRig(t, seed)
				r.print(200 + r.rnd.IntN(600))
				for range 2 + r.rnd.IntN(2) {
					r.letIn()
					r.print(r.rnd.IntN(60))
				}
				s := r.newcomer(r.rnd.IntN(2))
				begun := uint64(s.next + 1)
				s.follow(r.hostRig, int(r.log[s.next].Parts))
				if len(s.wants) != 1 || s.wants[0] != begun {
					t.Fatalf("seed %d: asked for %v, want %d", seed, s.wants, begun)
				}
				if got := s.core.Screen(); len(s.all()) == 0 && strings.Join(got.Text(), "") != "" {
					t.Fatalf("seed %d: the first screen is not drawn at once", seed)
				}
				r.print(r.rnd.IntN(30))
				s.follow(r.hostRig, r.rnd.IntN(100))
				r.wait(tt.after)
				if tt.after > soon {
					s.follow(r.hostRig, 0)
				}
				tt.give(r, s, r.ask(begun))
				s.follow(r.hostRig, 1000)
				r.print(r.rnd.IntN(60))
				r.output([]byte("\x1b[?1049lend"))
				r.wait(time.Second)
				r.watcher.follow(r.hostRig, 1000)
				s.follow(r.hostRig, 1000)
				want := r.watcher.all()
				if !tt.all {
					want = want[max(0, len(want)-len(s.all())):]
				}
				s.wantAll(fmt.Sprint("seed ", seed), want)
				if len(s.wants) != 1 {
					t.Errorf("seed %d: asked %d times", seed, len(s.wants))
				}
				drawn += len(r.watcher.all())
				missing += len(r.watcher.all()) - len(s.all())
			}
			if drawn < 15*30 {
				t.Errorf("%d lines in all: the test shows nothing", drawn)
			}
			if tt.all != (missing == 0) {
				t.Errorf("%d of %d lines are missing", missing, drawn)
			}
		})
	}
}

// Any bytes for a history leave the newcomer's screen as it is, and what scrolls
// off it later in order.
func TestADamagedHistoryBreaksNothing(t *testing.T) {
	for seed := range uint64(12) {
		r := newHistoryRig(t, seed)
		r.print(200)
		r.letIn()
		s := r.newcomer(0)
		begun := uint64(s.next + 1)
		s.follow(r.hostRig, 1000)
		plain := slices.Clone(r.ask(begun).Plain)
		if seed%2 == 0 {
			plain = make([]byte, screen.MaxHistory)
			for i := range plain {
				plain[i] = byte(r.rnd.Uint32())
			}
			plain[0], plain[1] = 0, 80
		} else {
			for range 20 {
				plain[2+r.rnd.IntN(len(plain)-2)] = byte(r.rnd.Uint32())
			}
		}
		s.step(r.now, History{begun, plain})
		r.print(100)
		r.output([]byte("\x1b[?1049l\r\nthe end"))
		r.wait(time.Second)
		r.watcher.follow(r.hostRig, 1000)
		s.follow(r.hostRig, 1000)
		if !s.core.Screen().Equal(r.core.Screen()) {
			t.Fatalf("seed %d: the screen differs from the host's", seed)
		}
		got, want := s.all(), r.watcher.all()
		if n := historyRows - 2; !slices.Equal(got[len(got)-n:], want[len(want)-n:]) {
			t.Fatalf("seed %d: the terminal ends with %q, want %q", seed, got[len(got)-n:], want[len(want)-n:])
		}
	}
}

// Lines that went by while a program has the alternate screen come up behind it,
// and its own screen is never touched by them.
func TestANewcomerInAnEditorGetsTheHistoryWhenItEnds(t *testing.T) {
	r := newHistoryRig(t, 1)
	for i := range 40 {
		r.output(fmt.Appendf(nil, "line %d\r\n", i))
	}
	r.output([]byte("\x1b[?1049h\x1b[2J\x1b[Hthe editor"))
	r.letIn()
	s := r.newcomer(0)
	begun := uint64(s.next + 1)
	s.follow(r.hostRig, 1000)
	s.step(r.now, r.ask(begun))
	s.draw()
	if got := s.all(); len(s.scroll) > 0 || got[0] != "the editor" {
		t.Fatalf("while the editor shows: %q", got)
	}
	r.output([]byte("\x1b[?1049l$ "))
	r.wait(time.Second)
	s.follow(r.hostRig, 1000)
	r.watcher.follow(r.hostRig, 1000)
	s.wantAll("after the editor", r.watcher.all())
	if got := s.all()[0]; got != "line 0" {
		t.Errorf("the first line is %q", got)
	}
}

// What scrolls off while the history is waited for is held, at most 1,000 lines,
// and what is lost is said.
func TestAFloodWhileTheHistoryIsWaitedFor(t *testing.T) {
	r := newHistoryRig(t, 1)
	r.output([]byte("old\r\n"))
	r.output(bytes.Repeat([]byte("\r\n"), historyRows))
	r.letIn()
	s := r.newcomer(0)
	begun := uint64(s.next + 1)
	s.follow(r.hostRig, 1000)
	history := r.ask(begun)
	r.output([]byte(strings.Repeat("flood\r\n", 1500)))
	s.follow(r.hostRig, 1000)
	if len(s.scroll) > 0 {
		t.Fatalf("%d lines scrolled off before the history came", len(s.scroll))
	}
	s.step(r.now, history)
	s.draw()
	all := s.all()
	if i := slices.IndexFunc(all, func(l string) bool { return strings.Contains(l, "s") && strings.Contains(l, "k") }); i < 0 {
		t.Errorf("nothing says how many were skipped: %q", all[:5])
	}
	if slices.Contains(all, "old") {
		t.Error("old lines stand beside others that they do not adjoin")
	}
	if n := len(all); n < screen.MaxScrolled || n > screen.MaxScrolled+2*historyRows {
		t.Errorf("%d lines, want about %d", n, screen.MaxScrolled)
	}
}

// Nobody is asked when there is nothing, nor by the host's own terminal, nor after
// a jump.
func TestWhoAsksForTheHistory(t *testing.T) {
	for _, tt := range []struct {
		desc string
		self Self
		in   []Recorded
		want []uint64
	}{
		{"a newcomer", Self{}, []Recorded{snap(5, 1, 1, "a")}, []uint64{5}},
		{"once the snapshot is complete", Self{}, []Recorded{snap(5, 1, 3, "a"), snap(6, 2, 3, "a")}, nil},
		{"by its first part", Self{}, []Recorded{snap(5, 1, 2, "a"), snap(6, 2, 2, "a")}, []uint64{5}},
		{"who was there at the beginning", Self{}, []Recorded{snap(1, 1, 1, "a")}, nil},
		{"and jumps", Self{}, []Recorded{snap(1, 1, 1, "a"), snap(9, 1, 1, "b")}, nil},
		{"a newcomer who jumps", Self{}, []Recorded{snap(5, 1, 1, "a"), snap(9, 1, 1, "b")}, []uint64{5}},
		{"the host's own terminal", Self{Own: true}, []Recorded{snap(5, 1, 1, "a")}, nil},
	} {
		s := newShown(t, tt.self, 40, 10)
		for _, r := range tt.in {
			s.step(start, r)
		}
		if !slices.Equal(s.wants, tt.want) {
			t.Errorf("%s: asked for %v, want %v", tt.desc, s.wants, tt.want)
		}
	}
}

// What nobody asked for is not taken.
func TestAHistoryUnasked(t *testing.T) {
	unasked := []byte("\x00\x28unasked\r\n\n")
	s := newShown(t, Self{}, 40, 10)
	s.step(start, History{0, unasked})
	s.step(start, snap(1, 1, 1, "a"))
	s.step(start, History{0, unasked})
	s.step(start, History{1, unasked})
	if s.draw(); len(s.scroll) > 0 || !slices.Equal(s.all(), []string{"a"}) {
		t.Errorf("got %q", s.all())
	}
}

// The newest snapshots have their history, each its own; older ones have none.
func TestTheHostKeepsTheHistoryOfTheNewestSnapshots(t *testing.T) {
	r := newHistoryRig(t, 1)
	var seqs []uint64
	for i := range historiesKept + 3 {
		r.output(fmt.Appendf(nil, "line %d\r\n%s", i, strings.Repeat("\n", historyRows)))
		r.letIn()
		seqs = append(seqs, uint64(r.newcomer(0).next+1))
	}
	for i, seq := range seqs {
		h := r.ask(seq)
		if h.Seq != seq {
			t.Fatalf("asked for %d, got that of %d", seq, h.Seq)
		}
		mine, next := fmt.Sprintf("line %d\r", i), fmt.Sprintf("line %d\r", i+1)
		has := bytes.Contains(h.Plain, []byte(mine)) && !bytes.Contains(h.Plain, []byte(next))
		if known := i >= len(seqs)-historiesKept; has != known || !known && len(h.Plain) > 0 {
			t.Errorf("the history of snapshot %d of %d: %q", i+1, len(seqs), h.Plain)
		}
	}
	for _, seq := range []uint64{0, seqs[2] + 1, 1 << 60} {
		if h := r.ask(seq); len(h.Plain) > 0 || h.Seq != seq {
			t.Errorf("of %d, no snapshot: %+v", seq, h)
		}
	}
	r.output([]byte("\x1b[H\x1b[2J\x1b[3J"))
	for _, seq := range seqs {
		if h := r.ask(seq); len(h.Plain) > 0 {
			t.Errorf("the history of %d after 'clear': %q", seq, h.Plain)
		}
	}
}

// Who leaves while lines are held has them.
func TestReleaseScrolled(t *testing.T) {
	s := newShown(t, Self{}, 40, 10)
	s.step(start, snap(5, 1, 1, "a"))
	s.step(start, rec(6, "\x1b[Hfirst\r\n"+strings.Repeat("\n", 10)))
	if s.draw(); len(s.scroll) > 0 {
		t.Fatal("not held")
	}
	s.core.Dirty()
	s.core.ReleaseScrolled()
	if s.draw(); !slices.Contains(s.all(), "first") || !s.core.Dirty() {
		t.Errorf("got %q", s.all())
	}
	if _, ok := s.core.Deadline(); ok {
		t.Error("something is still due")
	}
}

// What the history costs the host in a flood.
func BenchmarkHostOutput(b *testing.B) {
	for _, flood := range []struct{ name, line string }{{"yes", "y\r\n"}, {"text", strings.Repeat("the quick brown fox ", 4) + "\r\n"}} {
		data := []byte(strings.Repeat(flood.line, 16<<10/len(flood.line)))
		for _, kept := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/kept=%v", flood.name, kept), func(b *testing.B) {
				h := NewHostCore(120, 40, envelope.View{})
				h.screen.KeepHistory(kept)
				now := start
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					now = now.Add(time.Millisecond)
					h.Step(now, Output{data})
				}
			})
		}
	}
}
