package session

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/envelope"
)

// hosted is one Host running on fakes.
type hosted struct {
	bus    *fakeHostBus
	shell  *fakeShell
	cancel func()
	done   chan struct{}
	status int32
	err    error
	stats  HostStats
}

// runHost starts Host on fakes and waits until it is attached.
func runHost(t *testing.T, shell *fakeShell, people ...Person) *hosted {
	t.Helper()
	h := &hosted{bus: newFakeHostBus(), shell: shell, done: make(chan struct{})}
	shell.started = make(chan struct{})
	if shell.pause != nil {
		h.bus.pause = shell.pause
	}
	ctx, cancel := context.WithCancel(context.Background())
	h.cancel = cancel
	go func() {
		defer close(h.done)
		h.status, h.err = Host(ctx, HostConfig{Bus: h.bus, Start: shell.start, Cols: 80, Rows: 24, Stats: &h.stats})
	}()
	<-h.bus.ready
	<-shell.started
	h.bus.ports.Roster <- Roster{People: people}
	t.Cleanup(func() { cancel(); <-h.done })
	return h
}

func writers(n int) []Person {
	people := make([]Person, n)
	for i := range people {
		people[i] = Person{Key: key(i), Incarnation: uint64(i + 1), MayType: true}
	}
	return people
}

// The bug this project comes from: two readers of one topic typed every key
// twice. Here many goroutines, as if over several links each, feed one host the
// same inputs at once, repeated and in any order, and wherever the code could be
// interrupted between a check and its act it is. Each input is typed once.
func TestEachInputIsTypedOnceHoweverOftenItArrives(t *testing.T) {
	const authors, inputs, links = 8, 120, 8
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(1, 2))
	pause := func() {
		mu.Lock()
		n := r.IntN(4)
		mu.Unlock()
		for range n {
			runtime.Gosched()
		}
	}
	shell := &fakeShell{take: 3, pause: pause}
	h := runHost(t, shell, writers(authors)...)
	if err := h.bus.Attach(HostPorts{}); !errors.Is(err, errSecond) {
		t.Fatalf("a second reader could attach: %v", err)
	}

	var feeding sync.WaitGroup
	feed := func(author int, seed uint64) {
		defer feeding.Done()
		r := rand.New(rand.NewPCG(seed, 3))
		for h.bus.through(key(author)) < inputs {
			seqs := r.Perm(inputs)
			for _, i := range seqs {
				in := Input{Author: key(author), Incarnation: uint64(author + 1), Seq: uint64(i + 1),
					Plain: typedPlain(fmt.Sprintf("%d:%d;", author, i+1))}
				select {
				case h.bus.ports.Inputs <- in:
				default: // dropped when full: it is repeated in the next round
					runtime.Gosched()
				}
			}
		}
	}
	for author := range authors {
		for link := range links {
			feeding.Add(1)
			go feed(author, uint64(author*links+link))
		}
	}
	feeding.Wait()

	got := make(map[string][]string)
	for _, token := range strings.SplitAfter(shell.typed(), ";") {
		if author, _, ok := strings.Cut(token, ":"); ok {
			got[author] = append(got[author], token)
		}
	}
	for author := range authors {
		var want strings.Builder
		for i := range inputs {
			fmt.Fprintf(&want, "%d:%d;", author, i+1)
		}
		if typed := strings.Join(got[fmt.Sprint(author)], ""); typed != want.String() {
			t.Errorf("author %d: typed %q, want each input once in order", author, typed)
		}
	}
	h.cancel()
	<-h.done
	if want := uint64(authors * inputs); h.stats.Typed != want || h.stats.Admitted != want {
		t.Errorf("%d typed, %d admitted; want %d of both", h.stats.Typed, h.stats.Admitted, want)
	}
	if h.stats.Seen == 0 {
		t.Error("no repeat was seen: the test did not test")
	}
}

// A frame that nobody can make sense of does not end the loop.
func TestNoInputEndsTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shell := &fakeShell{}
		h := runHost(t, shell, Person{Key: key(1), Incarnation: 1, MayType: true}, Person{Key: key(2), Incarnation: 2})
		seed := rand.New(rand.NewPCG(7, 7))
		for i := range 500 {
			junk := make([]byte, seed.IntN(80))
			for j := range junk {
				junk[j] = byte(seed.Uint32())
			}
			h.bus.ports.Inputs <- Input{Author: key(1), Incarnation: 1, Seq: seed.Uint64() | 1<<40, Plain: junk}
			h.bus.ports.Inputs <- Input{Author: key(2), Incarnation: 2, Seq: uint64(i), Plain: typedPlain("watcher")}
			h.bus.ports.Inputs <- Input{Author: key(9), Incarnation: 1, Seq: 1, Plain: typedPlain("stranger")}
			h.bus.ports.Inputs <- Input{Author: key(1), Incarnation: 9, Seq: 1, Plain: typedPlain("another life")}
			synctest.Wait()
		}
		h.bus.ports.Inputs <- Input{Author: key(1), Incarnation: 1, Seq: 1, Plain: typedPlain("here")}
		synctest.Wait()
		if got := shell.typed(); got != "here" {
			t.Errorf("typed %q, want %q", got, "here")
		}
	})
}

func TestOutputIsRecordedInOrderAndTheEndLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shell := &fakeShell{stubborn: true}
		h := runHost(t, shell)
		var want strings.Builder
		for i := range 2000 {
			line := fmt.Sprintf("line %d\r\n", i)
			want.WriteString(line)
			shell.ports.Output([]byte(line))
		}
		shell.ports.Exited(7)
		<-h.done
		var got strings.Builder
		recs := h.bus.records()
		for i, r := range recs {
			if r.Seq != uint64(i+1) {
				t.Fatalf("record %d has number %d", i+1, r.Seq)
			}
			items, err := envelope.ParseLog(r.Plain)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				if o, ok := it.(envelope.Output); ok {
					got.Write(o.Data)
				}
			}
		}
		if got.String() != want.String() {
			t.Errorf("recorded %d bytes of output, want %d as printed", got.Len(), want.Len())
		}
		last, _ := envelope.ParseLog(recs[len(recs)-1].Plain)
		if len(last) != 1 || last[0] != (envelope.End{Status: 7}) {
			t.Errorf("last record %v, want the end with status 7", last)
		}
		if recs[0].Part != 1 {
			t.Error("the log does not begin with a snapshot")
		}
		if h.status != 7 || h.err != nil {
			t.Errorf("Host returned %d, %v; want 7", h.status, h.err)
		}
	})
}

func TestTheEndOfTheContextEndsTheShell(t *testing.T) {
	for _, stubborn := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			shell := &fakeShell{stubborn: stubborn}
			h := runHost(t, shell)
			begun := time.Now()
			h.cancel()
			<-h.done
			if took := time.Since(begun); took > closeGrace {
				t.Errorf("stubborn %v: took %v, want at most %v", stubborn, took, closeGrace)
			}
			if !stubborn && h.err != nil {
				t.Errorf("a shell that obeys: %v", h.err)
			}
		})
	}
}

func TestAShellThatDoesNotStartIsAnError(t *testing.T) {
	want := errors.New("no such shell")
	_, err := Host(context.Background(), HostConfig{
		Bus:   newFakeHostBus(),
		Start: func(int, int, ShellPorts) (Shell, error) { return nil, want },
		Cols:  80, Rows: 24,
	})
	if !errors.Is(err, want) {
		t.Errorf("Host: %v, want %v", err, want)
	}
}

// A program that prints without end does not keep the loop from a ^C.
func TestInputGoesBeforeAFlood(t *testing.T) {
	shell := &fakeShell{}
	h := runHost(t, shell, Person{Key: key(1), Incarnation: 1, MayType: true})
	stop := make(chan struct{})
	var flood sync.WaitGroup
	flood.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				shell.ports.Output([]byte(strings.Repeat("y\r\n", 5000)))
			}
		}
	})
	send := func() {
		for i := range 50 {
			h.bus.ports.Inputs <- Input{Author: key(1), Incarnation: 1, Seq: uint64(i + 1), Plain: typedPlain("x")}
		}
	}
	send()
	for len(shell.typed()) < 50 { // what came before the roster is barred, and repeated by its author
		<-h.bus.grown
		send()
	}
	close(stop)
	h.cancel()
	<-h.done
	flood.Wait()
}

// A newcomer's first input comes right behind the roster that has it, and is not taken
// for that of somebody who may not type.
func TestANewcomersFirstInputIsTyped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shell := &fakeShell{}
		h := runHost(t, shell, writers(1)...)
		goOn := make(chan struct{})
		shell.mu.Lock()
		shell.pause = func() { <-goOn }
		shell.mu.Unlock()
		in := func(author int, text string) {
			h.bus.ports.Inputs <- Input{Author: key(author), Incarnation: uint64(author + 1), Seq: 1, Plain: typedPlain(text)}
		}
		in(0, "a")
		synctest.Wait() // the loop is busy with it
		h.bus.ports.Roster <- Roster{People: writers(2)}
		in(1, "b")
		close(goOn)
		synctest.Wait()
		if got := shell.typed(); got != "ab" {
			t.Errorf("typed %q, want %q", got, "ab")
		}
	})
}
