package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// isolatedVar is set in the environment of the process that is in namespaces of its own.
const isolatedVar = "LAB_ISOLATED"

// ErrNoNamespaces reports that this machine does not let a tool have namespaces.
var ErrNoNamespaces = errors.New("namespaces cannot be made")

// Isolated reports whether this process is in namespaces of its own.
func Isolated() bool { return os.Getenv(isolatedVar) != "" }

// Isolate returns this program as the first process of namespaces of its own. It
// and all that it starts end with the thread that starts it, so main locks its thread.
func Isolate(ctx context.Context, args ...string) *exec.Cmd {
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

// Outer runs this program again, isolated, and returns its exit status. It fails with
// ErrNoNamespaces before anything ran. Interrupts, SIGTERM and SIGHUP reach the inner
// one as SIGTERM.
func Outer(args []string, out, errs io.Writer) (status int, err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	cmd := Isolate(ctx, args...)
	cmd.Stdout, cmd.Stderr = out, errs
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNoNamespaces, err)
	}
	err = cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// Possible reports what hinders a lab on this machine, or nil: it makes two machines,
// a wire and a line between them, and asks nft for a table.
func Possible() error {
	for _, tool := range []string{"ip", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			return err
		}
	}
	a, err := NewMachine("a")
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := NewMachine("b")
	if err != nil {
		return err
	}
	defer b.Close()
	if err := Wire(a, "wan", b, "lan"); err != nil {
		return err
	}
	l, err := NewLine(a, "slow", b, "slow", LineConfig{})
	if err != nil {
		return err
	}
	defer l.Close()
	return a.NFT("table inet possible { }")
}
