package session

import (
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

// Pace of the host's log. See PROTOCOL.md §4 and §6.2.
const (
	// outputGap is the least time between two records of a flood: bytes that
	// come sooner are gathered into one record.
	outputGap = 5 * time.Millisecond
	// ackDelay is how late an ack may be; output that comes before takes it along.
	ackDelay = 20 * time.Millisecond
	// snapshotBytes of output are followed by a snapshot at once,
	snapshotBytes = 256 << 10
	// more than snapshotPauseBytes when the output pauses for snapshotPause,
	snapshotPauseBytes = 8 << 10
	snapshotPause      = 100 * time.Millisecond
	// and a member who was let in, but not sooner than snapshotGap after another.
	snapshotGap = 250 * time.Millisecond
	// tooLargePause is how long a snapshot that was too large waits.
	tooLargePause = time.Second
	// unreadFull is how many unread bytes of whole lines count as a full
	// terminal: Linux's line discipline holds 4,096 and then passes nothing on,
	// so that a ^C behind them would never be seen.
	unreadFull = 2048
)

// HostStats counts what a HostCore did.
type HostStats struct {
	Offered, Admitted, Held, Seen, TooFar, Barred, Malformed uint64 // inputs
	Typed, Discarded                                         uint64 // records
	TypedBytes, OutputBytes, Records, Snapshots, Interrupts  uint64
	TooLarge                                                 uint64 // snapshots that were left out
	UnreadBytes                                              uint64 // of output that no record has
	Histories                                                uint64 // given to newcomers
	Resizes                                                  uint64 // of the shell
}

// A HostCore decides what is typed into the shell and what is recorded for the
// members. It is a step function over one session: no clock, no goroutine, no
// lock. Its owner is the loop in Host, or the simulator.
type HostCore struct {
	screen *screen.Screen
	stats  HostStats
	out    []HostAction

	// Typing.
	authors  []*author // those in the roster, and those who left with input queued
	closed   closedAuthors
	turn     int // whose turn it is: index into authors
	replies  []screen.Reply
	writing  []byte // the rest of the record that the shell is taking
	writer   *author
	writeSeq uint64 // 0: a reply is being written
	inFlight bool   // a Type action waits for its Wrote
	full     bool   // the shell took less than it was given
	asked    bool   // an AskModes action waits for its Modes
	flushes  uint32

	// Recording.
	seq         uint64
	pending     []byte // output that is not recorded yet
	lastRecord  time.Time
	outputDue   time.Time
	ackDue      time.Time
	pauseDue    time.Time // of a snapshot, should the output pause until then
	newcomerDue time.Time // of a snapshot for somebody new
	lastOutput  time.Time
	lastSnap    time.Time
	sinceSnap   int // bytes of output
	flood       flood
	unread      unread
	packer      envelope.Packer
	fresh       freshness
	histories
	sizing
	cols, rows int
	ended      bool
}

// NewHostCore returns the core of a session whose shell has the given size, the
// host's. The view says who sizes it then, and what newcomers get to see.
func NewHostCore(cols, rows int, view envelope.View) *HostCore {
	s := screen.New(cols, rows)
	s.AnswerQueries(true)
	s.KeepHistory(true)
	cols, rows = s.Size()
	return &HostCore{screen: s, cols: cols, rows: rows, sizing: sizing{view: view, own: cells{cols, rows}}}
}

// Start records the first snapshot. It is the first step.
func (h *HostCore) Start(now time.Time) []HostAction {
	h.out = h.out[:0]
	h.snapshot(now)
	return h.out
}

// Step applies one event at one instant and returns what the caller must do.
//
// It reads no clock, starts no goroutine and never blocks; equal events at equal
// instants give equal actions. The slice is valid until the next Step.
func (h *HostCore) Step(now time.Time, ev HostEvent) []HostAction {
	h.out = h.out[:0]
	if h.ended {
		return h.out
	}
	switch ev := ev.(type) {
	case Input:
		h.input(now, ev)
	case Roster:
		h.roster(now, ev.People)
	case Output:
		h.output(now, ev.Data)
	case Wrote:
		h.wrote(now, ev.N)
	case Room:
		h.full = false
	case Modes:
		h.modes(now, ev)
	case Resized:
		h.own = cells{ev.Cols, ev.Rows}.clamped()
		h.fit(now)
	case HistoryWanted:
		h.historyWanted(ev.Seq)
	case Exited:
		h.exit(now, ev.Status)
	case Tick: // the due times below do the work
	}
	h.typeNext(now)
	h.recordDue(now)
	return h.out
}

// Deadline returns when the next Tick is due, and reports whether one is.
func (h *HostCore) Deadline() (time.Time, bool) {
	var at time.Time
	for _, due := range []time.Time{h.outputDue, h.ackDue, h.pauseDue, h.newcomerDue, h.resizeDue, h.fresh.due} {
		if !due.IsZero() && (at.IsZero() || due.Before(at)) {
			at = due
		}
	}
	return at, !at.IsZero()
}

// Stats returns what the core has counted.
func (h *HostCore) Stats() HostStats { return h.stats }

// Screen returns the host's model of the terminal.
func (h *HostCore) Screen() *screen.Screen { return h.screen }

// Seq returns the number of the newest record.
func (h *HostCore) Seq() uint64 { return h.seq }

func (h *HostCore) do(a HostAction) { h.out = append(h.out, a) }

func (h *HostCore) note(what string, a *author, seq uint64) {
	h.do(Note{What: what, Author: a.key, Incarnation: a.incarnation, Seq: seq})
}

// exit records the shell's last words and its status, and ends the session.
func (h *HostCore) exit(now time.Time, status int32) {
	h.ended = true
	h.flushOutput(now)
	h.flushAcks(now)
	h.record(now, envelope.AppendLog(nil, envelope.End{Status: status}))
	h.do(Done{Status: status})
}
