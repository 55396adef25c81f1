package main

import (
	"os"
	"os/exec"
	"strings"
	"syscall"

	"gossterm/pty"
	"gossterm/session"
)

// findCommand fails early if argv cannot be started: before anything is printed or
// drawn.
func findCommand(argv []string) error {
	if !hasShells {
		return &advised{pty.ErrUnsupported, "'gossterm join' works here; host on another machine"}
	}
	if _, err := exec.LookPath(argv[0]); err != nil {
		return &advised{err, "check the name of the command behind --, or $SHELL"}
	}
	return nil
}

// startShell returns what starts argv as a session's shell.
func startShell(argv []string) func(cols, rows int, p session.ShellPorts) (session.Shell, error) {
	return func(cols, rows int, p session.ShellPorts) (session.Shell, error) {
		s, err := pty.Start(pty.Config{
			Argv:   argv,
			Env:    childEnv(os.Environ()),
			Cols:   cols,
			Rows:   rows,
			Output: p.Output,
			Room:   p.Room,
		})
		if err != nil {
			return nil, err
		}
		go guard(func() {
			st := <-s.Done()
			status := int32(st.Code)
			if st.Signal != 0 {
				status = -int32(st.Signal)
			}
			p.Exited(status)
		})
		return shell{s}, nil
	}
}

// childEnv returns the environment of the shared command: the host's, without
// what is about the host's own terminal or about gossterm.
func childEnv(env []string) []string {
	var out []string
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		switch {
		case strings.HasPrefix(name, envPrefix), name == "GOSSTERM":
		case name == "TERM", name == "COLORTERM", name == "TERMCAP", name == "LINES", name == "COLUMNS":
		default:
			out = append(out, kv)
		}
	}
	return append(out, "TERM=xterm-256color", "COLORTERM=truecolor", "GOSSTERM=1")
}

// defaultShell returns the user's shell.
func defaultShell() string {
	if s := os.Getenv("SHELL"); s != "" {
		return s
	}
	return "/bin/sh"
}

// A shell lets a session use a pty.
type shell struct{ s *pty.Shell }

func (s shell) Write(p []byte) (int, error) { return s.s.Write(p) }
func (s shell) Resize(cols, rows int) error { return s.s.Resize(cols, rows) }
func (s shell) Close() error                { return s.s.Close() }

func (s shell) Modes() (session.Modes, error) {
	m, err := s.s.Modes()
	return session.Modes{Signals: m.ISIG, Intr: m.Intr, Quit: m.Quit, Susp: m.Susp, Unread: m.Unread}, err
}

func (s shell) Interrupt(sig session.Signal) error {
	switch sig {
	case session.SignalQuit:
		return s.s.Interrupt(syscall.SIGQUIT)
	case session.SignalSuspend:
		return s.s.Interrupt(suspendSignal)
	}
	return s.s.Interrupt(syscall.SIGINT)
}
