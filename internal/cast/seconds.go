package cast

import (
	"errors"
	"math"
	"time"
)

var (
	errNegative = errors.New("is negative")
	errTooLong  = errors.New("is more than a hundred years")
)

// Seconds returns seconds as a Duration, to the nearest nanosecond. It fails if they
// are negative, more than MaxTime or no number. Times are compared and added as
// Durations, since in binary fractions 0.1 and 0.2 are not 0.3.
func Seconds(seconds float64) (time.Duration, error) {
	switch {
	case math.IsNaN(seconds):
		return 0, errNoNumber
	case seconds < 0:
		return 0, errNegative
	case seconds > MaxTime.Seconds():
		return 0, errTooLong
	}
	whole, part := math.Modf(seconds)
	return time.Duration(whole)*time.Second + time.Duration(math.Round(part*1e9)), nil
}
