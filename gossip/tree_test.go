package gossip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// rooted has the log from b through record 2, with c and d beside it.
const rooted = three + "b gossip 1 part; good b 1; c gossip 1 part; d gossip 1 part; b gossip 2; good b 2; wait 60ms; "

// atHost is a peer that has the log from the host, and another neighbor.
const atHost = "up h; h ask 5; up c; c ask 5; h gossip 1 part; good h 1; h gossip 2; good h 2; "

// late is records that rooted's parent pushes after c was asked for them; inTime is one that it
// pushes first.
func late(from, to int) (lines string) {
	for seq := from; seq <= to; seq++ {
		lines += fmt.Sprintf("c ihave %[1]d; wait 100ms; c gossip %[1]d repair; good c %[1]d; b gossip %[1]d; wait 200ms; ", seq)
	}
	return lines
}

func inTime(seq int) string { return fmt.Sprintf("b gossip %[1]d; good b %[1]d; wait 60ms; ", seq) }

func TestTree(t *testing.T) {
	for _, p := range []promise{{
		desc:  "an unseen record is checked, not forwarded",
		lines: three + "b gossip 1 part",
		want:  "check b 1",
	}, {
		desc:  "a good one is forwarded to all but its sender, who is the parent",
		lines: three + "b gossip 1 part; good b 1",
		want:  "parent b; c <- gossip 1 part; d <- gossip 1 part; grew 1",
	}, {
		desc:  "a duplicate is not checked; its sender is pruned",
		lines: three + "b gossip 1 part; good b 1; c gossip 1 part",
		want:  "c <- prune",
	}, {
		desc:  "once",
		lines: rooted + "c gossip 2; c gossip 2",
		want:  "",
	}, {
		desc:  "the parent never is",
		lines: rooted + "b gossip 2",
		want:  "",
	}, {
		desc:  "nor who sends what was asked for",
		lines: three + "b gossip 1 part; good b 1; c gossip 1 part repair",
		want:  "",
	}, {
		desc:  "nor does it become the parent",
		lines: three + "b gossip 1 part; good b 1; d gossip 2 repair; good d 2; b gossip 3; good b 3",
		want:  "c <- gossip 3; d <- gossip 3; grew 3",
	}, {
		desc:  "who was pruned does not become the parent by what was on its way",
		lines: rooted + "c gossip 3; good c 3",
		want:  "b <- gossip 3; d <- gossip 3; grew 3",
	}, {
		desc:  "a copy that comes during the check is a duplicate when it is good",
		lines: three + "b gossip 1 part; c gossip 1 part; good b 1",
		want:  "parent b; c <- prune; d <- gossip 1 part; grew 1",
	}, {
		desc:  "and is checked when it is forged: seen is what was checked",
		lines: three + "b gossip 1 part; c gossip 1 part; bad b 1",
		want:  "close b violation; lost b violation; c <- ihave 0 -; d <- ihave 0 -; check c 1",
	}, {
		desc:  "and then taken",
		lines: three + "b gossip 1 part; c gossip 1 part; bad b 1; good c 1",
		want:  "parent c; d <- gossip 1 part; grew 1",
	}, {
		desc:  "an answer to no question is nothing",
		lines: three + "good b 1",
		want:  "",
	}, {
		desc:  "what cannot be checked yet is nobody's fault, and asked for later",
		lines: rooted + "b gossip 3; unknown b 3; wait 100ms",
		want:  "b <- pull 3 258",
	}, {
		desc:  "equal payloads are different records",
		lines: rooted + "b gossip 3; good b 3; b gossip 4; good b 4",
		want:  "c <- gossip 4; d <- gossip 4; grew 4",
	}, {
		desc:  "who asks not to be pushed to is told how far the log is",
		lines: rooted + "c prune; b gossip 3; good b 3; wait 60ms",
		want:  "b <- ihave 3 b; c <- ihave 3 b",
	}, {
		desc:  "a record beyond a gap waits, and the gap is pulled",
		lines: rooted + "b gossip 5; good b 5; wait 100ms",
		want:  "b <- pull 3 4",
	}, {
		desc:  "when it is closed all go on in order",
		lines: rooted + "b gossip 4; good b 4; b gossip 3 repair; good b 3",
		want:  "c <- gossip 3; c <- gossip 4; d <- gossip 3; d <- gossip 4; grew 4",
	}, {
		desc:  "a repair can say that the log begins anew",
		lines: rooted + "b gossip 9 part repair skip; good b 9",
		want:  "c <- gossip 9 part skip; d <- gossip 9 part skip; grew 9",
	}, {
		desc:  "what one who is not the parent has not is waited for: others keep it",
		lines: rooted + "c gossip 9 part repair skip; good c 9",
		want:  "",
	}, {
		desc:  "also without a parent",
		lines: rooted + "down b; c gossip 9 part repair skip; good c 9",
		want:  "",
	}, {
		desc:  "and when the parent was asked for it",
		lines: rooted + "b gossip 5; good b 5; wait 100ms; b gossip 9 part repair skip; good b 9",
		want:  "",
	}, {
		desc:  "unless so much is missing that nobody keeps it",
		lines: rooted + "c gossip 99 part repair skip; good c 99",
		want:  "b <- gossip 99 part skip; d <- gossip 99 part skip; grew 99",
	}, {
		desc:  "a copy that says so falsely changes nothing",
		lines: rooted + "c gossip 99; good c 99; d gossip 99 part repair skip; b gossip 3; good b 3",
		want:  "grew 3",
	}, {
		desc:  "without that word a snapshot beyond a gap waits too",
		lines: rooted + "b gossip 9 part; good b 9",
		want:  "",
	}, {
		desc:  "the parent gone, all but children are asked to push",
		lines: rooted + "d ihave 2 s; down b",
		want:  "lost b gone; parent -; c <- graft 3; c <- ihave 2 -; d <- ihave 2 -",
	}, {
		desc:  "so when it is silent",
		lines: rooted + "silent b",
		want:  "b <- disconnect silent; lost b silent; parent -; c <- graft 3; d <- graft 3; c <- ihave 2 -; d <- ihave 2 -",
	}, {
		desc:  "a newcomer asks the first who has something to push from the start",
		lines: "up b; b ask 3; b ihave 7",
		want:  "b <- graft 1",
	}, {
		desc:  "a newer head goes on to all, not back",
		lines: rooted + "d prune; head b 1 2",
		want:  "head to c; head to d",
	}, {
		desc:  "an old one does not",
		lines: rooted + "head b 2 2; head c 1 2",
		want:  "",
	}, {
		desc:  "who has the log from us is no parent: one who has not is asked to push",
		lines: rooted + "down b; c gossip 3 of s; good c 3",
		want:  "d <- graft 3; d <- gossip 3; grew 3",
	}, {
		desc:  "a Prune that was lost is forgiven: who goes on being first is the parent",
		lines: rooted + "wait 1s; c gossip 3; good c 3",
		want:  "parent c; b <- gossip 3; d <- gossip 3; grew 3",
	}, {
		desc:  "but not before it may have been heard",
		lines: rooted + "c gossip 3; good c 3",
		want:  "b <- gossip 3; d <- gossip 3; grew 3",
	}, {
		desc:  "the host is not left for one that was quicker once",
		lines: atHost + "c gossip 3; good c 3",
		want:  "h <- gossip 3; grew 3",
	}, {
		desc: "but for one that is time after time",
		lines: atHost + "c gossip 3; good c 3; c gossip 4; good c 4; c gossip 5; good c 5; c gossip 6; good c 6; " +
			"c gossip 7; good c 7; c gossip 8; good c 8; c gossip 9; good c 9; c gossip 10; good c 10",
		want: "parent c; h <- gossip 10; grew 10",
	}, {
		desc:  "or when it was late too often",
		lines: atHost + "c ihave 3; wait 100ms; wait 250ms; wait 250ms; c gossip 3; good c 3",
		want:  "parent c; h <- gossip 3; grew 3",
	}, {
		desc:  "and who is late more often than not is left, too",
		lines: rooted + late(3, 4) + inTime(5) + late(6, 7) + inTime(8) + late(9, 10) + inTime(11) + late(12, 12) + "c ihave 13; wait 100ms",
		want:  "c <- graft 13",
	}, {
		desc: "not who is later than one that has the log from us",
		lines: rooted + "c gossip 3 of s; good c 3; b gossip 3; wait 200ms; c gossip 4 of s; good c 4; b gossip 4; wait 200ms; " +
			"c gossip 5 of s; good c 5; b gossip 5; wait 200ms; c gossip 6 of s; good c 6; b gossip 6; wait 200ms; d ihave 7; wait 100ms",
		want: "d <- pull 7 262",
	}, {
		desc: "nor the host",
		lines: atHost + "wait 60ms; " + strings.NewReplacer("b gossip", "h gossip", "good b", "good h").Replace(
			late(3, 4)+inTime(5)+late(6, 7)+inTime(8)+late(9, 10)+inTime(11)+late(12, 12)) +
			"c ihave 13; wait 100ms",
		want: "c <- pull 13 268",
	}, {
		desc:  "not who is so every other time",
		lines: rooted + late(3, 3) + inTime(4) + late(5, 5) + inTime(6) + late(7, 7) + inTime(8) + late(9, 9) + inTime(10) + late(11, 11) + inTime(12) + "c ihave 13; wait 100ms",
		want:  "c <- pull 13 268",
	}, {
		desc:  "a head that is further than the log is no reason to ask: it overtakes",
		lines: rooted + "head b 1 3; wait 1s",
		want:  "",
	}, {
		desc:  "unless what it knows of does not come for long",
		lines: rooted + "head b 1 3; wait 2s; wait 250ms",
		want:  "c <- pull 3 258",
	}, {
		desc:  "while records take long, what is missing may take as long, too",
		lines: rooted + "head b 1 9; c ihave 9; wait 90ms; b gossip 3; good b 3; wait 90ms; b gossip 4; good b 4; wait 90ms; b gossip 5; good b 5; wait 90ms; b gossip 6; good b 6; wait 100ms",
		want:  "b <- ihave 6 b",
	}, {
		desc:  "but not much longer",
		lines: rooted + "head b 1 9; c ihave 9; wait 90ms; b gossip 3; good b 3; wait 90ms; b gossip 4; good b 4; wait 90ms; b gossip 5; good b 5; wait 90ms; b gossip 6; good b 6; wait 100ms; wait 100ms",
		want:  "c <- pull 7 262",
	}, {
		desc: "a pull is answered once a second", self: "h",
		lines: "up b; b ask 3; append 1 part; append 2; b prune; b pull 1 2; b pull 1 2",
		want:  "",
	}, {
		desc: "and again after it", self: "h",
		lines: "up b; b ask 3; append 1 part; append 2; b prune; b pull 1 2; wait 1s; b pull 1 2",
		want:  "b <- gossip 1 part repair; b <- gossip 2 repair",
	}, {
		desc: "a graft of who is pushed to sends nothing twice", self: "h",
		lines: "up b; b ask 3; append 1 part; append 2; b graft 2",
		want:  "",
	}, {
		desc: "unless it wants what is older than the link", self: "h",
		lines: "append 1 part; append 2; up b; b ask 3; append 3; b graft 2",
		want:  "b <- gossip 2 repair; b <- gossip 3 repair",
	}, {
		desc: "a newcomer begins with the newest snapshot", self: "h",
		lines: "append 1 part; append 2; append 3 part; append 4; up b; b ask 0 high; b graft 1",
		want:  "b <- gossip 3 part repair skip; b <- gossip 4 repair",
	}, {
		desc: "also if it pulls", self: "h",
		lines: "append 1 part; append 2; append 3 part; append 4; up b; b ask 0 high; b pull 1 2",
		want:  "b <- gossip 3 part repair skip; b <- gossip 4 repair",
	}, {
		desc: "the host takes no record of itself from others", self: "h",
		lines: "up b; b ask 3; append 1 part; b gossip 2",
		want:  "b <- prune",
	}, {
		desc: "a member writes no log", self: "s",
		lines: "up b; b ask 3; append 1 part",
		want:  "",
	}, {
		desc: "a thrown-away queue begins anew at the newest snapshot", self: "h",
		lines: "up b; b ask 3; append 1 part; append 2; append 3 part; append 4; reset b",
		want:  "b <- gossip 3 part repair skip; b <- gossip 4 repair",
	}} {
		p.check(t)
	}
}

// A link has credit for 1 MiB of repair a second: what is over it comes later,
// and all of it comes.
func TestRepairHasCredit(t *testing.T) {
	r := newRig(t, "h", Config{})
	rec := record(1, true)
	rec.Bytes = make([]byte, 16<<10)
	const n = 200 // 3.1 MiB
	for i := range n {
		rec.Seq = uint64(i) + 1
		r.step(Append{rec})
		rec.Part, rec.Parts = 0, 0
	}
	r.run("up b", "b ask 3")
	got := len(r.run("b graft 1"))
	if got != 64 {
		t.Errorf("%d records at once, want the 64 of 1 MiB", got)
	}
	for range 4 {
		part := count(r.wait(time.Second), "gossip")
		if part > 65 {
			t.Errorf("%d records in a second, want at most 65", part)
		}
		got += part
	}
	if got != n {
		t.Errorf("%d records in all, want %d", got, n)
	}
}

// Pulls draw on the same credit.
func TestPullsHaveCredit(t *testing.T) {
	r := newRig(t, "h", Config{})
	rec := record(1, true)
	rec.Bytes = make([]byte, 16<<10)
	for rec.Seq = 1; rec.Seq <= 200; rec.Seq++ {
		r.step(Append{rec})
		rec.Part, rec.Parts = 0, 0
	}
	r.run("up b")
	got := len(r.do("b pull 1 40")) + len(r.do("b pull 41 80")) + len(r.do("b pull 81 120"))
	if got != 64 {
		t.Errorf("%d records at once, want the 64 of 1 MiB", got)
	}
	r.wait(500 * time.Millisecond)
	if got := len(r.do("b pull 121 160")); got != 32 {
		t.Errorf("%d records after half a second, want the 32 of half a MiB", got)
	}
}

// The place in the tree is what a person is shown.
func TestPlace(t *testing.T) {
	r := newRig(t, "s", Config{BeatLate: -1})
	r.run(split(rooted + "c prune")...)
	got := r.s.Place()
	if got.Parent != peer("b") || got.Depth != 2 || got.Through != 2 || len(got.Neighbors) != 3 {
		t.Fatalf("got %+v", got)
	}
	for i, want := range []Neighborhood{
		{Peer: peer("b"), Eager: true, Through: 2, Degree: 3, Depth: 1},
		{Peer: peer("c"), Eager: false, Through: 1, Degree: 3, Depth: 1},
		{Peer: peer("d"), Eager: true, Through: 1, Degree: 3, Depth: 1},
	} {
		if got.Neighbors[i] != want {
			t.Errorf("neighbor %d: %+v, want %+v", i, got.Neighbors[i], want)
		}
	}
}

// A link has credit for 50 requests a second.
func TestRequestsHaveCredit(t *testing.T) {
	r := newRig(t, "h", Config{})
	r.run("append 1 part", "append 2", "up b", "b ask 3", "b prune")
	got := 0
	for range 3 * requestsPerSecond {
		got += count(r.do("b graft 1"), "gossip 1")
		r.run("b prune", "wait 1ms")
	}
	if got < requestsPerSecond-1 || got > requestsPerSecond+10 {
		t.Errorf("%d grafts answered in 0.15 s, want about %d", got, requestsPerSecond)
	}
	if r.s.Stats().Refused == 0 {
		t.Error("nothing was refused")
	}
}

func count(actions []string, part string) int {
	n := 0
	for _, a := range actions {
		if strings.Contains(a, part) {
			n++
		}
	}
	return n
}

// What waits beyond a gap and for checks is bounded in number and bytes.
func TestWaitingRecordsAreBounded(t *testing.T) {
	r := newRig(t, "s", Config{BeatLate: -1})
	r.run(split(rooted)...)
	rec := record(0, false)
	rec.Bytes = make([]byte, 16<<10)
	for i := range 3000 {
		rec.Seq = 10 + uint64(i)
		for _, from := range []string{"b", "c", "d"} {
			r.step(Recv{peer(from), Gossip{Rec: rec}})
		}
	}
	if r.s.checkOf > checkBytes || len(r.s.pending) == 0 {
		t.Errorf("%d bytes in %d records wait for checks", r.s.checkOf, len(r.s.pending))
	}
	for len(r.s.pending) > 0 {
		p := r.s.pending[0]
		r.step(Checked{p.from, p.msg.Rec.Seq, Good})
	}
	if r.s.checkOf != 0 {
		t.Errorf("%d bytes wait for no check", r.s.checkOf)
	}
	for i := range 3000 {
		rec.Seq = 10 + uint64(i)
		r.step(Recv{peer("b"), Gossip{Rec: rec}})
		r.step(Checked{peer("b"), rec.Seq, Good})
	}
	if r.s.aheadOf > aheadBytes || len(r.s.ahead) == 0 {
		t.Errorf("%d bytes in %d records wait for a gap", r.s.aheadOf, len(r.s.ahead))
	}
	for seq := uint64(3); seq < 10; seq++ {
		r.step(Recv{peer("b"), Gossip{Rec: record(seq, false)}})
		r.step(Checked{peer("b"), seq, Good})
	}
	if r.s.aheadOf != 0 || len(r.s.ahead) != 0 {
		t.Errorf("%d bytes in %d records wait for no gap", r.s.aheadOf, len(r.s.ahead))
	}
	if log := r.s.Log(); log.Head() < 10 {
		t.Errorf("the log ends at %d", log.Head())
	}
}

// What is missing soon takes the place of what is missing later, in the same bounds.
func TestNearRecordsTakeThePlaceOfFarOnes(t *testing.T) {
	for _, size := range []int{1, 16 << 10} { // too many, or too many bytes
		r := newRig(t, "s", Config{BeatLate: -1})
		r.run(split(rooted)...)
		rec := record(0, false)
		rec.Bytes = make([]byte, size)
		comes := func(seq uint64) {
			rec.Seq = seq
			r.step(Recv{peer("b"), Gossip{Rec: rec}})
			r.step(Checked{peer("b"), seq, Good})
		}
		for i := range uint64(maxAhead + 10) {
			comes(100 + 2*i)
		}
		full := len(r.s.ahead)
		most := r.s.ahead[full-1].Seq
		for _, seq := range []uint64{4, 101, most + 1, 6} {
			comes(seq)
		}
		if !r.s.seen(4) || !r.s.seen(6) || !r.s.seen(101) || r.s.seen(most) || r.s.seen(most+1) {
			t.Errorf("%d bytes each: it has 4: %v, 6: %v, 101: %v, the farthest: %v, and one farther: %v",
				size, r.s.seen(4), r.s.seen(6), r.s.seen(101), r.s.seen(most), r.s.seen(most+1))
		}
		if got := len(r.s.ahead); got != full || r.s.aheadOf != full*size {
			t.Errorf("%d records of %d bytes wait in %d bytes, %d before", got, size, r.s.aheadOf, full)
		}
	}
}

// However a neighbor lies about what it has, it is asked at a bounded rate.
func TestALiarIsAskedSeldom(t *testing.T) {
	r := newRig(t, "s", Config{BeatLate: -1})
	r.run(split(rooted)...)
	r.step(Recv{peer("c"), IHave{Through: 1 << 62, Degree: 5}})
	out := r.wait(10 * time.Second)
	asked := count(out, "pull") + count(out, "graft")
	if asked == 0 || asked > 41 {
		t.Errorf("asked %d times in 10 s", asked)
	}
	if slices.Contains(out, "parent c") || r.s.Parent() != peer("b") {
		t.Error("a liar is the parent")
	}
}
