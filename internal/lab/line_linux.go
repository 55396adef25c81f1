package lab

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// FrameMost is how many bytes a frame may have.
const FrameMost = 64 << 10

// A Way is a direction of a line.
type Way int

// The ways of a line, as its ends were given to NewLine.
const (
	AtoB Way = iota
	BtoA
)

// A LineConfig says what a line is like at first, both ways.
type LineConfig struct {
	Settings
	// Seed makes what is drawn repeatable, as far as the frames are the same.
	Seed uint64
	// Keep is how many bytes of what passed the line remembers. If zero, none.
	Keep int
}

// A Line is a wire that treats what is sent over it as its Settings say, and that
// remembers what passed. The kernel has no such wire here, so this process carries the
// frames itself from one TAP device to another.
type Line struct {
	ends   [2]*os.File
	ways   [2]*way
	keep   int
	leaves sync.WaitGroup

	mu     sync.Mutex
	passed bytes.Buffer
	frames int // all that passed
}

// A way is one direction of a line: its reader and its writer share a course.
type way struct {
	mu     sync.Mutex
	course *course
	bell   chan struct{} // something may be due earlier than the writer thinks
	over   bool
}

// NewLine lays a line between two machines, as Wire does.
func NewLine(a *Machine, nameA string, b *Machine, nameB string, cfg LineConfig) (*Line, error) {
	l := &Line{keep: cfg.Keep}
	for i, end := range []struct {
		at   *Machine
		name string
	}{{a, nameA}, {b, nameB}} {
		var err error
		if l.ends[i], err = end.at.newTAP(end.name); err != nil {
			l.Close()
			return nil, err
		}
	}
	for i, from := range l.ends {
		w := &way{course: newCourse(cfg.Settings, cfg.Seed, uint64(i)), bell: make(chan struct{}, 1)}
		l.ways[i] = w
		l.leaves.Go(func() { l.receive(from, w) })
		l.leaves.Go(func() { w.deliver(l.ends[1-i]) })
	}
	return l, nil
}

// Set changes what the line does one way to what is sent from now on.
func (l *Line) Set(w Way, s Settings) {
	l.ways[w].mu.Lock()
	defer l.ways[w].mu.Unlock()
	l.ways[w].course.Settings = s
}

// SetBoth does so both ways.
func (l *Line) SetBoth(s Settings) {
	l.Set(AtoB, s)
	l.Set(BtoA, s)
}

// Counts returns what became of what was sent one way.
func (l *Line) Counts(w Way) Counts {
	l.ways[w].mu.Lock()
	defer l.ways[w].mu.Unlock()
	return l.ways[w].course.counts
}

// receive takes in what the machine at one end sends, until the line is closed.
func (l *Line) receive(from *os.File, w *way) {
	defer w.ring(true)
	buf := make([]byte, FrameMost)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		l.note(buf[:n])
		w.mu.Lock()
		w.course.send(time.Now(), buf[:n])
		w.mu.Unlock()
		w.ring(false)
	}
}

// ring wakes the writer, for the last time if it is over.
func (w *way) ring(over bool) {
	w.mu.Lock()
	w.over = w.over || over
	w.mu.Unlock()
	select {
	case w.bell <- struct{}{}:
	default: // it is rung already
	}
}

// deliver hands the frames to the other machine when they are due.
func (w *way) deliver(to *os.File) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		w.mu.Lock()
		b, due := w.course.arrived(time.Now())
		over := w.over
		w.mu.Unlock()
		switch {
		case over:
			return
		case b != nil:
			// A device that is down or gone takes nothing: lost, as on any wire.
			_, _ = to.Write(b)
		case due.IsZero():
			<-w.bell
		default:
			timer.Reset(time.Until(due))
			select {
			case <-w.bell:
			case <-timer.C:
			}
		}
	}
}

func (l *Line) note(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames++
	if l.passed.Len() < l.keep {
		l.passed.Write(b)
	}
}

// Count returns how many frames have passed, both ways together.
func (l *Line) Count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.frames
}

// Carried reports whether one frame, of those that the line keeps, held b.
func (l *Line) Carried(b []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Contains(l.passed.Bytes(), b)
}

// Close cuts the line and waits for what carries the frames.
func (l *Line) Close() {
	for _, end := range l.ends {
		if end != nil {
			end.Close()
		}
	}
	l.leaves.Wait()
}

// newTAP makes an interface whose wire ends in a file: a read is a frame that the
// machine sends, a write one that it receives.
func (m *Machine) newTAP(name string) (f *os.File, err error) {
	err = m.Within(func() error {
		// Attached before it is given to the poller, which would take it for broken.
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("/dev/net/tun: %w", err)
		}
		req, err := unix.NewIfreq(name)
		if err == nil {
			req.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
			err = unix.IoctlIfreq(fd, unix.TUNSETIFF, req)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("make the interface %s on %s: %w", name, m.Name, err), unix.Close(fd))
		}
		f = os.NewFile(uintptr(fd), name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, m.IP("link set " + name + " up")
}
