package screen

import "unicode/utf8"

// A Mouse is a mouse event. Button is xterm's code in the SGR form: the button in
// the bits 0, 1, 6 and 7 (3 is none), 4 shift, 8 alt, 16 control, 32 motion.
type Mouse struct {
	Button  uint16
	X, Y    int // from 0
	Release bool
}

const (
	mouseNone   = 3
	mouseMods   = 4 | 8 | 16
	mouseMotion = 32
	mouseWheel  = 64
	mouseExtra  = 128
	maxButton   = 255

	// In the oldest form each number is one byte, 32 more than it is.
	maxMouseByte = 255 - 32
	// In the form of mode 1005 it is a character of at most two bytes.
	maxMouseRune = 0x7ff - 32
)

// EncodeMouse returns what the program gets to read for m. It is nil if it did
// not ask for such events or its form cannot express this one.
func (s *Screen) EncodeMouse(m Mouse) []byte {
	if m.Button > maxButton || m.X < 0 || m.Y < 0 || m.X >= s.cols || m.Y >= s.rows || !s.modes.mouse.wants(m) {
		return nil
	}
	if s.modes.mouse == MouseX10 {
		m.Button &^= mouseMods
	}
	b, x, y := int(m.Button), m.X+1, m.Y+1
	if s.modes.encoding == mouseSGR {
		final := byte('M')
		if m.Release {
			final = 'm'
		}
		return appendMouse([]byte("\x1b[<"), b, x, y, final)
	}
	if m.Release { // which button it was cannot be said
		b = b&(mouseMods|mouseMotion) | mouseNone
	}
	switch {
	case s.modes.encoding == mouseURXVT:
		return appendMouse([]byte("\x1b["), b+32, x, y, 'M')
	case s.modes.encoding == mouseUTF8 && max(x, y) <= maxMouseRune:
		out := []byte("\x1b[M")
		for _, n := range [...]int{b, x, y} {
			out = utf8.AppendRune(out, rune(n+32))
		}
		return out
	case s.modes.encoding == mouseBytes && max(b, x, y) <= maxMouseByte:
		return []byte{esc, '[', 'M', byte(b + 32), byte(x + 32), byte(y + 32)}
	}
	return nil
}

// wants reports whether a program in this mode gets m.
func (mode MouseMode) wants(m Mouse) bool {
	motion := m.Button&mouseMotion != 0
	switch mode {
	case MouseX10:
		return !m.Release && !motion && m.Button&(mouseWheel|mouseExtra) == 0 && m.Button&mouseNone != mouseNone
	case MouseClick:
		return !motion
	case MouseDrag:
		return !motion || m.Button&mouseNone != mouseNone
	case MouseMotion:
		return true
	}
	return false
}

func appendMouse(out []byte, b, x, y int, final byte) []byte {
	out = append(appendNumber(out, b), ';')
	out = append(appendNumber(out, x), ';')
	return append(appendNumber(out, y), final)
}
