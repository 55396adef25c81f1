// Package gossip spreads a session's records over its members.
//
// The host's log is what everybody follows. A Log holds the part of it that a
// peer keeps to serve others, and every reader has a position of its own:
//
//	     first                start            head
//	       |                    |               |
//	... [ 41 42 43 (44 45 46)  47 48 (49 50)   51 ]      () a snapshot
//	              ^reader A                     ^reader B
//
// A reader whose position was dropped, or who is far behind, goes on at start:
// the first part of the newest complete snapshot, where a log may begin.
package gossip

const (
	// Behind is how many bytes before the newest complete snapshot a log keeps,
	// so that a repair never jumps without need.
	Behind = 1 << 20
	// Kept is how many bytes a log keeps in all.
	Kept = 4 << 20
)

// A Record is one entry of the host's log as it travels. Part and Parts are its
// place in a snapshot, 0 if it is none (PROTOCOL.md §5.1).
type Record struct {
	Seq         uint64
	Part, Parts uint16
	Bytes       []byte
}

// A Log is a run of the host's records without gaps. The zero value is empty
// and begins with the first record it is given. A copy stays as it is when the
// original grows, and may be read by another goroutine; it must not grow itself.
type Log struct {
	recs   []entry // recs[i].Seq == recs[0].Seq + i
	bytes  int
	total  uint64 // bytes ever appended
	start  uint64 // first part of the newest complete snapshot, 0 if none
	before int    // bytes of the records before start
	part   uint64 // first part of the snapshot that is arriving, 0 if none
}

// An entry is a record and how many bytes were appended before it.
type entry struct {
	Record
	at uint64
}

// Append adds the record that follows the last one and reports whether it did:
// a record that leaves a gap or is here already is refused. An empty log takes
// only a record where a log may start.
func (l *Log) Append(r Record) bool {
	switch {
	case len(l.recs) == 0 && r.Part != 1:
		return false
	case len(l.recs) > 0 && r.Seq != l.Head()+1:
		return false
	}
	l.recs = append(l.recs, entry{r, l.total})
	l.bytes += len(r.Bytes)
	l.total += uint64(len(r.Bytes))
	l.notePart(r)
	l.trim()
	return true
}

// notePart follows snapshots to their last part: only then is the log one that
// a newcomer can start with there.
func (l *Log) notePart(r Record) {
	switch {
	case r.Part == 0:
		l.part = 0
	case r.Part == 1:
		l.part = r.Seq
	case l.part == 0 || r.Seq-l.part != uint64(r.Part-1):
		l.part = 0
	}
	if l.part != 0 && r.Part == r.Parts {
		l.startAt(l.part)
		l.part = 0
	}
}

// startAt moves start forward and counts what is now before it.
func (l *Log) startAt(seq uint64) {
	from := max(l.start, l.recs[0].Seq)
	for s := from; s < seq; s++ {
		l.before += len(l.recs[s-l.recs[0].Seq].Bytes)
	}
	l.start = seq
}

// trim drops records from the front: those more than Behind bytes before start,
// and whatever is over Kept, even the start if it must be.
func (l *Log) trim() {
	n := 0
	for n < len(l.recs)-1 && (l.before > Behind || l.bytes > Kept) {
		r := &l.recs[n]
		l.bytes -= len(r.Bytes)
		if r.Seq < l.start {
			l.before -= len(r.Bytes)
		} else {
			l.start = 0
		}
		n++
	}
	l.recs = l.recs[n:]
}

// Reset empties the log, to begin anew at a snapshot.
func (l *Log) Reset() { *l = Log{} }

// Head returns the seq of the newest record, 0 if the log is empty.
func (l *Log) Head() uint64 {
	if len(l.recs) == 0 {
		return 0
	}
	return l.recs[len(l.recs)-1].Seq
}

// Start returns the seq of the first part of the newest complete snapshot, 0 if
// there is none.
func (l *Log) Start() uint64 { return l.start }

// Bytes returns the size of what the log holds.
func (l *Log) Bytes() int { return l.bytes }

// Get returns record seq and reports whether the log holds it.
func (l *Log) Get(seq uint64) (Record, bool) {
	if len(l.recs) == 0 || seq < l.recs[0].Seq || seq > l.Head() {
		return Record{}, false
	}
	return l.recs[seq-l.recs[0].Seq].Record, true
}

// From returns where a reader who has all through seq goes on: at the next
// record, or at Start if that is gone or more than lag bytes follow it. It
// reports false if there is nothing to go on with.
func (l *Log) From(seq uint64, lag int) (uint64, bool) {
	next := seq + 1
	if len(l.recs) == 0 || next > l.Head() {
		return 0, false
	}
	held := next >= l.recs[0].Seq && seq > 0
	if held && (l.start <= next || l.total-l.recs[next-l.recs[0].Seq].at <= uint64(lag)) {
		return next, true
	}
	return l.start, l.start >= next
}
