package main

import (
	"time"

	"gossterm/session"
)

// panelEvery is how often people and status are looked at while they are shown.
const panelEvery = time.Second

// helpFor is how long the help is shown.
const helpFor = 10 * time.Second

// panelsOf are the help, the tickets, the people and the status, each by its key.
func panelsOf(help []string, tickets func() []string, people, status func(session.View) []string) []session.Panel {
	return []session.Panel{
		{Key: '?', What: "the keys", Lines: func(session.View) []string { return help }, For: helpFor},
		{Key: 'i', What: "a ticket", Lines: func(session.View) []string { return tickets() }},
		{Key: 'p', What: "the people", Lines: people, Every: panelEvery},
		{Key: 's', What: "the status", Lines: status, Every: panelEvery},
	}
}

func (h *hosting) panels() []session.Panel {
	return panelsOf(helpText(h.flags.escape, hostKeys, "ends the session"), h.waysIn,
		func(v session.View) []string {
			c, err := h.crowd()
			return orError(c.lines(v), err)
		},
		func(v session.View) []string {
			c, err := h.crowd()
			s := status{
				crowd: c, relays: h.transport.Relays(), lasted: time.Since(h.began), output: h.printed.Load(),
				addrs: h.transport.Addrs(), hidden: h.flags.reach.relayOnly,
			}
			return orError(s.lines(v), err)
		})
}

func (j *joining) panels() []session.Panel {
	return panelsOf(helpText(j.flags.escape, joinKeys, "leaves"), j.tickets,
		func(v session.View) []string {
			c, err := j.crowd()
			return orError(c.lines(v), err)
		},
		func(v session.View) []string {
			c, err := j.crowd()
			s := status{crowd: c, relays: j.transport.Relays()}
			return orError(s.lines(v), err)
		})
}

// crowd returns the people as the host sees them.
func (h *hosting) crowd() (crowd, error) {
	s, err := h.node.Standing()
	return crowd{Standing: s, host: h.ticket.Host, own: h.own.key, hub: true}, err
}

// crowd returns the people as this member sees them.
func (j *joining) crowd() (crowd, error) {
	s, err := j.node.Standing()
	return crowd{Standing: s, host: j.ticket.Host, own: j.self}, err
}

// orError returns lines, or what kept them from being known.
func orError(lines []string, err error) []string {
	if err != nil {
		return []string{err.Error()}
	}
	return lines
}
