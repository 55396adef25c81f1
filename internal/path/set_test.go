package path

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"
)

const ms = time.Millisecond

func ap(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

var lan, wan, away = ap("192.168.1.9:9"), ap("203.0.113.9:9"), ap("198.51.100.9:9")

// A world has a peer behind some addresses, each with its round trip, and a set
// that looks for it. Nothing happens but in run.
type world struct {
	*set
	now     time.Duration
	rtt     map[netip.AddrPort]time.Duration // of those that answer
	answers []answer
	checks  []check
	n       uint64
}

type answer struct {
	check
	due time.Duration
}

func newWorld(relay bool) *world {
	return &world{set: newSet(true, relay), rtt: make(map[netip.AddrPort]time.Duration)}
}

// run lets time pass; act, if any, is called each 5 ms.
func (w *world) run(d time.Duration, act func()) {
	for end := w.now + d; w.now < end; w.now += 5 * ms {
		if act != nil {
			act()
		}
		w.answers = slices.DeleteFunc(w.answers, func(a answer) bool {
			if a.due <= w.now {
				w.answered(w.now, a.to, a.number)
			}
			return a.due <= w.now
		})
		if at := w.next(); at == none || at > w.now {
			continue
		}
		due := w.due(w.now, nil, func() uint64 { w.n++; return w.n })
		w.checks = append(w.checks, due...)
		for _, c := range due {
			if rtt, alive := w.rtt[c.to]; alive {
				w.answers = append(w.answers, answer{c, w.now + rtt})
			}
		}
	}
}

// talk sends a packet, and hears one at once if it went where the peer is.
func (w *world) talk() {
	if to, _ := w.route(w.now, 500); w.rtt[to] != 0 {
		w.heard(w.now, to)
	}
}

// goes says where the next packet goes.
func (w *world) goes() string {
	to, relay := w.route(w.now, 0)
	return fmt.Sprint(to, " ", relay)
}

func (w *world) want(t *testing.T, to netip.AddrPort, relay bool) {
	t.Helper()
	if got, want := w.goes(), fmt.Sprint(to, " ", relay); got != want {
		t.Errorf("at %v: packets go to %s, want %s", w.now, got, want)
	}
}

var nowhere netip.AddrPort

func TestRelayedThenDirect(t *testing.T) {
	w := newWorld(true)
	w.want(t, nowhere, true)
	w.rtt[wan] = 60 * ms
	w.offer(w.now, []netip.AddrPort{lan, wan})
	w.want(t, nowhere, true)
	w.run(70*ms, nil)
	w.want(t, wan, false)
}

// An answer that comes after the next check has left counts, too.
func TestSlowAnswer(t *testing.T) {
	w := newWorld(true)
	w.rtt[wan] = 350 * ms
	w.offer(w.now, []netip.AddrPort{wan})
	w.run(400*ms, nil)
	w.want(t, wan, false)
}

func TestQuickestIsUsed(t *testing.T) {
	for _, tt := range []struct {
		first, second time.Duration
		want          netip.AddrPort
	}{
		{50 * ms, 30 * ms, lan},
		{50 * ms, 40 * ms, wan}, // not by a fifth and 5 ms
		{6 * ms, 5 * ms, wan},
	} {
		w := newWorld(false)
		w.rtt[wan], w.rtt[lan] = tt.first, tt.second
		w.offer(w.now, []netip.AddrPort{wan})
		w.run(time.Second, nil)
		w.offer(w.now, []netip.AddrPort{wan, lan})
		w.run(2*time.Second, nil)
		w.want(t, tt.want, false)
	}
}

func TestDoubtAndBack(t *testing.T) {
	w := newWorld(true)
	w.rtt[wan] = 20 * ms
	w.begin(w.now, wan)
	w.run(time.Second, w.talk)
	w.want(t, wan, false)

	delete(w.rtt, wan)
	w.run(doubtAfter-10*ms, w.talk)
	w.want(t, wan, false)
	w.run(20*ms, w.talk)
	w.want(t, wan, true) // both ways
	w.run(giveUpAfter, w.talk)
	w.want(t, nowhere, true)

	w.rtt[wan] = 20 * ms
	w.run(doubtRetry+time.Second, w.talk)
	w.want(t, wan, false)
}

// A doubt without cause ends with the answer to the check that it brings.
func TestFalseDoubt(t *testing.T) {
	w := newWorld(true)
	w.rtt[wan] = 20 * ms
	w.begin(w.now, wan)
	w.route(w.now, 500) // nobody answers that
	w.run(doubtAfter+10*ms, nil)
	w.want(t, wan, true)
	w.run(30*ms, nil)
	w.want(t, wan, false)
}

// What is heard ends a doubt, unless checks go unanswered for long.
func TestHeardEndsDoubt(t *testing.T) {
	w := newWorld(true)
	w.begin(w.now, wan)
	w.route(w.now, 500)
	w.run(doubtAfter+10*ms, nil)
	w.want(t, wan, true)
	w.heard(w.now, wan)
	w.want(t, wan, false)
	w.run(validFor, func() { w.heard(w.now, wan) }) // checks go unanswered
	w.want(t, nowhere, true)
}

// both returns a world whose peer answers at wan, in use, and at lan.
func both(follows bool) *world {
	w := newWorld(true)
	w.follows = follows
	w.rtt[wan] = 20 * ms
	w.begin(w.now, wan)
	w.run(time.Second, w.talk)
	w.rtt[lan] = 19 * ms // no reason to change
	w.offer(w.now, []netip.AddrPort{lan, wan})
	w.run(time.Second, w.talk)
	return w
}

// What comes another way says nothing about the one in use.
func TestDeadWhileHeardElsewhere(t *testing.T) {
	w := both(false)
	delete(w.rtt, wan)
	w.run(doubtAfter+10*ms, func() {
		w.route(w.now, 500)
		w.heard(w.now, lan)
	})
	if w.doubt == none && w.cands[w.best].addr == wan {
		t.Error("no doubt")
	}
	w.run(100*ms, nil)
	w.want(t, lan, false)
}

// Whatever comes in the peer's name, a check that is not answered brings doubt.
func TestForgedLife(t *testing.T) {
	w := both(false)
	delete(w.rtt, wan)
	delete(w.rtt, lan)
	w.run(checkEvery+doubtMost+100*ms, func() {
		w.route(w.now, 500)
		w.heard(w.now, wan)
	})
	w.want(t, wan, true)
	w.heard(w.now, wan)
	w.want(t, wan, true)
}

// What comes over the relay says that the peer doubts the way in use: it may be dead in
// this direction alone. Once a second, as the relay may lie.
func TestDeadOneWay(t *testing.T) {
	w := both(false)
	delete(w.rtt, wan)
	delete(w.rtt, lan)
	w.route(w.now, 500)
	w.heard(w.now, wan) // it comes, but ours does not get there
	w.want(t, wan, false)
	w.relayed(w.now)
	w.want(t, wan, true)

	w = both(false)
	n := len(w.checks)
	w.run(900*ms, func() { w.relayed(w.now); w.heard(w.now, wan) })
	if got := len(w.checks) - n; got > 2*len(w.cands) {
		t.Errorf("%d checks in a second, by a relay's word", got)
	}
	w.want(t, wan, false)
}

// One side follows the other's choice of a valid path, but not back to one that it
// found dead, and never to one that it has not checked.
func TestFollow(t *testing.T) {
	w := both(true)
	w.heard(w.now, away)
	w.want(t, wan, false)
	w.heard(w.now, lan)
	w.want(t, lan, false)
	delete(w.rtt, lan)
	w.run(doubtAfter+100*ms, func() { w.route(w.now, 500) })
	w.want(t, wan, false)
	w.heard(w.now, lan)
	w.want(t, wan, false)
	w.now += ownChoice + ms
	w.heard(w.now, wan)
	w.heard(w.now, lan)
	w.want(t, wan, false) // not a way that does not answer
	w.rtt[lan] = 20 * ms
	w.seen(w.now, lan)
	w.run(30*ms, nil)
	w.heard(w.now, lan)
	w.want(t, lan, false)

	w = both(false)
	w.heard(w.now, lan)
	w.want(t, wan, false)
}

// A handshake from elsewhere says where the peer is now, unless the way in use is
// alive.
func TestHandshakeFromElsewhere(t *testing.T) {
	w := both(false)
	w.begin(w.now, away)
	w.want(t, wan, false)
	w.now += doubtAfter
	w.begin(w.now, away)
	w.want(t, away, false)
}

// A peer that dialled two addresses and let go of one is where something comes from,
// whichever handshake ended last.
func TestTwoHandshakes(t *testing.T) {
	w := newWorld(false)
	w.begin(w.now, lan)
	w.begin(w.now, wan)
	w.heard(w.now, away) // not a way at all
	w.want(t, wan, false)
	w.heard(w.now, lan)
	w.want(t, lan, false)
	w.heard(w.now, wan) // what is heard is not left for what comes from elsewhere
	w.want(t, lan, false)
}

// A path that answers is taken before one that has been silent longer than both take.
func TestOutdone(t *testing.T) {
	w := both(false)
	delete(w.rtt, wan)
	w.route(w.now, 500)
	w.run(150*ms, nil)
	w.want(t, wan, false)
	w.seen(w.now, away) // the peer has moved there
	w.rtt[away] = 20 * ms
	w.run(30*ms, nil)
	w.want(t, away, false)
}

// An answer that was held up does not make the path one that may be silent for long.
func TestLateAnswer(t *testing.T) {
	w := newWorld(true)
	w.rtt[wan] = 5 * time.Second
	w.begin(w.now, wan)
	w.offer(w.now, []netip.AddrPort{wan})
	w.run(6*time.Second, w.talk)
	delete(w.rtt, wan)
	w.answers = nil
	w.run(doubtMost+100*ms, w.talk)
	if w.doubt == none && w.best >= 0 {
		t.Error("no doubt")
	}
}

// However often its NAT gives it another port, the peer has a place among its own
// candidates.
func TestManyRebindings(t *testing.T) {
	w := newWorld(false)
	for i := range 5 * maxCandidates {
		a := netip.AddrPortFrom(wan.Addr(), uint16(i+1))
		clear(w.rtt)
		w.rtt[a] = 20 * ms
		w.seen(w.now, a)
		w.run(20*time.Second, w.talk)
		w.want(t, a, false)
	}
}

// One small packet may be an acknowledgement: nobody answers it. Two are not.
func TestAcknowledgementsAreNotAnswered(t *testing.T) {
	w := newWorld(true)
	w.begin(w.now, wan)
	for range 8 {
		w.heard(w.now, wan)
		w.route(w.now, unanswered-1)
		w.run(time.Second, nil)
		w.rtt[wan] = 20 * ms // the heartbeat's
		if w.doubt != none {
			t.Fatalf("doubt after an acknowledgement, at %v", w.now)
		}
	}
	delete(w.rtt, wan)
	w.heard(w.now, wan)
	w.route(w.now, unanswered-1)
	w.route(w.now, unanswered-1)
	w.run(doubtAfter+10*ms, nil)
	if w.doubt == none {
		t.Error("no doubt after two packets and silence")
	}
}

// Without a relay there is nothing better than the last path, however silent; and
// rounds go on until another is found.
func TestNoRelay(t *testing.T) {
	w := newWorld(false)
	w.rtt[wan] = 20 * ms
	w.begin(w.now, wan)
	w.offer(w.now, []netip.AddrPort{wan, away})
	w.run(time.Second, w.talk)
	delete(w.rtt, wan)
	w.run(20*time.Second, w.talk)
	w.want(t, wan, false)
	w.rtt[away] = 20 * ms
	w.run(doubtRetry+100*ms, w.talk)
	w.want(t, away, false)
}

// When the relay goes after the path has been given up, the path is tried again.
func TestRelayGoesToo(t *testing.T) {
	w := newWorld(true)
	w.begin(w.now, wan)
	w.run(20*time.Second, w.talk)
	w.want(t, nowhere, true)
	w.relay = false
	w.want(t, wan, false)
}

// When the relay goes after a long time without a path, that is looked for at once, and
// again and again.
func TestRelayGoesLate(t *testing.T) {
	w := newWorld(true)
	w.offer(w.now, []netip.AddrPort{wan})
	w.run(20*time.Minute, func() { w.route(w.now, 500) })
	w.again = false
	w.reach(w.now, false)
	if !w.again {
		t.Error("the peer is not told")
	}
	w.run(5*time.Second, nil)
	w.rtt[wan] = 20 * ms
	w.run(doubtRetry+time.Second, nil)
	w.want(t, wan, false)
}

// An idle path is left alone; one in use is checked each 5 s.
func TestHeartbeat(t *testing.T) {
	w := newWorld(false)
	w.rtt[wan] = 20 * ms
	w.begin(w.now, wan)
	w.run(60*time.Second, w.talk)
	if n := len(w.checks); n < 11 || n > 13 {
		t.Errorf("%d checks in a minute, want 12", n)
	}
	w.heard(w.now, wan)
	w.run(20*time.Second, nil)
	idle := len(w.checks)
	w.run(time.Minute, nil)
	if n := len(w.checks); n != idle {
		t.Errorf("%d checks of an idle path", n-idle)
	}
}

// Where a peer never answers although it is heard elsewhere, it is not reached; nothing is
// known of where it has not been asked, or while it is not heard at all.
func TestUnreached(t *testing.T) {
	w := newWorld(true)
	w.rtt[wan] = 20 * ms
	w.begin(w.now, wan)
	w.offer(w.now, []netip.AddrPort{wan, lan, away})
	want := func(what string, unreached ...netip.AddrPort) {
		t.Helper()
		for _, a := range []netip.AddrPort{wan, lan, away, ap("192.0.2.1:1")} {
			if got := w.unreached(a); got != slices.Contains(unreached, a) {
				t.Errorf("%s: unreached at %v: %v", what, a, got)
			}
		}
	}
	last := round[len(round)-1]
	w.run(last+doubtMost-10*ms, w.talk)
	want("in the first round")
	w.run(50*ms, nil)
	want("behind it, before the peer is heard again")
	w.run(50*ms, w.talk)
	want("heard behind it", lan, away)
	w.offer(w.now, []netip.AddrPort{wan, lan, away})
	want("in the next round", lan, away)
	w.rtt[lan] = 20 * ms
	w.run(time.Second, w.talk)
	want("one has answered", away)
	delete(w.rtt, lan)
	w.run(time.Minute, w.talk)
	want("it is silent since", away)
	w.moved(w.now)
	want("this end has moved")
	w.run(time.Minute, w.talk)
	want("a minute later", away)
	w.offer(w.now, []netip.AddrPort{wan, lan})
	want("it is not offered any more")

	w = newWorld(false)
	w.begin(w.now, wan)
	w.heard(w.now, wan)
	w.offer(w.now, []netip.AddrPort{wan, lan})
	w.run(10*time.Second, func() { w.route(w.now, 500) })
	want("nothing is heard at all")
}

// While relayed, rounds come after 10 s, doubling to 5 min, and the peer is told.
func TestRetries(t *testing.T) {
	w := newWorld(true)
	w.offer(w.now, []netip.AddrPort{wan})
	rounds := 0
	w.run(30*time.Minute, func() {
		w.route(w.now, 500)
		if w.again {
			rounds++
			w.again = false
		}
	})
	// At 10, 30, 70, 150, 310 s, then each 300 s.
	if want := 5 + (1800-310)/300; rounds != want {
		t.Errorf("%d rounds in half an hour, want %d", rounds, want)
	}
	if want := (rounds + 1) * len(round); len(w.checks) != want {
		t.Errorf("%d checks, want %d", len(w.checks), want)
	}
}

func TestOwnMove(t *testing.T) {
	w := newWorld(true)
	w.rtt[wan] = 20 * ms
	w.begin(w.now, wan)
	w.run(time.Second, w.talk)
	w.moved(w.now)
	w.want(t, wan, true)
	w.run(30*ms, nil)
	w.want(t, wan, false)
}

func TestCandidatesAreBounded(t *testing.T) {
	w := newWorld(true)
	w.rtt[wan] = 20 * ms
	w.begin(w.now, wan)
	var many []netip.AddrPort
	for i := range 100 {
		many = append(many, netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 9))
	}
	w.offer(w.now, many)
	w.offer(w.now, many[50:])
	if len(w.cands) > maxCandidates {
		t.Errorf("%d candidates", len(w.cands))
	}
	w.seen(w.now, lan) // what proves itself displaces what was only offered
	if w.find(lan) < 0 {
		t.Error("the peer's check makes no candidate while the list is full")
	}
	w.run(10*time.Second, w.talk)
	count := make(map[netip.AddrPort]int)
	for _, c := range w.checks {
		if count[c.to]++; c.to != wan && count[c.to] > len(round) {
			t.Fatalf("%v was checked %d times", c.to, count[c.to])
		}
	}
	w.want(t, wan, false)
}

func TestUnusableCandidates(t *testing.T) {
	w := newWorld(true)
	for _, a := range []string{"127.0.0.1:9", "[::1]:9", "224.0.0.1:9", "[ff02::1]:9", "0.0.0.0:9", "[::]:9",
		"255.255.255.255:9", "203.0.113.1:0", "[fe80::1]:9"} {
		w.offer(w.now, []netip.AddrPort{ap(a)})
		if len(w.cands) > 0 {
			t.Errorf("%s is checked", a)
			w.cands = nil
		}
	}
	w.begin(w.now, ap("127.0.0.1:8"))
	w.offer(w.now, []netip.AddrPort{ap("127.0.0.1:9")})
	if len(w.cands) != 2 {
		t.Error("loopback is no candidate for who came by it")
	}
	hidden := newSet(false, true)
	hidden.offer(0, []netip.AddrPort{wan})
	if len(hidden.cands) > 0 {
		t.Error("who hides its addresses checks")
	}
}

// What was not asked, or asked of another address, or answered before, is no answer.
func TestFalseAnswers(t *testing.T) {
	w := newWorld(true)
	w.offer(w.now, []netip.AddrPort{wan, lan})
	w.run(5*ms, nil)
	var c check
	for _, c = range w.checks {
		if c.to == wan {
			break
		}
	}
	for desc, ok := range map[string]bool{
		"another address": w.answered(w.now, lan, c.number), "no candidate": w.answered(w.now, away, c.number),
		"another number": w.answered(w.now, wan, c.number+100),
	} {
		if ok {
			t.Errorf("%s answers", desc)
		}
	}
	if !w.answered(w.now, wan, c.number) || w.answered(w.now, wan, c.number) {
		t.Error("an answer counts once")
	}
}

// What the peer does not offer any more is forgotten, but not what is valid.
func TestOfferReplaces(t *testing.T) {
	w := newWorld(true)
	w.rtt[wan] = 20 * ms
	w.offer(w.now, []netip.AddrPort{wan, lan})
	w.run(3*time.Second, w.talk)
	w.offer(w.now, []netip.AddrPort{away})
	if w.find(lan) >= 0 || w.find(wan) < 0 || w.find(away) < 0 {
		t.Errorf("candidates %v", w.cands)
	}
}

func TestBudget(t *testing.T) {
	ip := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}) }
	for _, tt := range []struct {
		desc        string
		peers       int
		ip          func(i int) netip.Addr
		first, then int // checks in two seconds
	}{
		{"one address", 100, func(int) netip.Addr { return ip(0) }, budgetPerIP, budgetPerIP},
		{"one peer", 1, ip, budgetPerPeer, budgetRefill},
		{"some peers", 7, ip, budgetAll, 7*budgetPerPeer - budgetAll + 7*budgetRefill},
		{"all", 1000, ip, budgetAll, budgetAll},
	} {
		var b budget
		shares := make([]share, tt.peers)
		for second, want := range []int{tt.first, tt.then} {
			n := 0
			for i := range 2000 {
				if b.take(time.Duration(second+1)*time.Second, &shares[i%tt.peers], tt.ip(i)) {
					n++
				}
			}
			if n != want {
				t.Errorf("%s: %d checks in second %d, want %d", tt.desc, n, second, want)
			}
		}
	}
}

// Where a handshake went packets can go, whatever kind of address it is, and however
// many candidates there are.
func TestHandshakeIsAlwaysAPath(t *testing.T) {
	for _, a := range []string{"169.254.3.4:9", "[fe80::1]:9", "[fe80::1%eth0]:9", "127.0.0.1:9", "203.0.113.1:9"} {
		w := newWorld(false)
		var many []netip.AddrPort
		for i := range maxCandidates {
			many = append(many, netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 9))
		}
		w.offer(w.now, many)
		w.begin(w.now, ap(a))
		w.want(t, ap(a), false)
		if len(w.cands) > maxCandidates {
			t.Errorf("%d candidates", len(w.cands))
		}
	}
}
