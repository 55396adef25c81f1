package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"gossterm/internal/cast"
	"gossterm/internal/screen"
)

// exitBadFile is the status when a recording cannot be read.
const exitBadFile = 1

// unreadable returns the failure of a recording that cannot be read. Errors of a file
// name it already.
func unreadable(name string, err error) error {
	f := &failure{err: fmt.Errorf("replay %s: %w", nameOf(name), err), status: exitBadFile}
	if wrong, ok := errors.AsType[*cast.Error](err); ok {
		f.hint = cmp.Or(wrong.Hint, "a recording is a file that 'asciinema rec' made")
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		f.err = fmt.Errorf("replay %s: %w", nameOf(name), path.Err)
	}
	return f
}

func nameOf(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// screenOf returns the screen of the recording that is called name.
func screenOf(std stdio, name string, at time.Duration) (*screen.Screen, error) {
	file := std.in
	if name != "-" {
		var err error
		if file, err = os.Open(name); err != nil {
			return nil, err
		}
		defer file.Close()
	}
	return screenAt(file, at)
}

// screenAt returns the screen that a recording shows once all that happened until at
// has been written, at included.
func screenAt(recording io.Reader, at time.Duration) (*screen.Screen, error) {
	r, err := cast.NewReader(recording)
	if err != nil {
		return nil, err
	}
	const header = 1 // its line
	cols, rows := r.Header().Cols, r.Header().Rows
	if err := checkSize(header, cols, rows); err != nil {
		return nil, err
	}
	model := screen.New(cols, rows)
	for {
		ev, err := r.Next()
		switch {
		case err == io.EOF:
			return model, nil
		case err != nil:
			return nil, err
		case ev.Time > at:
			return model, nil
		}
		switch ev.Code {
		case cast.Output:
			model.Write([]byte(ev.Data))
		case cast.Resize:
			if err := checkSize(ev.Line, ev.Cols, ev.Rows); err != nil {
				return nil, err
			}
			model.Resize(ev.Cols, ev.Rows)
		}
	}
}

// checkSize refuses a size that a Screen would cut.
func checkSize(line, cols, rows int) error {
	if min(cols, rows) >= screen.MinSize && max(cols, rows) <= screen.MaxSize {
		return nil
	}
	return &cast.Error{Line: line, What: fmt.Sprintf("a screen of %d by %d", cols, rows),
		Hint: fmt.Sprintf("columns and rows must be from %d to %d", screen.MinSize, screen.MaxSize)}
}
