// Package tty is the local terminal of a host or a joiner: raw mode and the
// way back, size, and what is typed as events.
//
// The way back is the point. Restore may be called on every way out and as
// often as one likes; it sends the reset list in one write and then puts the
// terminal's settings back:
//
//	Open -> Raw -> Write, ReadEvents ... -> Restore -> Close
//	         ^------------ Suspend ---------^
package tty

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"
)

// lastWrite is how long Restore waits for a terminal that takes no output.
const lastWrite = 500 * time.Millisecond

var (
	// ErrNotTerminal reports that output goes to a file or a pipe.
	ErrNotTerminal = errors.New("not a terminal")

	// ErrNotRaw reports a Write outside raw mode: it would draw over what the
	// user's shell prints.
	ErrNotRaw = errors.New("terminal not in raw mode")

	// ErrReading reports a second ReadEvents while one runs.
	ErrReading = errors.New("terminal is being read already")
)

// A Terminal is the terminal this process was started on. Its methods may be
// called from any goroutine.
type Terminal struct {
	in, out *os.File
	input   bool // in is a terminal

	mu     sync.Mutex // orders Raw and Restore; held until each is done
	before settings   // as Raw found them

	// A Write may be stuck in a terminal that takes no output. It holds only
	// the turn, and Restore does not wait for that for ever.
	turn      chan struct{} // one place; full while somebody writes
	raw       atomic.Bool
	alternate atomic.Bool // the alternate screen was entered by a Write
	titled    atomic.Bool // the title was saved by a Write

	reading  atomic.Bool
	readerMu sync.Mutex // guards reader
	reader   *reader    // nil if nobody reads

	asleep    chan struct{} // under mu: closed when Suspend is continued; nil outside it
	resized   chan struct{} // one place: a bell, not a queue
	continued chan struct{} // the same
	closeOnce sync.Once
	stop      chan struct{}
	watcher   sync.WaitGroup
}

// Open takes the terminal that out is and in may be. If in is none, nothing is
// read from it. If out is none it fails with ErrNotTerminal. Close must be
// called.
func Open(in, out *os.File) (*Terminal, error) {
	if !term.IsTerminal(int(out.Fd())) {
		return nil, fmt.Errorf("%s: %w", out.Name(), ErrNotTerminal)
	}
	t := &Terminal{
		in:        in,
		out:       out,
		input:     in != nil && term.IsTerminal(int(in.Fd())),
		turn:      make(chan struct{}, 1),
		resized:   make(chan struct{}, 1),
		continued: make(chan struct{}, 1),
		stop:      make(chan struct{}),
	}
	t.watch()
	return t, nil
}

// HasInput reports whether input is a terminal, so that there will be events.
func (t *Terminal) HasInput() bool { return t.input }

// Raw remembers the terminal's settings and sets it so that every key comes at
// once and unchanged, and output is not changed either. If input is no terminal,
// what is typed is not shown, and ^C, ^\ and ^Z still send signals. In raw mode
// it does nothing.
func (t *Terminal) Raw() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.raw.Load() {
		return nil
	}
	before, err := t.makeRaw()
	if err != nil {
		return fmt.Errorf("set terminal to raw mode: %w", err)
	}
	t.before = before
	t.alternate.Store(false)
	t.titled.Store(false)
	t.raw.Store(true)
	return nil
}

// Restore resets the terminal and puts its settings back as Raw found them.
// Outside raw mode it does nothing. When it returns all is done, also if
// another call did it. Settings are put back even if the terminal takes no
// output; the error then is os.ErrDeadlineExceeded.
func (t *Terminal) Restore() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.raw.CompareAndSwap(true, false) {
		return nil
	}
	return errors.Join(t.reset(), t.putBack(t.before))
}

// reset sends the reset list after the Write under way, if that ends soon.
func (t *Terminal) reset() error {
	late := time.NewTimer(lastWrite)
	defer late.Stop()
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-late.C:
		return os.ErrDeadlineExceeded
	}
	list := resetList
	if t.alternate.Load() {
		list += leaveReset
	}
	if t.titled.Load() {
		list += restoreTitle
	}
	if err := t.writeLast([]byte(list + resetEnd)); err != nil {
		return err
	}
	t.alternate.Store(false)
	t.titled.Store(false)
	return nil
}

// Write draws on the terminal. It fails with ErrNotRaw outside raw mode, so
// that nothing follows the reset list. A switch of the screen, and saving the title,
// must not be cut over two calls: Restore has to know of it.
func (t *Terminal) Write(p []byte) (int, error) {
	t.turn <- struct{}{}
	defer func() { <-t.turn }()
	if !t.raw.Load() {
		return 0, ErrNotRaw
	}
	follow(&t.alternate, p, enterAlternate, leaveAlternate)
	follow(&t.titled, p, saveTitle, restoreTitle)
	return t.out.Write(p)
}

// follow sets state by whichever of the two sequences is the last in p, if any is.
func follow(state *atomic.Bool, p []byte, on, off string) {
	i, j := bytes.LastIndex(p, []byte(on)), bytes.LastIndex(p, []byte(off))
	if i != j {
		state.Store(i > j)
	}
}

// Size gives the terminal's size in cells.
func (t *Terminal) Size() (cols, rows int, err error) {
	cols, rows, err = term.GetSize(int(t.out.Fd()))
	if err != nil {
		return 0, 0, fmt.Errorf("terminal size: %w", err)
	}
	return cols, rows, nil
}

// Resized rings when the terminal's size has changed. Several changes may ring
// once.
func (t *Terminal) Resized() <-chan struct{} { return t.resized }

// Continued rings when this process went on after somebody else than Suspend had
// stopped it. The terminal is in raw mode again and reset, on the main screen;
// what was drawn cannot be relied on, so that the owner repaints all of it.
func (t *Terminal) Continued() <-chan struct{} { return t.continued }

// ring rings a bell.
func ring(bell chan<- struct{}) {
	select {
	case bell <- struct{}{}:
	default:
	}
}

// Close restores the terminal and ends what watches it. It may be called again.
func (t *Terminal) Close() error {
	err := t.Restore()
	t.closeOnce.Do(func() { close(t.stop) })
	t.watcher.Wait()
	return err
}
