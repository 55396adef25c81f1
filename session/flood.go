package session

import (
	"time"

	"gossterm/internal/envelope"
)

const (
	// A flood is floodRecords records of output in a row of floodRate bytes a second or
	// more. Nobody reads that: it is gathered in fewer records, one each floodGap, for
	// each costs every member a signature to check and messages to pass on.
	floodRecords = 8
	floodRate    = 800_000
	floodGap     = 20 * time.Millisecond
	// maxGathered is how many bytes of output are packed into one record then, if they
	// fit when they are packed.
	maxGathered = envelope.MaxItems - envelope.MaxHostPlain + maxOutput
)

// noteFlood counts a record, at now, of so many bytes that came since the last.
func (h *HostCore) noteFlood(now time.Time, n int) {
	if time.Duration(n)*time.Second/floodRate < now.Sub(h.lastRecord) {
		h.flood = 0
		return
	}
	h.flood++
}

// gap returns the least time between two records of output.
func (h *HostCore) gap() time.Duration {
	if h.flood >= floodRecords {
		return floodGap
	}
	return outputGap
}

// roomForOutput returns how many bytes of output the next record holds.
func (h *HostCore) roomForOutput() int {
	if h.flood >= floodRecords {
		return maxGathered
	}
	return maxOutput
}
