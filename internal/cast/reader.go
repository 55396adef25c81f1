package cast

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// readSize is how much is asked of the source at once, in bytes.
const readSize = 64 << 10

// A Reader reads one recording from its start. It belongs to one goroutine.
type Reader struct {
	header Header
	src    *bufio.Reader
	line   []byte // the line read last, without its end
	number int    // of that line, from 1
	ended  bool   // that line ended in a newline
	now    time.Duration
	err    error // what Next returned: nothing follows
}

// NewReader reads the header of a recording. It fails with an *Error if there is
// none, and as src does.
func NewReader(src io.Reader) (*Reader, error) {
	r := &Reader{src: bufio.NewReaderSize(src, readSize)}
	err := r.readLine()
	if err == io.EOF {
		return nil, &Error{1, "the file is empty, expected " + headerForm, ""}
	}
	if err != nil {
		return nil, err
	}
	if r.header, err = parseHeader(r.line, r.ended); err != nil {
		return nil, err
	}
	return r, nil
}

// Header returns what the recording began with.
func (r *Reader) Header() Header { return r.header }

// Next returns the next event. At the end it fails with io.EOF, with an *Error at a
// line that is no event, and as the source does; it then keeps failing so.
func (r *Reader) Next() (Event, error) {
	if r.err != nil {
		return Event{}, r.err
	}
	ev, err := r.next()
	if err != nil {
		r.err, r.line = err, nil
	}
	return ev, err
}

func (r *Reader) next() (Event, error) {
	for {
		if err := r.readLine(); err != nil {
			return Event{}, err
		}
		if r.isBlank() {
			continue
		}
		ev, err := parseEvent(r.line)
		if err == nil {
			err = r.place(&ev)
		}
		if err != nil {
			return Event{}, r.wrong(err)
		}
		return ev, nil
	}
}

// isBlank reports whether the line is no event and need not be one.
func (r *Reader) isBlank() bool {
	return len(bytes.TrimSpace(r.line)) == 0 || r.header.Version == 3 && r.line[0] == '#'
}

// errTooLate reports an event beyond MaxTime.
var errTooLate = fmt.Errorf("the time is more than a hundred years, expected %s", eventForm)

// place gives ev its line, and its time from the start.
func (r *Reader) place(ev *Event) error {
	if r.header.Version == 3 {
		if ev.Time > MaxTime-r.now {
			return errTooLate
		}
		ev.Time += r.now
	}
	r.now = max(r.now, ev.Time)
	ev.Time = r.now
	ev.Line = r.number
	return nil
}

// wrong returns the Error of the line that was just read.
func (r *Reader) wrong(err error) *Error {
	e := &Error{Line: r.number, What: err.Error(), Hint: fmt.Sprintf("'head -n %d' keeps what is before it", r.number-1)}
	if !r.ended && r.line[0] == '[' && errors.As(err, new(notJSON)) {
		e.What = "the file ends in the middle of this event, as of a recording that was cut off"
	}
	return e
}

// readLine reads the next line. It fails with io.EOF if there is none.
func (r *Reader) readLine() error {
	r.line, r.ended = r.line[:0], false
	r.number++
	for {
		part, err := r.src.ReadSlice('\n')
		if n := len(part); n > 0 && part[n-1] == '\n' {
			part, r.ended = part[:n-1], true
		}
		if len(r.line)+len(part) > MaxLine {
			return &Error{r.number, fmt.Sprintf("the line is longer than %d MiB", MaxLine>>20), ""}
		}
		r.line = append(r.line, part...)
		switch {
		case err == nil, err == io.EOF && len(r.line) > 0:
			return nil
		case err == io.EOF:
			return err
		case err != bufio.ErrBufferFull:
			return fmt.Errorf("line %d: %w", r.number, err)
		}
	}
}
