package sim

// resetLink ends one link of a process.
func resetLink(s *Sim, f fault) {
	if p := s.procs[f.place]; p != nil && len(p.ends) > 0 {
		s.tracef("reset one of %d", f.place)
		p.ends[f.n%len(p.ends)].l.reset()
	}
}

// resetAll ends all links of a process.
func resetAll(s *Sim, f fault) {
	if p := s.procs[f.place]; p != nil {
		s.tracef("reset all of %d", f.place)
		for _, e := range p.ends {
			e.l.reset()
		}
	}
}

func killOne(s *Sim, f fault) {
	s.kill(f.place)
	s.queue.after(f.length/4, func() { s.back(f.place) })
}

func killHalf(s *Sim, f fault) {
	for place := 1 + f.place%2; place <= s.plan.places; place += 2 {
		s.kill(place)
		s.queue.after(f.length/4, func() { s.back(place) })
	}
}

func leaveOne(s *Sim, f fault) {
	s.leave(f.place)
	s.queue.after(f.length, func() { s.back(f.place) })
}

func pauseOne(s *Sim, f fault) {
	if p := s.procs[f.place]; p != nil {
		s.tracef("pause %d", f.place)
		p.node.pause(2 * f.length)
	}
}

func pauseHost(s *Sim, f fault) {
	s.tracef("pause the host")
	s.host.pause(f.length)
}

func slowViewer(s *Sim, f fault) {
	if p := s.procs[f.typist]; p != nil {
		p.slow = f.length / 4
	}
}

// slowLink has the log wait on its way to a process, over one link or all of them.
func slowLink(s *Sim, f fault) {
	p := s.procs[f.place]
	if p == nil {
		return
	}
	s.tracef("slow %d", f.place)
	for i, e := range p.ends {
		if o := e.other; f.n%2 == 0 || i == f.n%len(p.ends) {
			o.slow = later(o.slow, s.queue.now.Add(f.length))
			s.queue.at(o.slow, o.hurry)
		}
	}
}

// roleTaken makes a writer a viewer for a while.
func roleTaken(s *Sim, f fault) {
	if r := s.host.table.row(s.keys[f.typist]); r != nil {
		s.tracef("role taken %d", f.typist)
		if p := s.procs[f.typist]; p != nil {
			p.barred = true
		}
		r.MayType = false
		s.host.table.version++
		s.host.tell()
		s.queue.after(f.length, func() { s.restore(f.typist) })
	}
}

// rowTaken takes a member out of the roster; it comes back as the same.
func rowTaken(s *Sim, f fault) {
	s.tracef("row taken %d", f.typist)
	s.host.table.remove(s.keys[f.typist])
	s.host.tell()
	s.queue.after(f.length, func() { s.restore(f.typist) })
}

// forget makes the host take a process that is still there for a new one.
func forget(s *Sim, f fault) {
	if p := s.procs[f.typist]; p != nil {
		s.tracef("forget %d", f.typist)
		s.host.table.remove(p.key)
		delete(s.host.table.past, p.life())
		s.host.tell()
		for _, e := range p.ends {
			e.l.reset()
		}
	}
}

// restore gives a member its row and its role again.
func (s *Sim) restore(place int) {
	p := s.procs[place]
	if p == nil || !p.joined {
		return
	}
	if r := s.host.table.row(p.key); r == nil {
		s.host.admit(p.life())
	} else if !r.MayType && place <= s.plan.typists {
		r.MayType = true
		s.host.table.version++
		s.host.tell()
	}
}

func stopReading(s *Sim, f fault) {
	s.tracef("program stops")
	s.host.terminal.stop(f.length)
}

func flood(s *Sim, f fault) {
	s.tracef("flood")
	s.host.terminal.floods += f.n / 20
}

func burst(s *Sim, f fault)     { s.people[f.typist].burst(f.n) }
func paste(s *Sim, f fault)     { s.people[f.typist].beginPaste(2 * f.n) }
func interrupt(s *Sim, f fault) { s.people[f.typist].interrupt() }

func pasteAndInterrupt(s *Sim, f fault) {
	s.host.terminal.stop(f.length)
	s.people[f.typist].beginPaste(3 * f.n)
	other := 1 + (f.typist+f.n)%s.plan.typists
	s.people[other].burst(f.n)
	s.queue.after(f.length/2, s.people[1+(f.n%2)*(f.typist-1)].interrupt)
}

// rawMode makes ^C a character for a while.
func rawMode(s *Sim, f fault) {
	s.host.terminal.signals = false
	s.queue.after(f.length, func() { s.host.terminal.signals = true })
}
