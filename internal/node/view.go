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

// read opens some records that follow record after, with which so many bytes had been
// printed, from the newest snapshot if those are gone, far behind, or of an epoch whose
// key is gone: each epoch begins with a snapshot. A nil view has none.
func (v *view) read(after, printed uint64) ([]Record, error) {
	if v == nil {
		return nil, nil
	}
	seq, ok := v.log.From(after, lagMost)
	if !ok {
		return nil, nil
	}
	start := v.log.Start()
	if start > seq && v.skips(start, printed) {
		seq = start
	}
	recs, err := v.readFrom(seq)
	if len(recs) == 0 && errors.Is(err, envelope.ErrOther) && start > seq {
		recs, err = v.readFrom(start)
	}
	if errors.Is(err, envelope.ErrOther) {
		err = nil // the snapshot it needs is still under way
	}
	return recs, err
}

// skips reports whether who goes on at a snapshot passes over much output.
func (v *view) skips(start, printed uint64) bool {
	p := v.printed(start)
	return p > printed && p-printed > skipLeast
}

// printed returns what the snapshot that begins with record start says had been printed
// before it, 0 if it does not open: what is packed in the records says nothing of it.
func (v *view) printed(start uint64) uint64 {
	r, _ := v.log.Get(start)
	rec, err := envelope.ParseHost(r.Bytes)
	if err != nil {
		return 0
	}
	plain, err := v.open(rec)
	if err != nil {
		return 0
	}
	items, _ := envelope.ParseLog(plain)
	for _, it := range items {
		if t, ok := it.(envelope.Total); ok {
			return t.Bytes
		}
	}
	return 0
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
		size += envelope.ItemsSize(plain)
	}
	return recs, nil
}
