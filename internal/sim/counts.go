package sim

import (
	"fmt"

	"gossterm/gossip"
)

// Counts says what a run reached: without it the run proves nothing of it.
type Counts struct {
	jumps, resets, silences, gone, replaced, violations, forged, welcomes, lonely int
	pulls, grafts, requests, inputs, wants                                        int
	sizes, smallest, latest                                                       int
	unheard, outages, decided, tries, unread, compared                            int
}

// note counts a message that arrived.
func (c *Counts) note(m gossip.Msg) {
	switch m.(type) {
	case gossip.Pull:
		c.pulls++
	case gossip.Graft:
		c.grafts++
	case gossip.Request:
		c.requests++
	case gossip.Input:
		c.inputs++
	case gossip.Want:
		c.wants++
	}
}

// all lists the counts by name.
func (c *Counts) all() []count {
	return []count{
		{"jumps", &c.jumps}, {"log streams reset", &c.resets}, {"silences", &c.silences}, {"links given up", &c.gone},
		{"links replaced", &c.replaced}, {"violations", &c.violations}, {"forged", &c.forged}, {"welcomes by members", &c.welcomes},
		{"left alone", &c.lonely},
		{"pulls", &c.pulls}, {"grafts", &c.grafts}, {"requests", &c.requests}, {"inputs", &c.inputs}, {"wants", &c.wants},
		{"sizes", &c.sizes}, {"sizes by the smallest", &c.smallest}, {"sizes by the latest", &c.latest},
		{"hosts unheard", &c.unheard}, {"outages", &c.outages}, {"decisions", &c.decided}, {"packets without acks", &c.tries},
		{"KiB of output unread", &c.unread}, {"snapshots compared", &c.compared},
	}
}

type count struct {
	name string
	n    *int
}

func (c *Counts) add(o *Counts) {
	os := o.all()
	for i, n := range c.all() {
		*n.n += *os[i].n
	}
}

func (c *Counts) String() string {
	s := ""
	for _, n := range c.all() {
		s += fmt.Sprintf("%d %s  ", *n.n, n.name)
	}
	return s
}
