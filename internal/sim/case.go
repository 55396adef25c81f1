package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Mode says what a run is to show.
type Mode uint8

const (
	// Liveness: the faults end, and then all is settled within a bound.
	Liveness Mode = iota
	// Safety: faults strike to the end and some never heal. What must hold always is
	// looked at again and again.
	Safety
)

func (m Mode) String() string { return [...]string{"liveness", "safety"}[m] }

// ParseMode returns the mode of a name.
func ParseMode(name string) (Mode, error) {
	for m := Liveness; m <= Safety; m++ {
		if m.String() == name {
			return m, nil
		}
	}
	return 0, fmt.Errorf("no mode %q", name)
}

// A Case is one run: all that it hangs on. But for the seed, the zero value leaves
// everything as it is drawn.
type Case struct {
	Seed uint64
	Mode Mode
	Row  string // the name of one of Rows, whose fault is the only one
	// Only are the faults that strike, by their index in the plan. If nil, all do.
	Only []int
	// Places is how many members there are at most. If zero, as many as drawn.
	Places int
	// Storm is how long the faults strike. If zero, as long as drawn.
	Storm time.Duration
}

// String returns the case as the arguments of scripts/sim that run it alone.
func (c Case) String() string {
	s := fmt.Sprintf("--seed %d", c.Seed)
	if c.Mode != Liveness {
		s += " --mode " + c.Mode.String()
	}
	if c.Row != "" {
		s += fmt.Sprintf(" --row %q", c.Row)
	}
	if c.Only != nil {
		s += " --only " + strings.Trim(strings.ReplaceAll(fmt.Sprint(c.Only), " ", ","), "[]") + ","
	}
	if c.Places > 0 {
		s += fmt.Sprintf(" --places %d", c.Places)
	}
	if c.Storm > 0 {
		s += fmt.Sprintf(" --storm %v", c.Storm)
	}
	return s
}

// strikes reports whether the fault of an index strikes.
func (c Case) strikes(i int) bool { return c.Only == nil || slices.Contains(c.Only, i) }

// cut makes a plan as small as the case says.
func (c Case) cut(p *plan) {
	if c.Storm > 0 {
		p.storm = min(p.storm, c.Storm)
	}
	if c.Places > 0 && c.Places < p.places {
		p.places = max(c.Places, p.typists)
		p.crowd = min(p.crowd, p.places-p.typists)
		p.screens = min(p.screens, p.places)
		p.spots = p.spots[:p.places+1]
		if p.evil > p.places {
			p.evil = 0
		}
	}
	all := p.faults
	p.faults = nil
	for i, f := range all {
		if c.strikes(i) {
			f.place = 1 + (f.place-1)%p.places
			p.faults = append(p.faults, f)
		}
	}
}
