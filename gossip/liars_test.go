package gossip

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// lines returns how many lines begin so.
func lines(of []string, prefix string) (n int) {
	for _, l := range of {
		if strings.HasPrefix(l, prefix) {
			n++
		}
	}
	return n
}

// A false answer leaves the way open for the right one.
func TestAnswerKeepsTheWay(t *testing.T) {
	r := productRig(t, "a", Config{})
	r.run("up b", "b ask 0", "up c", "c ask 0", "up j", "knock j")
	r.do("b answer j")
	if got := r.do("c answer j"); !slices.Contains(got, "answered j") {
		t.Errorf("the second answer: %v", got)
	}
}

// What is repeated because it was not acked goes other ways in the end: the
// freshest may swallow it.
func TestRepeatsTakeOtherWays(t *testing.T) {
	r := productRig(t, "a", Config{})
	for _, p := range "bcde" {
		r.run(fmt.Sprintf("up %c", p), fmt.Sprintf("%c ask 0", p))
	}
	r.do("head d 1 0") // late, but they pass inputs on
	r.do("head e 1 0")
	ways := make(map[string]bool)
	for beat := range 20 {
		r.do(fmt.Sprintf("head b %d 0", beat+2)) // swallow all but heads
		r.do(fmt.Sprintf("head c %d 0", beat+2))
		for _, l := range r.do("submit a 1 again") {
			if to, is := strings.CutSuffix(l, " <- input a 1 0"); is {
				ways[to] = true
			}
		}
		r.wait(time.Second)
	}
	if !ways["d"] && !ways["e"] {
		t.Errorf("20 repeats went to %v only", ways)
	}
}

// One that joins again and again does not use up the credit that we have with our
// neighbors.
func TestJoinsAreNotMultiplied(t *testing.T) {
	r := productRig(t, "a", Config{})
	r.run("up b", "b ask 0", "up e", "e ask 0")
	sent := 0
	for range 50 {
		sent += lines(r.do("e join"), "b <- forward")
		r.wait(20 * time.Millisecond)
	}
	if sent > requestsPerSecond/10 {
		t.Errorf("%d walks in a second: of %d requests that b takes from us", sent, requestsPerSecond)
	}
	x := productRig(t, "x", Config{}) // how b sees it
	x.run("up h", "h ask 0", "h gossip 1 part", "good h 1", "up a", "a ask 0")
	for range sent {
		x.do("a forward 5 e")
		x.wait(20 * time.Millisecond)
	}
	for range 5 {
		x.do("a forward 5 e")
	}
	if got := x.do("a pull 1 1"); lines(got, "a <- gossip 1") != 1 {
		t.Logf("and a honest Pull after it: %v", got)
	}
}

// A snapshot that nobody asked to begin with does not throw away what is on its way.
func TestUnaskedSkip(t *testing.T) {
	r := productRig(t, "a", Config{})
	r.run("up b", "b ask 0", "up e", "e ask 0", "b gossip 1 part", "good b 1", "b gossip 2", "good b 2")
	r.run("e gossip 5 part skip", "good e 5") // genuine, and quicker than b's 3 and 4
	for range 2 * skipsRefuse {               // and said again and again
		r.do("e gossip 5 part skip")
	}
	r.run("b gossip 3", "good b 3", "b gossip 4", "good b 4")
	log := r.s.Log()
	for seq := uint64(1); seq <= 5; seq++ {
		if _, ok := log.Get(seq); !ok {
			t.Errorf("record %d is gone", seq)
		}
	}
}

// Peers that say that they have nobody else do not push out all others.
func TestLowDegreesDoNotEvictAll(t *testing.T) {
	r := productRig(t, "h", Config{})
	for _, p := range "ABCDEFGHIJKLMNOP" {
		r.run(fmt.Sprintf("up %c", p), fmt.Sprintf("%c ask 5", p))
	}
	for _, p := range "abcdefgijklmnopqrs" {
		r.run(fmt.Sprintf("up %c", p), fmt.Sprintf("%c ask 0 high", p))
	}
	r.wait(time.Minute)
	honest := 0
	for _, p := range r.s.Active() {
		if name(p) <= "P" {
			honest++
		}
	}
	if honest == 0 {
		t.Errorf("none of 16 is left beside %d liars", len(r.s.Active()))
	}
}

// What was served and lost is sent again to who asks for it.
func TestServedAndLostIsGrafted(t *testing.T) {
	r := productRig(t, "h", Config{})
	r.run("append 1 part", "append 2", "up a", "serve a 0")
	r.run("a ask 0") // none of it arrived, or its epoch was not known there yet
	var got []string
	for range 4 {
		r.wait(pullEvery)
		got = append(got, r.do("a graft 1")...)
	}
	if lines(got, "a <- gossip 1") == 0 {
		t.Errorf("grafts from 1: %v", got)
	}
}

// A contact keeps the addresses that its ticket gave.
func TestContactsKeepTheirAddresses(t *testing.T) {
	r := productRig(t, "a", Config{})
	true4 := Contact{Peer: peer("h"), Addrs: addrsOf("10.0.0.1:1")}
	lie := Contact{Peer: peer("h"), Addrs: addrsOf("10.9.9.9:9")}
	r.s.Step(r.now, Enter{true4})
	r.run("down h", "up b", "b ask 0")
	for _, a := range r.s.Step(r.now, Recv{peer("b"), ForwardJoin{0, lie}}) {
		if d, is := a.(Dial); is && !slices.Contains(d.Contact.Addrs, true4.Addrs[0]) {
			t.Errorf("dials %v", d.Contact.Addrs)
		}
	}
}

// One who says that it has what cannot be does not make us patient with all.
func TestFalseIHaveKeepsRepairQuick(t *testing.T) {
	for _, liar := range []string{"e ihave 5", "e ihave 18446744073709551615"} {
		r := productRig(t, "a", Config{BeatLate: -1})
		r.run("up b", "b ask 0", "up e", "e ask 0", liar, "b gossip 1 part", "good b 1")
		for seq := 2; seq < 30; seq++ { // an idle session
			r.wait(time.Second)
			r.run(fmt.Sprintf("b gossip %d", seq), fmt.Sprintf("good b %d", seq))
		}
		r.run("b gossip 31", "good b 31") // 30 is lost
		got := r.wait(1500 * time.Millisecond)
		if lines(got, "b <- pull 30")+lines(got, "b <- graft 30") == 0 {
			t.Errorf("%s: in 1.5 s b was not asked for what is missing: %v", liar, got)
		}
	}
}

// Walks about peers that nobody can reach do not keep those out who are linked.
func TestWalksLeaveRoomForJoiners(t *testing.T) {
	r := productRig(t, "h", Config{})
	r.run("up e", "e ask 5")
	for i := range 3 * maxAsks {
		c := Contact{Addrs: addrsOf("10.9.9.9:9")}
		c.Peer[0], c.Peer[1] = 1, byte(i)
		r.s.Step(r.now, Recv{peer("e"), ForwardJoin{0, c}})
		r.wait(25 * time.Millisecond)
	}
	if got := r.run("up n", "n join"); lines(got, "n <- ask") == 0 {
		t.Errorf("a joiner with a link is not invited: %v", got)
	}
}

func addrsOf(s string) []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort(s)} }
