package gossipsim

// Cut parts some peers from all others, until Heal: what is sent between the two
// sides is lost, also what is on its way. Links stay, but are silent.
func (s *Sim) Cut(far []int) {
	s.far = make([]bool, len(s.peers))
	for _, i := range far {
		s.far[i] = true
	}
	for i := range s.peers {
		for _, c := range s.peers[i].links {
			if s.severed(int32(i), c.to) {
				s.hush(int32(i), c)
			}
		}
	}
}

// severed reports whether nothing comes from one peer to another. Who came after
// the cut is on the host's side.
func (s *Sim) severed(a, b int32) bool { return s.isFar(a) != s.isFar(b) }

func (s *Sim) isFar(i int32) bool { return int(i) < len(s.far) && s.far[i] }

// Heal ends a cut. Both ends of a link hear of each other again, or that it ended
// meanwhile.
func (s *Sim) Heal() {
	far := s.far
	s.far = nil
	for i := range s.peers {
		for _, c := range s.peers[i].links {
			if int(c.to) >= len(far) || i >= len(far) || far[i] == far[c.to] {
				continue
			}
			e := entry{at: s.now + s.latency(int32(i), c.to), kind: back, from: c.to, to: int32(i), link: c.life}
			if has(&s.peers[c.to], int32(i)) != c.life {
				e.kind = done
			}
			s.q.push(e)
		}
	}
}
