package session

import (
	"bytes"
	"time"

	"gossterm/internal/envelope"
)

const (
	// A flood is floodRecords records of output in a row while there was more than
	// floodRate bytes a second. It is gathered in fewer records, one each floodGap, for
	// each costs every member a signature to check and messages to pass on. It is over
	// floodRest after it has stopped.
	floodRecords = 8
	floodRate    = 800_000
	floodGap     = 20 * time.Millisecond
	floodRest    = 100 * time.Millisecond
	// maxGathered is how many bytes of output are packed into one record then, if they
	// fit when they are packed.
	maxGathered = envelope.MaxItems - envelope.MaxHostPlain + maxOutput

	// When more than lineFlood lines a second, a screenful between two frames, have gone
	// by for floodUnread, nobody reads them: see unread.
	lineFlood   = 20_000
	floodUnread = 500 * time.Millisecond
)

// A flood is what the host knows of output that comes faster than anybody reads.
type flood struct {
	bytes, lines arrears
	records      int       // since there are arrears of bytes
	since        time.Time // there are arrears of lines
}

// printed counts what was printed at now.
func (f *flood) printed(now time.Time, b []byte) {
	if f.bytes.left(now) == 0 {
		f.records = 0
	}
	if f.lines.left(now) == 0 {
		f.since = now
	}
	f.bytes.add(now, len(b), floodRate, floodRest)
	f.lines.add(now, bytes.Count(b, []byte{'\n'}), lineFlood, floodRest)
}

// gathers reports whether this is a flood.
func (f *flood) gathers() bool { return f.records >= floodRecords }

// unread reports, when there is output at now, whether lines have gone by for so long that
// nobody reads them.
func (f *flood) unread(now time.Time) bool { return now.Sub(f.since) >= floodUnread }

// gap returns the least time between two records of output.
func (h *HostCore) gap() time.Duration {
	if h.flood.gathers() {
		return floodGap
	}
	return outputGap
}

// roomForOutput returns how many bytes of output the next record holds.
func (h *HostCore) roomForOutput() int {
	if h.flood.gathers() {
		return maxGathered
	}
	return maxOutput
}
