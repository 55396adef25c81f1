//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// inside is set in the environment of a test that runs in a network of its own.
const inside = "GOSSTERM_TEST_INSIDE"

// inNetwork runs a test in a network of its own, where it may make others: in a
// process of this binary in new namespaces. It reports whether this is that process.
// Where the machine does not allow it the test is skipped.
func inNetwork(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inside) != "" {
		return true
	}
	for _, tool := range []string{"ip", "nsenter"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("networks cannot be made: %v", err)
		}
	}
	if out, err := alone("sh", "-c", "ip link set lo up && ip link add veth0 type veth peer name veth1").CombinedOutput(); err != nil {
		t.Skipf("networks cannot be made: %v: %s", err, out)
	}
	cmd := alone(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=5m", fmt.Sprintf("-tree=%v", *wholeTree))
	cmd.Env = append(os.Environ(), inside+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
	return false
}

// alone returns a command in namespaces of its own, where it may do all to the network.
func alone(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	return cmd
}

// A place is a network namespace: what runs there sees the wires that were laid to it,
// and forwards nothing from one to the other.
type place struct {
	testing.TB
	pid   int // who holds it, 0 for this process's own
	wires int
}

// hubAddr is where the host is when it has a network of its own.
const hubAddr = "10.0.0.1"

// hub returns this process's own place, with one address beside those of its wires.
func hub(t testing.TB, addr string) *place {
	p := &place{TB: t}
	p.ip("link set lo up", "addr add "+addr+"/32 dev lo")
	p.forwardNothing()
	return p
}

// newPlace returns a place without a wire.
func newPlace(t testing.TB) *place {
	holder := exec.Command("cat")
	holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); holder.Wait() })
	p := &place{TB: t, pid: holder.Process.Pid}
	p.ip("link set lo up")
	p.forwardNothing()
	return p
}

// wire lays a wire to another place, of the net 10.N.0.0/24: this end is 10.N.0.1, the
// other 10.N.0.2.
func (p *place) wire(to *place, n int) {
	p.Helper()
	mine, its := fmt.Sprintf("w%d", p.wires), fmt.Sprintf("w%d", to.wires)
	p.wires++
	to.wires++
	p.ip(fmt.Sprintf("link add %s type veth peer name %s netns %d", mine, its, to.pid),
		fmt.Sprintf("addr add 10.%d.0.1/24 dev %s", n, mine), "link set "+mine+" up")
	to.ip(fmt.Sprintf("addr add 10.%d.0.2/24 dev %s", n, its), "link set "+its+" up")
}

// leadTo lays a wire to a place for which nothing else lies behind it.
func (p *place) leadTo(to *place, n int) {
	p.Helper()
	p.wire(to, n)
	to.ip(fmt.Sprintf("route add default via 10.%d.0.1", n))
}

// ip runs commands of ip.
func (p *place) ip(lines ...string) {
	p.Helper()
	argv := append(p.run(), "ip", "-batch", "-")
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n"))
	if out, err := cmd.CombinedOutput(); err != nil {
		p.Fatalf("%q: %v: %s", lines, err, out)
	}
}

func (p *place) forwardNothing() {
	p.Helper()
	argv := append(p.run(), "sh", "-c", "echo 0 >/proc/sys/net/ipv4/ip_forward")
	if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		p.Fatalf("%v: %s", err, out)
	}
}

// run returns what runs a command in the place.
func (p *place) run() []string {
	if p.pid == 0 {
		return nil
	}
	return []string{"nsenter", "-t", fmt.Sprint(p.pid), "--net", "--"}
}
