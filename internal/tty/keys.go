package tty

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Bits of modifiers as terminals number them, less one.
const (
	modShift   = 1
	modAlt     = 2
	modControl = 4
	modLocks   = 64 | 128 // caps lock, num lock: they change no key
)

// Kitty's numbers of keys that type no character (the private use area).
const (
	firstKittyKey = 57344
	lastKittyKey  = 63743
)

// A press is a key as a terminal wrote it:
//
//	ESC [ number : shifted : base ; modifiers : event ; text : text final
type press struct {
	number, shifted int // 0 if not given
	mods            int
	released        bool
	text            []rune
}

// decodeKey tells which key the sequence ESC [ body final is. It is nothing if the
// key was released, and unknown if there is no such key.
func decodeKey(body []byte, final byte) (ev Event, known bool) {
	if c, ok := otherKey(body, final); ok {
		return charKey(c)
	}
	p, ok := parsePress(body)
	switch {
	case !ok:
		return nil, false
	case p.released:
		return nil, true
	case final == 'u':
		return charKey(p)
	case p.text != nil:
		return nil, false
	}
	return namedKey(p, final)
}

// otherKey takes the form of modifyOtherKeys: 27 ; modifiers ; character ~. It names a
// letter as it is with shift.
func otherKey(body []byte, final byte) (press, bool) {
	num, ok := params(body)
	if !ok || final != '~' || len(num) != 3 || num[0] != 27 || num[1] < 1 || num[1] > 256 {
		return press{}, false
	}
	p := press{number: num[2], mods: (num[1] - 1) &^ modLocks}
	if p.mods&modShift != 0 && p.mods != modShift {
		p.number = int(unicode.ToLower(rune(p.number)))
	}
	return p, true
}

// parsePress splits the parameters of a key.
func parsePress(body []byte) (p press, ok bool) {
	if len(body) == 0 {
		return press{number: 1}, true
	}
	fields := bytes.Split(body, []byte(";"))
	if len(fields) > 3 {
		return press{}, false
	}
	fields = append(fields, nil, nil)
	keys, ok1 := subparams(fields[0])
	mods, ok2 := subparams(fields[1])
	text, ok3 := subparams(fields[2])
	if !ok1 || !ok2 || !ok3 || len(keys) > 3 || len(mods) > 2 || len(fields[1]) > 0 && mods[0] == 0 || mods[0] > 256 {
		return press{}, false
	}
	p = press{number: keys[0], mods: max(mods[0]-1, 0) &^ modLocks}
	if len(keys) > 1 {
		p.shifted = keys[1]
	}
	const release = 3 // of press, repeat, release
	p.released = len(mods) > 1 && mods[1] == release
	for _, c := range text {
		if c > 0 {
			p.text = append(p.text, rune(c))
		}
	}
	return p, true
}

// subparams splits a parameter at its colons; what is left out is 0.
func subparams(field []byte) ([]int, bool) {
	var num []int
	for sub := range bytes.SplitSeq(field, []byte(":")) {
		n, err := strconv.ParseUint(string(sub), 10, 21) // a code point
		if len(sub) > 0 && err != nil {
			return nil, false
		}
		num = append(num, int(n))
	}
	return num, true
}

// control returns the control character that k types where nobody tells keys apart.
func (k Key) control() (byte, bool) {
	switch {
	case k.Final != 'u':
	case k.Num == esc && k.Mod == 0:
		return esc, true
	case k.Mod == modControl && (k.Num >= 'a' && k.Num <= 'z' || k.Num >= '[' && k.Num <= '_'):
		return byte(k.Num) & 0x1f, true
	}
	return 0, false
}

// charKey makes an event of a key that has a character. One that types it by itself
// is text, as if the terminal did not tell keys apart: so the escape character is one.
// What does not fit into a Key is text too, with an ESC for Alt.
func charKey(p press) (Event, bool) {
	text := p.text
	switch {
	case p.number == '\r' || p.number == '\t' || p.number == 0x7f:
		if p.mods == 0 {
			return Typed{Bytes: []byte{byte(p.number)}}, true
		}
	case p.number < firstKittyKey || p.number > lastKittyKey:
		if text == nil && p.number >= ' ' && p.mods&^modShift == 0 {
			text = []rune{p.char()}
		}
	}
	if p.mods&^modShift == 0 && text != nil || p.number > 0xffff {
		return textOf(p, text)
	}
	if p.number < 8 || p.number > 0x7f && p.number < 0xa0 || !utf8.ValidRune(rune(p.number)) {
		return nil, true // no key: never typed
	}
	return Key{Final: 'u', Num: uint16(p.number), Mod: uint8(p.mods)}, true
}

// textOf makes text of a key. Controls, which no key types as text, are taken out.
func textOf(p press, text []rune) (Event, bool) {
	if text == nil {
		text = []rune{p.char()}
	}
	var b []byte
	if p.mods&modAlt != 0 {
		b = append(b, esc)
	}
	for _, c := range text {
		if c >= ' ' && (c < 0x7f || c >= 0xa0) && utf8.ValidRune(c) {
			b = utf8.AppendRune(b, c)
		}
	}
	if len(b) == 0 || b[len(b)-1] == esc {
		return nil, true
	}
	return Typed{Bytes: b}, true
}

// char returns the character that the key types, as far as that can be known: what
// shift makes of it is up to the keyboard unless it is a letter.
func (p press) char() rune {
	switch {
	case p.mods&modShift == 0:
		return rune(p.number)
	case p.shifted > 0:
		return rune(p.shifted)
	}
	return unicode.ToUpper(rune(p.number))
}

// namedKey tells a key that has a name of its own.
func namedKey(p press, final byte) (Event, bool) {
	k := Key{Final: final, Mod: uint8(p.mods)}
	if final == '~' {
		return tildeKey(k, p.number)
	}
	if p.number > 1 {
		return nil, false
	}
	return k, singleKey(final) || final == 'Z'
}
