package session

import (
	"encoding/binary"

	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

// encode appends what the program is to read for one item, by the modes it asked for.
func (h *HostCore) encode(dst []byte, it envelope.InputItem) []byte {
	switch it := it.(type) {
	case envelope.Typed:
		return append(dst, it.Data...)
	case envelope.Paste:
		return append(dst, h.screen.EncodePaste(it.Data, it.First, it.Last)...)
	case envelope.Key:
		return append(dst, h.screen.EncodeKey(keyOf(it))...)
	}
	return dst
}

// report returns what the program is to read of the mouse or the focus, if it asked.
func (h *HostCore) report(it envelope.InputItem) []byte {
	switch it := it.(type) {
	case envelope.Mouse:
		return h.screen.EncodeMouse(screen.Mouse{
			Button: it.Button, X: int(it.Col), Y: int(it.Row), Release: it.Release,
		})
	case envelope.Focus:
		return h.screen.EncodeFocus(it.In)
	}
	return nil
}

func keyOf(k envelope.Key) screen.Key {
	return screen.Key{Final: k.Final, Num: k.Number, Mod: k.Modifiers}
}

// flushesOf returns the count of interrupts that the author of a valid record
// knew of.
func flushesOf(plain []byte) uint32 { return binary.BigEndian.Uint32(plain) }

// mayInterrupt reports whether a valid record types a control character that a
// terminal might make a signal of.
func mayInterrupt(plain []byte) bool {
	t, _ := envelope.ParseTyping(plain)
	for _, it := range t.Items {
		switch it := it.(type) {
		case envelope.Typed:
			for _, c := range it.Data {
				switch {
				case c == '\t', c == '\n', c == '\r', c == 0x1b:
				case c < ' ', c == 0x7f:
					return true
				}
			}
		case envelope.Key:
			if it.Final == 'u' { // it may type one, by the program's wish
				return true
			}
		}
	}
	return false
}

// interruptIn looks for the last key of a valid record that the terminal makes a
// signal of. It returns the signal, 0 if there is none, and what was typed after.
func (h *HostCore) interruptIn(plain []byte, m Modes) (Signal, []envelope.InputItem) {
	t, _ := envelope.ParseTyping(plain)
	for i := len(t.Items) - 1; i >= 0; i-- {
		var data []byte
		switch it := t.Items[i].(type) {
		case envelope.Typed:
			data = it.Data
		case envelope.Key: // a character with control, or alt too, unless the program wants to know of it
			if b := h.screen.EncodeKey(keyOf(it)); len(b) <= len("\x1b\x03") {
				data = b
			}
		}
		for j := len(data) - 1; j >= 0; j-- {
			if sig := m.signal(data[j]); sig != 0 {
				rest := []envelope.InputItem{envelope.Typed{Data: data[j+1:]}}
				return sig, append(rest, t.Items[i+1:]...)
			}
		}
	}
	return 0, nil
}

// signal returns what the terminal makes of c, 0 if it is just a character.
func (m Modes) signal(c byte) Signal {
	switch {
	case c == 0: // a disabled key
		return 0
	case c == m.Intr:
		return SignalInterrupt
	case c == m.Quit:
		return SignalQuit
	case c == m.Susp:
		return SignalSuspend
	}
	return 0
}

// isInterruptKey reports whether it is one of the keys that stop a program as
// every terminal is set up at first: ^C, ^\ or ^Z.
func isInterruptKey(it envelope.InputItem) bool {
	switch it := it.(type) {
	case envelope.Typed:
		return len(it.Data) == 1 && interrupts(it.Data[0])
	case envelope.Key:
		c, ok := keyOf(it).Control()
		return ok && interrupts(c)
	}
	return false
}

func interrupts(c byte) bool { return c == 0x03 || c == 0x1c || c == 0x1a }

// typedBytes returns how much a person typed with it: bytes of text, one for a key.
func typedBytes(it envelope.InputItem) int {
	switch it := it.(type) {
	case envelope.Typed:
		return len(it.Data)
	case envelope.Paste:
		return len(it.Data)
	case envelope.Key:
		return 1
	}
	return 0
}
