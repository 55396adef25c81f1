package screen

// A Color is the default colour (0), one of the 256 palette colours, or RGB.
type Color uint32

const (
	// DefaultColor is the terminal's own foreground or background.
	DefaultColor Color = 0

	paletteFlag Color = 1 << 24
	rgbFlag     Color = 2 << 24
)

// Palette returns the colour with index i of the 256-colour palette.
func Palette(i uint8) Color { return paletteFlag | Color(i) }

// RGB returns a direct colour.
func RGB(r, g, b uint8) Color { return rgbFlag | Color(r)<<16 | Color(g)<<8 | Color(b) }

// Index returns the palette index of c and reports whether c is a palette colour.
func (c Color) Index() (uint8, bool) { return uint8(c), c>>24 == paletteFlag>>24 }

// RGB returns the components of c and reports whether c is a direct colour.
func (c Color) RGB() (r, g, b uint8, ok bool) {
	return uint8(c >> 16), uint8(c >> 8), uint8(c), c>>24 == rgbFlag>>24
}

// Attr is a set of character attributes (SGR).
type Attr uint8

const (
	Bold Attr = 1 << iota
	Faint
	Italic
	Blink
	Reverse
	Conceal
	Strike
	Overline
)

// Underline styles (SGR 4:n).
const (
	NoUnderline uint8 = iota
	SingleUnderline
	DoubleUnderline
	CurlyUnderline
	DottedUnderline
	DashedUnderline
)

// A Pen is how a character is drawn.
type Pen struct {
	Fg, Bg, Ul Color // Ul is the underline's colour
	Attr       Attr
	Underline  uint8
	Link       uint16 // index into the link table; 0 is none
}

// A Cell is one place of the grid. It holds no pointer, so a grid costs the
// garbage collector nothing, and no padding, so cells compare as 24 bytes of memory.
type Cell struct {
	Rune  rune   // base character; 0 is a blank
	Mark  uint16 // index into the table of combining marks; 0 is none
	Width uint16 // 1 or 2 columns; 0 is the right half of a wide character
	Pen   Pen
}
