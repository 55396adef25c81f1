//go:build linux

package lan

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A process is a role in a network of its own.
type process struct {
	*testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan said // closed when it ends
	wires int
}

// start starts a role, which waits for begin. Where networks cannot be made the test
// is skipped.
func start(t *testing.T, role string) *process {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("networks are made by root alone")
	}
	if _, err := exec.LookPath("nsenter"); err != nil {
		t.Skipf("networks cannot be made: %v", err)
	}
	p := &process{T: t, cmd: exec.Command(os.Args[0]), lines: make(chan said, 64)}
	p.cmd.Env = append(os.Environ(), roleVar+"="+role)
	p.cmd.Stderr = os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Skipf("networks cannot be made: %v", err)
	}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			var l said
			if json.Unmarshal(s.Bytes(), &l) == nil {
				p.lines <- l
			}
		}
	}()
	t.Cleanup(func() {
		p.in.Close()
		for range p.lines {
		}
		p.cmd.Wait()
	})
	p.ip("link set lo up")
	return p
}

// inside returns a command that runs in the process's network.
func (p *process) inside(argv ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", strconv.Itoa(p.cmd.Process.Pid), "--net", "--"}, argv...)...)
}

// ip runs commands of ip in the process's network.
func (p *process) ip(lines ...string) {
	p.Helper()
	cmd := p.inside("ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n"))
	if out, err := cmd.CombinedOutput(); err != nil {
		p.Fatalf("%q: %v: %s", lines, err, out)
	}
}

// wire lays a wire to another process, of the net 10.N.0.0/24: this end is .1. With
// n 0 there are only the addresses that IPv6 gives itself.
func (p *process) wire(to *process, n int) {
	p.Helper()
	mine, its := fmt.Sprintf("w%d", p.wires), fmt.Sprintf("w%d", to.wires)
	p.wires++
	to.wires++
	p.ip(fmt.Sprintf("link add %s type veth peer name %s netns %d", mine, its, to.cmd.Process.Pid))
	for i, end := range []struct {
		p    *process
		name string
	}{{p, mine}, {to, its}} {
		if n > 0 {
			end.p.ip(fmt.Sprintf("addr add 10.%d.0.%d/24 dev %s", n, i+1, end.name))
		}
		end.p.ip("link set " + end.name + " addrgenmode none")
		end.p.ip("link set " + end.name + " up")
		if n == 0 {
			end.p.ip(fmt.Sprintf("addr add fe80::%d/64 dev %s nodad", i+1, end.name))
		}
	}
}

// begin lets the role begin.
func (p *process) begin() {
	p.Helper()
	if _, err := fmt.Fprintln(p.in, "begin"); err != nil {
		p.Fatal(err)
	}
}

// next returns the next line that the role prints, which must be of this kind.
func (p *process) next(what string) said {
	p.Helper()
	select {
	case s := <-p.lines:
		if s.What != what {
			p.Fatalf("got %+v, want %s", s, what)
		}
		return s
	case <-time.After(patience):
		p.Fatalf("no %s", what)
	}
	return said{}
}

// udpSent returns how many UDP packets left the process's network, or tried to.
func (p *process) udpSent() int {
	p.Helper()
	out, err := p.inside("cat", "/proc/net/snmp", "/proc/net/snmp6").Output()
	if err != nil {
		p.Fatal(err)
	}
	sent := 0
	var names []string
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		switch {
		case f[0] == "Udp:" && names == nil:
			names = f
		case f[0] == "Udp:":
			for i, name := range names {
				if name == "OutDatagrams" {
					sent += number(p.T, f[i])
				}
			}
		case f[0] == "Udp6OutDatagrams":
			sent += number(p.T, f[1])
		}
	}
	return sent
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// joined runs a joiner and returns what it said of each kind.
func joined(t *testing.T, j *process) map[string]said {
	t.Helper()
	got := map[string]said{}
	late := time.After(patience)
	for {
		select {
		case s, ok := <-j.lines:
			if !ok {
				return got
			}
			got[s.What] = s
			if s.What == "ticket" || s.What == "error" {
				return got
			}
		case <-late:
			t.Fatal("the joiner does not end")
		}
	}
}

// Two machines with a wire between them and no way to anywhere else.
func TestWithoutTheInternet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		desc string
		net  int
		from string
	}{
		{"IPv4", 9, "ana at 10.9.0.2"},
		{"IPv6 that nobody set up", 0, "ana at fe80::2"},
	} {
		t.Run(c.desc, func(t *testing.T) {
			h, j := start(t, "host "+someName), start(t, "joiner "+someName)
			h.wire(j, c.net)
			h.begin()
			h.next("ready")
			j.begin()
			got := joined(t, j)
			asked := h.next("asked")
			if got["ticket"].Text != "gst1ticket" || got["shown"].Words != asked.Words || asked.Text != c.from {
				t.Errorf("the joiner got %v, the host was asked %+v", got, asked)
			}
		})
	}
}

// A machine on which only the loopback is up.
func TestLoopbackAlone(t *testing.T) {
	t.Parallel()
	h := start(t, "host "+someName)
	h.begin()
	h.next("ready")
	cmd := h.inside(os.Args[0])
	cmd.Env = append(os.Environ(), roleVar+"=joiner "+someName)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var answer bytes.Buffer
	cmd.Stdout = &answer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(in, "begin")
	h.next("asked")
	if err := cmd.Wait(); err != nil || !strings.Contains(answer.String(), "gst1ticket") {
		t.Errorf("the joiner says %s, %v", answer.String(), err)
	}
}

// The host sends nothing unless asked by its name, whatever else is asked, and follows
// interfaces that come after it. Each answer is one packet.
func TestNothingIsAnnounced(t *testing.T) {
	t.Parallel()
	h, j := start(t, "host "+someName), start(t, "joiner brave-otter-43")
	before := h.udpSent()
	h.begin()
	h.next("ready")
	h.wire(j, 9) // it joins the groups there while it runs
	j.begin()
	if got := joined(t, j); !strings.Contains(got["error"].Text, ErrNotFound.Error()) {
		t.Errorf("the joiner of another name got %v", got)
	}
	if n := h.udpSent() - before; n != 0 {
		t.Errorf("the host sent %d packets though nobody asked for it", n)
	}
	k := start(t, "joiner "+someName)
	h.wire(k, 8)
	k.begin()
	if got := joined(t, k); got["ticket"].Text != "gst1ticket" {
		t.Errorf("the joiner got %v", got)
	}
	if n := h.udpSent() - before; n < 1 || n > len(askAt)*2*2 {
		t.Errorf("the host sent %d packets, want an answer for each question", n)
	}
}

// Somebody through whom all packets go relays both sides of the door: the owner and
// the joiner see different words.
func TestAMiddleChangesTheWords(t *testing.T) {
	t.Parallel()
	h, m, j := start(t, "host "+someName), start(t, "middle "+someName), start(t, "joiner "+someName)
	h.wire(m, 9)
	m.wire(j, 8)
	for _, p := range []*process{h, m} {
		p.begin()
		p.next("ready")
	}
	j.begin()
	got := joined(t, j)
	asked := h.next("asked")
	if got["ticket"].Text != "gst1ticket" {
		t.Fatalf("the middle is not one: the joiner got %v", got)
	}
	if got["shown"].Words == asked.Words || asked.Words == [4]string{} {
		t.Errorf("both see %v through a middle", asked.Words)
	}
}

// Two hosts of one name are both found.
func TestTwoHostsOnTwoNetworks(t *testing.T) {
	t.Parallel()
	h, m, j := start(t, "host "+someName), start(t, "middle "+someName), start(t, "joiner "+someName)
	h.wire(j, 9)
	m.wire(j, 8)
	for _, p := range []*process{h, m} {
		p.begin()
		p.next("ready")
	}
	j.begin()
	if got := j.next("found"); !strings.HasPrefix(got.Text, "2 ") {
		t.Errorf("found %q, want two hosts", got.Text)
	}
}
