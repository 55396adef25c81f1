//go:build linux

package main

import (
	"regexp"
	"syscall"
	"testing"
)

// Twelve who can reach nobody but the host see and type, whatever its degree.
func TestOnlyTheHostIsReachable(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	host := hub(t, hubAddr)
	g := newGrove(t, 2, "--listen", hubAddr, "--", "bash", "--norc", "--noprofile")
	for i := range 12 {
		p := newPlace(t)
		host.leadTo(p, i+1)
		g.join(p.run()...)
	}
	g.expect(`^rdy>$`, g.joiners...)
	g.named()
	g.everybodyTypes("a", 3)
	g.mu.Lock()
	for _, p := range g.joiners {
		for tag := range p.neighbors {
			if tag != g.hostTag {
				t.Errorf("%s has reached %s", p.name, tag)
			}
		}
	}
	g.mu.Unlock()
	g.calm()
	g.ended()
}

// One who cannot reach the host, but two of its members, is in through one of them, and
// stays in through the other when that one dies.
func TestNobodyStaysCutOff(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	host, far := hub(t, hubAddr), newPlace(t)
	g := newGrove(t, 2, "--listen", hubAddr, "--", "bash", "--norc", "--noprofile")
	for i := range 2 {
		p := newPlace(t)
		host.leadTo(p, i+1)
		p.wire(far, i+101)
		g.join(p.run()...)
	}
	g.expect(`^rdy>$`, g.joiners...)
	g.named()
	via := g.joiners[0]
	g.types(via, "~i")
	re := regexp.MustCompile(`to join here: gossterm join (gst1[a-z2-7]+)`)
	var ticket string
	g.wait("a ticket of "+via.name, func() bool {
		if found := re.FindStringSubmatch(via.text()); found != nil {
			ticket = found[1]
		}
		return ticket != ""
	})
	p := g.joinBy(ticket, far.run()...)
	g.expect(`^rdy>$`, p)
	g.types(p, "echo fr\"\"om afar\r")
	g.expect(`^from afar$`, g.host, p)
	g.wait("it knows both members", func() bool { return len(p.neighbors) == 2 })
	g.types(g.host, "seq 100; echo bef\"\"ore\r")
	g.expect(`^before$`, g.host)
	g.same(patience, g.joiners[1], p)

	g.send(via, syscall.SIGKILL)
	g.types(g.host, "seq 100; echo aft\"\"er\r")
	g.expect(`^after$`, g.host)
	g.figure("one who cannot reach the host, its member killed: sees more after", g.same(quiet, g.joiners[1], p))
	g.types(p, "echo st\"\"ill here\r")
	g.expect(`^still here$`, g.host, p, g.joiners[1])
	if *wholeTree {
		g.silent(via)
		g.types(p, "echo and af\"\"ter that\r")
		g.expect(`^and after that$`, g.host, p, g.joiners[1])
	}
	g.ended()
}
