package sim

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// A fault is one thing that goes wrong, or that somebody does.
type fault struct {
	kind
	at, length time.Duration
	place      int // of any member
	typist     int // of somebody who types
	n          int
}

// A kind is what all faults of one sort do.
type kind struct {
	name   string
	weight int // how frequent it is
	what   func(*Sim, fault)
}

func (f fault) String() string {
	return fmt.Sprintf("%s at %.3f s for %.3f s, place %d, typist %d, n %d", f.name, f.at.Seconds(), f.length.Seconds(), f.place, f.typist, f.n)
}

// strike has the fault happen.
func (f fault) strike(s *Sim) {
	f.what(s, f)
	if s.planted != nil {
		s.planted(s, f)
	}
}

// kinds are all faults that are drawn.
var kinds = []kind{
	{"reset one link", 2, resetLink}, {"reset all links", 1, resetAll}, {"links thrown away as the network changes", 1, move},
	{"cut off", 2, cutOff}, {"hears nobody", 1, goDeaf}, {"heard by nobody", 1, goMute}, {"host alone", 1, hostAlone},
	{"host hears nobody", 1, hostDeaf}, {"half from half", 1, partition}, {"half hears not half", 1, partitionOneWay},
	{"swizzle-clog", 2, swizzle}, {"heavy loss", 1, heavyLoss},
	{"kill one", 2, killOne}, {"kill half", 1, killHalf}, {"leave", 1, leaveOne},
	{"pause one", 2, pauseOne}, {"pause the host", 1, pauseHost}, {"sleep", 2, sleepOne}, {"the host sleeps", 1, sleepHost},
	{"slow viewer", 1, slowViewer}, {"slow link", 5, slowLink},
	{"role taken", 1, roleTaken}, {"row taken", 1, rowTaken}, {"forgotten", 1, forget},
	{"program does not read", 3, stopReading}, {"flood", 3, flood},
	{"burst", 2, burst}, {"paste", 2, paste}, {"interrupt", 2, interrupt}, {"paste and interrupt", 3, pasteAndInterrupt}, {"raw mode", 1, rawMode},
	{"resize", 1, resize}, {"drag the host's window", 1, dragHost}, {"drag a window", 1, dragWindow},
}

// crowding is the fault that brings the crowd of a plan.
var crowding = kind{"join storm", 0, joinStorm}

const (
	faultsLeast = 8
	faultsMost  = 28
	// lengthLeast and lengthMost bound how long a fault lasts. One in lastingOneIn of a
	// run for safety lasts to its end and beyond.
	lengthLeast  = 100 * time.Millisecond
	lengthMost   = 5 * time.Second
	lastingOneIn = 4
	lasting      = time.Hour
)

// drawFaults draws the list of one run.
func drawFaults(rng *rand.Rand, p plan) []fault {
	fs := make([]fault, faultsLeast+rng.IntN(faultsMost-faultsLeast))
	for i := range fs {
		fs[i] = fault{
			at:     between(rng, 0, p.storm),
			length: between(rng, lengthLeast, lengthMost),
			place:  1 + rng.IntN(p.places),
			typist: 1 + rng.IntN(p.typists),
			n:      1 + rng.IntN(1500),
			kind:   drawKind(rng),
		}
		if rng.IntN(3) == 0 {
			fs[i].place = fs[i].typist
		}
		if last := rng.IntN(lastingOneIn) == 0; last && p.mode == Safety {
			fs[i].length = lasting
		}
	}
	if p.crowd > 0 {
		fs = append(fs, fault{kind: crowding, at: between(rng, comingMost, p.storm-crowdTime), n: 1000 + rng.IntN(1000)})
	}
	return fs
}

func drawKind(rng *rand.Rand) kind {
	all := 0
	for _, k := range kinds {
		all += k.weight
	}
	at := rng.IntN(all)
	for _, k := range kinds {
		if at -= k.weight; at < 0 {
			return k
		}
	}
	panic("not reached: the weights add up")
}
