package session

import (
	"slices"
	"strings"
	"testing"

	"gossterm/internal/envelope"
)

// rec makes a record of the host's log that prints text.
func rec(seq uint64, text string) Recorded {
	return Recorded{Seq: seq, Plain: envelope.AppendLog(nil, envelope.Output{Data: []byte(text)})}
}

// snap makes part k of n of a snapshot whose screen shows text.
func snap(seq uint64, k, n uint16, text string) Recorded {
	var items []envelope.LogItem
	if k == 1 {
		items = append(items, envelope.Resize{Cols: 40, Rows: 10})
		text = "\x1b[H\x1b[2J" + text
	}
	return Recorded{Seq: seq, Part: k, Parts: n, Plain: envelope.AppendLog(nil, append(items, envelope.Screen{Data: []byte(text)})...)}
}

func TestReader(t *testing.T) {
	for _, tt := range []struct {
		desc    string
		in      []Recorded
		through uint64
		text    string // first row
		said    string
	}{{
		desc: "nothing is shown before a snapshot",
		in:   []Recorded{rec(5, "a"), rec(6, "b")},
	}, {
		desc: "a snapshot and what follows",
		in:   []Recorded{snap(5, 1, 2, "a"), snap(6, 2, 2, "b"), rec(7, "c"), rec(8, "d")}, through: 8, text: "abcd",
	}, {
		desc: "a snapshot is shown when all its parts are there",
		in:   []Recorded{snap(5, 1, 3, "a"), snap(6, 2, 3, "b")}, through: 6,
	}, {
		desc: "in step its screen is skipped",
		in:   []Recorded{snap(1, 1, 1, "a"), rec(2, "b"), snap(3, 1, 2, "X"), snap(4, 2, 2, "X"), rec(5, "c")}, through: 5, text: "abc",
	}, {
		desc: "a repeat is not shown again",
		in:   []Recorded{snap(1, 1, 1, "a"), rec(2, "b"), rec(2, "b"), snap(1, 1, 1, "a"), rec(3, "c")}, through: 3, text: "abc",
	}, {
		desc: "a gap is not jumped",
		in:   []Recorded{snap(1, 1, 1, "a"), rec(3, "c"), rec(4, "d"), rec(2, "b")}, through: 2, text: "ab",
	}, {
		desc: "nor to the second part of a snapshot",
		in:   []Recorded{snap(1, 1, 1, "a"), snap(9, 2, 2, "X"), rec(10, "c")}, through: 1, text: "a",
	}, {
		desc: "but to the first, and that is said",
		in:   []Recorded{snap(1, 1, 1, "a"), rec(2, "b"), snap(9, 1, 1, "z"), rec(10, "!")}, through: 10, text: "z!", said: "skipped 3-8",
	}, {
		desc: "until the snapshot is complete the old screen stays",
		in:   []Recorded{snap(1, 1, 1, "a"), snap(9, 1, 2, "z")}, through: 9, text: "a", said: "skipped 2-8",
	}, {
		desc: "parts that are broken are no snapshot, and the next is one",
		in: []Recorded{snap(1, 1, 1, "a"), snap(9, 1, 3, "x"), rec(10, "y"), snap(11, 3, 3, "x"), rec(12, "y"),
			snap(20, 1, 1, "z"), rec(21, "!")},
		through: 21, text: "z!", said: "skipped 2-8; skipped 13-19",
	}, {
		desc: "a record from far away does not break a snapshot",
		in:   []Recorded{snap(5, 1, 2, "a"), rec(99, "X"), snap(6, 2, 2, "b")}, through: 6, text: "ab",
	}, {
		desc: "a malformed record is passed over",
		in:   []Recorded{snap(1, 1, 1, "a"), {Seq: 2, Plain: []byte{1, 99}}, rec(3, "c")}, through: 3, text: "ac",
	}} {
		t.Run(tt.desc, func(t *testing.T) {
			r := newMemberRig(t)
			for _, in := range tt.in {
				r.step(in)
			}
			if got := r.core.Through(); got != tt.through {
				t.Errorf("through %d, want %d", got, tt.through)
			}
			if got := r.core.Screen().Text()[0]; got != tt.text {
				t.Errorf("shows %q, want %q", got, tt.text)
			}
			if got := strings.Join(r.said, "; "); got != tt.said {
				t.Errorf("said %q, want %q", got, tt.said)
			}
		})
	}
}

func TestTheReaderTakesSizeTitleAndEnd(t *testing.T) {
	r := newMemberRig(t)
	r.step(snap(1, 1, 1, "a"))
	if cols, rows := r.core.Screen().Size(); cols != 40 || rows != 10 {
		t.Errorf("size %d x %d, want the snapshot's", cols, rows)
	}
	r.step(Recorded{Seq: 2, Plain: envelope.AppendLog(nil, envelope.Resize{Cols: 50, Rows: 20})})
	r.step(rec(3, "\x1b]2;hello\a"))
	if cols, rows := r.core.Screen().Size(); cols != 50 || rows != 20 || r.core.Screen().Title() != "hello" {
		t.Errorf("size %d x %d, title %q", cols, rows, r.core.Screen().Title())
	}
	if !r.core.Dirty() || r.core.Dirty() {
		t.Error("dirty is told once for each change")
	}
	r.step(Recorded{Seq: 4, Plain: envelope.AppendLog(nil, envelope.End{Status: -9})})
	r.wantSaid("ended -9")
}

// What a member did not show is counted in bytes; what was before it came is not its loss.
func TestSkippedOutputIsCounted(t *testing.T) {
	total := func(seq uint64, bytes uint64) Recorded {
		items := []envelope.LogItem{envelope.Resize{Cols: 40, Rows: 10}, envelope.Total{Bytes: bytes}, envelope.Screen{}}
		return Recorded{Seq: seq, Part: 1, Parts: 1, Plain: envelope.AppendLog(nil, items...)}
	}
	m := newMemberRig(t)
	for _, tt := range []struct {
		desc string
		in   Recorded
		want uint64
	}{
		{"a newcomer", total(5, 1000), 0},
		{"output is shown", rec(6, "abc"), 0},
		{"a snapshot in step", total(7, 1003), 0},
		{"a jump", total(20, 1050), 47},
		{"output again", rec(21, "abc"), 47},
		{"another jump", total(30, 1060), 54},
	} {
		m.step(tt.in)
		if got := m.core.Stats().SkippedBytes; got != tt.want {
			t.Errorf("%s: %d bytes skipped, want %d", tt.desc, got, tt.want)
		}
	}
}

// The host says in each snapshot how much was printed before it.
func TestASnapshotSaysHowMuchWasPrinted(t *testing.T) {
	r := newHostRig(t)
	r.step(Output{Data: []byte("some output")})
	r.join(ana) // for whom there is a snapshot
	r.wait(snapshotGap)
	var totals []uint64
	for _, a := range r.log {
		items, _ := envelope.ParseLog(a.Plain)
		for _, it := range items {
			if it, ok := it.(envelope.Total); ok {
				totals = append(totals, it.Bytes)
			}
		}
	}
	if want := []uint64{0, uint64(len("some output"))}; !slices.Equal(totals, want) {
		t.Errorf("totals %v, want %v", totals, want)
	}
}
