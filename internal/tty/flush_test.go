//go:build linux || darwin || freebsd

package tty

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A person types at a terminal that this process reads, one event at a time.
type person struct {
	t      *testing.T
	master *os.File
	term   *Terminal
	inHand chan struct{} // a token for each event, before it is in events
	events chan Event    // without place: the reader waits for whoever looks
}

// newPerson opens a terminal in raw mode and reads it until the test ends.
func newPerson(t *testing.T, opt Options) *person {
	t.Helper()
	master, term := local(t)
	if err := term.Raw(); err != nil {
		t.Fatal(err)
	}
	p := &person{t, master, term, make(chan struct{}, 64), make(chan Event)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		term.ReadEvents(ctx, opt, func(ev Event) {
			p.inHand <- struct{}{}
			select {
			case p.events <- ev:
			case <-ctx.Done():
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return p
}

// typed returns when the terminal holds what was typed.
func (p *person) typed(text string) {
	p.t.Helper()
	if _, err := p.master.Write([]byte(text)); err != nil {
		p.t.Fatal(err)
	}
	fds := []unix.PollFd{{Fd: int32(p.term.in.Fd()), Events: unix.POLLIN}}
	if n, err := unix.Poll(fds, int(patience/time.Millisecond)); n != 1 {
		p.t.Fatalf("%q did not arrive: %v", text, err)
	}
}

// see returns the next n events.
func (p *person) see(n int) string {
	p.t.Helper()
	var events []Event
	for range n {
		select {
		case ev := <-p.events:
			events = append(events, ev)
		case <-time.After(patience):
			p.t.Fatalf("no event after %s", show(events))
		}
	}
	return show(events)
}

// reads returns when the reader has the beginning of text in hand.
func (p *person) reads(text string) {
	p.t.Helper()
	if _, err := p.master.Write([]byte(text)); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.inHand:
	case <-time.After(patience):
		p.t.Fatalf("%q was not read", text)
	}
}

func (p *person) flush() {
	p.t.Helper()
	if err := p.term.FlushInput(); err != nil {
		p.t.Fatal(err)
	}
}

// What was typed and not emitted goes; what is typed afterwards comes, whatever
// the flush cut.
func TestFlushInput(t *testing.T) {
	const paste, end = "\x1b[200~", "\x1b[201~"
	for _, tt := range []struct {
		desc, inHand, unread, after string
		want                        []string
	}{
		{"text", "a", "rm -rf\r", "x", []string{"typed(a)", "typed(x)"}},
		{"events behind the one in hand", "a\x1b[Ab\r", "c", "x", []string{"typed(a)", "typed(x)"}},
		{"a whole paste", "a", paste + "one\rtwo" + end, "x", []string{"typed(a)", "typed(x)"}},
		{"a paste that still comes", "a", paste + "one\r", "two\r" + end + "x", []string{"typed(a)", "typed(x)"}},
		{"a paste that has begun", paste + "one", "two", "three\r" + end + "x",
			[]string{"[ paste(one)", "paste() ]", "typed(x)"}},
		{"the end of a paste", paste + "one", end, "x", []string{"[ paste(one)", "paste() ]", "typed(x)"}},
		{"an escape character", "\r", "~", ".", []string{`typed(\0d)`, "typed(.)"}},
		{"half a character", "a", "\xc3", "x", []string{"typed(a)", "typed(x)"}},
		{"half a key", "a", "\x1b[1;", "x", []string{"typed(a)", "typed(x)"}},
		{"half an answer", "a", "\x1b]11;rgb:", "0/0/0\ax", []string{"typed(a)", "typed(x)"}},
		{"another paste", "a", paste + "one" + end, paste + "two" + end, []string{"typed(a)", "[ paste(two) ]"}},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			p := newPerson(t, Options{Escape: '~'})
			p.reads(tt.inHand)
			p.typed(tt.unread)
			p.flush()
			if got := p.see(1); got != tt.want[0] {
				t.Errorf("in hand: got %s, want %s", got, tt.want[0])
			}
			rest := tt.want[1:]
			if len(rest) > 1 && rest[0] == "paste() ]" { // it ends without a key
				if got := p.see(1); got != rest[0] {
					t.Errorf("at once: got %s, want %s", got, rest[0])
				}
				rest = rest[1:]
			}
			if _, err := p.master.Write([]byte(tt.after)); err != nil {
				t.Fatal(err)
			}
			if got, want := p.see(len(rest)), strings.Join(rest, " "); got != want {
				t.Errorf("afterwards: got %s, want %s", got, want)
			}
		})
	}
}

// A flush while the reader waits for a key, or in emit, does no harm, however
// often, and never blocks.
func TestManyFlushes(t *testing.T) {
	p := newPerson(t, Options{})
	p.flush()
	p.reads("a")
	const more = 70_000 // than a pipe holds
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range more {
			p.term.FlushInput()
		}
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("FlushInput blocks")
	}
	if got := p.see(1); got != "typed(a)" {
		t.Errorf("got %s", got)
	}
	p.reads("x")
	if got := p.see(1); got != "typed(x)" {
		t.Errorf("got %s", got)
	}
}

// Without a reader the terminal's queue is emptied; without input nothing is done.
func TestFlushWithoutReader(t *testing.T) {
	master, term := local(t)
	if err := term.Raw(); err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, master: master, term: term}
	p.typed("stale")
	p.flush()
	fds := []unix.PollFd{{Fd: int32(term.in.Fd()), Events: unix.POLLIN}}
	if n, err := unix.Poll(fds, 0); n != 0 {
		t.Errorf("something is left: %v", err)
	}
	none := &Terminal{}
	if err := none.FlushInput(); err != nil {
		t.Errorf("without input: %v", err)
	}
}
