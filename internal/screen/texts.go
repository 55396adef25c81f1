package screen

// texts numbers strings, so that a cell can name one without a pointer. Number 0
// is the empty string. Strings are only appended; compact starts a new list.
type texts struct {
	list  []string
	index map[string]uint16
	bytes int
	rest  int // how many strings are refused before compacting is tried again
}

func (t *texts) init() {
	*t = texts{list: []string{""}, index: map[string]uint16{"": 0}}
}

// find returns the number of text. If it has none, ok is false.
func (t *texts) find(text []byte) (i uint16, ok bool) {
	i, ok = t.index[string(text)]
	return i, ok
}

func (t *texts) full(n int) bool { return len(t.list) >= maxTexts || t.bytes+n > maxTextBytes }

func (t *texts) add(text string) uint16 {
	i := uint16(len(t.list))
	t.list = append(t.list, text)
	t.index[text] = i
	t.bytes += len(text)
	return i
}

func (s *Screen) internMark(text []byte) (uint16, bool) {
	return s.intern(&s.marks, text, func(c *Cell) *uint16 { return &c.Mark })
}

func (s *Screen) internLink(text []byte) (uint16, bool) {
	return s.intern(&s.links, text, func(c *Cell) *uint16 { return &c.Pen.Link })
}

// intern returns the number of text in t, making room if t is full. If what is
// on the screens fills it, text gets no number.
func (s *Screen) intern(t *texts, text []byte, of func(*Cell) *uint16) (uint16, bool) {
	if i, ok := t.find(text); ok {
		return i, true
	}
	if t.full(len(text)) {
		if t.rest > 0 {
			t.rest--
			return 0, false
		}
		s.compact(t, of)
		if t.full(len(text)) {
			return 0, false
		}
	}
	return t.add(string(text)), true
}

// compact renumbers t so that only strings in use remain. Those that only lines
// in work from the past use go when the screens need the room. It looks at each
// cell, so a table that stays nearly full is left alone for a while.
func (s *Screen) compact(t *texts, of func(*Cell) *uint16) {
	old := *t
	t.init()
	renumber := func(i *uint16, limit int) {
		text := old.list[*i]
		n, ok := t.index[text]
		if !ok && len(t.list) < limit && t.bytes+len(text) <= limit*(maxTextBytes/maxTexts) {
			n = t.add(text)
		}
		*i = n
	}
	each := func(cells []Cell, limit int) {
		for x := range cells {
			if i := of(&cells[x]); *i != 0 {
				renumber(i, limit)
			}
		}
	}
	pens := [3]Cell{{Pen: s.pen}, {Pen: s.main.saved.pen}, {Pen: s.alt.saved.pen}}
	each(pens[:], maxTexts)
	s.pen, s.main.saved.pen, s.alt.saved.pen = pens[0].Pen, pens[1].Pen, pens[2].Pen
	for _, r := range s.main.rows {
		each(r.cells, maxTexts)
	}
	if s.g == &s.alt { // else it holds what was forgotten
		for _, r := range s.alt.rows {
			each(r.cells, maxTexts)
		}
	}
	if len(t.list) > maxTexts*3/4 || t.bytes > maxTextBytes*3/4 {
		t.rest = maxTexts / 8
	}
	for _, l := range s.loose {
		each(l, maxTexts/2)
	}
}
