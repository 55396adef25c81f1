package main

import (
	"context"
	"errors"
	"io"

	"gossterm/internal/envelope"
	"gossterm/internal/tty"
	"gossterm/session"
)

// A terminal lets a session use the terminal in front of the person.
type terminal struct {
	t      *tty.Terminal
	escape byte
	awake  chan struct{} // of size one: Suspend is over
}

func newTerminal(t *tty.Terminal, e escape) terminal {
	return terminal{t, byte(e), make(chan struct{}, 1)}
}

func (t terminal) Size() (cols, rows int) {
	cols, rows, err := t.t.Size()
	if err != nil || cols <= 0 || rows <= 0 {
		return 80, 24
	}
	return cols, rows
}

func (t terminal) Write(p []byte) (int, error) { return t.t.Write(p) }

// suspendKey is the key, after the escape character, that suspends.
const suspendKey = 0x1a

// Suspend stops this process until it is continued. Read, which has handed on the
// key, reads nothing meanwhile.
func (t terminal) Suspend() error {
	defer func() { t.awake <- struct{}{} }()
	return t.t.Suspend()
}

// Read feeds a session from the terminal until ctx ends.
func (t terminal) Read(ctx context.Context, emit func(session.TerminalEvent)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-t.t.Resized():
				emit(session.TerminalResized{})
			case <-ctx.Done():
				return
			}
		}
	}()
	err := t.t.ReadEvents(ctx, tty.Options{Escape: t.escape}, func(ev tty.Event) {
		if c, ok := ev.(tty.Command); ok {
			emit(session.Command{Key: c.Key})
			if c.Key == suspendKey {
				select {
				case <-t.awake:
				case <-ctx.Done():
				}
			}
			return
		}
		emit(session.Typing{Items: []envelope.InputItem{itemOf(ev)}})
	})
	cancel()
	<-watched
	if errors.Is(err, io.EOF) {
		return errors.New("the terminal is gone")
	}
	return err
}

// itemOf returns what was done at the terminal as it travels.
func itemOf(ev tty.Event) envelope.InputItem {
	switch ev := ev.(type) {
	case tty.Typed:
		return envelope.Typed{Data: ev.Bytes}
	case tty.Paste:
		return envelope.Paste{First: ev.First, Last: ev.Last, Data: ev.Bytes}
	case tty.Key:
		return envelope.Key{Final: ev.Final, Number: ev.Num, Modifiers: ev.Mod + 1}
	case tty.Mouse:
		return envelope.Mouse{Button: ev.Button, Col: cell(ev.X), Row: cell(ev.Y), Release: ev.Release}
	case tty.Focus:
		return envelope.Focus{In: ev.In}
	}
	return envelope.Typed{}
}

// cell returns a column or row from 1 as one from 0.
func cell(x int) uint16 { return uint16(min(max(x-1, 0), envelope.MaxCells)) }
