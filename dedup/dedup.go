// Package dedup admits each input of each author exactly once and in order.
//
// Gossip delivers at least once and in any order:
//
//	arrivals   3  1  1  2        1 twice, 3 early
//	admitted      1     2 3      each once, in order
//
// A Window is the state of one author in one incarnation. It is a counter and
// not a cache: what was admitted stays admitted as long as the window lives, so
// no flood of names can make it forget. It moves only past what was admitted,
// so no far number can push it either. See PROTOCOL.md §6.2.
package dedup

const (
	// Ahead is how many records beyond the next one a window holds.
	Ahead = 256
	// AheadBytes bounds the bytes held ahead of the next record.
	AheadBytes = 64 << 10
)

// A Verdict says what became of a record that was offered to a window.
type Verdict uint8

const (
	// Ready means the record is the next one: Next returns it.
	Ready Verdict = iota
	// Held means the record is early and is kept until those before it came.
	Held
	// Seen means the record was admitted or is held already.
	Seen
	// TooFar means the record lies beyond what the window holds. It is
	// dropped, the window does not move, and its author will repeat it.
	TooFar
)

// String returns the verdict's word in logs.
func (v Verdict) String() string {
	return [...]string{"ready", "held", "seen", "too far"}[v]
}

// A Window admits the records of one author in one incarnation. The zero value
// expects record 1. It is small until a record is early.
type Window struct {
	taken uint64         // all up to this one have been admitted
	next  []byte         // the record after that, nil if it is not here
	early *[Ahead][]byte // those behind it, at their number; nil if there were none
	held  int            // how many are early
	bytes int            // of all that are held
}

// Admit offers record seq with the given body and says what became of it. The
// window keeps body if the verdict is Ready or Held.
func (w *Window) Admit(seq uint64, body []byte) Verdict {
	if seq <= w.taken {
		return Seen
	}
	ahead := seq - w.taken - 1
	if ahead >= Ahead {
		return TooFar
	}
	if ahead == 0 && w.next != nil || w.early != nil && w.early[seq%Ahead] != nil {
		return Seen
	}
	if ahead > 0 && w.bytes+len(body) > AheadBytes {
		return TooFar
	}
	if body == nil {
		body = []byte{}
	}
	w.bytes += len(body)
	if ahead == 0 {
		w.next = body
		return Ready
	}
	if w.early == nil {
		w.early = new([Ahead][]byte)
	}
	w.early[seq%Ahead] = body
	w.held++
	return Held
}

// Next admits the next record in order and reports whether it was there. The
// caller owns the Fresh, the only one there will ever be for this record.
func (w *Window) Next() (Fresh, bool) {
	if w.next == nil {
		return Fresh{}, false
	}
	w.taken++
	f := Fresh{seq: w.taken, body: w.next}
	w.bytes -= len(w.next)
	w.bring()
	return f, true
}

// bring makes the record after those that were admitted the next, if it is here.
func (w *Window) bring() {
	w.next = nil
	if w.early == nil {
		return
	}
	slot := &w.early[(w.taken+1)%Ahead]
	if *slot == nil {
		return
	}
	w.next, *slot = *slot, nil
	w.held--
}

// Rest makes a window small again if it holds nothing that is early: its author is not
// expected soon.
func (w *Window) Rest() {
	if w.held == 0 {
		w.early = nil
	}
}

// Resume makes a window that has held nothing yet go on after record through.
func (w *Window) Resume(through uint64) { *w = Window{taken: through} }

// Through returns the number of the last admitted record, 0 if there is none.
func (w *Window) Through() uint64 { return w.taken }

// Bytes returns how many bytes the window holds that were not admitted yet.
func (w *Window) Bytes() int { return w.bytes }

// A Fresh is an admitted record that has not been typed yet. Only a Window
// makes one, and it can be taken once.
type Fresh struct {
	seq  uint64
	body []byte
}

// Seq returns the record's number.
func (f *Fresh) Seq() uint64 { return f.seq }

// Len returns the size of what Take would return.
func (f *Fresh) Len() int { return len(f.body) }

// Peek returns the body without taking it, to look for an interrupt.
func (f *Fresh) Peek() []byte { return f.body }

// Take returns the body and empties f: a second Take returns nil.
func (f *Fresh) Take() []byte {
	b := f.body
	f.body = nil
	return b
}
