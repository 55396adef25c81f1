package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/term"

	"gossterm/internal/screen"
)

// printScreen prints a model on standard output.
func printScreen(std stdio, model *screen.Screen, print form) error {
	w := bufio.NewWriter(std.out)
	var err error
	switch print {
	case formText:
		printText(w, model, isTerminal(std.out))
	case formANSI:
		if isTerminal(std.out) {
			err = drawScreen(w, std, model)
		} else {
			model.Write([]byte{can}) // a sequence that was going on goes no further
			w.Write(model.Snapshot())
		}
	case formJSON:
		err = printJSON(w, model)
	}
	if err = cmp.Or(err, w.Flush()); err != nil {
		return &failure{err: fmt.Errorf("replay: %w", err), status: exitBadFile}
	}
	return nil
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// printText prints the rows of s. On a terminal, characters that draw nothing but
// turn the direction of what follows, or hide it, are left out.
func printText(w io.Writer, s *screen.Screen, onTerminal bool) {
	for _, line := range s.Text() {
		if onTerminal {
			line = strings.Map(visible, line)
		}
		fmt.Fprintln(w, line)
	}
}

const (
	can        = 0x18     // ends a sequence
	softHyphen = '\u00AD' // terminals show it
	zeroJoiner = '\u200D' // joins emoji
)

// visible returns r as a terminal may get it, or -1.
func visible(r rune) rune {
	switch {
	case r == softHyphen:
		return '-'
	case r != zeroJoiner && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return -1
	}
	return r
}

// drawScreen draws what s shows on the terminal that std.out is, below what is there,
// and leaves that ready for a shell: nothing but the Renderer's alphabet, and no
// title, mode or alternate screen, which would be gone with the picture. Rows for
// which the terminal has no room leave it at the top.
func drawScreen(w io.Writer, std stdio, s *screen.Screen) error {
	cols, rows, err := term.GetSize(int(std.out.Fd()))
	if err != nil {
		return err
	}
	cols, rows = sizeOr(cols, defaultCols), sizeOr(rows, defaultRows)
	if wide, _ := s.Size(); wide > cols {
		fmt.Fprintf(std.err, "gossterm: the screen has %d columns, of which this terminal shows %d\n", wide, cols)
	}
	_, err = w.Write(pictureOf(s, cols, rows))
	return err
}

// pictureOf returns what draws s on a terminal of that size whose cursor is at the
// start of a line.
func pictureOf(s *screen.Screen, cols, rows int) []byte {
	r := screen.NewRenderer(cols, rows)
	b := slices.Clone(r.Draw(stillOf(s, rows), screen.Overlay{}))
	return append(b, r.End()...)
}

func sizeOr(n, usual int) int {
	if n < 1 {
		return usual
	}
	return n
}

// stillOf returns the picture that s is as output on the main screen of a terminal
// with so many rows.
func stillOf(s *screen.Screen, rows int) *screen.Frame {
	f := new(screen.Frame)
	s.Frame(f)
	f.Alt, f.Title = false, ""
	f.Mouse, f.Focus, f.Paste = screen.MouseOff, false, false
	f.Scrolled, f.Lost = nil, 0
	for f.Rows > rows {
		f.Scrolled = append(f.Scrolled, f.Row(0))
		f.Cells, f.Wrapped = f.Cells[f.Cols:], f.Wrapped[1:]
		f.Rows--
	}
	f.Cursor = screen.Cursor{Y: f.Rows - 1, Visible: true} // the view is where the cursor is
	return f
}
