package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
)

// An order is what run tells one of its processes, a JSON object a line.
type order struct {
	Do    string  // what, of the names below
	Run   uint32  `json:",omitempty"`
	Count int     `json:",omitempty"` // messages
	Size  int     `json:",omitempty"` // bytes of each
	Rate  float64 `json:",omitempty"` // messages a second; 0: as fast as they are taken
}

const (
	doSend  = "send"  // host: send a run, then its end; answer: sent
	doSame  = "same"  // host: send message 0 of a run, the same bytes each time
	doMore  = "more"  // host: send one more message of the run that same began
	doEnd   = "end"   // host: say that a run is over
	doType  = "type"  // member: send a run toward the host; answer: typed, when its log carries all of it
	doCount = "count" // all: answer with count, what was seen of a run
	doPlace = "place" // all: answer with place
)

// News is what a process tells, a JSON object a line.
type news struct {
	What    string
	At      int64   // CLOCK_MONOTONIC, in nanoseconds
	Peer    string  `json:",omitempty"` // the first digits of a key
	Ticket  string  `json:",omitempty"`
	Run     uint32  `json:",omitempty"`
	Took    int64   `json:",omitempty"` // of what was sent or typed, in nanoseconds
	Tally   *tally  `json:",omitempty"`
	Repeats int     `json:",omitempty"` // inputs sent again
	Depth   int     `json:",omitempty"`
	Parent  string  `json:",omitempty"` // the first digits of the key of whom it has the log from
	Serves  int     `json:",omitempty"` // neighbors that have the log from here
	Copies  float64 `json:",omitempty"` // host: how often it sent each record
	Relayed uint64  `json:",omitempty"` // host: inputs that came over others than their author
	Message string  `json:",omitempty"`
}

const (
	isReady  = "ready"  // with a ticket that leads here
	isJoined = "joined" // member: the host let it in
	isFirst  = "first"  // member: the first record was read
	isOver   = "over"   // member: there will be no more
	isSent   = "sent"
	isTyped  = "typed"
	isDone   = "done"  // member: a run was read to its end
	isCount  = "count" // with a tally
	isPlace  = "place"
	isSilent = "silent" // a link's peer is not heard
	isHeard  = "heard"  // it is heard again
	isEnded  = "ended"  // the process is gone; nobody says it, it is found out
)

// newsMost is how many news wait to be written.
const newsMost = 1024

// A teller writes a process's news. Its loops may wait for it, their nodes not.
type teller struct {
	c    chan news
	done chan struct{}
}

func newTeller(w io.Writer) *teller {
	t := &teller{c: make(chan news, newsMost), done: make(chan struct{})}
	go func() {
		defer close(t.done)
		enc := json.NewEncoder(w)
		for n := range t.c {
			if enc.Encode(n) != nil {
				for range t.c { // nobody listens any more
				}
				return
			}
		}
	}()
	return t
}

// say tells n, and waits if it must.
func (t *teller) say(n news) {
	n.At = monotonic()
	t.c <- n
}

// note tells n unless too much waits: who calls it must not wait.
func (t *teller) note(n news) {
	n.At = monotonic()
	select {
	case t.c <- n:
	default:
	}
}

// close writes what waits.
func (t *teller) close() {
	close(t.c)
	<-t.done
}

// listen reads orders until there are no more, or ctx ends.
func listen(ctx context.Context, r io.Reader) <-chan order {
	c := make(chan order)
	go func() {
		defer close(c)
		dec := json.NewDecoder(r)
		for {
			var o order
			if dec.Decode(&o) != nil {
				return
			}
			select {
			case c <- o:
			case <-ctx.Done():
				return
			}
		}
	}()
	return c
}

// A watch tells what a node logs of its links.
type watch struct{ t *teller }

// Enabled reports whether links are told of at this level.
func (watch) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

// Handle tells of links that fall silent or are heard again.
func (w watch) Handle(_ context.Context, r slog.Record) error {
	what := ""
	switch r.Message {
	case "link silent":
		what = isSilent
	case "link heard again":
		what = isHeard
	default:
		return nil
	}
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "peer" {
			w.t.note(news{What: what, Peer: a.Value.String()})
		}
		return true
	})
	return nil
}

// WithAttrs returns w: what a node adds says nothing of links.
func (w watch) WithAttrs([]slog.Attr) slog.Handler { return w }

// WithGroup returns w.
func (w watch) WithGroup(string) slog.Handler { return w }
