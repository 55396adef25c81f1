package screen

// MaxScrolled is how many lines that left the top of the main screen one Frame
// carries. Older ones are counted in Lost.
const MaxScrolled = 1000

// MouseMode says which mouse events the program asked for.
type MouseMode uint8

const (
	MouseOff    MouseMode = iota
	MouseX10              // presses only (mode 9)
	MouseClick            // presses and releases (mode 1000)
	MouseDrag             // and motion while a button is down (mode 1002)
	MouseMotion           // and all motion (mode 1003)
)

// A Cursor is where and how the cursor is drawn. X and Y count from 0.
type Cursor struct {
	X, Y    int
	Visible bool
	Style   uint8 // DECSCUSR, 0 to 6
}

// A Frame is what a Screen shows at one instant: all that a Renderer draws from.
type Frame struct {
	Cols, Rows int
	Cells      []Cell // row by row, Rows*Cols of them
	Wrapped    []bool // by row: the text goes on in the next row
	Cursor     Cursor
	Alt        bool // the alternate screen is shown
	Title      string
	Reverse    bool // DECSCNM: the whole screen is in reverse video
	Mouse      MouseMode
	Focus      bool // the program wants focus events (mode 1004)
	Paste      bool // the program wants bracketed pastes (mode 2004)
	// KeyFlags are the kitty keyboard flags of the screen that is shown: 1 tells keys
	// apart that were one byte, 8 reports all as sequences ...
	KeyFlags uint8
	// OtherKeys is xterm's modifyOtherKeys, 0 to 3.
	OtherKeys uint8

	// Scrolled are the lines that left the top of the main screen since the
	// Frame before, oldest first; each has the width it was written or wrapped at,
	// or that of the History it came with. None is in a second Frame: of a line that
	// Resize brought back only what no Frame had is there when it leaves again.
	Scrolled [][]Cell
	// Back is how many rows at the top had left it, were in Scrolled then, and came back:
	// they will not be in Scrolled again.
	Back int
	// Waits says that there may be lines for Scrolled, which are held: see HoldScrolled.
	Waits bool
	// Lost counts lines that left the top and are not in Scrolled.
	Lost int

	// Marks and Links resolve Cell.Mark and Pen.Link; index 0 is "".
	Marks, Links []string
}

// Row returns row y of f.
func (f *Frame) Row(y int) []Cell { return f.Cells[y*f.Cols : (y+1)*f.Cols] }
