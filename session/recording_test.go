package session

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/screen"
)

func TestOutputComesAtOnceAndAFloodIsGathered(t *testing.T) {
	r := newHostRig(t)
	r.wait(time.Second)
	before := len(r.log)
	r.step(Output{[]byte("a")})
	if n := len(r.log) - before; n != 1 {
		t.Errorf("%d records at once for a key's echo, want 1", n)
	}
	for range 40 {
		r.wait(time.Millisecond)
		r.step(Output{[]byte("0123456789")})
	}
	r.wait(outputGap)
	if n := len(r.log) - before; n < 40/5 || n > 40/5+2 {
		t.Errorf("%d records for 40 pieces in 40 ms, want about %d", n, 40/5+1)
	}
	r.step(Output{make([]byte, 3*envelope.MaxHostPlain)})
	r.wait(outputGap)
	_, all := r.outputs(before)
	if want := 1 + 400 + 3*envelope.MaxHostPlain; len(all) != want {
		t.Errorf("%d bytes recorded, want %d", len(all), want)
	}
}

func TestRecordsAreNumberedWithoutGaps(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	for range 100 {
		r.step(Output{bytes.Repeat([]byte("x"), 5000)})
		r.in(ana, r.core.authors[0].through+1, "a")
		r.wait(7 * time.Millisecond)
	}
	for i, rec := range r.log {
		if rec.Seq != uint64(i+1) {
			t.Fatalf("record %d is numbered %d", i+1, rec.Seq)
		}
	}
}

func TestSnapshotsAreWrittenWhenTheyAreDue(t *testing.T) {
	newcomer := func(r *hostRig, n byte) { r.join(id.Peer{n}) }
	for _, tt := range []struct {
		desc string
		do   func(*hostRig)
		want int
	}{{
		desc: "one first", do: func(r *hostRig) {}, want: 0,
	}, {
		desc: "none for a little output that pauses", want: 0,
		do: func(r *hostRig) { r.step(Output{make([]byte, snapshotPauseBytes)}); r.wait(time.Minute) },
	}, {
		desc: "one for more of it", want: 1,
		do: func(r *hostRig) { r.step(Output{make([]byte, snapshotPauseBytes+1)}); r.wait(time.Minute) },
	}, {
		desc: "but not before it pauses", want: 0,
		do: func(r *hostRig) {
			r.step(Output{make([]byte, snapshotPauseBytes+1)})
			for range 50 {
				r.wait(snapshotPause - 10*time.Millisecond)
				r.step(Output{[]byte("x")})
			}
		},
	}, {
		desc: "one for a flood", want: 1,
		do: func(r *hostRig) {
			for range snapshotBytes/4096 + 1 {
				r.step(Output{make([]byte, 4096)})
				r.wait(time.Millisecond)
			}
			r.wait(floodGap)
		},
	}, {
		desc: "one for a newcomer", want: 1,
		do: func(r *hostRig) { newcomer(r, 1); r.wait(0) },
	}, {
		desc: "one for many newcomers", want: 2,
		do: func(r *hostRig) {
			for n := range byte(20) {
				newcomer(r, n+1)
				r.wait(10 * time.Millisecond)
			}
			r.wait(time.Minute)
		},
	}, {
		desc: "at most one in 250 ms, whatever else becomes due", want: 1,
		do: func(r *hostRig) {
			newcomer(r, 1)
			newcomer(r, 2)
			r.step(Output{make([]byte, snapshotPauseBytes+1)})
			for range 24 {
				r.wait(10 * time.Millisecond)
				r.step(Output{[]byte("x")})
			}
		},
	}, {
		desc: "none for a change of names", want: 1,
		do: func(r *hostRig) { r.join(ana); r.wait(time.Second); r.join(ana); r.wait(time.Minute) },
	}} {
		t.Run(tt.desc, func(t *testing.T) {
			r := newHostRig(t)
			r.wait(time.Minute)
			before := r.snapshots()
			if before != 1 {
				t.Errorf("%d snapshots at the start, want 1", before)
			}
			tt.do(r)
			if n := r.snapshots() - before; n != tt.want {
				t.Errorf("%d snapshots, want %d", n, tt.want)
			}
		})
	}
}

func TestASnapshotIsAnUnbrokenRun(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	for range 20 {
		r.step(Output{coloured(20_000)})
		r.in(ana, r.core.authors[0].through+1, "a")
		r.wait(150 * time.Millisecond)
	}
	for i, rec := range r.log {
		if rec.Part == 0 {
			continue
		}
		if rec.Part > 1 && (r.log[i-1].Part != rec.Part-1 || r.log[i-1].Parts != rec.Parts) ||
			rec.Part < rec.Parts && r.log[i+1].Part != rec.Part+1 {
			t.Errorf("record %d is part %d of %d", rec.Seq, rec.Part, rec.Parts)
		}
	}
}

// coloured returns n bytes of output whose screen takes many bytes to say.
func coloured(n int) []byte {
	var b []byte
	for i := 0; len(b) < n; i++ {
		b = append(b, "\x1b[38;2;1;2;"...)
		b = append(b, byte('0'+i%10), 'm', byte('a'+i%26))
	}
	return b
}

func TestSnapshotPartsHoldEverything(t *testing.T) {
	for _, authors := range []int{0, 1, 291, 292, 293, 1_024} {
		for _, size := range []int{0, 1, 16_000, envelope.MaxHostPlain, 300_000} {
			acks := make([]envelope.Ack, authors)
			for i := range acks {
				acks[i] = envelope.Ack{Author: id.Peer{byte(i), byte(i >> 8)}, Incarnation: uint64(i + 1), Through: uint64(2 * i)}
			}
			screen := coloured(size)
			var gotAcks []envelope.Ack
			var gotScreen []byte
			parts := snapshotParts([]envelope.LogItem{envelope.Resize{Cols: 80, Rows: 24}, envelope.View{}, envelope.Total{}}, 7, acks, screen)
			for i, plain := range parts {
				items, err := envelope.ParseLog(plain)
				if err != nil {
					t.Fatalf("%d authors, %d bytes: part %d: %v", authors, size, i+1, err)
				}
				if i == 0 && items[0] != (envelope.Resize{Cols: 80, Rows: 24}) {
					t.Errorf("part 1 begins with %v", items[0])
				}
				for _, it := range items {
					switch it := it.(type) {
					case envelope.Acks:
						if it.Flushes != 7 || len(gotScreen) > 0 {
							t.Errorf("acks with flushes %d after %d bytes of screen", it.Flushes, len(gotScreen))
						}
						gotAcks = append(gotAcks, it.Authors...)
					case envelope.Screen:
						gotScreen = append(gotScreen, it.Data...)
					}
				}
			}
			if !bytes.Equal(gotScreen, screen) || len(gotAcks) != authors {
				t.Errorf("%d authors, %d bytes: got %d, %d", authors, size, len(gotAcks), len(gotScreen))
			}
			for i := range gotAcks {
				if gotAcks[i] != acks[i] {
					t.Fatalf("ack %d is %v, want %v", i, gotAcks[i], acks[i])
				}
			}
			if most := 2 + (authors*ackSize+size)/(envelope.MaxHostPlain-100); len(parts) > most {
				t.Errorf("%d authors, %d bytes: %d parts, want at most %d", authors, size, len(parts), most)
			}
		}
	}
}

// Promise 4: a snapshot says how far everybody is settled, and gives the screen.
func TestASnapshotIsEnoughToBeginWith(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.in(ana, 1, "a")
	r.step(Output{append(coloured(30_000), "\x1b[4;20r\x1b[7;7H\x1b]0;ti"...)}) // an unfinished title
	r.wait(time.Second)
	at := len(r.log) - 1
	for r.log[at].Part != 1 {
		at--
	}
	m := NewMemberCore(Self{Key: ana})
	m.Step(r.now, Joined{Incarnation: 1, MayType: true})
	m.Step(r.now, Keys{[]envelope.InputItem{envelope.Typed{Data: []byte("a")}}})
	for _, rec := range r.log[at:] {
		m.Step(r.now, Recorded(rec))
	}
	if sent, _ := m.Unsettled(); sent != 0 {
		t.Error("the snapshot did not settle what was typed before it")
	}
	if !m.Screen().Equal(r.core.Screen()) {
		t.Errorf("screens differ:\n%q\n%q", m.Screen().Text(), r.core.Screen().Text())
	}
	r.step(Output{[]byte("tle\a!")})
	r.wait(time.Second)
	for _, rec := range r.log[at:] { // those it has are ignored
		m.Step(r.now, Recorded(rec))
	}
	if got := m.Screen().Title(); got != "title" || !m.Screen().Equal(r.core.Screen()) {
		t.Errorf("title %q after the rest of it", got)
	}
}

func TestAResizeIsRecordedBehindTheOutputBeforeIt(t *testing.T) {
	r := newHostRig(t)
	r.wait(time.Second)
	before := len(r.log)
	r.step(Output{[]byte("a")})
	r.step(Output{[]byte("b")}) // gathered
	r.step(Resized{100, 30})
	r.step(Resized{100, 30}) // no change
	r.wait(time.Second)
	s := screen.New(80, 24)
	var sizes int
	for _, rec := range r.log[before:] {
		items, _ := envelope.ParseLog(rec.Plain)
		for _, it := range items {
			switch it := it.(type) {
			case envelope.Output:
				if sizes > 0 {
					t.Errorf("output %q behind the resize", it.Data)
				}
				s.Write(it.Data)
			case envelope.Resize:
				if rec.Part > 0 { // of the snapshot behind it
					continue
				}
				sizes++
				s.Resize(int(it.Cols), int(it.Rows))
			}
		}
	}
	if sizes != 1 || !s.Equal(r.core.Screen()) {
		t.Errorf("%d resizes, same screen: %v", sizes, s.Equal(r.core.Screen()))
	}
}

// manyColours returns what makes a large screen too large for a snapshot: a colour of its
// own for each cell.
func manyColours() (b []byte) {
	for i := range 300_000 {
		b = fmt.Appendf(b, "\x1b[38;2;%d;%d;%dmx", i>>16&255, i>>8&255, i&255)
	}
	return b
}

// A record of part 257 would be refused by everybody, and all after it.
func TestASnapshotThatIsTooLargeIsLeftOut(t *testing.T) {
	r := newHostRig(t)
	r.step(Resized{envelope.MaxCells, envelope.MaxCells})
	r.step(Output{manyColours()})
	r.wait(time.Second)
	if r.core.Stats().TooLarge == 0 {
		t.Fatal("no snapshot was too large: the test proves nothing")
	}
	for _, rec := range r.log {
		if rec.Parts > envelope.MaxParts {
			t.Fatalf("record %d is part %d of %d", rec.Seq, rec.Part, rec.Parts)
		}
	}
	before := r.snapshots()
	r.join(ana)
	r.step(Output{[]byte("\x1b[2J")})
	r.wait(2 * tooLargePause)
	if r.snapshots() == before {
		t.Error("no snapshot of a screen that is small again")
	}
}
