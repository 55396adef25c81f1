package gossipsim

import (
	"slices"
	"testing"
	"time"
)

// Whatever comes, goes or is cut off for a while: nobody misses what was written,
// the overlay is one, and equal seeds give equal histories.
func TestScenariosOfASession(t *testing.T) {
	for _, tt := range []struct {
		scenario Scenario
		active   int
		seeds    []uint64
		last     float64 // ms: no p999 above
	}{
		{Churn, 0, []uint64{1, 2, 4, 5}, 1000},
		{Churn, 5, []uint64{2, 3, 4}, 1500},
		{Storm, 0, []uint64{2}, 5000},
		{Storm, 4, []uint64{3}, 5000},
		{Partition, 0, []uint64{1, 2, 3, 4, 5}, 5000},
	} {
		if livePeers < 30 { // with the race detector
			tt.seeds = tt.seeds[:1]
		}
		for _, seed := range tt.seeds {
			o := Options{Scenario: tt.scenario, Nodes: livePeers, Seed: seed, Active: tt.active, Trace: true}
			a, err := Play(o)
			if err != nil {
				t.Fatal(err)
			}
			if *a.Missed != 0 || *a.Components != 1 {
				t.Errorf("%s, seed %d: %d missed, %d components", tt.scenario, seed, *a.Missed, *a.Components)
			}
			if a.P999 == nil || *a.P999 <= 0 || *a.P999 > tt.last {
				t.Errorf("%s, seed %d: p999 %v ms, want something up to %v", tt.scenario, seed, *a.P999, tt.last)
			}
			if b, _ := Play(o); a.Trace != b.Trace || a.Trace == 0 {
				t.Errorf("%s, seed %d: two histories: a clock or a map order leaked in", tt.scenario, seed)
			}
		}
	}
}

// In churn as many come as go, in both ways, and some are in for less than grace.
func TestChurnIsWhatItSays(t *testing.T) {
	s := session(Options{Nodes: livePeers, Seed: 1}, false)
	s.gather()
	began := s.now
	s.poisson(1, s.now+churnFor, func() { s.enter(s.add(), host) })
	s.poisson(1, s.now+churnFor, s.goOne)
	s.Run(churnFor)
	came, went := len(s.peers)-livePeers, len(s.peers)-s.Alive()
	if came < 30 || came > 90 || went < 30 || went > 90 {
		t.Errorf("%d came and %d went in a minute at one a second", came, went)
	}
	if s.peers[host].dead {
		t.Error("the host went")
	}
	for i := livePeers; i < len(s.peers); i++ {
		if p := &s.peers[i]; p.joined <= began || p.joined > s.now || p.core == nil {
			t.Fatalf("peer %d joined at %v", i, p.joined)
		}
	}
}

// owed counts what a member should have had and has not: not what was written
// before it was in for long, nor shortly before it went, but what it went past.
func TestWhatMembersAreOwed(t *testing.T) {
	at := func(secs ...int) (ts []time.Duration) {
		for _, s := range secs {
			ts = append(ts, time.Duration(s)*time.Second)
		}
		return ts
	}
	some := session(Options{Nodes: 2, Seed: 1}, false).peers[host].core
	for _, tt := range []struct {
		desc         string
		p            peer
		took, missed int
	}{
		{"had it all", peer{core: some, taken: taken{first: 1, times: at(0, 10, 20, 30)}}, 3, 0},
		{"has not got to the last", peer{core: some, taken: taken{first: 1, times: at(0, 10, 20)}}, 2, 1},
		{"went past the second", peer{core: some, taken: taken{first: 1, times: []time.Duration{0, skipped, 20 * time.Second, 30 * time.Second}}}, 2, 1},
		{"was not in yet", peer{core: some, joined: 26 * time.Second, taken: taken{first: 4, times: at(30)}}, 0, 0},
		{"was just in", peer{core: some, joined: 24 * time.Second, taken: taken{first: 4, times: at(30)}}, 1, 0},
		{"was gone", peer{core: some, dead: true, left: 24 * time.Second, taken: taken{first: 1, times: at(0)}}, 0, 1},
		{"has nothing", peer{core: some}, 0, 3},
		{"never came", peer{}, 0, 0},
	} {
		s := &Sim{born: at(0, 10, 20, 30), peers: []peer{{core: some}, tt.p}}
		if ds, missed := s.owed(2); len(ds) != tt.took || missed != tt.missed {
			t.Errorf("%s: took %d and missed %d, want %d and %d", tt.desc, len(ds), missed, tt.took, tt.missed)
		}
	}
}

// late counts what came too late after it was written and after what kept it away
// was over, but not what a snapshot took the place of.
func TestWhatIsLate(t *testing.T) {
	some := session(Options{Nodes: 2, Seed: 1}, false).peers[host].core
	for _, tt := range []struct {
		desc  string
		times []time.Duration // of records written at 0 s and 30 s
		want  int
	}{
		{"in time", []time.Duration{time.Second, 34 * time.Second}, 0},
		{"the first in time after it was over", []time.Duration{25 * time.Second, 31 * time.Second}, 0},
		{"the first too late", []time.Duration{26 * time.Second, 31 * time.Second}, 1},
		{"the second too late", []time.Duration{time.Second, 36 * time.Second}, 1},
		{"the second never", []time.Duration{time.Second}, 1},
		{"the first superseded", []time.Duration{skipped, 31 * time.Second}, 0},
		{"nothing", nil, 2},
	} {
		p := peer{core: some, taken: taken{times: tt.times}}
		if len(tt.times) > 0 {
			p.first = 1
		}
		s := &Sim{born: []time.Duration{0, 30 * time.Second}, peers: []peer{p}}
		if got := s.late(1, 20*time.Second); got != tt.want {
			t.Errorf("%s: %d late, want %d", tt.desc, got, tt.want)
		}
	}
}

// pair returns a host and a member that are neighbors, with one record.
func pair(t *testing.T) *Sim {
	s := New(Config{Nodes: 2, Seed: 1, Beats: true, Silence: true})
	s.Join(joinApart)
	s.Write(treeSize)
	s.Run(time.Second)
	if s.Missed(1) != 0 || len(s.peers[1].core.Active()) != 1 {
		t.Fatal("the two did not meet")
	}
	return s
}

// What is sent over a cut is lost. The ends find it silent after 3 s, not before,
// and hear of each other again when it is healed.
func TestACutLosesWhatIsSent(t *testing.T) {
	s := pair(t)
	s.Run(500 * time.Millisecond)
	s.Write(treeSize)
	s.Cut([]int{1}) // it is on its way
	s.Run(suspectAfter - time.Millisecond)
	if got := s.Missed(2); got != 1 {
		t.Errorf("%d missed what was sent over the cut, want 1", got)
	}
	if got := len(s.peers[1].core.Active()); got != 1 {
		t.Errorf("%d neighbors before the link is suspect, want 1", got)
	}
	s.Run(2 * time.Millisecond)
	if got := len(s.peers[1].core.Active()) + len(s.peers[host].core.Active()); got != 0 {
		t.Errorf("%d ends still are neighbors when the link is suspect", got)
	}
	if len(s.peers[1].links) != 1 || len(s.peers[host].links) != 1 {
		t.Error("the link is gone, want it silent")
	}
	s.Run(20 * time.Second)
	s.Heal()
	s.Run(15 * time.Second) // a pause between two attempts to come back is 10 s
	if got := s.Missed(2); got != 0 {
		t.Errorf("%d miss the record after healing", got)
	}
}

// A link that is cut for 2 min is gone; who dials over a cut hears nothing.
func TestACutEndsLinks(t *testing.T) {
	s := pair(t)
	s.Cut([]int{1})
	s.Run(goneAfter - time.Millisecond)
	if len(s.peers[1].links) != 1 {
		t.Fatal("the link is gone before its time")
	}
	s.Run(time.Minute)
	if len(s.peers[1].links)+len(s.peers[host].links) != 0 {
		t.Error("the link is not gone after 2 min")
	}
	s.Heal()
	s.Run(20 * time.Second)
	s.Write(treeSize)
	s.Run(time.Second)
	if got := s.Missed(2); got != 0 {
		t.Errorf("%d miss what was written after healing", got)
	}
}

// An end that was closed during a cut is not there any more when it is healed.
func TestHealingTellsOfWhatEnded(t *testing.T) {
	s := pair(t)
	s.Cut([]int{1})
	s.hangUp(host, 1, done)
	s.Run(time.Second)
	if len(s.peers[1].links) != 1 {
		t.Fatal("what ended came over the cut")
	}
	old := s.peers[1].links[0].life
	s.Heal()
	s.Run(time.Second)
	if has(&s.peers[1], host) == old {
		t.Error("one end still has the link")
	}
}

// Peers that die without a word cost the others no record.
func TestSilentDeaths(t *testing.T) {
	s := session(Options{Nodes: livePeers, Seed: 4, Active: 5}, false)
	s.gather()
	first := len(s.born) + 1
	s.Feed(time.Second)
	s.Kill(0.3)
	s.Feed(5 * time.Second)
	s.Run(grace)
	ds, missed := s.owed(first)
	if missed != 0 {
		t.Errorf("%d deliveries missed", missed)
	}
	if last := ds[len(ds)-1]; last > 4*time.Second {
		t.Errorf("the last took %v, want all within the time of a suspect and a second", last)
	}
}

// A log that a newcomer begins with a snapshot is counted from there, and what it
// goes past later is known.
func TestWhatWasTaken(t *testing.T) {
	s := session(Options{Nodes: 3, Seed: 1}, false)
	s.open()
	s.enter(1, host)
	s.Run(time.Second)
	s.Feed(20 * time.Second)
	s.enter(2, host)
	s.Run(5 * time.Second)
	late := &s.peers[2]
	if late.first != snapshotEvery+1 || late.through() != len(s.born) {
		t.Errorf("the newcomer has %d to %d, want %d to %d", late.first, late.through(), snapshotEvery+1, len(s.born))
	}
	if _, ok := late.when(snapshotEvery); ok {
		t.Error("it has what was before the snapshot")
	}
	if _, ok := late.when(snapshotEvery + 1); !ok {
		t.Error("it has not got the snapshot")
	}
	if i := slices.Index(s.peers[1].times, skipped); i >= 0 {
		t.Errorf("who was there went past record %d", i+1)
	}
}
