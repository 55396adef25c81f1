package screen

import (
	"bytes"
	"slices"
)

// Equal reports whether s and t are the same terminal: what is shown, what will
// be shown again, and what any further output would meet. It compares marks and
// links by what they say. Lines that left the screen, answers and a paste under
// way do not count.
func (s *Screen) Equal(t *Screen) bool { return s.difference(t) == "" }

// difference names the first thing in which s and t differ, or is "".
func (s *Screen) difference(t *Screen) string {
	switch {
	case s.cols != t.cols || s.rows != t.rows:
		return "size"
	case !bytes.Equal(s.pending(), t.pending()):
		return "unfinished sequence"
	case s.x != t.x || s.y != t.y:
		return "cursor"
	case s.wrapNext != t.wrapNext:
		return "pending wrap"
	case !s.samePen(s.pen, t, t.pen):
		return "pen"
	case s.codes != t.codes:
		return "charsets"
	case s.top != t.top || s.bottom != t.bottom:
		return "margins"
	case !slices.Equal(s.tabs, t.tabs):
		return "tabs"
	case s.modes != t.modes:
		return "modes"
	case s.title != t.title || !slices.Equal(s.titles, t.titles):
		return "title"
	case (s.g == &s.alt) != (t.g == &t.alt):
		return "screen shown"
	}
	if d := s.main.difference(s, &t.main, t); d != "" {
		return "main screen: " + d
	}
	if s.g == &s.alt {
		if d := s.alt.difference(s, &t.alt, t); d != "" {
			return "alternate screen: " + d
		}
	}
	return ""
}

func (g *grid) difference(s *Screen, h *grid, t *Screen) string {
	a, b := g.saved, h.saved
	if !s.samePen(a.pen, t, b.pen) {
		return "saved pen"
	}
	a.pen, b.pen = Pen{}, Pen{}
	switch {
	case a != b:
		return "saved cursor"
	case g.keys != h.keys:
		return "keyboard flags"
	}
	for y := range g.rows {
		if g.rows[y].wrapped != h.rows[y].wrapped {
			return "wrapped rows"
		}
		for x, c := range g.rows[y].cells {
			if !s.sameCell(c, t, h.rows[y].cells[x]) {
				return "cells"
			}
		}
	}
	return ""
}

func (s *Screen) sameCell(a Cell, t *Screen, b Cell) bool {
	return a.Rune == b.Rune && a.Width == b.Width && s.marks.list[a.Mark] == t.marks.list[b.Mark] &&
		s.samePen(a.Pen, t, b.Pen)
}

func (s *Screen) samePen(a Pen, t *Screen, b Pen) bool {
	if s.links.list[a.Link] != t.links.list[b.Link] {
		return false
	}
	a.Link, b.Link = 0, 0
	return a == b
}
