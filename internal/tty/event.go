package tty

// An Event is one thing done at the terminal: Typed, Paste, Key, Mouse, Focus,
// Command or Pan. The bytes in it belong to whoever gets it.
type Event interface{ event() }

// Typed is text and control characters, consecutive ones in one event, and
// sequences that are none of the others. Neither a UTF-8 character nor a
// sequence is cut. Alt-x is ESC x.
type Typed struct {
	Bytes []byte // at most MaxBytes
}

// Paste is a part of a bracketed paste, without the brackets and without ESC
// and C1 controls, with which a paste could break out of them.
type Paste struct {
	Bytes       []byte // at most MaxBytes; may be empty
	First, Last bool   // the paste begins, ends with this part; both if it is the whole
}

// Key is a key that has no character, or one whose character says less than the
// key, by its xterm name whatever way the terminal said it.
type Key struct {
	// Final is A B C D for up, down, right, left; H and F for Home and End;
	// P Q R S for F1 to F4; Z for back-tab; ~ and u for the keys that Num tells.
	Final byte

	// Num, if Final is ~, is 2 Insert, 3 Delete, 5 and 6 for page up and down,
	// 15, 17 to 21, 23, 24 for F5 to F12, and up to 34 for F20. If Final is u it is
	// the character that the key types without modifiers, or kitty's number of one
	// that types none. Else it is zero.
	Num uint16

	// Mod is the sum of 1 shift, 2 alt, 4 ctrl, 8 super, 16 hyper, 32 meta: what
	// kitty sends, less one and without the locks. Xterm's meta is 8.
	Mod uint8
}

// Mouse is a report of the mouse as in SGR mode (1006).
type Mouse struct {
	Button  uint16 // with xterm's bits for modifiers, motion and wheel
	X, Y    int    // column and row, from 1
	Release bool
}

// Focus says that the terminal's window got or lost the focus.
type Focus struct{ In bool }

// Command is a key typed after the escape character at the start of a line.
type Command struct{ Key byte }

// Pan is an arrow key typed after the escape character at the start of a line: the
// view is to move by so many columns to the right and rows down, each -1, 0 or 1.
type Pan struct{ DX, DY int }

func (Typed) event()   {}
func (Paste) event()   {}
func (Key) event()     {}
func (Mouse) event()   {}
func (Focus) event()   {}
func (Command) event() {}
func (Pan) event()     {}

// MaxBytes bounds Typed and Paste.
const MaxBytes = 1 << 10

// Options say what is a command. The zero value has none.
type Options struct {
	// Escape is the character that, at the start of a line, makes the next key
	// a command, an arrow key a Pan; twice, it is typed once. If zero, there are no
	// commands.
	Escape byte

	// Commands are the keys that follow it. After any other both are typed.
	// If empty, these are . ? and ^Z.
	Commands string
}

const defaultCommands = ".?\x1a"
