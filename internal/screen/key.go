package screen

// A Key is a key that is no text, as xterm numbers it: CSI Num ; Mod Final.
//
//	A B C D  up down right left     P Q R S  F1 to F4
//	E F H    begin end home         Z        back-tab
//	~        Num says which: 2 insert, 3 delete, 5 page up, 15 F5 ...
type Key struct {
	Final byte
	Num   uint16 // with ~; else 0 or 1
	Mod   uint8  // xterm's parameter: 1 (or 0) none, 2 shift, 3 alt, 5 control ...
}

// maxMod is xterm's largest modifier parameter: 1 + shift, alt, control, meta.
const maxMod = 16

// EncodeKey returns what a program gets to read for k, by the modes that it has
// set. It is nil if there is no such key.
func (s *Screen) EncodeKey(k Key) []byte {
	mod := max(int(k.Mod), 1)
	if mod > maxMod || k.Final != '~' && k.Num > 1 {
		return nil
	}
	switch k.Final {
	case 'A', 'B', 'C', 'D', 'E', 'F', 'H':
		if mod == 1 && s.modes.has(modeAppCursor) {
			return []byte{esc, 'O', k.Final}
		}
	case 'P', 'Q', 'R', 'S':
		if mod == 1 {
			return []byte{esc, 'O', k.Final}
		}
	case 'Z':
		if mod == 2 {
			mod = 1 // shift is what makes it a back-tab
		}
	case '~':
		return encodeNumbered(k.Num, mod)
	default:
		return nil
	}
	b := []byte{esc, '['}
	if mod > 1 {
		b = append(b, '1', ';')
		b = appendNumber(b, mod)
	}
	return append(b, k.Final)
}

// encodeNumbered writes a key of the VT220's kind. Its numbers have gaps.
func encodeNumbered(num uint16, mod int) []byte {
	switch {
	case num >= 1 && num <= 8:
	case num >= 11 && num <= 34 && num != 16 && num != 22 && num != 27 && num != 30:
	default:
		return nil
	}
	b := appendNumber([]byte{esc, '['}, int(num))
	if mod > 1 {
		b = append(b, ';')
		b = appendNumber(b, mod)
	}
	return append(b, '~')
}

// EncodeFocus returns what the program gets to read when the terminal gains or
// loses the focus. It is nil if the program did not ask (mode 1004).
func (s *Screen) EncodeFocus(in bool) []byte {
	switch {
	case !s.modes.has(modeFocus):
		return nil
	case in:
		return []byte("\x1b[I")
	}
	return []byte("\x1b[O")
}
