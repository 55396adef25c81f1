package main

import (
	"strings"
	"time"
)

// A pathChange is a line of a log that says which way a link's packets now take.
type pathChange struct {
	at   time.Time // when it was logged
	peer string    // the tag of whom the link goes to
	via  string
	addr string // "" over a relay
	rtt  time.Duration
}

// parsePath reads a line of a log, which came at that time. It reports whether the line tells of a path.
func parsePath(line string, at time.Time) (c pathChange, ok bool) {
	if attr(line, "msg") != "path" {
		return c, false
	}
	if t, err := time.Parse(time.RFC3339Nano, attr(line, "time")); err == nil {
		at = t
	}
	rtt, _ := time.ParseDuration(attr(line, "rtt"))
	return pathChange{at, attr(line, "peer"), attr(line, "via"), strings.Trim(attr(line, "addr"), `"`), rtt}, true
}

// attr returns the value of a key in a line of slog's text form, "" without it. No
// value that is looked for is quoted.
func attr(line, key string) string {
	for word := range strings.FieldsSeq(line) {
		if value, ok := strings.CutPrefix(word, key+"="); ok {
			return value
		}
	}
	return ""
}
