package session

import (
	"cmp"
	"slices"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

// panelFor is how long a panel stays, unless a key comes first: long enough to copy a
// ticket with the mouse.
const panelFor = 30 * time.Second

// tooSmall is said, with what it is, where a panel has no room.
const tooSmall = "this terminal is too small to show "

// tooSmallToAsk is said where a question has no room.
const tooSmallToAsk = "somebody asks to join: this terminal is too small to show it"

// A Panel is lines that a person asks to see by a key after the escape character. They
// are over the last rows of this terminal alone and in no model: what they hide is
// drawn again from it.
type Panel struct {
	Key  byte
	What string // what its lines show, as in "too small to show a ticket"
	// Lines returns them, to be copied from the terminal. It is called in the
	// terminal's loop, which waits for it. What no terminal is sent is left out.
	Lines func(View) []string
	// Every is how often they are made anew while they are shown. If zero, they stay:
	// somebody copies them.
	Every time.Duration
	// For is how long they are shown. If zero, 30 s: somebody copies them.
	For time.Duration
}

// A View is what a panel is made for: a terminal, and how its session stands.
type View struct {
	Cols, Rows int    // of the terminal
	Through    uint64 // the last record of the host's log that is on the screen, 0 if none
	// Records were sent and are not settled, and hold so many Keys that were typed;
	// Unsent more keys are in no record yet.
	Records, Keys, Unsent int
	Skipped               uint64 // bytes of output that were not shown one by one
}

// view returns what a panel is made for now.
func (l *memberLoop) view() View {
	v := View{Through: l.core.Through(), Records: len(l.core.unacked), Skipped: l.core.Stats().SkippedBytes}
	v.Cols, v.Rows = l.cfg.Terminal.Size()
	v.Keys, v.Unsent = l.core.UnsettledKeys()
	return v
}

// A shownPanel is the panel that is shown now; nothing if it has no lines.
type shownPanel struct {
	Panel
	lines []string
	until time.Time
	again time.Time // when the lines are made anew; zero if they are not
}

// showPanel shows the panel of a key, or says that there is no room for it. It does
// nothing if the key has none.
func (l *memberLoop) showPanel(key byte) {
	i := slices.IndexFunc(l.cfg.Panels, func(p Panel) bool { return p.Key == key })
	if i < 0 {
		return
	}
	now := l.cfg.Now()
	p := shownPanel{Panel: l.cfg.Panels[i]}
	p.until = now.Add(cmp.Or(p.For, panelFor))
	p.make(now, l.view())
	if !l.renderer.Fits(screen.Overlay{Lines: p.lines}) {
		l.say(tooSmall + p.What)
		return
	}
	l.panel = p
	l.dirty = true
}

// make makes the lines for v.
func (p *shownPanel) make(now time.Time, v View) {
	p.lines = p.Lines(v)
	if p.Every > 0 {
		p.again = now.Add(p.Every)
	}
}

// panelDue makes the panel's lines anew, or takes it away, when it is time, and reports
// whether it did.
func (l *memberLoop) panelDue(now time.Time) bool {
	switch {
	case due(now, l.panel.until):
		l.panel = shownPanel{}
	case due(now, l.panel.again):
		l.panel.make(now, l.view())
	default:
		return false
	}
	return true
}

// hidePanel takes the panel away.
func (l *memberLoop) hidePanel() {
	l.dirty = l.dirty || l.panel.lines != nil
	l.panel = shownPanel{}
}

// typedOver takes the panel away if a key came, and reports whether that key was for it
// alone: Escape. The mouse is what copies a ticket, and the focus leaves this terminal
// when it is pasted elsewhere: these leave it.
func (l *memberLoop) typedOver(items []envelope.InputItem) bool {
	if !isTyping(items) {
		return false
	}
	shown := l.panel.lines != nil
	l.hidePanel()
	return shown && isEscape(items)
}

// isEscape reports whether items are the Escape key alone.
func isEscape(items []envelope.InputItem) bool {
	if len(items) != 1 {
		return false
	}
	switch it := items[0].(type) {
	case envelope.Typed:
		return string(it.Data) == "\x1b"
	case envelope.Key:
		return it.Final == 'u' && it.Number == 0x1b
	}
	return false
}

// overlay returns what is shown over the last rows now, and whether the question is
// in it: the panel, the question, below them the notice, without what there is no
// room for. The question goes before all else.
func (l *memberLoop) overlay() (o screen.Overlay, asks bool) {
	question, notice := l.decideLines(), l.noticeText()
	if question == nil {
		question = l.questions.lines()
	}
	both := slices.Concat(l.panel.lines, question)
	for _, o := range []screen.Overlay{{Lines: both, Notice: notice}, {Lines: both}, {Lines: question, Notice: notice}, {Lines: question}} {
		if len(o.Lines) == 0 && len(both) > 0 {
			break
		}
		if o.Writer = l.core.MayType(); l.renderer.Fits(o) {
			return o, len(question) > 0
		}
	}
	switch { // the lines are not shown
	case len(question) > 0:
		notice = tooSmallToAsk
	case notice == "": // the terminal got smaller since
		notice = tooSmall + l.panel.What
	}
	return screen.Overlay{Notice: notice, Writer: l.core.MayType()}, false
}

// expire takes away what has been shown long enough, and reports whether there was
// anything.
func (l *memberLoop) expire(now time.Time) bool {
	gone := l.notice.expired(now)
	changed := l.panelDue(now)
	changed = l.promptDue(now) || changed
	changed = l.questionsDue(now) || changed
	changed = l.awayTick(now) || changed
	return l.panning.partDue(now) || gone || changed
}

// expiry returns when something next is shown long enough; zero if nothing is.
func (l *memberLoop) expiry() time.Time {
	at := l.notice.until
	for _, t := range []time.Time{l.panel.until, l.panel.again, l.questions.due(), l.prompt.due(), l.panning.at, l.awayDue()} {
		if !t.IsZero() {
			at = earlier(at, t)
		}
	}
	return at
}
