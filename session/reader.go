package session

import (
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

// A reader follows the host's log in order. It may jump, but only to the first
// part of a snapshot, and shows that once all its parts are there.
type reader struct {
	screen  *screen.Screen
	through uint64 // the last record that is on the screen
	parts   []byte // screen of the snapshot that is being taken up
	cols    int
	rows    int
	part    uint16 // its last part that is there
	inStep  bool   // the screen is the host's after record through
	dirty   bool
	ended   bool

	output uint64 // bytes that the program printed until record through, shown or skipped

	view    envelope.View // of the newest snapshot
	resized bool          // the next snapshot's screen is taken although in step
	passed  bool          // that of the snapshot is whose parts are there: output was left out
	taking  bool          // it is that of which parts are there
	named   bool          // the snapshot that is being taken up knows of this member
	blanked bool          // what was before this member came is not shown
}

// Dirty reports whether the screen changed since the last call.
func (m *MemberCore) Dirty() bool {
	d := m.dirty
	m.dirty = false
	return d
}

// recorded applies one record.
func (m *MemberCore) recorded(now time.Time, r Recorded) {
	switch {
	case r.Seq <= m.through:
		m.stats.Ignored++
	case m.inStep && r.Seq == m.through+1:
		m.apply(now, r)
	case r.Part == 1:
		if m.through > 0 && r.Seq > m.through+1 {
			m.stats.SkippedRecords += r.Seq - m.through - 1
			m.do(Skipped{From: m.through + 1, To: r.Seq - 1})
		}
		m.inStep = false
		m.takePart(now, r)
	case m.part > 0 && r.Seq == m.through+1 && r.Part == m.part+1:
		m.takePart(now, r)
	case !m.inStep && m.through > 0 && r.Seq == m.through+1: // nothing to show it on
		m.part = 0
		m.through = r.Seq
		m.stats.Ignored++
	default:
		m.stats.Ignored++
	}
}

// apply shows the record after the last one. A reader that is in step has what
// a snapshot holds.
func (m *MemberCore) apply(now time.Time, r Recorded) {
	m.through = r.Seq
	m.stats.Delivered++
	m.takes(r)
	sized := false
	for _, it := range m.items(r) {
		switch it := it.(type) {
		case envelope.Output:
			m.screen.Write(it.Data)
			m.output += uint64(len(it.Data))
			m.dirty = true
		case envelope.Resize:
			if r.Part == 0 && !sized { // no host says more than one in a record
				m.screen.Resize(int(it.Cols), int(it.Rows))
				m.dirty, m.resized, m.taking = true, true, false
			}
			sized = true
		case envelope.Screen:
			if m.taking {
				m.parts = append(m.parts, it.Data...)
			}
		case envelope.View:
			m.view = it
		case envelope.Total:
			if it.Bytes != m.output {
				m.taking, m.passed = true, true
			}
			m.total(it)
		case envelope.Acks:
			m.acks(now, it)
		case envelope.End:
			m.ended = true
			m.do(Ended{Status: it.Status})
		}
	}
	if m.taking && r.Part == r.Parts {
		m.retake()
		m.part, m.parts, m.taking, m.resized, m.passed = 0, nil, false, false, false
	}
}

// takes begins to collect the snapshot behind a resize with its first part, and stops if
// a record is not the next one of it.
func (m *MemberCore) takes(r Recorded) {
	switch {
	case r.Part == 1:
		m.taking, m.passed, m.part, m.parts = m.resized, false, 1, nil
	case m.taking && r.Part == m.part+1:
		m.part++
	case m.taking:
		m.taking, m.part, m.parts = false, 0, nil
	}
}

// retake shows the screen behind a resize: the host's model has lines, of before this
// member came, that may have come back, and this one has not. If they agree this one
// stays as it is, for it knows which of its lines have been shown.
func (m *MemberCore) retake() {
	if m.passed {
		m.blanked, m.dirty = false, true
		m.show()
		return
	}
	host := screen.New(m.screen.Size())
	host.Write(m.parts)
	own := m.screen
	if m.blanked { // what is blank stays so, as long as all else agrees
		host.Blank()
		own = screen.New(m.screen.Size())
		own.Write(m.screen.Snapshot())
		own.Blank()
	}
	if host.Equal(own) {
		return
	}
	m.stats.Retaken++
	m.show()
	m.dirty = true
}

// show has the screen be that of the parts.
func (m *MemberCore) show() {
	m.screen.Write(m.parts)
	if m.blanked {
		m.screen.Blank()
	}
}

// items returns what a record holds, nothing if it is malformed: its signature
// was checked, so then it is the host's fault and nobody can repair it.
func (m *MemberCore) items(r Recorded) []envelope.LogItem {
	items, err := envelope.ParseLog(r.Plain)
	if err != nil {
		m.stats.Malformed++
	}
	return items
}

// takePart collects a snapshot to begin with.
func (m *MemberCore) takePart(now time.Time, r Recorded) {
	if r.Part == 1 {
		m.parts, m.named = nil, false
	}
	m.part = r.Part
	m.through = r.Seq
	m.stats.Delivered++
	for _, it := range m.items(r) {
		switch it := it.(type) {
		case envelope.Screen:
			m.parts = append(m.parts, it.Data...)
		case envelope.Resize:
			m.cols, m.rows = int(it.Cols), int(it.Rows)
		case envelope.View:
			m.view = it
		case envelope.Total:
			m.total(it)
		case envelope.Acks:
			m.acks(now, it)
		}
	}
	if r.Part == r.Parts && !m.isEarly() {
		m.screen.Resize(m.cols, m.rows)
		m.blanked = !m.begun && !m.self.Own && m.view.History == envelope.ShownNone
		m.show()
		m.part, m.parts, m.inStep, m.dirty = 0, nil, true, true
		m.resized, m.taking = false, false
		m.stats.Snapshots++
		m.begin(now, r.Seq-uint64(r.Parts)+1)
	}
}

// total counts what was printed and is on no screen here, but in the snapshot that says
// so. What was before this member began was not skipped.
func (m *MemberCore) total(t envelope.Total) {
	switch {
	case !m.begun:
	case t.Bytes > m.output:
		m.stats.SkippedBytes += t.Bytes - m.output
	default: // some of what was skipped is shown after all
		m.stats.SkippedBytes -= min(m.stats.SkippedBytes, m.output-t.Bytes)
	}
	m.output = t.Bytes
}

// isEarly reports whether the snapshot that was taken up is of before this member was
// let in, and what was then is not for it: it begins at the first that knows of it.
func (m *MemberCore) isEarly() bool {
	return !m.begun && !m.self.Own && m.view.History != envelope.ShownLines && !m.named
}

// acks looks for this member among the news.
func (m *MemberCore) acks(now time.Time, acks envelope.Acks) {
	for _, a := range acks.Authors {
		if a.Author == m.self.Key {
			m.named = true
			m.acked(now, acks.Flushes, a)
		}
	}
}
