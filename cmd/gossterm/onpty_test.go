//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// Files that onPTY inherits beside its terminal.
const (
	reportFD = 3 // onPTY writes what becomes of the program
	holdFD   = 4 // at its end onPTY ends
)

// onPTY is the command onpty: what a shell is to the program that it runs. It is
// the leader of the terminal's session, runs a program in the foreground, reports
// its fate and stays, because the kernel resets a terminal whose leader ends and
// nobody could see how the program left it.
func onPTY() {
	report := os.NewFile(reportFD, "report")
	hold := os.NewFile(holdFD, "hold")
	syscall.CloseOnExec(reportFD)
	syscall.CloseOnExec(holdFD)
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP)
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Foreground: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(report, "exit cannot start: %v\n", err)
		os.Exit(1)
	}
	pid := cmd.Process.Pid
	go func() {
		for sig := range signals {
			if sig == syscall.SIGHUP { // as shells do
				syscall.Kill(-pid, syscall.SIGHUP)
			}
		}
	}()
	fmt.Fprintf(report, "pid %d\n", pid)
	watch(pid, report)
	signal.Ignore(syscall.SIGTTOU)
	unix.IoctlSetPointerInt(0, unix.TIOCSPGRP, os.Getpid())
	io.Copy(io.Discard, hold)
	os.Exit(0)
}

// watch reports each stop of a process, and its end.
func watch(pid int, report io.Writer) {
	for {
		var ws syscall.WaitStatus
		_, err := syscall.Wait4(pid, &ws, syscall.WUNTRACED, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			fmt.Fprintf(report, "exit cannot wait: %v\n", err)
			return
		case ws.Stopped():
			fmt.Fprintf(report, "stopped\n")
		case ws.Signaled():
			fmt.Fprintf(report, "exit %s\n", unix.SignalName(ws.Signal()))
			return
		default:
			fmt.Fprintf(report, "exit %d\n", ws.ExitStatus())
			return
		}
	}
}
