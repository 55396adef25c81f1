package screen

// scrolled holds the lines that left the top since the last Frame, as a ring.
type scrolled struct {
	lines [][]Cell
	first int
	lost  int
	spare [][]Cell // memory of lines that a Frame gave back
}

// push takes the cells of a row and leaves others of the same width in their
// place, with any content.
func (h *scrolled) push(cells *[]Cell, cols int) {
	line := *cells
	if len(h.lines) == MaxScrolled {
		h.lines[h.first], *cells = line, fitted(h.lines[h.first], cols)
		h.first = (h.first + 1) % MaxScrolled
		h.lost++
		return
	}
	h.lines = append(h.lines, line)
	if n := len(h.spare); n > 0 {
		*cells = fitted(h.spare[n-1], cols)
		h.spare = h.spare[:n-1]
		return
	}
	*cells = make([]Cell, cols)
}

func fitted(cells []Cell, cols int) []Cell {
	if cap(cells) < cols {
		return make([]Cell, cols)
	}
	return cells[:cols]
}

// drain moves the lines, oldest first, into lines, and takes its memory.
func (h *scrolled) drain(lines [][]Cell) (_ [][]Cell, lost int) {
	h.recycle(lines[:cap(lines)])
	clear(lines[:cap(lines)])
	lines = append(lines[:0], h.lines[h.first:]...)
	lines = append(lines, h.lines[:h.first]...)
	lost = h.lost
	clear(h.lines)
	h.lines, h.first, h.lost = h.lines[:0], 0, 0
	return lines, lost
}

// recycle takes the memory of lines, which nobody must use any more.
func (h *scrolled) recycle(lines [][]Cell) {
	for _, l := range lines {
		if l != nil && len(h.spare) < MaxScrolled {
			h.spare = append(h.spare, l)
		}
	}
}
