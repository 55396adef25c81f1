//go:build linux || darwin || freebsd

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"gossterm/internal/tty"
)

// A watcher is a process of ours that outlives us by an instant: should we be
// killed while the terminal is raw, it restores it. It holds the terminal and the
// end of a pipe whose other end only we have:
//
//	settings of the terminal | raw | restored | raw ...   and the pipe's end
//
// At the end the last of these states counts.
type watcher struct {
	pipe *os.File
	cmd  *exec.Cmd
	gone chan struct{}
	once sync.Once
}

const (
	// watcherPipe is the pipe's descriptor in the watcher.
	watcherPipe = 3
	// watcherPatience is how long the watcher tries to write to the terminal, and
	// how long we wait for it at the end.
	watcherPatience = time.Second
)

// belowFrame leaves the row that was being drawn, for the next prompt.
const belowFrame = "\n\x1b[J"

// startWatcher starts a watcher over the terminal that std is, which is not raw yet.
func startWatcher(std stdio) (*watcher, error) {
	self, err := ownProgram()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	r, pipe, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe to the watcher: %w", err)
	}
	defer r.Close()
	w := &watcher{pipe: pipe, gone: make(chan struct{})}
	w.cmd = &exec.Cmd{
		Path:        self,
		Args:        []string{os.Args[0], watcherCommand},
		Env:         []string{}, // nil would be ours
		Stdout:      std.out,
		ExtraFiles:  []*os.File{r},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	var before unix.Termios // none if input is no terminal
	if t, err := unix.IoctlGetTermios(int(std.in.Fd()), getTermios); err == nil {
		w.cmd.Stdin, before = std.in, *t
	}
	if err := w.cmd.Start(); err != nil {
		pipe.Close()
		return nil, fmt.Errorf("start the watcher: %w", err)
	}
	go guard(func() {
		w.cmd.Wait()
		close(w.gone)
	})
	if err := binary.Write(pipe, binary.NativeEndian, before); err != nil {
		w.end()
		return nil, fmt.Errorf("tell the watcher: %w", err)
	}
	return w, nil
}

// tell says how the terminal is, or is about to be.
func (w *watcher) tell(s terminalState) {
	if w != nil {
		w.pipe.Write([]byte{byte(s)}) // fails only if there is no watcher any more
	}
}

// end ends a watcher that has nothing to do any more. It may be called again.
func (w *watcher) end() {
	if w == nil {
		return
	}
	w.once.Do(func() {
		w.pipe.Close()
		select {
		case <-w.gone:
		case <-time.After(watcherPatience):
			w.cmd.Process.Kill()
			<-w.gone
		}
	})
}

// watchOver is the watcher's life.
func watchOver() {
	signal.Ignore(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP)
	pipe := os.NewFile(watcherPipe, "pipe")
	var before unix.Termios
	if binary.Read(pipe, binary.NativeEndian, &before) != nil {
		return
	}
	state := [1]byte{byte(restored)}
	for {
		if _, err := pipe.Read(state[:]); err != nil {
			break
		}
	}
	if terminalState(state[0]) != raw {
		return
	}
	// Only what is still as we left it: a shell may have set its terminal already.
	if t, err := unix.IoctlGetTermios(0, getTermios); err == nil && isRaw(t) {
		unix.IoctlSetTermios(0, setTermios, &before)
	}
	time.AfterFunc(watcherPatience, func() { os.Exit(1) }) // the terminal takes nothing
	os.Stdout.Write(append(tty.ResetAll(), belowFrame...))
}

// isRaw reports whether a terminal is in raw mode. Line editors and programs on the
// whole screen leave one of these on.
func isRaw(t *unix.Termios) bool {
	return t.Oflag&unix.OPOST == 0 && t.Lflag&(unix.ISIG|unix.ICANON|unix.ECHO) == 0
}
