package lab

import (
	"sync"
	"time"
)

// What Pace takes beside a number of bytes a second.
const (
	// Stopped is a terminal that takes nothing, as after Ctrl-S.
	Stopped = 0
	// Unpaced is a terminal that takes all at once.
	Unpaced = -1
	closed  = -2
)

// paceEvery is how often a paced terminal takes what it may.
const paceEvery = 20 * time.Millisecond

// A pace says how fast a terminal is read.
type pace struct {
	mu      sync.Mutex
	rate    int
	changed chan struct{} // closed when rate is another
}

func (p *pace) set(rate int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed != nil {
		close(p.changed)
	}
	p.rate, p.changed = rate, make(chan struct{})
}

// wait waits until the terminal may be read and returns how many bytes, at most most; 0
// when it is closed.
func (p *pace) wait(most int) int {
	for {
		p.mu.Lock()
		rate, changed := p.rate, p.changed
		p.mu.Unlock()
		switch rate {
		case closed:
			return 0
		case Unpaced:
			return most
		case Stopped:
			<-changed
			continue
		}
		select {
		case <-changed:
		case <-time.After(pause(rate, most)):
			return portion(rate, most)
		}
	}
}

// portion returns how many bytes a terminal of that rate takes at once.
func portion(rate, most int) int {
	return min(max(int(paceEvery.Seconds()*float64(rate)), 1), most)
}

// pause returns how long it waits before it does.
func pause(rate, most int) time.Duration {
	return time.Duration(float64(portion(rate, most)) / float64(rate) * float64(time.Second))
}
