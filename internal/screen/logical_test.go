package screen

import (
	"fmt"
	"strings"
)

// logicalPast returns the lines of the past of s and their pens, each in one piece
// however it was wrapped, without blanks at its end.
func logicalPast(s *Screen) []string { return logical(s, pastRows(s)) }

// logicalAll returns the lines of the past and of the main screen, without empty ones
// at the end.
func logicalAll(s *Screen) []string {
	lines := logical(s, append(pastRows(s), s.main.rows...))
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// pastRows returns what could come back, oldest first.
func pastRows(s *Screen) []row {
	var rows []row
	for i := s.past.closed; i < s.past.count; i++ {
		l := s.past.line(i)
		rows = append(rows, row{cells: s.unpack(l, nil), wrapped: l.wrapped()})
	}
	s.loose = nil
	return rows
}

func logical(s *Screen, rows []row) []string {
	var lines []string
	var b strings.Builder
	var pen Pen
	for i, r := range rows {
		end := r.textEnd()
		if i == len(rows)-1 {
			end = printedEnd(r.cells)
		}
		for _, c := range r.cells[:end] {
			if c.Width == 0 {
				continue
			}
			if c.Pen != pen {
				link := s.links.list[c.Pen.Link]
				pen = c.Pen
				pen.Link = 0
				fmt.Fprintf(&b, "<%v %s>", pen, link)
				pen = c.Pen
			}
			b.WriteRune(max(c.Rune, ' '))
			b.WriteString(s.marks.list[c.Mark])
		}
		if !r.wrapped || i == len(rows)-1 {
			lines = append(lines, b.String())
			b.Reset()
			pen = Pen{}
		}
	}
	return lines
}
