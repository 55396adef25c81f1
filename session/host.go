package session

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"gossterm/internal/envelope"
)

const (
	// inputsSize is how many inputs wait for the host's loop; more are dropped,
	// because their authors repeat them.
	inputsSize = 256
	// wantsSize is how many questions for the history wait; more are dropped, and
	// who asked does without.
	wantsSize = 16
	// closeGrace is how long a shell that is told to end may take.
	closeGrace = 5 * time.Second
)

// A Shell is a program on a terminal of its own. Its output goes to the function
// that it was started with: there is nothing to read from.
type Shell interface {
	// Write takes what fits and returns at once.
	Write(p []byte) (n int, err error)
	Resize(cols, rows int) error
	Modes() (Modes, error)
	// Interrupt throws away the input that was not read and sends the signal.
	Interrupt(Signal) error
	// Close hangs up and waits for the end.
	Close() error
}

// ShellPorts is where a shell reports, from goroutines of its own. Output may
// wait; Exited is called once, after the last Output.
type ShellPorts struct {
	Output func([]byte)
	Room   func()
	Exited func(status int32)
}

// A HostBus carries the host's log to the members and their inputs to the host.
type HostBus interface {
	// Attach says where inputs and the roster go. It fails if a session is
	// attached already: inputs have one reader.
	Attach(HostPorts) error
	// Append records one entry of the host's log. It may wait, but not for a member.
	Append(Append) error
	// Stale throws away what waits for members who are behind; Fresh has them go on at
	// the newest snapshot. Both return at once.
	Stale() error
	Fresh() error
	// History answers a question of Wants. Plain is empty if there is none; it must
	// not be changed.
	History(seq uint64, plain []byte) error
}

// HostPorts is what a bus sends to: it drops an input when Inputs is full, a question
// when Wants is, and replaces a roster that was not taken yet.
type HostPorts struct {
	Inputs chan<- Input
	Roster chan Roster   // of size one; the newest wins
	Wants  chan<- uint64 // the first parts of snapshots whose History is wanted
}

// HostConfig is what Host needs.
type HostConfig struct {
	Bus   HostBus
	Start func(cols, rows int, p ShellPorts) (Shell, error)
	// Cols and Rows are the shell's size at first.
	Cols, Rows int
	// Sizes brings new sizes of the host's; nil means that it stays.
	Sizes <-chan Resized
	// View says who sizes the terminal, and what newcomers get to see. If zero, the
	// host does, and they see the screen and the lines above it.
	View envelope.View
	// Now is the clock. If nil, time.Now is used.
	Now func() time.Time
	// Log takes a line for each input at debug level. If nil, nothing is logged.
	Log *slog.Logger
	// Stats, if not nil, is filled at the end.
	Stats *HostStats
}

// Host runs one shell until it exits or ctx ends, and returns its status. This is
// the reader loop: it alone receives input and output, admits, types, feeds the
// screen, numbers. Inbox and shell are locals: there is no second loop on them.
func Host(ctx context.Context, cfg HostConfig) (int32, error) {
	inputs := make(chan Input, inputsSize) // dropped when full: authors repeat
	roster := make(chan Roster, 1)
	wants := make(chan uint64, wantsSize)
	if err := cfg.Bus.Attach(HostPorts{Inputs: inputs, Roster: roster, Wants: wants}); err != nil {
		return 0, fmt.Errorf("attach to the bus: %w", err)
	}
	l := newHostLoop(cfg)
	if err := l.start(); err != nil {
		return 0, err
	}
	defer l.stop()
	return l.run(ctx, inputs, roster, wants)
}

// A hostLoop is the goroutine of Host around its core.
type hostLoop struct {
	cfg    HostConfig
	core   *HostCore
	shell  Shell
	output chan []byte // the shell waits
	free   chan []byte
	pace   pace          // of the shell's reading goroutine
	hurry  chan struct{} // of size one: no rest now
	room   chan struct{}
	exited chan int32
	gone   chan struct{} // closed when the loop has ended
	todo   []HostEvent
	done   *Done
	err    error
}

func newHostLoop(cfg HostConfig) *hostLoop {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	l := &hostLoop{
		cfg:    cfg,
		core:   NewHostCore(cfg.Cols, cfg.Rows, cfg.View),
		output: make(chan []byte),
		free:   make(chan []byte, 2),
		hurry:  make(chan struct{}, 1),
		room:   make(chan struct{}, 1),
		exited: make(chan int32, 1),
		gone:   make(chan struct{}),
	}
	l.free <- nil
	l.free <- nil
	return l
}

// start records the first snapshot and starts the shell.
func (l *hostLoop) start() error {
	l.do(l.core.Start(l.cfg.Now()))
	cols, rows := l.core.Screen().Size()
	shell, err := l.cfg.Start(cols, rows, ShellPorts{
		Output: l.takeOutput,
		Room: func() {
			select {
			case l.room <- struct{}{}:
			default: // the loop knows already
			}
		},
		Exited: func(status int32) { l.exited <- status },
	})
	if err != nil {
		return fmt.Errorf("start the shell: %w", err)
	}
	l.shell = shell
	return l.err
}

// takeOutput hands b to the loop. It runs in the shell's reading goroutine and
// waits for the loop, never for anybody beyond it.
func (l *hostLoop) takeOutput(b []byte) {
	select {
	case buf := <-l.free:
		select {
		case l.output <- append(buf[:0], b...):
			l.rest(b)
		case <-l.gone:
		}
	case <-l.gone:
	}
}

// run is the loop.
func (l *hostLoop) run(ctx context.Context, inputs <-chan Input, roster <-chan Roster, wants <-chan uint64) (int32, error) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	ending := ctx.Done()
	var late <-chan time.Time
	for l.done == nil && l.err == nil {
		select { // input first: a flood of output must not starve ^C
		case in := <-inputs:
			l.input(in, roster)
			continue
		default:
		}
		l.arm(timer)
		select {
		case in := <-inputs:
			l.input(in, roster)
		case r := <-roster:
			l.step(r)
		case seq := <-wants:
			l.step(HistoryWanted{seq})
		case b := <-l.output:
			l.step(Output{b})
			l.free <- b
		case <-l.room:
			l.step(Room{})
		case size := <-l.cfg.Sizes:
			l.step(size)
		case status := <-l.exited:
			l.step(Exited{status})
		case <-timer.C:
			l.step(Tick{})
		case <-ending:
			ending = nil
			late = time.After(closeGrace)
			go l.shell.Close() // it ends with Exited; stop waits for it
		case <-late:
			return 0, ctx.Err()
		}
	}
	if l.err != nil {
		return 0, l.err
	}
	return l.done.Status, nil
}

// input applies an input, behind the roster that its author may be new in: who sent
// both sent that first.
func (l *hostLoop) input(in Input, roster <-chan Roster) {
	select {
	case r := <-roster:
		l.step(r)
	default:
	}
	l.step(in)
}

// stop ends what the loop started.
func (l *hostLoop) stop() {
	close(l.gone)
	l.shell.Close()
	if l.cfg.Stats != nil {
		*l.cfg.Stats = l.core.Stats()
	}
}

// arm sets the timer to the core's deadline.
func (l *hostLoop) arm(timer *time.Timer) {
	at, ok := l.core.Deadline()
	if !ok {
		timer.Reset(time.Hour)
		return
	}
	timer.Reset(at.Sub(l.cfg.Now()))
}

// step applies an event and all that follows from it.
func (l *hostLoop) step(ev HostEvent) {
	l.todo = append(l.todo, ev)
	for len(l.todo) > 0 && l.err == nil {
		ev := l.todo[0]
		l.todo = l.todo[1:]
		l.do(l.core.Step(l.cfg.Now(), ev))
	}
}

// do carries out actions. What the shell answers is stepped next.
func (l *hostLoop) do(actions []HostAction) {
	for _, a := range actions {
		switch a := a.(type) {
		case Type:
			n, err := l.shell.Write(a.Bytes())
			if err != nil { // it has ended and Exited follows: nothing more is typed or acked
				l.cfg.Log.Debug("write to the shell", "err", err)
				continue
			}
			l.todo = append(l.todo, Wrote{n})
		case AskModes:
			m, err := l.shell.Modes()
			if err != nil {
				m = Modes{}
			}
			l.todo = append(l.todo, m)
		case Interrupt:
			if err := l.shell.Interrupt(a.Signal); err != nil {
				l.cfg.Log.Warn("interrupt the shell", "err", err)
			}
		case Append:
			if err := l.cfg.Bus.Append(a); err != nil {
				l.err = fmt.Errorf("record %d: %w", a.Seq, err)
				return
			}
		case History:
			if err := l.cfg.Bus.History(a.Seq, a.Plain); err != nil {
				l.cfg.Log.Warn("history", "seq", a.Seq, "err", err)
			}
		case Stale:
			l.hurryOn()
			if err := l.cfg.Bus.Stale(); err != nil {
				l.cfg.Log.Warn("stale", "err", err)
			}
		case Fresh:
			if err := l.cfg.Bus.Fresh(); err != nil {
				l.cfg.Log.Warn("fresh", "err", err)
			}
		case ResizeShell:
			if err := l.shell.Resize(a.Cols, a.Rows); err != nil {
				l.cfg.Log.Warn("resize the shell", "err", err)
			}
		case Note:
			l.cfg.Log.Debug("input "+a.What, "peer", a.Author.Tag(), "incarnation", a.Incarnation, "seq", a.Seq)
		case Done:
			l.done = &a
		}
	}
}
