package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// A Machine is a network namespace. It lives until it is closed and all that runs
// in it has ended.
type Machine struct {
	Name string
	ns   *os.File
}

// NewMachine makes a machine that has only the loopback interface.
func NewMachine(name string) (*Machine, error) {
	m := &Machine{Name: name}
	err := onThread(func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make the network of %s: %w", name, err)
		}
		m.ns, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	if err != nil {
		return nil, err
	}
	// No time is lost with the detection of duplicate IPv6 addresses.
	err = m.Sysctl("net/ipv6/conf/all/accept_dad=0", "net/ipv6/conf/default/accept_dad=0")
	if err == nil {
		err = m.IP("link set lo up")
	}
	if err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

// Close lets go of the machine.
func (m *Machine) Close() { m.ns.Close() }

// onThread runs f on a thread of its own, which ends with it: f may change what the
// thread sees.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked
		done <- f()
	}()
	return <-done
}

// Within runs f on a thread that sees the machine's network. What f starts or opens
// belongs to that network. The nil machine is where this process is.
func (m *Machine) Within(f func() error) error {
	if m == nil {
		return f()
	}
	return onThread(func() error {
		if err := unix.Setns(int(m.ns.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter the network of %s: %w", m.Name, err)
		}
		return f()
	})
}

// Sysctl sets variables, each as path=value.
func (m *Machine) Sysctl(settings ...string) error {
	return m.Within(func() error {
		for _, s := range settings {
			name, value, _ := strings.Cut(s, "=")
			if err := os.WriteFile("/proc/sys/"+name, []byte(value), 0); err != nil {
				return fmt.Errorf("on %s: %w", m.Name, err)
			}
		}
		return nil
	})
}

// IP runs lines of ip's commands. peerFD in them is another machine's network.
func (m *Machine) IP(lines ...string) error { return m.ipWith(nil, lines...) }

// peerFD names the namespace of another Machine in a line for ipWith.
const peerFD = "/proc/self/fd/3"

func (m *Machine) ipWith(peer *Machine, lines ...string) error {
	cmd := exec.Command("ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n"))
	if peer != nil {
		cmd.ExtraFiles = []*os.File{peer.ns}
	}
	return m.run(cmd)
}

// NFT runs a script of nft's.
func (m *Machine) NFT(script string) error {
	cmd := exec.Command("nft", "-f", "-")
	cmd.Stdin = strings.NewReader(script)
	return m.run(cmd)
}

// run runs a command on the machine to its end.
func (m *Machine) run(cmd *exec.Cmd) error {
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = io.Discard, &said
	if err := m.Within(cmd.Run); err != nil {
		return errors.Join(fmt.Errorf("%s on %s: %w", cmd.Args[0], m.Name, err), errors.New(strings.TrimSpace(said.String())))
	}
	return nil
}
