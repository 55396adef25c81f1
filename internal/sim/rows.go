package sim

import "time"

// A Row is one long fault, over which people type.
type Row struct {
	Name   string
	Length time.Duration
	within time.Duration // after it all that was typed has its fate, and screens are equal
	strike func(*Sim, fault)
}

const (
	minute     = time.Minute
	tenMinutes = 10 * time.Minute
	// rowAt is when the fault of a row strikes: when all are in.
	rowAt = 5 * time.Second
	// afterCall is what a row takes to settle after its fault: a member calls the host
	// again each 10 s at last, its person takes a while to say what becomes of what was
	// held, and then it is typed. afterStop is for who only stood still.
	afterCall = 20 * time.Second
	afterStop = 5 * time.Second
	// rowPlaces is how many members there are at least, and half of them at most;
	// rowTypists is how many type at most, and paceStep is in what length they become
	// once slower than a fast typist.
	rowPlaces  = 10
	rowTypists = 5
	paceStep   = 3 * minute
)

// Rows are the faults of a minute and more, each alone, beside the people, the places
// and the loss that the seed draws.
var Rows = []Row{
	{"writer cut off 60 s", minute, afterCall, func(s *Sim, f fault) { s.isolate(f.typist, f.length) }},
	{"writer cut off 10 min", tenMinutes, afterCall, func(s *Sim, f fault) { s.isolate(f.typist, f.length) }},
	{"writer hears nobody 60 s", minute, afterCall, func(s *Sim, f fault) { s.deafen(f.typist, f.length) }},
	{"writer hears nobody 10 min", tenMinutes, afterCall, func(s *Sim, f fault) { s.deafen(f.typist, f.length) }},
	{"nobody hears a writer 60 s", minute, afterCall, func(s *Sim, f fault) { s.mute(f.typist, f.length) }},
	{"nobody hears a writer 10 min", tenMinutes, afterCall, func(s *Sim, f fault) { s.mute(f.typist, f.length) }},
	{"host alone 60 s", minute, afterCall, hostAlone},
	{"host alone 10 min", tenMinutes, afterCall, hostAlone},
	{"host hears nobody 60 s", minute, afterCall, hostDeaf},
	{"host hears nobody 10 min", tenMinutes, afterCall, hostDeaf},
	{"half from half 60 s", minute, afterCall, partition},
	{"half from half 10 min", tenMinutes, afterCall, partition},
	{"half hears not half 60 s", minute, afterCall, partitionOneWay},
	{"half hears not half 10 min", tenMinutes, afterCall, partitionOneWay},
	{"swizzle-clog 60 s", minute, afterCall, swizzle},
	{"swizzle-clog 10 min", tenMinutes, afterCall, swizzle},
	{"writer sleeps 10 min", tenMinutes, afterCall, func(s *Sim, f fault) { s.sleepAt(f.typist, f) }},
	{"host sleeps 10 min", tenMinutes, afterCall, sleepHost},
	{"viewer stopped 10 min", tenMinutes, afterStop, func(s *Sim, f fault) { s.stopAt(f.place, f.length) }},
	{"viewer's terminal stopped 10 min", tenMinutes, afterStop, func(s *Sim, f fault) { s.stopShowing(f) }},
}

// RowOf returns the row of a name, and whether there is one.
func RowOf(name string) (Row, bool) {
	for _, r := range Rows {
		if r.Name == name {
			return r, true
		}
	}
	return Row{}, false
}

// fault is the row's fault, with what the seed has drawn of one.
func (r Row) fault(drawn fault) fault {
	drawn.kind = kind{name: r.Name, what: r.strike}
	drawn.at, drawn.length = rowAt, r.Length // twice as long or not: the storm ends before
	return drawn
}

func (s *Sim) sleepAt(place int, f fault) {
	if p := s.procs[place]; p != nil {
		p.node.sleep(f.length, f.n%2 == 0)
	}
}

func (s *Sim) stopAt(place int, d time.Duration) {
	if p := s.procs[place]; p != nil {
		p.node.pause(d)
	}
}

// stopShowing has a member with a screen not show anything: its terminal takes nothing.
func (s *Sim) stopShowing(f fault) {
	if p := s.procs[1+f.n%s.plan.screens]; p != nil {
		p.slow = f.length
		s.queue.after(f.length, func() { p.slow = 0 })
	}
}
