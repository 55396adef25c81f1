package main

import (
	"math/rand/v2"
	"strings"
	"time"
)

// keyCount is how many keys are typed in each trial.
const keyCount = 200

// A typing is keys and when each was typed and stood on the typist's screen.
type typing struct {
	keys   string
	typed  []time.Time
	echoed []time.Time
	wrong  string // an echo that is not what was typed, if that is what the screen showed last
}

// newTyping draws the keys: letters in no order, so that one too many or too few shows
// in what comes after.
func newTyping(seed uint64) *typing {
	r := rand.New(rand.NewPCG(seed, 1))
	var b strings.Builder
	for range keyCount {
		b.WriteByte(byte('a' + r.IntN(26)))
	}
	return &typing{keys: b.String()}
}

// see takes in what of the echo stands on the screen.
func (t *typing) see(echo string, at time.Time) {
	if !strings.HasPrefix(t.keys, echo) {
		t.wrong = echo
		return
	}
	t.wrong = ""
	for len(t.echoed) < len(echo) {
		t.echoed = append(t.echoed, at)
	}
}

func (t *typing) over() bool { return len(t.echoed) == len(t.keys) }

// lags returns how long each key waited for its echo, not counting the time before from.
func (t *typing) lags(from time.Time) []time.Duration {
	lags := make([]time.Duration, len(t.echoed))
	for i, at := range t.echoed {
		typed := t.typed[i]
		if typed.Before(from) && at.After(from) {
			typed = from
		}
		lags[i] = at.Sub(typed)
	}
	return lags
}

// stalls counts the runs of keys that waited for longer than that.
func stalls(lags []time.Duration, than time.Duration) (n int) {
	before := false
	for _, lag := range lags {
		long := lag > than
		if long && !before {
			n++
		}
		before = long
	}
	return n
}
