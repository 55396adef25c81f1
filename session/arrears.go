package session

import "time"

// Arrears are how far something is ahead of its rate, as the time until it is not.
type arrears struct {
	owed time.Duration
	at   time.Time
}

// left returns the arrears at now.
func (a *arrears) left(now time.Time) time.Duration { return max(a.owed-now.Sub(a.at), 0) }

// add counts n more at now. The arrears are at most so long.
func (a *arrears) add(now time.Time, n, perSecond int, most time.Duration) {
	a.owed = min(a.left(now)+time.Duration(n)*time.Second/time.Duration(perSecond), most)
	a.at = now
}
