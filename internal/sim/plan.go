package sim

import (
	"math/rand/v2"
	"time"

	"gossterm/internal/envelope"
)

const (
	typistsLeast, typistsMost = 2, 8
	// screensMost bounds who has a screen beside the typists: a screen costs more
	// than all the gossip that feeds it. The others follow the log as a reader
	// does, and look only at the records' names and bytes.
	screensMost = 6
	// stormy is how long people type and faults strike; safeStorm in a run for safety,
	// which has no quiet after it.
	stormy    = 10 * time.Second
	safeStorm = 15 * time.Second
	// crowdOneIn is how many plans there are for one with a crowd.
	crowdOneIn = 8
	// goneAfter is how long after a link fell silent the product gives it up.
	goneAfter = 2 * time.Minute
	// comingMost is until when the first processes have come.
	comingMost = 3 * time.Second
)

// A plan is what a seed draws: who takes part, who can reach whom, what goes wrong.
// Place 0 is the host's; places 1 to typists are of people who type.
type plan struct {
	places   int // of members
	typists  int
	screens  int
	degree   int // of the host's active view
	active   int // of a member's
	spots    []spot
	byMember float64 // share of joiners whose ticket names a member
	loss     float64
	// checkLate bounds how long the check of a signature takes; 0 is at once.
	checkLate time.Duration
	// gone is how long after a link fell silent it is given up: 2 min in the
	// product, often less here, so that it happens at all.
	gone   time.Duration
	evil   int // a place, 0 if nobody is
	sizes  envelope.Sizes
	faults []fault
	mode   Mode
	row    Row           // the zero Row: faults are drawn
	storm  time.Duration // how long people type and faults strike
	pace   int           // how many times slower than a fast typist they are
	crowd  int           // the last so many places come all at once
}

// A spot is where in the network a place is.
type spot struct {
	noHost   bool // it and the host cannot reach each other
	undialed bool // it can call, and not be called
	hostOnly bool // it can reach the host alone
}

// drawPlan draws the plan of one run.
func drawPlan(c Case, rng *rand.Rand) plan {
	p := plan{
		mode:      c.Mode,
		pace:      1,
		storm:     [...]time.Duration{stormy, safeStorm}[c.Mode],
		places:    20 + rng.IntN(21),
		typists:   typistsLeast + rng.IntN(typistsMost-typistsLeast+1),
		degree:    2 + rng.IntN(15),
		active:    4 + rng.IntN(5),
		loss:      0.2 * rng.Float64() * float64(rng.IntN(2)),
		checkLate: time.Duration(rng.IntN(3)) * 10 * time.Millisecond,
		gone:      4*time.Second + time.Duration(rng.IntN(3))*58*time.Second,
		byMember:  [...]float64{0, 0.3, 0.9}[rng.IntN(3)],
	}
	row, long := RowOf(c.Row)
	if long {
		p.places, p.typists = rowPlaces+rng.IntN(rowPlaces+1), min(p.typists, rowTypists)
	}
	if c.Seed%25 == 24 && !long {
		p.places = 100 + rng.IntN(101)
	}
	if rng.IntN(crowdOneIn) == 0 && !long {
		p.crowd = crowdLeast + rng.IntN(crowdMost-crowdLeast+1)
		p.places += p.crowd
	}
	p.screens = p.typists + rng.IntN(screensMost+1)
	p.drawSpots(rng)
	if rng.IntN(4) == 0 {
		p.evil = p.places - rng.IntN(p.places/4)
		p.spots[p.evil] = spot{}
	}
	p.sizes = envelope.Sizes(rng.IntN(3))
	p.faults = append(drawFaults(rng, p), drawListings(c.Seed, p)...)
	if long {
		p.row = row
		p.pace = 1 + int(row.Length/paceStep)
		p.storm = rowAt + row.Length
		p.gone, p.evil = goneAfter, 0
		p.faults = []fault{row.fault(p.faults[0])}
	}
	c.cut(&p)
	return p
}

// drawSpots draws who can reach whom. Every third place can reach and be reached,
// so that there is always a way between any two.
func (p *plan) drawSpots(rng *rand.Rand) {
	p.spots = make([]spot, p.places+1)
	kind := rng.IntN(6)
	for place := 1; place <= p.places; place++ {
		if place%3 == 0 || rng.IntN(2) == 0 {
			continue
		}
		sp := &p.spots[place]
		switch kind {
		case 0:
			sp.noHost = true
		case 1:
			sp.undialed = true
		case 2:
			sp.hostOnly = place%4 == 0
		case 3:
			*sp = [...]spot{{noHost: true}, {undialed: true}, {noHost: true, undialed: true}, {}}[rng.IntN(4)]
		}
	}
}

// reach reports whether a dial from one place arrives at another.
func (p *plan) reach(from, to int) bool {
	a, b := p.spots[from], p.spots[to]
	switch {
	case from == hostPlace:
		return !b.noHost && !b.undialed && !b.hostOnly
	case to == hostPlace:
		return !a.noHost
	}
	return !a.hostOnly && !b.hostOnly && !b.undialed
}
