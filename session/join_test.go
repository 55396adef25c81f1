package session

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/screen"
)

// A fakeMemberBus has a log to read and keeps what was sent.
type fakeMemberBus struct {
	mu    sync.Mutex
	ports *MemberPorts
	log   []Recorded
	sent  []Send
	wants []uint64 // what histories were asked for

	printed uint64 // as the last Read said
}

func (b *fakeMemberBus) WantHistory(seq uint64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wants = append(b.wants, seq)
	return nil
}

func (b *fakeMemberBus) Attach(p MemberPorts) error {
	b.ports = &p
	return nil
}

func (b *fakeMemberBus) Read(after, printed uint64) ([]Recorded, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.printed = printed
	var out []Recorded
	for _, r := range b.log {
		if r.Seq > after && len(out) < 3 {
			out = append(out, r)
		}
	}
	return out, nil
}

func (b *fakeMemberBus) Send(s Send) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, s)
	return nil
}

// typed returns what the sent records type, each counted once.
func (b *fakeMemberBus) typed(t *testing.T) string {
	var s strings.Builder
	for _, r := range b.records(t) {
		for _, it := range r.Items {
			if it, ok := it.(envelope.Typed); ok {
				s.Write(it.Data)
			}
		}
	}
	return s.String()
}

// records returns what was sent, each record once.
func (b *fakeMemberBus) records(t *testing.T) (all []envelope.Typing) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.sent {
		if r.Seq != uint64(len(all)+1) {
			continue
		}
		typing, err := envelope.ParseTyping(r.Plain)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, typing)
	}
	return all
}

// append records one list of items and rings. The first is a snapshot.
func (b *fakeMemberBus) append(items ...envelope.LogItem) {
	b.mu.Lock()
	first := len(b.log) == 0
	b.mu.Unlock()
	if first {
		b.snapshot(items...)
		return
	}
	b.put(Recorded{Plain: envelope.AppendLog(nil, items...)})
}

// snapshot records one of a single part and rings.
func (b *fakeMemberBus) snapshot(items ...envelope.LogItem) {
	b.put(Recorded{Part: 1, Parts: 1, Plain: envelope.AppendLog(nil, items...)})
}

func (b *fakeMemberBus) put(r Recorded) {
	b.mu.Lock()
	r.Seq = uint64(len(b.log) + 1)
	b.log = append(b.log, r)
	b.mu.Unlock()
	select {
	case b.ports.Bell <- struct{}{}:
	default:
	}
}

// A fakeTerminal draws on a model, which is what a person would see.
type fakeTerminal struct {
	mu        sync.Mutex
	seen      *screen.Screen
	cols      int
	rows      int
	events    chan TerminalEvent
	stuck     chan struct{} // if not nil, Write waits for it
	delay     time.Duration // how long a Write takes
	suspended int
	flushed   int
	writes    int
	broken    error
}

func newFakeTerminal() *fakeTerminal {
	return &fakeTerminal{seen: screen.New(40, 8), cols: 40, rows: 8, events: make(chan TerminalEvent)}
}

func (t *fakeTerminal) Size() (int, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cols, t.rows
}

func (t *fakeTerminal) Read(ctx context.Context, emit func(TerminalEvent)) error {
	for {
		select {
		case ev := <-t.events:
			emit(ev)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (t *fakeTerminal) Write(p []byte) (int, error) {
	if t.stuck != nil {
		<-t.stuck
	}
	t.mu.Lock()
	delay := t.delay
	t.mu.Unlock()
	time.Sleep(delay)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writes++
	t.seen.Write(p)
	return len(p), t.broken
}

func (t *fakeTerminal) setDelay(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.delay = d
}

func (t *fakeTerminal) FlushInput() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.flushed++
	return nil
}

func (t *fakeTerminal) Suspend() error {
	t.suspended++
	return nil
}

func (t *fakeTerminal) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.seen.Text(), "\n")
}

func (t *fakeTerminal) key(s string) {
	t.events <- Typing{[]envelope.InputItem{envelope.Typed{Data: []byte(s)}}}
}

// joinedSession is one Join running on fakes.
type joinedSession struct {
	bus       *fakeMemberBus
	term      *fakeTerminal
	questions chan Question
	done      chan struct{}
	cancel    func()
	asked     atomic.Int64 // how often the loop asked for the time
	res       JoinResult
	err       error
}

// join starts Join in the bubble, in step with a host whose screen says hello.
func join(t *testing.T, term *fakeTerminal, state MemberState) *joinedSession {
	return joinWith(t, term, state, 0)
}

func joinWith(t *testing.T, term *fakeTerminal, state MemberState, patience time.Duration) *joinedSession {
	j := &joinedSession{bus: &fakeMemberBus{}, term: term, done: make(chan struct{}), questions: make(chan Question)}
	ctx, cancel := context.WithCancel(context.Background())
	j.cancel = cancel
	go func() {
		defer close(j.done)
		j.res, j.err = Join(ctx, JoinConfig{Bus: j.bus, Self: Self{Key: key(1)}, Terminal: term, PanBy: "~", Panels: []Panel{ticketsPanel, echoPanel, helpPanel}, Questions: j.questions, Patience: patience,
			Now: func() time.Time { j.asked.Add(1); return time.Now() }})
	}()
	synctest.Wait()
	host := screen.New(40, 8)
	host.Write([]byte("hello"))
	j.bus.append(envelope.Resize{Cols: 40, Rows: 8}, envelope.Acks{}, envelope.Screen{Data: host.Snapshot()})
	j.bus.ports.State <- state
	synctest.Wait()
	t.Cleanup(cancel)
	return j
}

func typist1() MemberState {
	return MemberState{Joined: &Joined{Incarnation: 9, MayType: true}, Link: 1}
}

// sleep lets fake time pass in the bubble.
func sleep(d time.Duration) { time.Sleep(d); synctest.Wait() }

func TestJoinDrawsAndTypes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		if got := j.term.text(); !strings.HasPrefix(got, "hello") {
			t.Errorf("terminal shows %q, want hello", got)
		}
		j.term.key("ls")
		j.term.key("\r")
		synctest.Wait()
		if got := j.bus.typed(t); got != "ls\r" {
			t.Errorf("sent %q, want %q", got, "ls\r")
		}
		j.bus.append(envelope.Output{Data: []byte("\r\nworld")})
		sleep(frameGap)
		if got := j.term.text(); !strings.HasPrefix(got, "hello\nworld") {
			t.Errorf("terminal shows %q, want hello and world", got)
		}
		if got := j.bus.printed; got != uint64(len("\r\nworld")) {
			t.Errorf("reads on with %d bytes printed", got)
		}
		j.bus.append(envelope.End{Status: -9})
		<-j.done
		if j.res.Way != WayEnded || j.res.Status != -9 {
			t.Errorf("result %+v, want ended by signal 9", j.res)
		}
	})
}

// Nothing is tried again and again while the terminal takes nothing, and the loop
// ends in time all the same.
func TestAStuckTerminalNeitherSpinsNorHolds(t *testing.T) {
	for _, command := range []byte{'.', 0x1a} {
		synctest.Test(t, func(t *testing.T) {
			term := newFakeTerminal()
			term.stuck = make(chan struct{})
			j := join(t, term, typist1())
			j.bus.append(envelope.Output{Data: []byte("x")})
			sleep(time.Second)
			if got := int(j.asked.Load()); got > 40 {
				t.Errorf("%d turns of the loop in a second in which nothing happens", got)
			}
			term.events <- Command{command}
			begun := time.Now()
			sleep(time.Second)
			j.cancel()
			<-j.done
			if took := time.Since(begun); took > drawGrace+2*time.Second {
				t.Errorf("after %q: ended after %v", command, took)
			}
			close(term.stuck)
			synctest.Wait()
		})
	}
}

// Who was stopped from outside finds his terminal in another state and draws it anew.
func TestATerminalThatWasTakenAwayIsDrawnAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		sleep(time.Second)
		j.term.mu.Lock()
		j.term.seen.Write([]byte("\x1b[H\x1b[2Jsomething else"))
		j.term.seen.Write([]byte("\r\n"))
		j.term.mu.Unlock()
		j.term.events <- TerminalReset{}
		sleep(frameGap)
		if got := j.term.text(); !strings.Contains(got, "hello") {
			t.Errorf("terminal shows %q, want hello again", got)
		}
	})
}

// A terminal that takes nothing, as after Ctrl-S, keeps nobody from typing.
func TestAStuckTerminalDoesNotStopTheKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term := newFakeTerminal()
		term.stuck = make(chan struct{})
		j := join(t, term, typist1())
		for range 200 {
			j.bus.append(envelope.Output{Data: []byte("x")})
		}
		j.term.key("y")
		synctest.Wait()
		if got := j.bus.typed(t); got != "y" {
			t.Errorf("sent %q, want %q", got, "y")
		}
		close(term.stuck)
		sleep(time.Second)
		if got := j.term.text(); !strings.Contains(got, strings.Repeat("x", 35)) {
			t.Errorf("terminal shows %q, want the newest state", got)
		}
		if j.term.writes > 4 {
			t.Errorf("%d frames drawn, want the newest only", j.term.writes)
		}
	})
}

func TestAWatcherTypesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), MemberState{Joined: &Joined{Incarnation: 1}, Link: 1})
		j.term.key("rm -rf /\r")
		sleep(frameGap)
		if len(j.bus.sent) > 0 {
			t.Errorf("sent %d records, want none", len(j.bus.sent))
		}
		if got := j.term.text(); !strings.Contains(got, "watching") {
			t.Errorf("terminal shows %q, want a word about watching", got)
		}
	})
}

func TestPeopleAreAnnounced(t *testing.T) {
	ana := Person{Key: key(2), Incarnation: 2, Name: "ana", MayType: true}
	bob := Person{Key: key(3), Incarnation: 3, Name: "bob"}
	away := ana
	away.Away = true
	for _, tt := range []struct {
		desc      string
		was, is   []Person
		want, not string
	}{
		{desc: "joined", is: []Person{ana}, want: "ana joined"},
		{desc: "a watcher joined", is: []Person{bob}, want: "bob (watching) joined"},
		{desc: "left", was: []Person{ana}, want: "ana left"},
		{desc: "away", was: []Person{ana}, is: []Person{away}, want: "ana lost the connection"},
		{desc: "back", was: []Person{away}, is: []Person{ana}, want: "ana is back"},
		{desc: "oneself is no news", is: []Person{{Key: key(1), Name: "me"}}, not: "me"},
		{desc: "joined before the first news", was: []Person{{Key: key(4), Incarnation: 12, Name: "eve"}},
			is: []Person{{Key: key(4), Incarnation: 12, Name: "eve"}}, want: "eve (watching) joined"},
		{desc: "nothing new", was: []Person{ana}, is: []Person{ana}, not: "ana"},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := typist1()
				s.People = tt.was
				j := join(t, newFakeTerminal(), s)
				s.People = tt.is
				j.bus.ports.State <- s
				sleep(frameGap)
				got := j.term.text()
				if tt.want != "" && !strings.Contains(got, tt.want) || tt.not != "" && strings.Contains(got, tt.not) {
					t.Errorf("terminal shows %q, want %q and not %q", got, tt.want, tt.not)
				}
			})
		})
	}
}

func TestOutOfReachStaysOnTheScreen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := typist1()
		j := join(t, newFakeTerminal(), s)
		s.Silent = true
		j.bus.ports.State <- s
		j.term.events <- Command{'?'}
		sleep(frameGap)
		if got := j.term.text(); !strings.Contains(got, "the keys") {
			t.Errorf("terminal shows %q, want the help", got)
		}
		sleep(noticeFor + frameGap)
		if got := j.term.text(); !strings.Contains(got, "disconnected") {
			t.Errorf("terminal shows %q, want still that the host is out of reach", got)
		}
	})
}

// A discarded record changes nothing on the screen but the notice that says so.
func TestWhatWasNotTypedIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		j.term.key("lost words")
		sleep(time.Second)
		j.bus.append(envelope.Acks{Flushes: 1, Authors: []envelope.Ack{{Author: key(1), Incarnation: 9, Through: 1, Discarded: 1}}})
		sleep(frameGap)
		if j.term.flushed != 1 {
			t.Errorf("what was not read yet was thrown away %d times, want once", j.term.flushed)
		}
		if got := j.term.text(); !strings.Contains(got, "10 bytes were not typed") {
			t.Errorf("terminal shows %q, want that 10 bytes were not typed", got)
		}
	})
}

func TestALostHostIsSaidAndKeysAreSentOnceItIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := typist1()
		j := join(t, newFakeTerminal(), s)
		s.Lost = true
		j.bus.ports.State <- s
		sleep(10 * time.Second)
		if got := j.term.text(); !strings.Contains(got, "disconnected") {
			t.Errorf("terminal shows %q, want that the host is out of reach", got)
		}
		j.term.key("k")
		synctest.Wait()
		sent := len(j.bus.sent)
		s.Lost, s.Link = false, 2
		j.bus.ports.State <- s
		sleep(frameGap)
		if len(j.bus.sent) != sent+1 || !j.bus.sent[sent].Repeat {
			t.Errorf("%d records sent on the new link, want the unacked one once", len(j.bus.sent)-sent)
		}
		if got := j.term.text(); !strings.Contains(got, "back") {
			t.Errorf("terminal shows %q, want that the host is back", got)
		}
	})
}

func TestEveryEndIsTold(t *testing.T) {
	refused := errors.New("refused")
	for _, tt := range []struct {
		desc string
		do   func(j *joinedSession)
		way  Way
	}{
		{"the host has enough of it", func(j *joinedSession) { s := typist1(); s.Over = refused; j.bus.ports.State <- s }, WayOver},
		{"the terminal goes away", func(j *joinedSession) { j.term.events <- TerminalGone{refused} }, WayStopped},
		{"the terminal cannot be written", func(j *joinedSession) {
			j.term.mu.Lock()
			j.term.broken = refused
			j.term.mu.Unlock()
			j.bus.append(envelope.Output{Data: []byte("x")})
		}, WayStopped},
		{"told to stop", func(j *joinedSession) { j.cancel() }, WayStopped},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := join(t, newFakeTerminal(), typist1())
				j.term.key("unacked")
				synctest.Wait()
				tt.do(j)
				<-j.done
				if j.res.Way != tt.way || j.res.Err == nil {
					t.Errorf("result %+v, want way %d and why", j.res, tt.way)
				}
				if j.res.Unconfirmed != len("unacked") {
					t.Errorf("%d bytes unconfirmed, want %d", j.res.Unconfirmed, len("unacked"))
				}
			})
		})
	}
}
