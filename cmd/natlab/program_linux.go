package main

import (
	"strings"
	"time"

	"gossterm/internal/lab"
)

// A program is one of the lab's, and what of it natlab wants to know.
type program struct {
	*lab.Program
	screened time.Time // when the marker first stood on its screen
	paths    []pathChange
}

// take takes an event in.
func (p *program) take(e lab.Event) {
	p.Take(e)
	if e.Output != nil && p.screened.IsZero() && p.Shows(marker) {
		p.screened = e.At
	}
	if c, ok := parsePath(e.Line, e.At); ok {
		p.paths = append(p.paths, c)
	}
}

// after returns what stands in the rows below the last one that is text, up to the first
// empty row, as if it were one row. Who was stopped draws all anew below.
func (p *program) after(text string) string {
	var b strings.Builder
	found, over := false, false
	for _, row := range p.Screen.Text() {
		row = strings.TrimRight(row, " ")
		switch {
		case row == text:
			b.Reset()
			found, over = true, false
		case row == "":
			over = true
		case found && !over:
			b.WriteString(row)
		}
	}
	return b.String()
}
