// Package doctor judges what was found out about a machine and its ways to others,
// and says it in words:
//
//	facts ──> Check   one line, and what to do about it
//	facts ──> Verdict one sentence, and whether a session from here can work
//
// It asks nobody: who calls it has looked.
package doctor

import (
	"fmt"
	"time"
)

// A Status says how a check came out.
type Status uint8

// The statuses. Only the verdict says whether a session can work: of three ways two
// may fail.
const (
	OK   Status = iota
	Warn        // something is worse than it could be, or not known
	Fail        // something does not work
)

// String returns the status as it is printed.
func (s Status) String() string {
	switch s {
	case OK:
		return "ok"
	case Warn:
		return "warn"
	}
	return "fail"
}

// MarshalText writes the status as String does.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A Check is one thing that was looked at.
type Check struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	Text   string `json:"text"` // what was found
	Hint   string `json:"hint"` // what to do about it, or ""
}

// A Report is all checks, in the order in which they are shown, and what they mean.
type Report struct {
	Checks  []Check `json:"checks"`
	Verdict string  `json:"verdict"`
}

// Took returns how long something took as people read it.
func Took(d time.Duration) string {
	if d < time.Millisecond {
		return "less than 1 ms"
	}
	return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
}

// count returns a number of things, as in "1 relay" and "2 relays".
func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
