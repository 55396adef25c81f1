package gossip

import "time"

// A Bucket is credit that refills evenly to what one second gives. The zero Bucket is
// full.
type Bucket struct {
	used float64
	at   time.Time
}

// Take takes n of the credit if that much is left, or if it is full: what is
// larger than all of it must pass too.
func (b *Bucket) Take(now time.Time, n, perSecond float64) bool {
	b.used = max(0, b.used-now.Sub(b.at).Seconds()*perSecond)
	b.at = now
	if b.used > 0 && b.used+n > perSecond {
		return false
	}
	b.used += n
	return true
}
