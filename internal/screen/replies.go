package screen

import "bytes"

// StripReplies returns b, bytes that somebody typed, without what has the shape of a
// terminal's answer to a query: reports of cursor, attributes, status, modes, window
// and colours, settings, capabilities and graphics. Programs are answered by the
// host's model alone; another answer would be typed into whatever runs when it comes.
// A joiner's own terminal drops them already, and the host does again what it cannot
// trust a joiner with.
//
// Keys stay, among them F3 with a modifier, which is also the report of a cursor in
// row 1 and columns 2 to 16. An answer is looked for within b, which should be all of a
// record. One without an end takes the rest of b with it. b itself is not changed.
func StripReplies(b []byte) []byte {
	for bytes.IndexByte(b, esc) >= 0 {
		kept := stripOnce(b)
		if len(kept) == len(b) {
			break
		}
		b = kept // what stood around an answer may be one now
	}
	return b
}

// stripOnce returns b without the answers in it.
func stripOnce(b []byte) []byte {
	kept := make([]byte, 0, len(b))
	for {
		next := bytes.IndexByte(b, esc)
		if next < 0 {
			return append(kept, b...)
		}
		kept, b = append(kept, b[:next]...), b[next:]
		n := replyLength(b)
		if n == 0 {
			kept, n = append(kept, esc), 1
		}
		b = b[n:]
	}
}

// replyLength returns how many bytes the answer takes that b, which begins with ESC,
// begins with; 0 if it does not.
func replyLength(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	var first string
	switch b[1] {
	case '[':
		return reportLength(b)
	case ']': // colours, the clipboard, an icon's or window's title
		first = "0123456789lL"
	case 'P': // settings, capabilities, the version
		first = "0123456789>!+$|"
	case '_': // graphics
		first = "G"
	}
	if bytes.IndexByte([]byte(first), b[2]) < 0 {
		return 0
	}
	return stringLength(b)
}

// stringLength returns the length of the string that b begins with, its end included:
// ESC \, BEL, or whatever cuts it off. An ESC that begins another sequence stays.
func stringLength(b []byte) int {
	for i := 2; i < len(b); i++ {
		switch b[i] {
		case bel, can, sub:
			return i + 1
		case esc:
			if i+1 < len(b) && b[i+1] != '\\' {
				return i
			}
			return min(i+2, len(b))
		}
	}
	return len(b)
}

// reportLength returns the length of the control sequence that b begins with if it is
// a report, else 0.
func reportLength(b []byte) int {
	end := 2
	for end < len(b) && b[end] >= ' ' && b[end] < '@' {
		end++
	}
	if end == len(b) || b[end] > '~' || b[end] < '@' || !isReport(b[2:end], b[end]) {
		return 0
	}
	return end + 1
}

// isReport reports whether no key has the form ESC [ body final, but an answer does.
func isReport(body []byte, final byte) bool {
	if len(body) == 0 {
		return false
	}
	if body[0] >= '<' && body[0] <= '?' { // attributes, status, modes, kitty's flags, the mouse
		return true
	}
	switch final {
	case 'c', 'n', 't', 'x', 'y', 'w': // attributes, status, window, parameters, modes, locator
		return true
	case 'R': // cursor
		column, ok := bytes.CutPrefix(body, []byte("1;"))
		return !ok || !isModifier(column)
	}
	return false
}

// isModifier reports whether text is a parameter of modifiers as xterm has them.
func isModifier(text []byte) bool {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' || n > legacyMods {
			return false
		}
		n = n*10 + int(c-'0')
	}
	return n > 1 && n <= legacyMods+1
}
