package session

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"gossterm/internal/screen"
)

// noticeFor is how long a notice stays.
const noticeFor = 4 * time.Second

// Join shows the session on a terminal and types into it until the session or
// the person ends it. It is the only loop on its terminal.
func Join(ctx context.Context, cfg JoinConfig) (JoinResult, error) {
	bell := make(chan struct{}, 1)
	state := make(chan MemberState, 1)
	history := make(chan History, 1)
	if err := cfg.Bus.Attach(MemberPorts{Bell: bell, State: state, History: history}); err != nil {
		return JoinResult{}, fmt.Errorf("attach to the bus: %w", err)
	}
	l := newMemberLoop(cfg)
	ctx, cancel := context.WithCancel(ctx)
	keys := make(chan TerminalEvent)
	read := make(chan struct{})
	go func() {
		defer close(read)
		l.read(ctx, keys)
	}()
	res, err := l.run(ctx, keys, bell, state, history)
	cancel()
	<-read
	l.finish()
	return res, err
}

// A memberLoop is the goroutine of Join around its core.
type memberLoop struct {
	cfg       JoinConfig
	core      *MemberCore
	draw      *drawer
	renderer  *screen.Renderer
	frame     screen.Frame
	notice    notice
	panel     shownPanel
	panning   panning
	questions questions
	prompt    prompt
	awayShown time.Duration // of the outage, in whole seconds, as it is on the last row
	people    people
	state     MemberState
	dirty     bool
	lastDraw  time.Time
	drawTook  time.Duration // to make the last frame
	linesAt   time.Time     // lines that scrolled off rest until then
	more      chan struct{} // one token: there may be more to read
	behind    bool          // there was more at the last look
	readAt    time.Time     // when to read on after the bell has rung
	result    *JoinResult
}

func newMemberLoop(cfg JoinConfig) *memberLoop {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cols, rows := cfg.Terminal.Size()
	l := &memberLoop{
		cfg:      cfg,
		core:     NewMemberCore(cfg.Self),
		draw:     startDrawer(cfg.Terminal),
		renderer: screen.NewRenderer(cols, rows),
		more:     make(chan struct{}, 1),
	}
	l.step(Sized{cols, rows})
	return l
}

// read feeds the loop from the terminal, in a goroutine of its own.
func (l *memberLoop) read(ctx context.Context, keys chan<- TerminalEvent) {
	emit := func(ev TerminalEvent) {
		select {
		case keys <- ev:
		case <-ctx.Done():
		}
	}
	if err := l.cfg.Terminal.Read(ctx, emit); err != nil && ctx.Err() == nil {
		emit(TerminalGone{err})
	}
}

// run is the loop.
func (l *memberLoop) run(ctx context.Context, keys <-chan TerminalEvent, bell <-chan struct{}, state <-chan MemberState, history <-chan History) (JoinResult, error) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for l.result == nil {
		typing, idle := l.next(timer, keys)
		select {
		case ev := <-typing:
			if err := l.terminal(ctx, ev); err != nil {
				return JoinResult{}, err
			}
		case <-bell:
			if l.cfg.Patience > 0 {
				if l.readAt.IsZero() {
					l.readAt = l.cfg.Now().Add(l.cfg.Patience) // the timer wakes the loop
				}
				continue
			}
			if err := l.follow(); err != nil {
				return JoinResult{}, err
			}
		case <-l.more:
			if err := l.follow(); err != nil {
				return JoinResult{}, err
			}
		case s := <-state:
			l.news(s)
		case h := <-history:
			l.debug("history", l.core.incarnation, h.Seq, "bytes", len(h.Plain))
			l.step(h)
		case q := <-l.cfg.Questions:
			l.ask(q)
		case <-l.questions.gone():
			l.giveUp()
		case <-idle:
			l.show()
		case err := <-l.draw.failed:
			l.end(JoinResult{Way: WayStopped, Err: err})
		case <-timer.C:
			l.step(Tick{})
			if due(l.cfg.Now(), l.readAt) {
				if err := l.follow(); err != nil {
					return JoinResult{}, err
				}
			}
		case <-ctx.Done():
			l.end(JoinResult{Way: WayStopped, Err: ctx.Err()})
		}
	}
	return *l.result, nil
}

// follow reads on in the host's log, a batch at a time so that keys get their turn.
func (l *memberLoop) follow() error {
	l.readAt = time.Time{}
	recs, err := l.cfg.Bus.Read(l.core.Through(), l.core.output)
	if err != nil {
		return fmt.Errorf("read the host's log: %w", err)
	}
	for _, r := range recs {
		if l.result == nil {
			l.debug("delivered", l.core.incarnation, r.Seq)
			l.step(r)
		}
	}
	l.behind = len(recs) > 0
	if l.behind {
		select {
		case l.more <- struct{}{}:
		default:
		}
	}
	return nil
}

// terminal handles what a person did.
func (l *memberLoop) terminal(ctx context.Context, ev TerminalEvent) error {
	switch ev := ev.(type) {
	case Typing:
		if l.pans(ev.Items) || l.answers(ev.Items) {
			return nil
		}
		if l.typedOver(ev.Items) {
			return nil
		}
		if l.state.Joined != nil && !l.state.Joined.MayType {
			l.say("you are watching: this ticket does not allow typing")
			return nil
		}
		l.step(Keys{l.placed(ev.Items)})
		l.noteHeld()
	case Command:
		return l.command(ctx, ev.Key)
	case Pan:
		l.pan(ev)
	case TerminalResized:
		cols, rows := l.cfg.Terminal.Size()
		l.renderer.Resize(cols, rows)
		l.dirty = true
		l.step(Sized{cols, rows})
		if l.cfg.Resized != nil {
			l.cfg.Resized(cols, rows)
		}
	case TerminalReset:
		l.anew()
	case TerminalGone:
		l.end(JoinResult{Way: WayStopped, Err: ev.Err})
	}
	return nil
}

// anew draws on a terminal that was taken away for a while.
func (l *memberLoop) anew() {
	cols, rows := l.cfg.Terminal.Size()
	l.prompt.unseen()
	l.renderer = l.renderer.Anew(cols, rows)
	l.step(Sized{cols, rows})
	l.dirty = true
}

// command handles a key after the escape character.
func (l *memberLoop) command(ctx context.Context, key byte) error {
	l.hidePanel()
	switch key {
	case '.':
		l.end(JoinResult{Way: WayLeft})
	case 'y', 'w', 'n':
		l.answerNow(key)
	case 0x1a:
		return l.suspend(ctx)
	default:
		l.showPanel(key)
	}
	return nil
}

// step applies an event to the core and carries out its actions.
func (l *memberLoop) step(ev MemberEvent) {
	for _, a := range l.core.Step(l.cfg.Now(), ev) {
		switch a := a.(type) {
		case Send:
			l.debug("send", a.Incarnation, a.Seq, "repeat", a.Repeat)
			if err := l.cfg.Bus.Send(a); err != nil {
				l.debug("send failed", a.Incarnation, a.Seq, "err", err)
			}
		case Settled:
			l.debug("settled", a.Incarnation, a.Seq, "discarded", a.Discarded)
			if a.Discarded && a.Bytes > 0 {
				l.sayNotTyped(a.Bytes)
			}
		case Dropped:
			l.sayNotTyped(a.Bytes)
		case CutShort:
			if err := l.cfg.Terminal.FlushInput(); err != nil {
				l.cfg.Log.Debug("flush the terminal's input", "err", err)
			}
		case MaybeLost:
			l.say(fmt.Sprintf("the host took this for another life: %d bytes typed before may be lost", a.Bytes))
		case WantHistory:
			l.debug("want history", l.core.incarnation, a.Seq)
			if err := l.cfg.Bus.WantHistory(a.Seq); err != nil {
				l.debug("want history failed", l.core.incarnation, a.Seq, "err", err)
			}
		case Skipped:
			l.debug("skipped", l.core.incarnation, a.From, "to", a.To)
		case Ended:
			l.end(JoinResult{Way: WayEnded, Status: a.Status})
		}
	}
}

func (l *memberLoop) debug(msg string, incarnation, seq uint64, args ...any) {
	if !l.cfg.Log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	l.cfg.Log.Debug("member "+msg, append([]any{"incarnation", incarnation, "seq", seq}, args...)...)
}

// end ends the loop after this turn.
func (l *memberLoop) end(r JoinResult) {
	if l.result == nil {
		sent, unsent := l.core.Unsettled()
		r.Unconfirmed, r.Unsent = sent, unsent
		l.result = &r
	}
}
