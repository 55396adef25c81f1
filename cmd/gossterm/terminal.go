package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"gossterm/internal/envelope"
	"gossterm/internal/tty"
	"gossterm/session"
)

// A terminal lets a session use the terminal in front of the person.
type terminal struct {
	t       *tty.Terminal
	options tty.Options
	awake   chan struct{} // of size one: Suspend is over
	watcher *watcher      // nil if it could not be started
}

// openTerminal takes the terminal that std is, in raw mode, until it is closed. It
// becomes the current one.
func openTerminal(std stdio, options tty.Options, log *slog.Logger) (*terminal, error) {
	own, err := tty.Open(std.in, std.out)
	if err != nil {
		return nil, err
	}
	t := &terminal{t: own, options: options, awake: make(chan struct{}, 1)}
	if t.watcher, err = startWatcher(std); err != nil {
		log.Warn("a kill would leave the terminal raw", "err", err)
	}
	current.Store(t)
	t.watcher.tell(raw)
	if err := own.Raw(); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// close gives the terminal back. It may be called again.
func (t *terminal) close() {
	t.t.Close()
	current.CompareAndSwap(t, nil)
	t.watcher.tell(restored)
	t.watcher.end()
}

// Size returns the terminal's size in cells, 80 by 24 if it has none.
func (t *terminal) Size() (cols, rows int) {
	cols, rows, err := t.t.Size()
	if err != nil || cols <= 0 || rows <= 0 {
		return defaultCols, defaultRows
	}
	return cols, rows
}

// Write draws.
func (t *terminal) Write(p []byte) (int, error) { return t.t.Write(p) }

// FlushInput throws away what was typed and not read yet.
func (t *terminal) FlushInput() error { return t.t.FlushInput() }

// suspendKey is the key, after the escape character, that suspends.
const suspendKey = 0x1a

// Suspend stops this process until it is continued. Read, which has handed on the
// key, reads nothing meanwhile.
func (t *terminal) Suspend() error {
	defer func() { t.awake <- struct{}{} }()
	t.watcher.tell(restored)
	defer t.watcher.tell(raw)
	return t.t.Suspend()
}

// Read feeds a session from the terminal until ctx ends.
func (t *terminal) Read(ctx context.Context, emit func(session.TerminalEvent)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watched := make(chan struct{})
	go guard(func() {
		defer close(watched)
		for {
			select {
			case <-t.t.Resized():
				emit(session.TerminalResized{})
			case <-t.t.Continued():
				emit(session.TerminalReset{})
			case <-ctx.Done():
				return
			}
		}
	})
	err := t.t.ReadEvents(ctx, t.options, func(ev tty.Event) {
		switch ev := ev.(type) {
		case tty.Command:
			emit(session.Command{Key: ev.Key})
			if ev.Key == suspendKey {
				select {
				case <-t.awake:
				case <-ctx.Done():
				}
			}
		case tty.Pan:
			emit(session.Pan{DX: ev.DX, DY: ev.DY})
		default:
			emit(session.Typing{Items: []envelope.InputItem{itemOf(ev)}})
		}
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
