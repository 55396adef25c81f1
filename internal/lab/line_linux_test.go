package lab

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// isolated runs a test in a process that is alone with its networks, and reports
// whether this is that process.
func isolated(t *testing.T) bool {
	t.Helper()
	if Isolated() {
		if err := Possible(); err != nil {
			t.Skip(err)
		}
		return true
	}
	out := new(strings.Builder)
	cmd := Isolate(t.Context(), "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Skipf("namespaces cannot be made: %v", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// end is a UDP socket at an end of a line.
type end struct {
	*net.UDPConn
	to netip.AddrPort
}

// say sends a word and returns what the other end gets, "" for nothing.
func (e end) say(t *testing.T, other end, word string) string {
	t.Helper()
	if _, err := e.WriteToUDPAddrPort([]byte(word), e.to); err != nil {
		t.Fatal(err)
	}
	other.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	buf := make([]byte, 100)
	n, err := other.Read(buf)
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

// Each way of a line is cut, and healed, for itself, and what is flipped arrives.
func TestSettingsChangeWhileALineIsUsed(t *testing.T) {
	if !isolated(t) {
		return
	}
	machines := []*Machine{}
	for _, name := range []string{"a", "b"} {
		m, err := NewMachine(name)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		machines = append(machines, m)
	}
	l, err := NewLine(machines[0], "x", machines[1], "x", LineConfig{Keep: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var ends []end
	for i, addr := range []string{"192.0.2.1", "192.0.2.2"} {
		if err := machines[i].Addrs("x", addr+"/24"); err != nil {
			t.Fatal(err)
		}
		e := end{to: netip.AddrPortFrom(netip.MustParseAddr([]string{"192.0.2.2", "192.0.2.1"}[i]), 4000)}
		err := machines[i].Within(func() (err error) {
			e.UDPConn, err = net.ListenUDP("udp4", &net.UDPAddr{Port: 4000})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		ends = append(ends, e)
	}
	a, b := ends[0], ends[1]
	for try := 0; a.say(t, b, "hello") != "hello"; try++ { // addresses are found out
		if try == 10 {
			t.Fatal("nothing passes a line")
		}
	}
	for _, tt := range []struct {
		desc           string
		set            func()
		there, andBack string
	}{
		{desc: "cut from a to b", set: func() { l.Set(AtoB, cut) }, there: "", andBack: "back"},
		{desc: "cut from b to a", set: func() { l.Set(AtoB, Settings{}); l.Set(BtoA, cut) }, there: "there", andBack: ""},
		{desc: "cut", set: func() { l.SetBoth(cut) }, there: "", andBack: ""},
		{desc: "whole again", set: func() { l.SetBoth(Settings{}) }, there: "there", andBack: "back"},
	} {
		tt.set()
		if got := a.say(t, b, "there"); got != tt.there {
			t.Errorf("%s: there comes %q", tt.desc, got)
		}
		if got := b.say(t, a, "back"); got != tt.andBack {
			t.Errorf("%s: back comes %q", tt.desc, got)
		}
	}
	l.SetBoth(Settings{Corrupt: 1})
	if got := a.say(t, b, "there"); len(got) != 5 || got == "there" {
		t.Errorf("corrupted: %q comes", got)
	}
	if c := l.Counts(AtoB); c.Cut < 2 || c.Corrupted != 1 || c.Frames < c.Delivered {
		t.Errorf("the counts are %+v", c)
	}
	if !l.Carried([]byte("hello")) || l.Carried([]byte("nobody said this")) || l.Count() < 8 {
		t.Errorf("the line does not remember what passed: %d frames", l.Count())
	}
}
