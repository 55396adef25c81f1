package gossip

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A promise is one rule: after some lines, what the last of them does.
type promise struct {
	desc  string
	self  string // s if empty
	size  int    // of the active view; the default if 0
	lines string // separated by ;
	want  string // actions of the last line, separated by ;
}

func (p promise) check(t *testing.T) {
	t.Run(p.desc, func(t *testing.T) {
		self := p.self
		if self == "" {
			self = "s"
		}
		r := newRig(t, self, Config{Active: p.size, BeatLate: -1})
		got := strings.Join(r.run(split(p.lines)...), "; ")
		if got != p.want {
			t.Errorf("got  %s\nwant %s", got, p.want)
		}
		r.sound()
	})
}

func split(lines string) []string {
	var out []string
	for l := range strings.SplitSeq(lines, ";") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// sound fails the test if the views are not what they always must be.
func (r *rig) sound() {
	r.t.Helper()
	all := slices.Concat(r.s.Active(), r.s.Passive())
	for i, p := range all {
		if p == r.s.cfg.Self {
			r.t.Error("it has itself in a view")
		}
		if slices.Contains(all[:i], p) {
			r.t.Errorf("%s is in the views twice", name(p))
		}
	}
}

// three makes b, c and d neighbors.
const three = "up b; b ask 3; up c; c ask 3; up d; d ask 3; "

func TestViews(t *testing.T) {
	for _, p := range []promise{{
		desc:  "a peer is asked when there is a link, and is no neighbor by that",
		lines: "up b; b forward 0 c; up c",
		want:  "c <- ask 0 high",
	}, {
		desc:  "it is one when it accepts",
		lines: "up b; b forward 0 c; up c; c accept 1",
		want:  "neighbor c; c <- ihave 0 -",
	}, {
		desc:  "what it said before its accept came is not forgotten",
		lines: "up b; b forward 0 c; up c; c ihave 7; c accept 1",
		want:  "neighbor c; c <- ihave 0 -; c <- graft 1",
	}, {
		desc:  "it is none when it refuses",
		lines: "up b; b forward 0 c; up c; c refuse 8",
		want:  "",
	}, {
		desc:  "asks that cross are an agreement without a word",
		lines: "up b; b forward 0 c; up c; c ask 1",
		want:  "neighbor c; c <- ihave 0 -",
	}, {
		desc:  "an accept that comes too late is taken back",
		lines: "up b; b forward 0 c; up c; wait 2s; c accept 1",
		want:  "c <- disconnect no neighbor",
	}, {
		desc:  "a refusal undoes an agreement that was none",
		lines: "up b; b ask 2; b refuse 8",
		want:  "lost b no neighbor",
	}, {
		desc:  "asking a neighbor again is accepted again",
		lines: "up b; b ask 2; b ask 2",
		want:  "b <- accept 1",
	}, {
		desc: "a full view refuses who has two others", size: 2,
		lines: "up b; b ask 3; up c; c ask 3; up d; d ask 2",
		want:  "d <- refuse 2",
	}, {
		desc: "but nobody who has fewer; and evicts one who can spare it", size: 2,
		lines: "up b; b ask 3; up c; c ask 2; up d; d ask 1",
		want: "d <- accept 2; neighbor d; b <- ihave 0 -; c <- ihave 0 -; d <- ihave 0 -; " +
			"b <- disconnect evicted; lost b evicted; c <- ihave 0 -; d <- ihave 0 -",
	}, {
		desc: "nobody is evicted who has fewer than two others", size: 1,
		lines: "up b; b ask 2; up c; c ask 0 high; wait 5s",
		want:  "",
	}, {
		desc: "it is when it has found others", size: 1,
		lines: "up b; b ask 2; up c; c ask 0 high; wait 1s; b ihave 0; wait 1s",
		want:  "b <- disconnect evicted; lost b evicted; c <- ihave 0 -",
	}, {
		desc:  "a joiner is asked, and its name goes to all others",
		lines: three + "up e; e join",
		want:  "e <- ask 3; c <- forward 6 e; d <- forward 6 e; b <- forward 6 e",
	}, {
		desc:  "a walk goes on, not back",
		lines: "up b; b ask 3; up c; c ask 3; b forward 4 e",
		want:  "c <- forward 3 e",
	}, {
		desc:  "a walk ends where nobody else is",
		lines: "up b; b ask 3; b forward 4 e",
		want:  "dial e",
	}, {
		desc:  "a walk about ourselves ends in nothing",
		lines: "up b; b ask 3; b forward 0 s",
		want:  "",
	}, {
		desc: "halfway a joiner is remembered, and asked when there is room", size: 2,
		lines: "up b; b ask 3; up c; c ask 3; b forward 3 e; down c",
		want:  "lost c gone; b <- ihave 0 -; dial e",
	}, {
		desc:  "a shuffle is answered at its end, and what it brings is asked",
		lines: "up b; b ask 3; b shuffle 0 x ysx",
		want:  "b <- reply x ; dial x; dial y",
	}, {
		desc:  "a reply goes back the way the shuffle came",
		lines: "up b; b ask 3; up c; c ask 3; b shuffle 2 x y; c reply x z",
		want:  "b <- reply x z",
	}, {
		desc:  "and only once",
		lines: "up b; b ask 3; up c; c ask 3; b shuffle 2 x y; c reply x z; c reply x z",
		want:  "",
	}, {
		desc: "a silent neighbor is told and replaced, its link kept", size: 2,
		lines: "up b; b ask 3; up c; c ask 3; b forward 3 e; silent c",
		want:  "c <- disconnect silent; lost c silent; b <- ihave 0 -; dial e",
	}, {
		desc:  "the link of a silent peer stays",
		lines: "up b; b ask 3; silent b; wait 20s",
		want:  "",
	}, {
		desc:  "who comes back is asked again",
		lines: "up b; b ask 3; silent b; back b",
		want:  "b <- ask 0 high",
	}, {
		desc:  "who left is not asked again",
		lines: "up b; b ask 3; b disconnect 3; wait 20s",
		want:  "",
	}, {
		desc:  "nor does who leaves let anybody in",
		lines: "up b; b ask 3; leave; up c; c ask 0 high",
		want:  "c <- refuse 1",
	}, {
		desc:  "its link is closed: it waits for that",
		lines: "up b; b ask 3; b disconnect 3",
		want:  "lost b left; close b left",
	}, {
		desc:  "nor who was evicted before it left",
		lines: "up b; b ask 3; b disconnect 1; b disconnect 3; wait 20s",
		want:  "",
	}, {
		desc:  "who evicted us is, when others were not found for a while",
		lines: "up b; b ask 3; b disconnect 1; wait 11s",
		want:  "close b idle; dial b",
	}, {
		desc:  "a link of no use is let go",
		lines: "up b; wait 6s",
		want:  "close b idle",
	}, {
		desc:  "a link that replaces another: the peers agree anew",
		lines: "up b; b ask 3; up b",
		want:  "lost b gone; b <- ask 0 high",
	}, {
		desc:  "who cannot be reached is forgotten",
		lines: "up b; b ask 3; b forward 0 e; down e; wait 12s",
		want:  "",
	}, {
		desc:  "who believes to be a neighbor and is none is told",
		lines: "up b; b ihave 3",
		want:  "b <- disconnect no neighbor",
	}, {
		desc:  "leaving is said to all",
		lines: "up b; b ask 3; up c; c ask 3; leave",
		want:  "b <- disconnect left; c <- disconnect left",
	}} {
		p.check(t)
	}
}

// A State never asks, dials or knows more than its bounds, whoever floods it.
func TestViewsAreBounded(t *testing.T) {
	r := newRig(t, "s", Config{BeatLate: -1})
	r.run("up b", "b ask 3")
	next := byte(0)
	for range 200 {
		var cs []Contact
		for range MaxEntries {
			next++
			c := Contact{Peer: peer("x")}
			c.Peer[1], c.Peer[2] = next, byte(len(r.s.asks))
			cs = append(cs, c)
		}
		r.step(Recv{peer("b"), Shuffle{Origin: Contact{Peer: peer("y")}, Entries: cs}})
		r.step(Recv{peer("b"), ForwardJoin{0, cs[0]}})
		r.wait(100 * time.Millisecond)
		if len(r.s.passive) > defaultPassive || len(r.s.asks) > maxAsks {
			t.Fatalf("%d passive, %d asks", len(r.s.passive), len(r.s.asks))
		}
	}
	for i := range 5 * requestsPerSecond { // within what five links have credit for
		from, c := peer(string("bcdef"[i%5])), Contact{Peer: peer("z")}
		c.Peer[1] = byte(i)
		r.step(Recv{from, ForwardJoin{0, c}})
	}
	if want := maxInvites + maxFill; len(r.s.asks) != want {
		t.Errorf("%d peers are being asked, want the %d allowed", len(r.s.asks), want)
	}
	for i := range maxLinks + 10 {
		p := peer("l")
		p[1], p[2] = byte(i), byte(i>>8)
		r.step(LinkUp{p})
	}
	if len(r.s.links) > maxLinks {
		t.Errorf("%d links, want at most %d", len(r.s.links), maxLinks)
	}
	r.sound()
}

// MaxPeers is never exceeded, not for who has nobody either.
func TestMaxPeersIsHard(t *testing.T) {
	r := newRig(t, "s", Config{Active: 2, MaxPeers: 5, BeatLate: -1})
	for _, p := range "bcdefg" {
		r.run("up "+string(p), string(p)+" ask 0 high")
	}
	if got := len(r.s.Active()); got != 5 {
		t.Errorf("%d neighbors, want the 5 allowed", got)
	}
}

// Nor by those who were asked: what accepts too late is told so.
func TestMaxPeersIsHardForWhoWasAsked(t *testing.T) {
	r := newRig(t, "s", Config{Active: 2, MaxPeers: 2, BeatLate: -1})
	r.run("up b", "b join", "up c", "c join", "up d", "d join")
	r.run("b accept 1", "c accept 1")
	if got := r.do("d accept 1"); !slices.Equal(got, []string{"d <- disconnect evicted"}) {
		t.Errorf("a third accept did %q, want it sent away", got)
	}
	if got := r.run("up e", "e join"); slices.Contains(got, "e <- ask 2") {
		t.Errorf("a joiner was asked though there is no room: %q", got)
	}
}

// A join costs a few walks, however many neighbors there are.
func TestJoinsInAStormCostAFewWalks(t *testing.T) {
	r := newRig(t, "s", Config{BeatLate: -1})
	for _, p := range "bcdefg" {
		r.run("up "+string(p), string(p)+" ask 0 high")
	}
	n := 0
	for _, a := range r.run("up x", "x join") {
		if strings.Contains(a, "forward 6 x") {
			n++
		}
	}
	if n != walksMost {
		t.Errorf("%d walks for one join, want %d", n, walksMost)
	}
}

// Who has a few neighbors takes its time to find more: of seven that it hears of, none of
// whom can be reached, it dials one after the other.
func TestAFewNeighborsAreEnoughForAWhile(t *testing.T) {
	for _, tt := range []struct {
		neighbors string
		want      [3]int // dials at once, after fillEvery, and after that once more
	}{
		{"bc", [3]int{7, 0, 0}},
		{"bcd", [3]int{1, 1, 1}},
	} {
		r := newRig(t, "s", Config{BeatLate: -1})
		for _, p := range tt.neighbors {
			r.run("up "+string(p), string(p)+" ask 3")
		}
		r.wait(time.Minute)
		var dials func(actions []string) int
		dials = func(actions []string) (n int) {
			for _, a := range actions {
				if p, is := strings.CutPrefix(a, "dial "); is {
					n += 1 + dials(r.do("down "+p))
				}
			}
			return n
		}
		got := [3]int{dials(r.step(Recv{peer("b"), Shuffle{Origin: Contact{Peer: peer("b")}, Entries: contacts("tuvwxyz")}}))}
		for i := range got[1:] {
			got[1+i] = dials(r.wait(fillEvery))
		}
		if got != tt.want {
			t.Errorf("with neighbors %s: dials %v, want %v", tt.neighbors, got, tt.want)
		}
	}
}

// Who does not hear the host takes any neighbor, and comes back at once through
// who is heard again.
func TestTheUnheardTakeAnyWayBack(t *testing.T) {
	r := newRig(t, "s", Config{Active: 2})
	r.run("enter b", "up b", "b ask 3", "up c", "c ask 3", "up d", "silent d", "head b 1 0")
	if got := r.run("up e", "e ask 5"); !slices.Contains(got, "e <- refuse 2") {
		t.Errorf("a full view took one more: %q", got)
	}
	r.wait(4 * time.Second)
	if got := r.do("back d"); !slices.Contains(got, "d <- join") {
		t.Errorf("who is heard again was not asked to let us in: %q", got)
	}
	if got := r.run("up f", "f ask 5"); !slices.Contains(got, "f <- accept 2") {
		t.Errorf("an island refused a neighbor: %q", got)
	}
}

// Who does not hear the host comes back through its contacts, with doubling pauses.
func TestContactsAreAddedWhenTheHostIsUnheard(t *testing.T) {
	r := newRig(t, "s", Config{})
	r.run("enter b", "up b", "b ask 3", "head b 1 0")
	var at []time.Duration
	begin := r.now
	for range 400 {
		for _, a := range r.wait(100 * time.Millisecond) {
			if a == "b <- join" {
				at = append(at, r.now.Sub(begin).Round(time.Second))
			}
		}
	}
	want := []time.Duration{3, 4, 6, 10, 18, 28, 38}
	for i := range want {
		want[i] *= time.Second
	}
	if !slices.Equal(at, want) {
		t.Errorf("joined at %v, want %v", at, want)
	}
	r.run("head b 2 0")
	if got := r.wait(2 * time.Second); slices.Contains(got, "b <- join") {
		t.Error("joined again though the host was heard")
	}
}

// Peers that reach nobody but the host leave places in its view to others: else they
// and the host would be an island.
func TestTheHostKeepsPlacesForOthers(t *testing.T) {
	r := newRig(t, "h", Config{Active: 4})
	for _, p := range "abcdefg" {
		r.run("up "+string(p), string(p)+" ask 0 high") // and it stays at none
	}
	if got := r.run("up x", "x ask 5"); !slices.Contains(got, "x <- accept 7") {
		t.Errorf("one that has others was turned away: %q", got)
	}
	r.wait(time.Minute)
	if !slices.Contains(r.s.Active(), peer("x")) {
		t.Error("one that has others was evicted")
	}
}
