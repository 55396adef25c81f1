package envelope

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"gossterm/internal/id"
)

var allLogItems = []LogItem{
	Output{[]byte("a\x1b[1m")},
	Resize{2, 1000},
	Acks{Flushes: 7},
	Acks{Flushes: 8, Authors: []Ack{{id.Peer{1}, 2, 3, 4}, {id.Peer{5}, 6, 7, 1 << 63}}},
	End{-9},
	Screen{[]byte("\x1bc")},
	View{ShownNone, SizesLatest},
	View{200, 201}, // of a later version
	Total{1 << 40},
}

var allInputItems = []InputItem{
	Typed{[]byte("ls\r")},
	Typed{[]byte{255, 255}},
	Paste{First: true, Data: []byte("a\n")},
	Paste{Last: true, Data: []byte{}},
	Paste{First: true, Last: true, Data: []byte("b")},
	Key{'~', 15, 5},
	Mouse{64, 999, 65535, true},
	Focus{true},
	Focus{},
	Size{2, 1000},
}

func TestLogItemsRoundTrip(t *testing.T) {
	got, err := ParseLog(AppendLog(nil, allLogItems...))
	if err != nil || !reflect.DeepEqual(got, allLogItems) {
		t.Errorf("got %+v, %v, want %+v", got, err, allLogItems)
	}
}

func TestUnknownLogItemsAreSkipped(t *testing.T) {
	b := AppendLog(nil, Output{[]byte("a")})
	b = append(b, 200, 0, 2, 1, 2)
	b = append(b, 0, 0, 0)
	b = AppendLog(b, End{1})
	got, err := ParseLog(b)
	if want := []LogItem{Output{[]byte("a")}, End{1}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// A later version may say more in a view.
func TestALongerViewIsTaken(t *testing.T) {
	got, err := ParseLog([]byte{6, 0, 5, 1, 2, 9, 9, 9, 4, 0, 4, 0, 0, 0, 1})
	if want := []LogItem{View{ShownScreen, SizesLatest}, End{1}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestMaxAcksFitsARecord(t *testing.T) {
	if n := len(AppendLog(nil, Acks{Authors: make([]Ack, MaxAcks)})); n > MaxHostPlain || n+ackSize <= MaxHostPlain {
		t.Errorf("%d acks take %d bytes, MaxHostPlain is %d", MaxAcks, n, MaxHostPlain)
	}
}

func TestParseLogRefuses(t *testing.T) {
	for _, c := range []struct {
		desc string
		in   []byte
	}{
		{"a head cut", []byte{1, 0}},
		{"a value cut", []byte{1, 0, 2, 'a'}},
		{"an unknown item cut", []byte{200, 0, 2, 'a'}},
		{"a short resize", []byte{2, 0, 3, 0, 80, 0}},
		{"a long resize", []byte{2, 0, 5, 0, 80, 0, 24, 0}},
		{"one column", []byte{2, 0, 4, 0, 1, 0, 24}},
		{"one row", []byte{2, 0, 4, 0, 80, 0, 1}},
		{"1,001 columns", []byte{2, 0, 4, 3, 0xe9, 0, 24}},
		{"1,001 rows", []byte{2, 0, 4, 0, 80, 3, 0xe9}},
		{"acks without flushes", []byte{3, 0, 3, 0, 0, 0}},
		{"half an ack", append([]byte{3, 0, 32}, make([]byte, 32)...)},
		{"a short end", []byte{4, 0, 3, 0, 0, 0}},
		{"a short view", []byte{6, 0, 1, 0}},
		{"too many bytes", AppendLog(nil, Output{make([]byte, MaxHostPlain-2)})},
	} {
		if got, err := ParseLog(c.in); !errors.Is(err, ErrMalformed) || got != nil {
			t.Errorf("%s: got %+v, %v, want ErrMalformed", c.desc, got, err)
		}
	}
}

func TestTypingRoundTrips(t *testing.T) {
	full := Typing{Items: []InputItem{Typed{bytes.Repeat([]byte{255}, MaxInputItems-ItemHeader)}}}
	for _, want := range []Typing{{}, {Flushes: 1 << 31, Items: allInputItems}, full} {
		plain := want.Append(nil)
		if len(plain)%32 != 0 || len(plain) == 0 || len(plain) > maxInputPlain {
			t.Errorf("%d bytes", len(plain))
		}
		if got, err := ParseTyping(plain); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	// Appending after other bytes pads the plaintext, not the whole.
	if got := (Typing{}).Append([]byte("xyz")); len(got) != 3+32 {
		t.Errorf("got %d bytes, want 35", len(got))
	}
}

func TestInputSize(t *testing.T) {
	for it, want := range map[InputItem]int{Key{'A', 1, 2}: 7, Mouse{}: 10, Focus{}: 4, Size{}: 7} {
		if got := InputSize(it); got != want {
			t.Errorf("%+v: got %d, want %d", it, got, want)
		}
	}
	if got := InputSize(Paste{Data: []byte("ab")}); got != 6 {
		t.Errorf("paste: got %d, want 6", got)
	}
}

// padded32 returns a plaintext of flushes 0 and these bytes, padded.
func padded32(items ...byte) []byte {
	b := append(make([]byte, 4), items...)
	for len(b)%32 != 0 {
		b = append(b, 255)
	}
	return b
}

func TestParseTypingRefuses(t *testing.T) {
	// The largest record has room for 28 bytes more than its items may take: they
	// must be padding.
	over := append(make([]byte, 4), Typed{make([]byte, MaxInputItems-2)}.appendInput(nil)...)
	for len(over) < maxInputPlain {
		over = append(over, 255)
	}
	for _, c := range []struct {
		desc string
		in   []byte
	}{
		{"nothing", nil},
		{"not padded", []byte{0, 0, 0, 0}},
		{"too long", make([]byte, maxInputPlain+32)},
		{"padding only, and too much of it", append(padded32(), bytes.Repeat([]byte{255}, 32)...)},
		{"something after the padding", append(padded32()[:31], 0)},
		{"an item cut", padded32(0, 0, 40, 'a')},
		{"an unknown kind", padded32(9, 0, 0)},
		{"a paste without flags", padded32(1, 0, 0)},
		{"a paste with flag 4", padded32(1, 0, 1, 4)},
		{"a short key", padded32(2, 0, 3, 'A', 0, 1)},
		{"a key that is no CSI final", padded32(2, 0, 4, '?', 0, 1, 1)},
		{"a key of DEL", padded32(2, 0, 4, 0x7f, 0, 1, 1)},
		{"a short mouse", padded32(3, 0, 6, 0, 0, 0, 1, 0, 1)},
		{"a mouse that is released twice", padded32(3, 0, 7, 0, 0, 0, 1, 0, 1, 2)},
		{"a focus of 2", padded32(4, 0, 1, 2)},
		{"a short size", padded32(5, 0, 3, 0, 80, 0)},
		{"a size of one row", padded32(5, 0, 4, 0, 80, 0, 1)},
		{"a size of 1,001 columns", padded32(5, 0, 4, 3, 0xe9, 0, 24)},
		{"1,025 bytes of items", over},
	} {
		if got, err := ParseTyping(c.in); !errors.Is(err, ErrMalformed) || got.Items != nil {
			t.Errorf("%s: got %+v, %v, want ErrMalformed", c.desc, got, err)
		}
	}
}
