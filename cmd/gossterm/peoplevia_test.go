//go:build linux

package main

import (
	"regexp"
	"testing"
)

// Who cannot reach the host sees through whom it has the session, and so does the host
// of who cannot reach it.
func TestPeopleSayThroughWhom(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	host, far, p := hub(t, hubAddr), newPlace(t), newPlace(t)
	host.leadTo(p, 1)
	p.wire(far, 101)
	g := newGrove(t, 2, "--listen", hubAddr, "--name", "Zoe", "--", "bash", "--norc", "--noprofile")
	via := g.join(p.run()...)
	g.expect(`^rdy>$`, via)
	g.types(via, "~i")
	re := regexp.MustCompile(`to join here: gossterm join (gst1[a-z2-7]+)`)
	var ticket string
	g.wait("a ticket of "+via.name, func() bool {
		if found := re.FindStringSubmatch(via.text()); found != nil {
			ticket = found[1]
		}
		return ticket != ""
	})
	last := g.joinBy(ticket, far.run()...)
	g.expect(`^rdy>$`, last)

	g.types(last, "~p")
	g.expect(`^Zoe·[0-9a-f]{4}  host     via j0·[0-9a-f]{4}\nj0·[0-9a-f]{4}   types    lan [0-9.]+ ms\nj1·[0-9a-f]{4}   types    you$`, last)
	g.types(last, "~s")
	g.expect(`^host     Zoe·[0-9a-f]{4}, via j0·[0-9a-f]{4} \(lan [0-9.]+ ms\), heard [0-9.]+ s ago$`, last)
	g.types(g.host, "~p")
	g.expect(`^j0·[0-9a-f]{4}   types    (lan|direct) [0-9.]+ ms\nj1·[0-9a-f]{4}   types    via j0·[0-9a-f]{4}$`, g.host)
}
