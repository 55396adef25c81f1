package tty

import (
	"bytes"
	"strconv"
	"strings"
)

const esc = 0x1b

// singleKey reports whether ESC O b is a key.
func singleKey(b byte) bool { return strings.IndexByte("ABCDHFPQRS", b) >= 0 }

// control takes the complete control sequence in held.
func (d *Decoder) control() {
	d.state = ground
	body := d.held[2 : len(d.held)-1]
	final := d.held[len(d.held)-1]
	ev, known := decodeControl(body, final)
	switch {
	case string(d.held) == "\x1b[M":
		d.state = x10
		return
	case string(d.held) == "\x1b[200~":
		d.held = d.held[:0]
		d.beginPaste()
		return
	case !known: // a terminal's odd key must still work
		d.typeHeld()
		return
	}
	d.held = d.held[:0]
	switch ev := ev.(type) {
	case Key:
		d.key(ev)
	case Typed: // text after all
		d.held = append(d.held, ev.Bytes...)
		d.typeHeld()
	case nil: // swallowed
	default:
		d.emit(ev)
	}
}

// decodeControl tells what the sequence ESC [ body final is: an event, nothing
// if it is an answer to something or part of a paste that is over, or unknown.
func decodeControl(body []byte, final byte) (ev Event, known bool) {
	if k, ok := consoleKey(body, final); ok {
		return k, true
	}
	if bytes.HasPrefix(body, []byte("<")) && (final == 'M' || final == 'm') {
		return sgrMouse(body[1:], final)
	}
	if isReply(body, final) {
		return nil, true
	}
	switch {
	case len(body) == 0 && final == 'I':
		return Focus{In: true}, true
	case len(body) == 0 && final == 'O':
		return Focus{}, true
	}
	return decodeKey(body, final)
}

// tildeKey names the key of ESC [ num ~. Home, End and F1 to F4 have two names
// by terminal; they get the one with a letter.
func tildeKey(k Key, num int) (Event, bool) {
	switch num {
	case 1, 7:
		k.Final = 'H'
	case 4, 8:
		k.Final = 'F'
	case 11, 12, 13, 14:
		k.Final = 'P' + byte(num-11)
	case 2, 3, 5, 6, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34:
		k.Num = uint16(num)
	case 200, 201: // a bracket of a paste: with a modifier, or one that was given up
		return nil, true
	default:
		return nil, false
	}
	return k, true
}

// consoleKey tells the first five function keys of the Linux console.
func consoleKey(body []byte, final byte) (Key, bool) {
	switch {
	case len(body) != 1 || body[0] != '[' || final < 'A' || final > 'E':
		return Key{}, false
	case final == 'E':
		return Key{Final: '~', Num: 15}, true
	}
	return Key{Final: 'P' + final - 'A'}, true
}

// isReply reports whether a sequence has the shape of a terminal's answer to a
// program's question. Programs are answered by the host's screen; an answer
// from here would be typed into whatever runs when it arrives.
func isReply(body []byte, final byte) bool {
	if len(body) > 0 && body[0] >= '<' && body[0] <= '?' { // private: DA, DSR, DECRPM, kitty's flags
		return true
	}
	switch final {
	case 'c', 'n', 't', 'w', 'x', 'y': // DA, DSR, window, locator, DECREPTPARM, DECRPM
		return len(body) > 0
	case 'R': // CPR, except F3 with a modifier, which is 1;2 to 1;16
		num, ok := params(body)
		return len(body) > 0 && !(ok && len(num) == 2 && num[0] == 1 && num[1] >= 2 && num[1] <= 16)
	}
	return false
}

// sgrMouse decodes button ; column ; row.
func sgrMouse(body []byte, final byte) (Event, bool) {
	num, ok := params(body)
	if !ok || len(num) != 3 || num[1] < 1 || num[2] < 1 {
		return nil, true // no key is of this shape: never typed
	}
	return Mouse{Button: uint16(num[0]), X: num[1], Y: num[2], Release: final == 'm'}, true
}

// params splits decimal parameters; it refuses what is not plain numbers of 16 bits.
func params(body []byte) ([]int, bool) {
	if len(body) == 0 {
		return nil, true
	}
	var num []int
	for field := range bytes.SplitSeq(body, []byte(";")) {
		n, err := strconv.ParseUint(string(field), 10, 16)
		if err != nil {
			return nil, false
		}
		num = append(num, int(n))
	}
	return num, true
}
