package screen

// KeepScrolled says whether lines that leave the top are kept for the next
// Frame. A model that nobody draws from keeps none, which is the default.
func (s *Screen) KeepScrolled(on bool) {
	if on != s.keepScrolled {
		s.past.fresh, s.past.lost = 0, 0
	}
	s.keepScrolled = on
	s.keepPast()
}

// HoldScrolled says whether the lines that leave the top wait: the Frames have none
// of them until it is off.
func (s *Screen) HoldScrolled(on bool) { s.hold = on }

// keepPast settles whether there is a past: if somebody wants it.
func (s *Screen) keepPast() {
	if s.keep = s.keepScrolled || s.keepHistory; !s.keep {
		s.past = past{}
	}
}

// leave moves rows, which are no more on the screen, into the past.
func (s *Screen) leave(rows []row) {
	if !s.keep {
		return
	}
	for i := range rows {
		s.past.scratch = s.pack(s.past.scratch[:0], &rows[i])
		s.past.push(s.past.scratch)
	}
}

// handOver moves the lines that no Frame has, the newest MaxScrolled of them, into
// lines, and returns how many more there were.
func (s *Screen) handOver(lines [][]Cell) (_ [][]Cell, lost int) {
	p := &s.past
	from, n := p.count, 0
	for from > p.count-p.fresh {
		if !p.line(from - 1).told() {
			if n == MaxScrolled {
				break
			}
			n++
		}
		from--
	}
	for i := p.count - p.fresh; i < from; i++ {
		if !p.line(i).told() {
			p.lost++
		}
	}
	memory := lines[:cap(lines)]
	lines = lines[:0]
	for i := from; i < p.count; i++ {
		l := p.line(i)
		if l.told() {
			continue
		}
		var cells []Cell
		if len(lines) < len(memory) {
			cells = memory[len(lines)]
		}
		lines = append(lines, s.unpack(l, cells)[l.toldColumns():])
	}
	s.loose = s.loose[:0]
	lost, p.lost, p.fresh = p.lost, 0, 0
	for p.closed > 0 {
		p.dropFirst()
	}
	return lines, lost
}
