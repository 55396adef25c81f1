package screen

// A Key is a key that is no text, as xterm numbers it: CSI Num ; Mod Final.
//
//	A B C D  up down right left     P Q R S  F1 to F4
//	E F H    begin end home         Z        back-tab
//	~        Num says which: 2 insert, 3 delete, 5 page up, 15 F5 ...
//	u        Num is the character that the key types without modifiers, or
//	         kitty's number of a key that types none
type Key struct {
	Final byte
	Num   uint16 // with ~ and u; else 0 or 1
	// Mod is xterm's parameter: 1 (or 0) none, 2 shift, 3 alt, 5 control, 9 super,
	// 17 hyper, 33 meta, and sums of these less one.
	Mod uint8
}

const (
	modShift   = 1
	modAlt     = 2
	modControl = 4
	modMeta    = 32
	// maxMod is the largest parameter of modifiers.
	maxMod = 64
	// legacyMods are those that xterm knows; its meta is where super is.
	legacyMods = 15
)

// EncodeKey returns what a program gets to read for k, by the modes that it has
// set. It is nil if there is no such key, or none without the modes it did not set.
func (s *Screen) EncodeKey(k Key) []byte {
	mod := max(int(k.Mod), 1)
	if mod > maxMod || k.Final != '~' && k.Final != 'u' && k.Num > 1 {
		return nil
	}
	kitty := s.g.keys.now&(keyDisambiguate|keyAll) != 0
	if !kitty {
		mod = legacyMod(mod)
	}
	switch k.Final {
	case 'A', 'B', 'C', 'D', 'E', 'F', 'H':
		if mod == 1 && !kitty && s.modes.has(modeAppCursor) {
			return []byte{esc, 'O', k.Final}
		}
	case 'R':
		if kitty { // with R it would look like a cursor report
			return encodeNumbered(f3Number, mod)
		}
		fallthrough
	case 'P', 'Q', 'S':
		if mod == 1 && !kitty {
			return []byte{esc, 'O', k.Final}
		}
	case 'Z':
		if kitty {
			return s.encodeChar('\t', (mod-1)|modShift)
		}
		if mod == 2 {
			mod = 1 // shift is what makes it a back-tab
		}
	case '~':
		return encodeNumbered(k.Num, mod)
	case 'u':
		return s.encodeChar(k.Num, mod-1)
	default:
		return nil
	}
	return encodeLetter(k.Final, mod)
}

// f3Number is F3 as a VT220 numbers it.
const f3Number = 13

// legacyMod returns the parameter mod without what xterm does not know.
func legacyMod(mod int) int {
	bits := mod - 1
	if bits&modMeta != 0 {
		bits |= modMeta >> 2
	}
	return bits&legacyMods + 1
}

// encodeLetter writes a key that a letter names.
func encodeLetter(final byte, mod int) []byte {
	b := []byte{esc, '['}
	if mod > 1 {
		b = append(b, '1', ';')
		b = appendNumber(b, mod)
	}
	return append(b, final)
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
