package main

import (
	"io"
	"runtime"
	"time"

	"github.com/charmbracelet/x/vt"
	"gossterm/internal/screen"
)

// An open makes an emulator: what it is written to with, and how it is closed.
type open func() (write func([]byte), done func())

// openOurs makes a host's model: it keeps the lines that left the top.
func openOurs() (func([]byte), func()) {
	s := screen.New(cols, rows)
	s.KeepHistory(true)
	return s.Write, func() {}
}

func openVT() (func([]byte), func()) {
	e := vt.NewEmulator(cols, rows)
	e.SetScrollbackSize(pastLines)
	go io.Copy(io.Discard, e) // its answers, or it would wait for somebody to take them
	return func(p []byte) { e.Write(p) }, func() { e.Close() }
}

// A result is an emulator's MB/s and allocations per MB; 0 if it panics.
type result struct{ speed, allocs float64 }

// measure has emulators take data over and over, once they have taken it once. They
// take turns, so that what else the machine does falls on all.
func measure(data []byte, emulators ...open) []result {
	speeds, counts := make([][]float64, len(emulators)), make([][]float64, len(emulators))
	feeds := make([]func(), len(emulators))
	for i, open := range emulators {
		write, done := open()
		defer done()
		feeds[i] = func() {
			for p := data; len(p) > 0; {
				n := min(len(p), chunk)
				write(p[:n])
				p = p[n:]
			}
		}
		survives(feeds[i])
	}
	for range rounds {
		for i, feed := range feeds {
			var r result
			survives(func() { r = turn(feed, len(data)) })
			speeds[i], counts[i] = append(speeds[i], r.speed), append(counts[i], r.allocs)
		}
	}
	results := make([]result, len(emulators))
	for i := range results {
		results[i] = result{median(speeds[i]), median(counts[i])}
	}
	return results
}

// turn is one round of one emulator.
func turn(feed func(), size int) result {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, fed := time.Now(), 0
	for fed == 0 || time.Since(start) < roundTime {
		feed()
		fed += size
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	megabytes := float64(fed) / 1e6
	return result{megabytes / took.Seconds(), float64(after.Mallocs-before.Mallocs) / megabytes}
}

// survives goes on where others panic.
func survives(do func()) {
	defer func() { recover() }()
	do()
}

// fullScreen returns the screen of r at three quarters, and whether the program has
// the alternate screen then.
func (r recording) fullScreen() (*screen.Screen, bool) {
	s := screen.New(r.cols, r.rows)
	s.Write(r.data[:len(r.data)*3/4])
	var f screen.Frame
	s.Frame(&f)
	return s, f.Alt
}

const repeats = 200 // of what takes microseconds

func snapshotCost(s *screen.Screen) (time.Duration, int) {
	return cost(func() int { return len(s.Snapshot()) })
}

// repaintCost is that of drawing all of s.
func repaintCost(s *screen.Screen) (time.Duration, int) {
	w, h := s.Size()
	r := screen.NewRenderer(w, h)
	var f screen.Frame
	s.Frame(&f)
	r.Draw(&f, screen.Overlay{})
	return cost(func() int {
		r.Resize(w, h)
		return len(r.Draw(&f, screen.Overlay{}))
	})
}

// cost returns the median time of do, and what it returns.
func cost(do func() int) (time.Duration, int) {
	var took []time.Duration
	size := 0
	for range rounds {
		start := time.Now()
		for range repeats {
			size = do()
		}
		took = append(took, time.Since(start)/repeats)
	}
	return median(took), size
}
