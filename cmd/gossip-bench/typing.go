package main

import (
	"fmt"
	"time"

	"gossterm/internal/envelope"
)

const (
	// repeatAfter and repeatMost are when and how many of the oldest inputs are sent
	// again that the log does not carry yet, as a session does (PROTOCOL.md §6.1).
	repeatAfter = 250 * time.Millisecond
	repeatMost  = 8
)

// A typing is a run that a member sends toward the host. What the host's log
// carries of it is settled.
type typing struct {
	order    order
	base     uint64 // seq of the input before the first
	begun    time.Time
	stamps   []int64 // of what was sent
	settled  int
	progress time.Time // when something was settled or sent again
	repeats  int
	told     bool
}

// typeDue sends what is due of a run toward the host, and again what stays away.
func (v *viewer) typeDue(now time.Time) error {
	t := &v.typing
	if t.order.Do == "" || t.told {
		return nil
	}
	if n := int(v.log.of(t.order.Run).next); n > t.settled {
		t.settled, t.progress = n, now
	}
	if t.settled >= t.order.Count {
		t.told = true
		v.tell.say(news{What: isTyped, Run: t.order.Run, Took: int64(now.Sub(t.begun)), Repeats: t.repeats})
		return nil
	}
	if len(t.stamps) < t.order.Count && t.in(now) <= 0 {
		if t.settled == len(t.stamps) {
			t.progress = now
		}
		t.stamps = append(t.stamps, monotonic())
		v.seq++
		return v.send(len(t.stamps) - 1)
	}
	if t.settled < len(t.stamps) && now.Sub(t.progress) >= repeatAfter {
		t.progress = now
		for i := t.settled; i < min(len(t.stamps), t.settled+repeatMost); i++ {
			t.repeats++
			if err := v.send(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// send sends input i of the run, always the same under its number.
func (v *viewer) send(i int) error {
	t := &v.typing
	p := payload{kind: message, run: t.order.Run, index: uint32(i), stamp: t.stamps[i]}
	typed := envelope.Typing{Items: []envelope.InputItem{envelope.Typed{Data: p.encode(t.order.Size)}}}
	if err := v.node.Send(v.state.Incarnation, t.base+uint64(i)+1, typed.Append(nil)); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// in returns how long until the next message of the run is due.
func (t *typing) in(now time.Time) time.Duration {
	return t.begun.Add(length(len(t.stamps), t.order.Rate)).Sub(now)
}

// wait returns how long until something is due.
func (t *typing) wait(now time.Time) time.Duration {
	d := time.Hour
	if t.told || t.order.Do == "" {
		return d
	}
	if len(t.stamps) < t.order.Count {
		d = t.in(now)
	}
	if t.settled < len(t.stamps) {
		d = min(d, t.progress.Add(repeatAfter).Sub(now))
	}
	return max(d, 0)
}
