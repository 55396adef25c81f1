package session

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gossterm/internal/envelope"
)

// told returns the sizes in what was sent for the first time, and forgets it.
func (r *memberRig) told() string {
	var sizes []string
	for _, s := range r.take() {
		if s.Repeat {
			continue
		}
		t, err := envelope.ParseTyping(s.Plain)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, it := range t.Items {
			if size, ok := it.(envelope.Size); ok {
				sizes = append(sizes, fmt.Sprintf("%dx%d", size.Cols, size.Rows))
				if len(t.Items) != 1 {
					r.t.Errorf("a size in a record with %d items", len(t.Items))
				}
			}
		}
	}
	return strings.Join(sizes, " ")
}

func (r *memberRig) wantTold(what, want string) {
	r.t.Helper()
	if got := r.told(); got != want {
		r.t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// A host that asks again has forgotten what it was told.
func TestASizeIsToldAgainToAHostThatAsksAgain(t *testing.T) {
	asks := envelope.View{Sizes: envelope.SizesLatest}
	r := newMemberRig(t)
	r.step(Sized{100, 30})
	r.step(snapOf(1, 1, 1, asks, ""))
	r.wantTold("the host asks", "100x30")
	r.step(snapOf(2, 1, 1, envelope.View{}, ""))
	r.wait(tellGap)
	r.step(snapOf(3, 1, 1, asks, ""))
	r.wantTold("it asks again", "100x30")
}

func TestASizeIsToldToAHostThatAsks(t *testing.T) {
	asks := envelope.View{Sizes: envelope.SizesLatest}
	r := newMemberRig(t)
	r.step(Sized{100, 30})
	r.step(snapOf(1, 1, 1, envelope.View{}, ""))
	r.wantTold("nobody asks", "")
	r.step(snapOf(2, 1, 1, asks, ""))
	r.wantTold("the host asks", "100x30")
	r.step(Sized{100, 30})
	r.step(snapOf(3, 1, 1, asks, ""))
	r.step(Joined{Incarnation: 1, MayType: true})
	r.wantTold("it knows", "")
	for i := range 50 {
		r.step(Sized{50 + i, 20})
	}
	r.wantTold("at once after another", "")
	r.wait(tellGap)
	r.wantTold("a little later", "99x20")
	r.step(Sized{1, 9999})
	r.wait(tellGap)
	r.wantTold("cut to what can be said", "2x1000")
	r.step(Joined{Incarnation: 2, MayType: true})
	r.wait(tellGap)
	r.wantTold("a new life", "2x1000")
	r.step(snapOf(4, 1, 1, envelope.View{}, ""))
	r.step(Sized{60, 20})
	r.wait(time.Second)
	r.wantTold("it does not ask any more", "")
	r.step(snapOf(5, 1, 1, asks, ""))
	r.wantTold("it asks again", "60x20")
}

func TestAWatcherTellsNoSize(t *testing.T) {
	r := &memberRig{t: t, core: NewMemberCore(Self{Key: ana}), now: start}
	r.step(Sized{60, 20})
	r.step(snapOf(1, 1, 1, envelope.View{Sizes: envelope.SizesSmallest}, ""))
	r.wantTold("before it is in", "")
	r.step(Joined{Incarnation: 1})
	r.wait(time.Second)
	r.wantTold("a watcher", "")
	r.step(Joined{Incarnation: 1, MayType: true})
	r.wantTold("who may type now", "60x20")
}

// It takes no place that an interrupt needs, and none of what waits is lost by it.
func TestASizeWaitsForAPlace(t *testing.T) {
	r := newMemberRig(t)
	r.step(snapOf(1, 1, 1, envelope.View{Sizes: envelope.SizesSmallest}, ""))
	r.oneEach(100)
	r.take()
	r.step(Sized{60, 20})
	r.wantTold("full", "")
	r.keys(ctrlC)
	if got := r.take(); len(got) != 1 || items(got[0]) != ctrlC {
		t.Errorf("sent %v, want the interrupt", got)
	}
	r.ack(10, 0, 0)
	r.wantTold("a place is free", "60x20")
}

// A host that threw the record away may not have taken the size in.
func TestASizeThatWasDiscardedIsToldAgain(t *testing.T) {
	r := newMemberRig(t)
	r.step(snapOf(1, 1, 1, envelope.View{Sizes: envelope.SizesSmallest}, ""))
	r.step(Sized{60, 20})
	r.wantTold("first", "60x20")
	r.ack(1, 1, 1)
	r.wait(tellGap)
	r.wantTold("discarded", "60x20")
}
