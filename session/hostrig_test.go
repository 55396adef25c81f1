package session

import (
	"fmt"
	"testing"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
)

// start is when each step test begins.
var start = time.Unix(1_000_000_000, 0)

var (
	ana = id.Peer{1}
	ben = id.Peer{2}
)

const ctrlC = "\x03"

// A hostRig carries out a HostCore's actions as the loop in Host does, on a shell
// that takes so much and no more.
type hostRig struct {
	t       *testing.T
	core    *HostCore
	now     time.Time
	room    int // bytes that the shell takes; what is written uses it up
	modes   Modes
	asked   int // times that the modes were asked for
	shell   string
	signals []Signal
	log     []Append
	notes   []string
	done    *Done
	sizes   []sizeTaken // that the shell was told
	order   string      // of the actions of the last event: T type, A append, M modes, I interrupt, R resize, S stale, F fresh
	freshAt []time.Time // when there was a Fresh
}

// A sizeTaken is a size that the shell was told, and when.
type sizeTaken struct {
	cells
	at time.Time
}

func newHostRig(t *testing.T) *hostRig { return newViewRig(t, envelope.View{}) }

func newViewRig(t *testing.T, view envelope.View) *hostRig {
	r := &hostRig{t: t, core: NewHostCore(80, 24, view), now: start, room: 1 << 30, modes: Modes{Signals: true, Intr: 3, Quit: 0x1c, Susp: 0x1a}}
	r.do(r.core.Start(r.now), nil)
	return r
}

func (r *hostRig) step(ev HostEvent) {
	r.order = ""
	todo := []HostEvent{ev}
	for len(todo) > 0 {
		ev := todo[0]
		todo = todo[1:]
		r.do(r.core.Step(r.now, ev), &todo)
	}
}

func (r *hostRig) do(actions []HostAction, todo *[]HostEvent) {
	answers := 0
	for _, a := range actions {
		switch a := a.(type) {
		case Type:
			r.order += "T"
			answers++
			n := min(r.room, len(a.Bytes()))
			r.room -= n
			r.shell += string(a.Bytes()[:n])
			*todo = append(*todo, Wrote{n})
		case AskModes:
			r.order += "M"
			answers++
			r.asked++
			*todo = append(*todo, r.modes)
		case Interrupt:
			r.order += "I"
			r.signals = append(r.signals, a.Signal)
			r.shell += "!"
		case Append:
			r.order += "A"
			r.log = append(r.log, a)
		case Stale:
			r.order += "S"
		case Fresh:
			r.order += "F"
			r.freshAt = append(r.freshAt, r.now)
		case ResizeShell:
			r.order += "R"
			r.sizes = append(r.sizes, sizeTaken{cells{a.Cols, a.Rows}, r.now})
		case Note:
			r.notes = append(r.notes, fmt.Sprintf("%s %d", a.What, a.Seq))
		case Done:
			r.done = &a
		}
	}
	if answers > 1 { // the first answer could change what the second is about
		r.t.Errorf("one step wants %d answers from the shell: %s", answers, r.order)
	}
}

// join makes the roster of these people, all in their first life, who may type.
func (r *hostRig) join(keys ...id.Peer) {
	var people []Person
	for _, k := range keys {
		people = append(people, Person{Key: k, Incarnation: 1, MayType: true})
	}
	r.step(Roster{people})
}

// plain makes the plaintext of a record.
func plain(flushes uint32, text string) []byte {
	return envelope.Typing{Flushes: flushes, Items: []envelope.InputItem{envelope.Typed{Data: []byte(text)}}}.Append(nil)
}

func (r *hostRig) in(key id.Peer, seq uint64, text string) { r.inKnowing(key, seq, 0, text) }

// inKnowing is an input whose author knew of so many interrupts.
func (r *hostRig) inKnowing(key id.Peer, seq uint64, flushes uint32, text string) {
	r.step(Input{Author: key, Incarnation: 1, Seq: seq, Plain: plain(flushes, text)})
}

// makeRoom lets the shell take n bytes more.
func (r *hostRig) makeRoom(n int) {
	r.room += n
	r.step(Room{})
}

// wait lets d pass, ticking whenever something is due, and fails if the core is
// due again at an instant at which it was ticked.
func (r *hostRig) wait(d time.Duration) {
	r.t.Helper()
	end := r.now.Add(d)
	for {
		at, ok := r.core.Deadline()
		if !ok || at.After(end) {
			r.now = end
			return
		}
		if at.After(r.now) {
			r.now = at
		}
		r.step(Tick{})
		if again, ok := r.core.Deadline(); ok && !again.After(r.now) {
			r.t.Fatalf("due at %v although it was ticked at %v", again, r.now)
		}
	}
}

// ack returns the newest news of an author in the log, and the count of flushes.
func (r *hostRig) ack(key id.Peer) (through, discarded uint64, flushes uint32) {
	for _, rec := range r.log {
		items, err := envelope.ParseLog(rec.Plain)
		if err != nil {
			r.t.Fatalf("record %d: %v", rec.Seq, err)
		}
		for _, it := range items {
			acks, ok := it.(envelope.Acks)
			if !ok {
				continue
			}
			flushes = max(flushes, acks.Flushes)
			for _, a := range acks.Authors {
				if a.Author == key {
					through, discarded = a.Through, a.Discarded
				}
			}
		}
	}
	return through, discarded, flushes
}

func (r *hostRig) wantShell(want string) {
	r.t.Helper()
	if r.shell != want {
		r.t.Errorf("the shell took %q, want %q", r.shell, want)
	}
}

func (r *hostRig) wantAck(key id.Peer, through, discarded uint64) {
	r.t.Helper()
	r.wait(ackDelay)
	if gotThrough, gotDiscarded, _ := r.ack(key); gotThrough != through || gotDiscarded != discarded {
		r.t.Errorf("acked through %d, discarded %b; want %d, %b", gotThrough, gotDiscarded, through, discarded)
	}
}

// snapshots counts those in the log.
func (r *hostRig) snapshots() int {
	n := 0
	for _, rec := range r.log {
		if rec.Part == 1 {
			n++
		}
	}
	return n
}
