package tty

// resetList brings a terminal back to where a shell wants it, whatever state
// it was left in. It asks nothing and, on a terminal in order, changes nothing
// that can be seen. It is one constant so that one write can send it.
const resetList = "" +
	"\x1b\\" + // end a string (OSC, DCS) that was cut
	"\x18" + // end any other sequence that was cut
	"\x1b[?2026l" + // show what a synchronised update holds back
	"\x1b[<99u" + // pop kitty's keyboard modes
	"\x1b[>4;0m" + // modifyOtherKeys off
	"\x1b[?9l\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l" + // mouse off, or moving it types
	"\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l" + // and its encodings
	"\x1b[?1004l" + // focus reports off
	"\x1b[?2004l" + // no brackets around pastes
	"\x1b[?2031l" + // no reports of colour scheme changes
	"\x1b[?2048l" + // nor of size changes
	"\x1b[?7727l" + // no special ESC key (tmux, mintty)
	"\x1b[?1l\x1b>" + // cursor keys and keypad as usual
	"\x1b[4l" + // overwrite, not insert
	"\x1b[20l" + // LF is not CR LF
	"\x1b[?7h" + // wrap at the right edge
	"\x1b[?5l" + // not inverse
	"\x1b[?45l" + // no wrapping backwards
	"\x1b7" + // the next three move the cursor home: keep its place
	"\x1b[?6l" + // rows count from the top
	"\x1b[?69l" + // no left and right margin
	"\x1b[r" + // scroll the whole screen
	"\x1b8" +
	"\x1b(B\x0f" + // ASCII, not line drawing
	"\x1b[0 q" + // the user's cursor shape
	"\x1b]8;;\x1b\\" + // end a link
	"\x1b[0m" + // no colour, bold, ...
	"\x1b[?25h" // show the cursor

// leaveAlternate returns to the main screen and the cursor's place in it. It
// is sent only to a terminal that is on the alternate screen: on the main one
// it would move the cursor to where it was last saved.
const leaveAlternate = "\x1b[?1049l"

const enterAlternate = "\x1b[?1049h"

// leaveReset is sent after the list on the alternate screen. Kitty's keyboard modes
// are kept for each screen.
const leaveReset = leaveAlternate + "\x1b[<99u"

// saveTitle and restoreTitle push and pop what the terminal's window was called.
const (
	saveTitle    = "\x1b[22;0t"
	restoreTitle = "\x1b[23;0t"
)

// resetEnd comes last, on the main screen.
const resetEnd = "\x1b]9;4;0\x1b\\" + // no progress bar (ConEmu, Windows Terminal)
	"\r"

// ResetAll returns what brings back a terminal that another process left, on
// whichever screen: it leaves the alternate one if need be. On the main one that
// moves the cursor to where it was last saved, so it is saved first. The list
// comes twice, as leaving also brings back the colours of that place. A terminal
// whose title was not saved keeps the one it has.
func ResetAll() []byte {
	return []byte(resetList + "\x1b7" + leaveAlternate + resetList + restoreTitle + resetEnd)
}
