package cast

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// An endless source begins with head and then repeats part.
type endless struct {
	head, part string
	left       string
	read       int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == "" {
		e.left, e.head = e.head, ""
	}
	if e.left == "" {
		e.left = e.part
	}
	n := copy(p, e.left)
	e.left = e.left[n:]
	e.read += n
	return n, nil
}

func TestLineIsBounded(t *testing.T) {
	comment := func(n int) io.Reader {
		return strings.NewReader(header3 + "#" + strings.Repeat("a", n-1) + "\n" + `[0,"o","a"]`)
	}
	_, events, err := readAll(comment(MaxLine))
	if err != nil || len(events) != 1 {
		t.Errorf("a line of MaxLine: %d events, %v", len(events), err)
	}
	_, _, err = readAll(comment(MaxLine + 1))
	if wrong, ok := errors.AsType[*Error](err); !ok || wrong.Error() != "line 2: the line is longer than 16 MiB" {
		t.Errorf("a line beyond MaxLine: %v", err)
	}
	for desc, src := range map[string]*endless{"header": {part: strings.Repeat("a", 1000)}, "event": {head: header2, part: strings.Repeat("[ ", 1000)},
		"comment": {head: header3 + "#", part: strings.Repeat("#", 1000)}} {
		if _, _, err := readAll(src); err == nil || src.read > MaxLine+1<<20 {
			t.Errorf("endless %s: %v after %d bytes", desc, err, src.read)
		}
	}
}

// TestStreams checks that what was read is not kept: reading on takes no more memory.
func TestStreams(t *testing.T) {
	r, err := NewReader(&endless{head: header3, part: `[0,"o","` + strings.Repeat("a", 1<<10) + `"]` + "\n# a comment\n"})
	if err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if held := cap(r.line) + r.src.Size(); held > 2*readSize {
		t.Errorf("%d bytes are held after lines of 1 KiB", held)
	}
}

// FuzzReader reads arbitrary bytes: nothing panics, time never falls, what is wrong
// is an Error that names a line of the input, and how the bytes come does not matter.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{"", header2, header3, header2 + `[0.5,"o","a\u001b[m"]` + "\n" + `[1,"r","80x24"]`,
		header3 + "#\n" + `[1e-1,"x","0"]` + "\n" + `[0,"q",{}]`, header2 + `[1,"o","a`, `{"version":1,"stdout":[]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, events, err := readAll(bytes.NewReader(data))
		_, again, errAgain := readAll(io.MultiReader(bytes.NewReader(data[:len(data)/2]), bytes.NewReader(data[len(data)/2:])))
		if len(events) != len(again) || (err == nil) != (errAgain == nil) {
			t.Fatalf("cut: %d events, %v; whole: %d events, %v", len(again), errAgain, len(events), err)
		}
		lines := bytes.Count(data, []byte("\n")) + 1
		if wrong, ok := errors.AsType[*Error](err); err != nil && (!ok || wrong.Line < 1 || wrong.Line > lines) {
			t.Fatalf("error %v of %d lines", err, lines)
		}
		if err == nil && (h.Version != 2 && h.Version != 3 || h.Cols < 1 || h.Rows < 1 || max(h.Cols, h.Rows) > MaxSize) {
			t.Fatalf("header %+v", h)
		}
		last := Event{Line: 1}
		for _, ev := range events {
			if ev.Line <= last.Line || ev.Line > lines || ev.Time < last.Time || ev.Time > MaxTime {
				t.Fatalf("%+v after %+v", ev, last)
			}
			if (ev.Code == Resize) != (ev.Cols > 0 && ev.Rows > 0) {
				t.Fatalf("a size with the wrong code, or none: %+v", ev)
			}
			last = ev
		}
	})
}
