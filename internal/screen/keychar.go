package screen

import (
	"unicode"
	"unicode/utf8"
)

// Keys that type a character, and the code points that stand for them.
const (
	keyBackspace = 0x7f
	keyEscape    = esc
	keyEnter     = '\r'
	keyTab       = '\t'
)

// encodeChar returns what a program gets to read for the key that types the character
// num, with these modifiers, as bits: in kitty's form if it asked for that, in that of
// modifyOtherKeys if it asked for that, or as terminals always did. So nothing typed is
// lost, whatever it asked for when it was typed.
func (s *Screen) encodeChar(num uint16, mods int) []byte {
	if old, ok := keypadKey(num); ok && s.g.keys.now&(keyDisambiguate|keyAll) == 0 {
		old.Mod = uint8(mods + 1)
		return s.EncodeKey(old)
	}
	if !typesChar(rune(num)) {
		return nil
	}
	text, exact := legacyChar(rune(num), mods)
	flags, other := s.g.keys.now, s.modes.otherKeys
	switch {
	case flags&keyAll != 0:
		return encodeCSIu(num, mods)
	case flags&keyDisambiguate != 0:
		if num == keyEscape || !isText(rune(num), mods) {
			return encodeCSIu(num, mods)
		}
	case other > 0 && text != nil && !isText(rune(num), mods) && (other > 1 || !exact):
		return encodeOther(num, mods)
	}
	return text
}

// Control returns the control character that k types where nobody tells keys apart:
// 3 for control and c, which a terminal may send as a key. It reports false for all
// keys that type none or have further modifiers.
func (k Key) Control() (byte, bool) {
	if k.Final != 'u' || k.Num > keyBackspace {
		return 0, false
	}
	b, exact := legacyChar(rune(k.Num), max(int(k.Mod), 1)-1)
	if !exact || len(b) != 1 || b[0] >= ' ' {
		return 0, false
	}
	return b[0], true
}

// typesChar reports whether c is a character that a key types, or a key of kitty's
// own numbers, which are of the private use area.
func typesChar(c rune) bool {
	switch {
	case c == '\b', c == keyTab, c == keyEnter, c == keyEscape:
		return true
	case c < ' ', c > keyBackspace && c < 0xa0:
		return false
	}
	return utf8.ValidRune(c)
}

// isText reports whether the key types text by itself: with no modifiers, or with
// shift alone if it is a printable character. So do Enter, Tab and Backspace.
func isText(c rune, mods int) bool {
	if c < firstKittyKey || c > lastKittyKey {
		return mods == 0 || mods == modShift && c > ' ' && c != keyBackspace
	}
	return false
}

// encodeCSIu writes a key in kitty's form.
func encodeCSIu(num uint16, mods int) []byte {
	b := appendNumber([]byte{esc, '['}, int(num))
	if mods > 0 {
		b = append(b, ';')
		b = appendNumber(b, mods+1)
	}
	return append(b, 'u')
}

// encodeOther writes a key in the form of modifyOtherKeys, which names a letter as it
// is with shift.
func encodeOther(num uint16, mods int) []byte {
	c := rune(num)
	if mods&modShift != 0 {
		c = shifted(c)
	}
	b := append([]byte{esc, '['}, "27;"...)
	b = appendNumber(b, legacyMod(mods+1))
	b = append(b, ';')
	b = appendNumber(b, int(c))
	return append(b, '~')
}

// shifted returns c as shift makes it, if every keyboard agrees: a letter.
func shifted(c rune) rune {
	if up := unicode.ToUpper(c); up <= 0xffff {
		return up
	}
	return c
}

// legacyChar returns what a terminal always sent for a key, and whether that tells
// the modifiers.
func legacyChar(c rune, mods int) (b []byte, exact bool) {
	if c >= firstKittyKey && c <= lastKittyKey {
		return nil, false
	}
	exact = mods&^(modShift|modAlt|modControl) == 0
	if mods&modAlt != 0 {
		b = append(b, esc)
	}
	shift, control := mods&modShift != 0, mods&modControl != 0
	switch {
	case c == keyTab && shift && !control:
		return append(b, "\x1b[Z"...), exact
	case c == keyBackspace && control:
		return append(b, '\b'), exact && !shift
	case control:
		if code, ok := controlCode(c); ok {
			return append(b, code), exact && !shift
		}
		exact = false
	case shift:
		exact = exact && shifted(c) != c
	}
	if shift {
		c = shifted(c)
	}
	return utf8.AppendRune(b, c), exact
}

// controlCode returns the control character that a key with control types, by the
// table of kitty's protocol ("Legacy ctrl mapping of ASCII keys").
func controlCode(c rune) (byte, bool) {
	switch {
	case c >= 'a' && c <= 'z', c >= '@' && c <= '_':
		return byte(c) & 0x1f, true
	case c >= '3' && c <= '7':
		return byte(c-'3') + esc, true
	}
	switch c {
	case ' ', '2':
		return 0, true
	case '/':
		return 0x1f, true
	case '~':
		return 0x1e, true
	case '8', '?':
		return keyBackspace, true
	}
	return 0, false
}

// Kitty's numbers of keys that type no character.
const (
	firstKittyKey = 57344
	lastKittyKey  = 63743
	kittyF13      = 57376
	kittyKeypad   = 57399
)

// keypadKeys are the keys from kittyKeypad on, as they are without kitty's protocol:
// digits, operators, then the same keys without num lock.
var keypadKeys = [...]Key{
	{Final: 'u', Num: '0'}, {Final: 'u', Num: '1'}, {Final: 'u', Num: '2'}, {Final: 'u', Num: '3'}, {Final: 'u', Num: '4'},
	{Final: 'u', Num: '5'}, {Final: 'u', Num: '6'}, {Final: 'u', Num: '7'}, {Final: 'u', Num: '8'}, {Final: 'u', Num: '9'},
	{Final: 'u', Num: '.'}, {Final: 'u', Num: '/'}, {Final: 'u', Num: '*'}, {Final: 'u', Num: '-'}, {Final: 'u', Num: '+'},
	{Final: 'u', Num: keyEnter}, {Final: 'u', Num: '='}, {Final: 'u', Num: ','},
	{Final: 'D'}, {Final: 'C'}, {Final: 'A'}, {Final: 'B'},
	{Final: '~', Num: 5}, {Final: '~', Num: 6}, {Final: 'H'}, {Final: 'F'},
	{Final: '~', Num: 2}, {Final: '~', Num: 3}, {Final: 'E'},
}

// functionKeys are F13 to F20 as a VT220 numbers them.
var functionKeys = [...]uint16{25, 26, 28, 29, 31, 32, 33, 34}

// keypadKey returns the key of old that kitty's number stands for.
func keypadKey(num uint16) (Key, bool) {
	if i := int(num) - kittyKeypad; i >= 0 && i < len(keypadKeys) {
		return keypadKeys[i], true
	}
	if i := int(num) - kittyF13; i >= 0 && i < len(functionKeys) {
		return Key{Final: '~', Num: functionKeys[i]}, true
	}
	return Key{}, false
}
