package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	frameMost  = 64 << 10 // bytes a frame may have
	lineQueue  = 4096     // frames under way in one direction; more are lost
	passedKept = 16 << 20 // bytes that a line keeps of what passed
)

// A line is a wire that takes its time, and that remembers what passed. The kernel has
// no such wire here, so the lab carries the frames itself from one TAP device to another,
// in order.
type line struct {
	ends   [2]*os.File
	delay  time.Duration
	leaves sync.WaitGroup

	mu     sync.Mutex
	passed bytes.Buffer
	frames int // all that passed
}

// newLine lays a line between two machines, as wire does.
func newLine(a *machine, nameA string, b *machine, nameB string, delay time.Duration) (*line, error) {
	l := &line{delay: delay}
	for i, end := range []struct {
		at   *machine
		name string
	}{{a, nameA}, {b, nameB}} {
		var err error
		if l.ends[i], err = end.at.newTAP(end.name); err != nil {
			l.close()
			return nil, err
		}
	}
	for i, from := range l.ends {
		under := make(chan frame, lineQueue)
		l.leaves.Go(func() { l.receive(from, under) })
		l.leaves.Go(func() { l.deliver(l.ends[1-i], under) })
	}
	return l, nil
}

// A frame is on its way until due.
type frame struct {
	bytes []byte
	due   time.Time
}

// receive takes in what the machine at one end sends, until the line is closed.
func (l *line) receive(from *os.File, under chan<- frame) {
	defer close(under)
	buf := make([]byte, frameMost)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		f := frame{append([]byte(nil), buf[:n]...), time.Now().Add(l.delay)}
		l.note(f.bytes)
		select {
		case under <- f:
		default: // lost
		}
	}
}

// deliver hands the frames to the other machine when they are due.
func (l *line) deliver(to *os.File, under <-chan frame) {
	due := time.NewTimer(0)
	defer due.Stop()
	for f := range under {
		due.Reset(time.Until(f.due))
		<-due.C
		// A device that is down or gone takes nothing: lost, as on any wire.
		_, _ = to.Write(f.bytes)
	}
}

func (l *line) note(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames++
	if l.passed.Len() < passedKept {
		l.passed.Write(b)
	}
}

// count returns how many frames have passed, both ways together.
func (l *line) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.frames
}

// carried reports whether one frame held b.
func (l *line) carried(b []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Contains(l.passed.Bytes(), b)
}

// close cuts the line and waits for what carries the frames.
func (l *line) close() {
	for _, end := range l.ends {
		if end != nil {
			end.Close()
		}
	}
	l.leaves.Wait()
}

// newTAP makes an interface whose wire ends in a file: a read is a frame that the
// machine sends, a write one that it receives.
func (m *machine) newTAP(name string) (f *os.File, err error) {
	err = m.within(func() error {
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
			return errors.Join(fmt.Errorf("make the interface %s on %s: %w", name, m.name, err), unix.Close(fd))
		}
		f = os.NewFile(uintptr(fd), name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, m.ip("link set " + name + " up")
}
