package sim

import (
	"gossterm/gossip"
	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

// shotsMost is how many snapshots are kept: who is further behind is not compared.
const shotsMost = 64

// Shots are the host's newest snapshots, by the record that each ends with.
type shots struct {
	of    map[uint64]*screen.Screen
	order []uint64
	size  window
	parts []byte
}

// note takes up what the host records: its snapshots, each with the size it is for.
func (s *shots) note(r gossip.Record) error {
	items, err := envelope.ParseLog(r.Bytes)
	if err != nil {
		return err
	}
	if r.Part == 1 {
		s.parts = nil
	}
	for _, it := range items {
		switch it := it.(type) {
		case envelope.Resize:
			s.size = window{int(it.Cols), int(it.Rows)}
		case envelope.Screen:
			s.parts = append(s.parts, it.Data...)
		}
	}
	if r.Part == 0 || r.Part < r.Parts {
		return nil
	}
	shot := screen.New(s.size.cols, s.size.rows)
	shot.Write(s.parts)
	s.of[r.Seq] = shot
	if s.order = append(s.order, r.Seq); len(s.order) > shotsMost {
		delete(s.of, s.order[0])
		s.order = s.order[1:]
	}
	return nil
}

// checkShot asserts that who has a snapshot, however it was reached, sees what it shows.
func (v *viewer) checkShot(seq uint64) {
	s := v.p.s
	shot := s.host.shots.of[seq]
	if shot == nil {
		return
	}
	s.counts.compared++
	if !v.core.Screen().Equal(shot) {
		s.failf("place %d sees another screen than the host's at record %d", v.p.place, seq)
	}
}
