package session

import (
	"unicode/utf8"

	"gossterm/internal/envelope"
)

// maxText is how many bytes of text one item holds, so that a record holds it.
const maxText = envelope.MaxInputItems - envelope.ItemHeader - 1

// escapeMost is the length of the longest escape sequence that a cut avoids.
const escapeMost = 32

// splitTyped cuts typed text so that each interrupt stands alone and each piece
// fits into a record.
func splitTyped(data []byte) []envelope.InputItem {
	var items []envelope.InputItem
	from := 0
	add := func(to int) {
		for from < to {
			n := cutText(data[from:to])
			items = append(items, envelope.Typed{Data: data[from : from+n]})
			from += n
		}
	}
	for i, c := range data {
		if interrupts(c) {
			add(i)
			add(i + 1)
		}
	}
	add(len(data))
	return items
}

// splitPaste cuts a piece of a paste into pieces that fit into a record.
func splitPaste(p envelope.Paste) []envelope.Paste {
	var ps []envelope.Paste
	data := p.Data
	for first := p.First; ; first = false {
		n := cutText(data)
		ps = append(ps, envelope.Paste{First: first, Data: data[:n]})
		if data = data[n:]; len(data) == 0 {
			ps[len(ps)-1].Last = p.Last
			return ps
		}
	}
}

// cutText returns how many bytes of b make a piece: all that fit, but no part of
// a character or, if it can be helped, of an escape sequence.
func cutText(b []byte) int {
	if len(b) <= maxText {
		return len(b)
	}
	n := maxText
	for i := n; i > n-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			n = i
			break
		}
	}
	for i := n - 1; i > n-escapeMost; i-- {
		if b[i] == 0x1b {
			return i
		}
	}
	return n
}
