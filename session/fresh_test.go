package session

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gossterm/internal/envelope"
)

// flood prints what is worth a snapshot.
func (r *hostRig) flood() { r.step(Output{bytes.Repeat([]byte("y\r\n"), snapshotPauseBytes)}) }

// What was printed before an interrupt is stale as soon as the key is typed, and what
// it led to is in a snapshot as soon as the output pauses.
func TestAnInterruptOfAFloodIsFollowedByASnapshot(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	r.wait(time.Second)
	r.flood()
	r.in(ana, 1, ctrlC)
	if !strings.HasSuffix(r.order, "MST") {
		t.Errorf("the key led to %s, want the modes asked, what is old stale, and the key typed", r.order)
	}
	r.wait(freshMost / 2)
	if len(r.freshAt) != 0 {
		t.Fatal("a snapshot before there was output")
	}
	before := len(r.log)
	r.step(Output{[]byte("^C")})
	r.step(Output{[]byte("\r\n$ ")})
	if got := len(r.log) - before; got != 2 {
		t.Errorf("%d records as soon as it was printed, want 2: whoever interrupted waits for it", got)
	}
	printed := r.now
	r.wait(time.Second)
	if len(r.freshAt) != 1 || r.freshAt[0].Sub(printed) != freshAfter {
		t.Errorf("fresh at %v, want %v after %v", r.freshAt, freshAfter, printed)
	}
	var parts []byte
	last := len(r.log) - 1
	for r.log[last].Part == 0 {
		last--
	}
	for _, a := range r.log[last+1-int(r.log[last].Parts) : last+1] {
		items, err := envelope.ParseLog(a.Plain)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			if s, is := it.(envelope.Screen); is {
				parts = append(parts, s.Data...)
			}
		}
	}
	if !bytes.Contains(parts, []byte("$")) {
		t.Errorf("the snapshot has no prompt: %q", parts)
	}
}

// A flood that goes on, and one that ends without a word, are shown all the same, once.
func TestAFloodThatGoesOnIsShownAfterAnInterrupt(t *testing.T) {
	for _, goesOn := range []bool{true, false} {
		r := newHostRig(t)
		r.join(ana)
		r.wait(time.Second)
		r.flood()
		r.in(ana, 1, ctrlC)
		at := r.now
		for range 2 * freshMost / (freshAfter / 2) {
			if goesOn {
				r.step(Output{[]byte("y\r\n")})
			}
			r.wait(freshAfter / 2)
		}
		if len(r.freshAt) != 1 || r.freshAt[0].Sub(at) != freshMost {
			t.Errorf("goes on %v: fresh at %v, want %v after %v", goesOn, r.freshAt, freshMost, at)
		}
	}
}

// A key that stops nothing throws nothing away.
func TestNothingIsStaleWithoutAFloodOrAnInterrupt(t *testing.T) {
	for _, tt := range []struct {
		desc, key string
		flood     bool
		modes     Modes
	}{
		{"no flood", ctrlC, false, Modes{Signals: true, Intr: 3}},
		{"another key", "\x01", true, Modes{Signals: true, Intr: 3}},
		{"no signals", ctrlC, true, Modes{Intr: 3}},
	} {
		r := newHostRig(t)
		r.join(ana)
		r.modes = tt.modes
		r.wait(time.Second)
		if tt.flood {
			r.flood()
		}
		r.in(ana, 1, tt.key)
		if strings.Contains(r.order, "S") {
			t.Errorf("%s: %s", tt.desc, r.order)
		}
		r.wait(time.Second)
		if len(r.freshAt) != 0 {
			t.Errorf("%s: fresh at %v", tt.desc, r.freshAt)
		}
	}
}

// An interrupt that passes a full shell ends a flood like any other.
func TestAnInterruptOfAFullShellMakesStale(t *testing.T) {
	r := newHostRig(t)
	r.join(ana, ben)
	r.wait(time.Second)
	r.flood()
	r.fillShell()
	r.in(ben, 2, "b")
	r.room = 100
	r.in(ana, 1, ctrlC)
	if !strings.Contains(r.order, "SI") {
		t.Errorf("the key led to %s, want what is old stale before the interrupt", r.order)
	}
}

// The loop tells the bus: what is old is stale before the shell gets the key, and the
// snapshot is recorded before it is fresh.
func TestTheBusHearsOfAnInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shell := &fakeShell{take: 1 << 10, modes: Modes{Signals: true, Intr: 3}}
		h := runHost(t, shell, writers(1)...)
		sleep(time.Second)
		shell.ports.Output(bytes.Repeat([]byte("y\r\n"), snapshotPauseBytes))
		h.bus.ports.Inputs <- Input{Author: key(0), Incarnation: 1, Seq: 1, Plain: typedPlain(ctrlC)}
		synctest.Wait()
		shell.ports.Output([]byte("$ "))
		sleep(time.Second)
		h.bus.mu.Lock()
		defer h.bus.mu.Unlock()
		if len(h.bus.stale) != 1 || len(h.bus.fresh) != 1 || h.bus.log[h.bus.fresh[0]-1].Part == 0 || h.bus.fresh[0] <= h.bus.stale[0] {
			t.Errorf("stale after records %v, fresh after %v", h.bus.stale, h.bus.fresh)
		}
	})
}

// Who has stopped a flood does not wait for the next frame, for a while.
func TestFramesFollowAnInterruptAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := join(t, newFakeTerminal(), typist1())
		sleep(time.Second)
		j.term.key(ctrlC)
		want := "hello"
		for range 5 {
			j.bus.append(envelope.Output{Data: []byte("x")})
			synctest.Wait()
			if want += "x"; !strings.HasPrefix(j.term.text(), want) {
				t.Fatalf("shows %q at once, want %q", j.term.text(), want)
			}
		}
		sleep(hurryFor)
		j.bus.append(envelope.Output{Data: []byte("a")})
		synctest.Wait()
		j.bus.append(envelope.Output{Data: []byte("b")})
		synctest.Wait()
		if got := j.term.text(); strings.Contains(got, "xab") {
			t.Errorf("shows %q at once, long after the interrupt", got)
		}
	})
}
