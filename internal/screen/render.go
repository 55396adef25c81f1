// # Drawing
//
// A Renderer draws Frames on a terminal. Nothing but its alphabet ever reaches
// that terminal, whatever the Frames hold:
//
//	text      printable code points; no C0, DEL, C1, no bidi control, and of the format
//	          characters only U+200D, after another character in its cell
//	motion    CR  LF  ESC[nA ESC[nB ESC[nC ESC[nD  ESC[nG  ESC[n;nH
//	          ESC 7  ESC 8
//	erase     ESC[K  ESC[J  ESC[2J
//	pen       ESC[...m of digits, ';' and ':'
//	          OSC 8 ; ; address ST   (http or https, printable ASCII, <= 2,083 bytes)
//	modes     ESC[?n h and ESC[?n l for n = 7 25 1000 1002 1003 1004 1006 1049 2004 2026
//	keys      ESC[>1u  ESC[<u   ESC[>4;1m  ESC[>4;2m  ESC[>4m
//	cursor    ESC[n SP q
//	title     OSC 2 ; text ST   ESC[22;0t  ESC[23;0t
//
// The main screen is drawn inline, like ordinary output: what was on the terminal
// before stays above and leaves upwards only as room is needed. Where on the
// terminal drawing began is never asked; it is known once as many rows have been
// made as the terminal has.
//
//	$ gossterm host           above: not ours, never touched
//	gst1qpzry9x8...
//	lines that scrolled off   rows 0 to top-1 of the plane: never rewritten
//	$ make                    row top: row 0 of the frame
//	cc -o x x.c
//	$ _                       row made-1: the lowest row; LF here makes the next
package screen

import "slices"

// maxDrawSide bounds a terminal's width and height, in cells.
const maxDrawSide = 1000

// usualCols and usualRows are the size of a terminal that does not know its own.
const (
	usualCols = 80
	usualRows = 24
)

// quietBytes is how much one Draw may write without hiding the cursor meanwhile or
// asking for a synchronised update: it comes at once, and takes less than the asking.
const quietBytes = 48

// An Overlay is what this terminal shows and does beyond the Frame.
type Overlay struct {
	// Notice is shown in reverse video on the terminal's last row; "" is none.
	Notice string
	// Lines are shown in reverse video on the rows above that, each from the first
	// column on and on over the margin, where the terminal copies printable ASCII as one
	// line. None is shown if they do not fit: see Fits.
	Lines []string
	// Writer says that this terminal's user may type: the program's wish for mouse
	// and focus events and for keys told apart is passed on, and pastes are bracketed,
	// so that they can be told from typing.
	Writer bool
}

// A Renderer draws Frames on one terminal, writing only what changed. It does no
// I/O and reads no clock. It belongs to one goroutine.
type Renderer struct {
	cols, rows int
	main, alt  plane
	onAlt      bool // the terminal shows its alternate screen
	begun      bool

	pen    Pen  // the terminal's
	nowrap bool // DECAWM is off, inside a Draw only

	held         bool // Pan moved the view: it does not follow the cursor
	heldX, heldY int  // the cell of the frame at its top left, then
	farX, farY   int  // as far as the last Frame lets it go
	covered      int  // rows of the last notice

	marks, links textTable
	later        backlog // lines that scrolled off while the alternate screen shows
	ahead        ahead
	lines        [][]Cell // scratch

	visible bool // the terminal's cursor
	style   uint8
	mouse   MouseMode
	focus   bool
	paste   bool
	other   uint8 // modifyOtherKeys
	title   string
	titled  bool // the terminal's own title was saved

	notice     []Cell      // whole rows, or empty
	noticeRows []noticeRow // what notice was made of
	floating   bool        // the notice is on last rows which the plane does not know
	wanted     []noticeRow // scratch

	grid      []Cell // what the plane is to show of the frame
	line      []Cell // one row, scratch
	dirty     []bool // one row, scratch
	body, out []byte
	sgr       [2][]byte // scratch
}

// NewRenderer returns a Renderer for a terminal of the given size whose cursor is
// at the start of an empty line, wherever on the screen that is. A size below 1 is
// taken for 80 by 24, one above 1,000 for 1,000.
func NewRenderer(cols, rows int) *Renderer {
	r := &Renderer{visible: true}
	r.setSize(cols, rows)
	return r
}

// Resize tells that the terminal changed size, or that its contents are in doubt:
// the next Draw repaints all.
func (r *Renderer) Resize(cols, rows int) {
	r.setSize(cols, rows)
}

func (r *Renderer) setSize(cols, rows int) {
	if cols < 1 {
		cols = usualCols
	}
	if rows < 1 {
		rows = usualRows
	}
	r.cols, r.rows = min(cols, maxDrawSide), min(rows, maxDrawSide)
	r.main.resize(r.cols, r.rows, !r.begun)
	r.alt.resize(r.cols, r.rows, !r.begun)
	if len(r.line) != r.cols {
		r.line = make([]Cell, r.cols)
		r.dirty = make([]bool, r.cols)
	}
	r.noticeRows, r.notice = nil, nil
}

// Draw returns the bytes that bring the terminal from what the last Draw left to f
// under o: none if nothing changed. They are valid until the next Draw. A Frame
// whose size and cells disagree is not drawn.
//
// Of a Frame larger than the terminal the part around the cursor is shown, which
// moves only when the cursor would leave it, unless Pan holds it. A smaller one is at the left: on the
// main screen where output would be, on the alternate screen at the top, bordered.
func (r *Renderer) Draw(f *Frame, o Overlay) []byte {
	if f.Cols < 1 || f.Rows < 1 || len(f.Cells) < f.Cols*f.Rows {
		return nil
	}
	r.body = r.body[:0]
	r.begin()
	r.boundTables()
	r.switchScreen(f.Alt)
	notice := r.cleanNotice(o)
	r.covered = len(notice)
	r.bound(f)
	lines := r.leaving(f)
	if f.Alt {
		r.later.keep(r, f, lines)
		r.drawAlt(f, notice)
	} else {
		r.drawMain(f, lines, notice)
	}
	r.setPen(Pen{})
	r.wrapOn()
	r.setModes(f, o)
	r.placeCursor(f)
	return r.finish(f.Cursor.Visible && r.inView(f))
}

// begin readies the terminal for the first Draw: below the cursor nothing may be
// left, for rows are taken for blank when they are made.
func (r *Renderer) begin() {
	if r.begun {
		return
	}
	r.begun = true
	r.body = append(r.body, "\r\x1b[m\x1b[J"...)
}

// plane returns the plane that the terminal shows.
func (r *Renderer) plane() *plane {
	if r.onAlt {
		return &r.alt
	}
	return &r.main
}

// switchScreen brings up the alternate or the main screen. The terminal keeps the
// main screen and its cursor meanwhile, and r.main keeps what they are.
func (r *Renderer) switchScreen(alt bool) {
	switch {
	case alt && !r.onAlt:
		r.hideFloating()
		r.setPen(Pen{})
		r.onAlt = true
		r.body = append(r.body, "\x1b[?1049h\x1b[H\x1b[2J"...)
		r.alt.anchor()
	case !alt && r.onAlt:
		r.leaveAlt()
	}
}

func (r *Renderer) leaveAlt() {
	r.setPen(Pen{})
	r.setKeyFlags(&r.alt, false)
	r.onAlt = false
	r.body = append(r.body, "\x1b[?1049l"...)
	r.main.x = unknownColumn // the row is surely restored, the column need not be trusted
}

// drawAlt draws f at the top left of the alternate screen, which has neither history
// nor anything above it.
func (r *Renderer) drawAlt(f *Frame, notice []noticeRow) {
	p := &r.alt
	if p.stale {
		p.forget()
	}
	p.height = min(f.Rows, r.rows)
	p.panX, p.panY = r.pan(p, f)
	r.buildGrid(f, p)
	r.border(f, p)
	r.setNotice(notice)
	r.paintAll(p)
}

// drawMain draws f on the main screen. The lines that scrolled off are put where
// row 0 of the frame was, and behind them the rows above the view; the view follows
// below, and what then does not fit on the terminal has left it upwards.
func (r *Renderer) drawMain(f *Frame, lines [][]Cell, notice []noticeRow) {
	p := &r.main
	r.recover(p)
	p.panX, p.panY = r.pan(p, f)
	p.height = min(p.height, min(f.Rows, r.rows))
	r.buildGrid(f, p)
	p.height = max(p.height, r.used(f, p))

	lines = r.above(lines, f, p)
	push := r.later.count() + len(lines)
	if f.Lost > 0 {
		push++ // the line that says so
	}
	need := max(p.height, len(notice)) // a notice covers no row of before
	total := p.top + push + need
	if (total >= r.rows || p.known()) && f.Rows >= r.rows {
		p.height, need = r.rows, r.rows // the frame fills the terminal: no line of before stays
		total = p.top + push + need
	}
	if total > p.made || !slices.Equal(notice, r.noticeRows) {
		r.hideFloating()
	}
	r.setNotice(notice)
	r.pushLines(f, lines, p)
	if over := p.top + need - r.rows; over > 0 {
		r.make(p, r.rows)
		r.scroll(p, over)
		p.top -= over
	}
	r.make(p, p.top+need)
	r.paintAll(p)
}

// recover starts afresh on a main screen that was resized. A frame that filled the
// terminal is repainted in place. Else what is above it must stay, so it is drawn
// again from where its row 0 is, counted from the cursor.
func (r *Renderer) recover(p *plane) {
	if !p.stale {
		return
	}
	r.floating = false
	if p.anchored && p.top == 0 {
		p.forget()
		return
	}
	r.body = append(r.body, '\r')
	r.body = appendCSI(r.body, p.y-p.top, 'A')
	r.body = append(r.body, "\x1b[J"...)
	p.restart()
}

// finish wraps the body into one synchronised update, with the cursor hidden, unless
// it is short.
func (r *Renderer) finish(visible bool) []byte {
	if len(r.body) == 0 && visible == r.visible {
		return nil
	}
	long := len(r.body) > quietBytes
	r.out = r.out[:0]
	if long {
		r.out = append(r.out, "\x1b[?2026h"...)
	}
	if long && r.visible {
		r.out = append(r.out, "\x1b[?25l"...)
		r.visible = false
	}
	r.out = append(r.out, r.body...)
	if visible != r.visible {
		r.out = appendMode(r.out, 25, visible)
		r.visible = visible
	}
	if long {
		r.out = append(r.out, "\x1b[?2026l"...)
	}
	return r.out
}
