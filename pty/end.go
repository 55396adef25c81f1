//go:build linux || darwin || freebsd

package pty

import (
	"syscall"
	"time"
)

// hangupGrace is how long a shell told to hang up may take to save its history
// and tell its jobs, before it is killed.
const hangupGrace = time.Second

// Done gives the shell's status, once, after the last byte it printed was
// handed to Output. A background process that keeps the terminal open delays
// it by some 200 ms.
func (s *Shell) Done() <-chan Status { return s.done }

// waitChild reaps the child, lets its output drain and reports its status.
func (s *Shell) waitChild() {
	// The error repeats the status: no pipe is copied that could fail.
	_ = s.cmd.Wait()
	// Wake the reader, and only then tell it: once told it sets deadlines of
	// its own, which this one must not shorten.
	s.file.SetReadDeadline(time.Unix(1, 0))
	close(s.exited)
	<-s.drained
	s.done <- statusOf(s.cmd.ProcessState.Sys().(syscall.WaitStatus))
}

// statusOf translates what wait reported.
func statusOf(w syscall.WaitStatus) Status {
	if w.Signaled() {
		return Status{Code: 128 + int(w.Signal()), Signal: w.Signal()}
	}
	return Status{Code: w.ExitStatus()}
}

// Close hangs up: SIGHUP to the shell's process group and, if it ignores that
// for a second, SIGKILL; then it closes the terminal and waits for the
// package's goroutines. The kernel passes the hangup on to the foreground; a
// program that asked to survive it (nohup) does. Close may be called again.
func (s *Shell) Close() error {
	s.closeOnce.Do(func() {
		s.closing.Store(true)
		s.endChild()
		s.closeErr = s.file.Close()
		close(s.gone)
		s.loops.Wait()
	})
	return s.closeErr
}

// endChild returns when the child was reaped.
func (s *Shell) endChild() {
	if s.childGone() {
		return
	}
	// A stopped program cannot act on a hangup: wake it.
	s.kill(syscall.SIGHUP)
	s.kill(syscall.SIGCONT)
	grace := time.NewTimer(hangupGrace)
	defer grace.Stop()
	select {
	case <-s.exited:
	case <-grace.C:
		s.kill(syscall.SIGKILL)
		<-s.exited
	}
}

// kill sends sig to the child's process group, which the child leads. A group
// that has just gone needs no signal.
func (s *Shell) kill(sig syscall.Signal) { _ = syscall.Kill(-s.cmd.Process.Pid, sig) }
