package main

import (
	"context"
	"os"
	"os/exec"
	"syscall"
)

// isolatedVar is set in the environment of the process that is in namespaces of its own.
const isolatedVar = "NATLAB_ISOLATED"

func isolated() bool { return os.Getenv(isolatedVar) != "" }

// isolate returns this program as the first process of namespaces of its own. It
// and all that it starts end with the thread that starts it.
func isolate(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), isolatedVar+"=1")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	return cmd
}

// possible reports what hinders the lab on this machine, or nil: it makes two machines
// and a NAT, as the trials do.
func possible() error {
	for _, tool := range []string{"ip", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			return err
		}
	}
	a, err := newMachine("a")
	if err != nil {
		return err
	}
	defer a.close()
	b, err := newMachine("b")
	if err != nil {
		return err
	}
	defer b.close()
	if err := wire(a, "wan", b, "lan"); err != nil {
		return err
	}
	l, err := newLine(a, "slow", b, "slow", relayDelay)
	if err != nil {
		return err
	}
	defer l.close()
	return a.nft(natRules(symmetric))
}
