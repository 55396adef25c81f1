package tty

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/term"
)

const (
	sizePoll  = 250 * time.Millisecond // consoles tell nobody of a new size
	inputPoll = 50 * time.Millisecond  // how often a reader looks whether to stop
	utf8Page  = 65001                  // the code page of UTF-8
)

// settings are those of both sides of a console.
type settings struct {
	in              *term.State
	out             uint32
	inPage, outPage uint32
}

// makeRaw sets the console to pass keys on as they are and to understand
// sequences, both in UTF-8, and returns what it was.
func (t *Terminal) makeRaw() (s settings, err error) {
	out := windows.Handle(t.out.Fd())
	if err := windows.GetConsoleMode(out, &s.out); err != nil {
		return s, err
	}
	if s.inPage, err = windows.GetConsoleCP(); err != nil {
		return s, err
	}
	if s.outPage, err = windows.GetConsoleOutputCP(); err != nil {
		return s, err
	}
	if t.input {
		if s.in, err = term.MakeRaw(int(t.in.Fd())); err != nil {
			return s, err
		}
	}
	mode := s.out | windows.ENABLE_PROCESSED_OUTPUT |
		windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING | windows.DISABLE_NEWLINE_AUTO_RETURN
	err = errors.Join(
		windows.SetConsoleMode(out, mode),
		windows.SetConsoleCP(utf8Page),
		windows.SetConsoleOutputCP(utf8Page),
	)
	if err != nil {
		return s, errors.Join(err, t.putBack(s))
	}
	return s, nil
}

// putBack restores the console's settings.
func (t *Terminal) putBack(s settings) error {
	err := errors.Join(
		windows.SetConsoleMode(windows.Handle(t.out.Fd()), s.out),
		windows.SetConsoleCP(s.inPage),
		windows.SetConsoleOutputCP(s.outPage),
	)
	if s.in != nil {
		err = errors.Join(err, term.Restore(int(t.in.Fd()), s.in))
	}
	return err
}

// writeLast writes p in one write.
func (t *Terminal) writeLast(p []byte) error {
	_, err := t.out.Write(p)
	return err
}

// watch rings when the size has changed, until Close.
func (t *Terminal) watch() {
	cols, rows, _ := t.Size()
	t.watcher.Go(func() {
		tick := time.NewTicker(sizePoll)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-t.stop:
				return
			}
			if c, r, err := t.Size(); err == nil && (c != cols || r != rows) {
				cols, rows = c, r
				ring(t.resized)
			}
		}
	})
}

// Suspend does nothing: a console has no jobs.
func (t *Terminal) Suspend() error { return nil }

// A source reads a console until ctx ends.
type source struct {
	ctx context.Context
	in  *os.File
}

func newSource(ctx context.Context, in *os.File) (*source, error) { return &source{ctx, in}, nil }

func (s *source) close() {}

// wait reports whether there is input, after at most the given time if that is not
// negative; false comes earlier if ctx has ended. A console read cannot be broken
// off, so it is begun only when the console says there is something; that may be
// something that is no character, and then the read lasts until the next key.
func (s *source) wait(most time.Duration) (bool, error) {
	began := time.Now()
	for s.ctx.Err() == nil {
		next := inputPoll
		if most >= 0 {
			next = min(next, max(0, most-time.Since(began)))
		}
		got, err := windows.WaitForSingleObject(windows.Handle(s.in.Fd()), uint32(next.Milliseconds()))
		switch {
		case err != nil:
			return false, fmt.Errorf("wait for console: %w", err)
		case got == windows.WAIT_OBJECT_0:
			return true, nil
		case most >= 0 && time.Since(began) >= most:
			return false, nil
		}
	}
	return false, nil
}

// take reads what there is.
func (s *source) take(buf []byte) (int, error) {
	n, err := s.in.Read(buf)
	if errors.Is(err, io.EOF) {
		return 0, io.EOF
	}
	if err != nil {
		return 0, fmt.Errorf("read console: %w", err)
	}
	return n, nil
}

// flush takes no lock: a read may be under way for long.
func (r *reader) flush() error {
	r.flushed.Store(true)
	return flushConsole(r.src.in)
}

// flushQueue throws away what is in the console.
func (t *Terminal) flushQueue() error { return flushConsole(t.in) }

func flushConsole(in *os.File) error {
	if err := windows.FlushConsoleInputBuffer(windows.Handle(in.Fd())); err != nil {
		return fmt.Errorf("flush console: %w", err)
	}
	return nil
}
