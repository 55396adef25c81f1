package sim

import "time"

// Faults of the network: what is sent does not arrive, one way or both, for a while.

const (
	// roamMost is how long a process that moves is without any address.
	roamMost = 2 * time.Second
	// heavy is the share of frames that lose a packet in a heavy loss.
	heavy = 0.3
	// clogMost is after how long the last link of a swizzle is clogged, as a share of
	// the fault; its links go free in the last such share.
	clogShare = 3
)

func (s *Sim) mute(place int, d time.Duration)   { s.net.block(&s.net.mute[place], d) }
func (s *Sim) deafen(place int, d time.Duration) { s.net.block(&s.net.deaf[place], d) }

// isolate cuts a place off both ways.
func (s *Sim) isolate(place int, d time.Duration) {
	s.mute(place, d)
	s.deafen(place, d)
}

func cutOff(s *Sim, f fault)    { s.isolate(f.place, 2*f.length) }
func goDeaf(s *Sim, f fault)    { s.deafen(f.place, 2*f.length) }
func goMute(s *Sim, f fault)    { s.mute(f.place, 2*f.length) }
func hostAlone(s *Sim, f fault) { s.isolate(hostPlace, 2*f.length) }
func hostDeaf(s *Sim, f fault)  { s.deafen(hostPlace, 2*f.length) }

// partition puts half of the members on the other side.
func partition(s *Sim, f fault) { s.net.part(s.half(f), 2*f.length, false) }

// partitionOneWay does so one way: one half is not heard by the other.
func partitionOneWay(s *Sim, f fault) {
	side := s.half(f)
	if f.n%2 == 0 { // the host is in the other half
		for i := range side {
			side[i] = !side[i]
		}
	}
	s.net.part(side, 2*f.length, true)
}

// half draws half of the members.
func (s *Sim) half(f fault) []bool {
	side := make([]bool, s.plan.places+1)
	for place := 1; place <= s.plan.places; place++ {
		side[place] = (place+f.place)%2 == 1
	}
	return side
}

// swizzle clogs each of a random half of all links, one after another, some of them
// one way, and frees them in another order.
func swizzle(s *Sim, f fault) {
	for _, l := range s.net.links {
		if s.rng.IntN(2) == 0 {
			continue
		}
		ends := l.ends[:]
		if s.rng.IntN(clogShare) == 0 {
			i := s.rng.IntN(2)
			ends = l.ends[i : i+1]
		}
		share := f.length/clogShare + 1
		until := s.queue.now.Add(between(s.rng, f.length-share, f.length+1))
		s.queue.after(between(s.rng, 0, share), func() {
			for _, e := range ends {
				e.clogUp(until.Sub(s.queue.now))
			}
		})
	}
}

// heavyLoss has many packets of all links be lost.
func heavyLoss(s *Sim, f fault) {
	s.loss = heavy
	s.queue.after(f.length, func() {
		if !s.calm {
			s.loss = s.plan.loss
		}
	})
}

// move gives a process another address: for a moment nothing comes or goes, and then
// its links go on, or have been given up for new ones.
func move(s *Sim, f fault) {
	p := s.procs[f.place]
	if p == nil {
		return
	}
	s.isolate(f.place, min(f.length, roamMost))
	if f.n%2 == 0 {
		for _, e := range p.ends {
			e.l.reset()
		}
	}
}

// sleepOne has the machine of a process sleep; its clock goes on or stands still.
func sleepOne(s *Sim, f fault) {
	if p := s.procs[f.place]; p != nil {
		p.node.sleep(2*f.length, f.n%2 == 0)
	}
}

// sleepHost has the machine with the shell sleep.
func sleepHost(s *Sim, f fault) {
	s.host.terminal.stop(f.length)
	s.host.sleep(f.length, f.n%2 == 0)
}

const (
	// crowdLeast and crowdMost bound how many come at once, and crowdTime in what time.
	crowdLeast, crowdMost = 16, 64
	crowdTime             = 2 * time.Second
)

// joinStorm brings the crowd during a flood.
func joinStorm(s *Sim, f fault) {
	flood(s, f)
	for place := s.plan.places - s.plan.crowd + 1; place <= s.plan.places; place++ {
		s.queue.after(between(s.rng, 0, crowdTime), func() { s.back(place) })
	}
}
