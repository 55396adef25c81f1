package node

import (
	"bytes"
	"testing"
	"testing/synctest"

	"gossterm/internal/envelope"
)

// Packed, much output is few bytes in the log: a reader is given some of it at a time,
// and is far behind by what was printed.
func TestReadWhatIsPacked(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.snapshot(1, 100)
		p := w.join()
		synctest.Wait()
		p.readAll(t)
		after := p.after
		var packer envelope.Packer
		appends := func(part, parts uint16, items ...envelope.LogItem) {
			t.Helper()
			w.seq++
			if err := w.Append(w.seq, part, parts, bytes.Clone(packer.Pack(envelope.AppendLog(nil, items...)))); err != nil {
				t.Fatal(err)
			}
		}
		const each, n = 60_000, 6
		output := envelope.Output{Data: bytes.Repeat([]byte("y\r\n"), each/3)}
		for range n {
			appends(0, 0, output)
		}
		appends(1, 1, envelope.Resize{Cols: 80, Rows: 24}, envelope.Total{Bytes: n * each})
		start := w.seq
		appends(0, 0, output)
		synctest.Wait()
		for _, c := range []struct {
			desc    string
			printed uint64
			want    uint64
			most    int
		}{
			{"in step", n*each - skipLeast, after + 1, readMost/each + 1},
			{"far behind", n*each - skipLeast - 1, start, 2},
			{"ahead of what the snapshot says", 1 << 60, after + 1, readMost/each + 1},
		} {
			recs, err := p.Read(after, c.printed)
			if err != nil || len(recs) == 0 || recs[0].Seq != c.want || len(recs) > c.most {
				t.Errorf("%s: %d records from %d on, %v; want at most %d from %d on", c.desc, len(recs), recs[0].Seq, err, c.most, c.want)
			}
		}
		if recs, err := p.Read(start, 0); err != nil || len(recs) != 1 || recs[0].Seq != start+1 {
			t.Errorf("behind the snapshot: got %v, %v", recs, err)
		}
	})
}
