package lab

import "time"

// Settings say what a line does, one way, to what is sent over it. The zero value takes
// everything at once and whole. Shares are from 0 to 1, drawn for each frame.
type Settings struct {
	Delay  time.Duration // each frame's
	Jitter time.Duration // up to so much more, which brings frames out of order

	Loss      float64 // share of the frames that are lost
	Duplicate float64 // share that comes twice
	Reorder   float64 // share that comes heldBack later than it should
	Corrupt   float64 // share in which a bit is flipped that no checksum below gossterm's tells

	Rate  int // bytes a second. If zero, as fast as they come.
	Queue int // bytes that may wait for their turn at Rate; what is more is lost. If zero, 256 KiB.
	Cut   bool
}

const (
	// heldBack is how much later a reordered frame comes: a few others pass it even where
	// somebody types slowly, and no timer of a transport takes it for a stall.
	heldBack = 30 * time.Millisecond
	// defaultQueue is what a home router keeps: 40 ms at 50 Mbit/s.
	defaultQueue = 256 << 10
)

// Counts say what became of the frames that were sent over a line one way. A frame is
// in several of them if several things happened to it.
type Counts struct {
	Frames                                      int // all that were sent
	Cut, Lost, Full                             int // that did not arrive, by the reason
	Duplicated, Reordered, Corrupted, Delivered int
}
