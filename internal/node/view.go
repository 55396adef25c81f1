package node

import (
	"errors"

	"gossterm/gossip"
	"gossterm/internal/envelope"
)

// A view is the log at one moment with the keys that open it. It never changes,
// so a session reads it in its own goroutine: who follows the log does not wait
// for the node's loop.
type view struct {
	log  gossip.Log
	keys [2]*envelope.Log // of the present epoch and the one before; nil if unknown
}

// open opens a record of an epoch whose key is here.
func (v *view) open(r envelope.Record) ([]byte, error) {
	err := envelope.ErrOther
	for _, k := range v.keys {
		if k == nil {
			continue
		}
		var plain []byte
		if plain, err = k.Open(r); !errors.Is(err, envelope.ErrOther) {
			return plain, err
		}
	}
	return nil, err
}

// read opens some records that follow record after, from the newest snapshot if
// those are gone, far behind, or of an epoch whose key is gone: each epoch begins
// with a snapshot. A nil view has none.
func (v *view) read(after uint64) ([]Record, error) {
	if v == nil {
		return nil, nil
	}
	seq, ok := v.log.From(after, lagMost)
	if !ok {
		return nil, nil
	}
	recs, err := v.readFrom(seq)
	if start := v.log.Start(); len(recs) == 0 && errors.Is(err, envelope.ErrOther) && start > seq {
		recs, err = v.readFrom(start)
	}
	if errors.Is(err, envelope.ErrOther) {
		err = nil // the snapshot it needs is still under way
	}
	return recs, err
}

// readFrom opens records from seq on. What it read before an error counts.
func (v *view) readFrom(seq uint64) (recs []Record, err error) {
	for size := 0; size < readMost; seq++ {
		r, ok := v.log.Get(seq)
		if !ok {
			break
		}
		rec, err := envelope.ParseHost(r.Bytes)
		if err != nil {
			return recs, err
		}
		plain, err := v.open(rec)
		if err != nil {
			return recs, err
		}
		recs = append(recs, Record{Seq: r.Seq, Part: r.Part, Parts: r.Parts, Plain: plain})
		size += len(plain)
	}
	return recs, nil
}
