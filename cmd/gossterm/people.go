package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/node"
	"gossterm/internal/screen"
	"gossterm/session"
)

// A crowd is the people of a session as one of them sees it.
type crowd struct {
	node.Standing
	host id.Peer
	own  id.Peer // whose terminal this is
	hub  bool    // this process is the host, and own its own terminal
}

// A person is a line of the list of people.
type person struct {
	peer id.Peer
	name string // cleaned, with the tag
	role string
	away bool
}

// people returns the host and then everybody else by name.
func (c crowd) people() []person {
	if c.Members == nil {
		return nil
	}
	list := []person{{peer: c.host, name: c.name(c.host), role: "host"}}
	for _, r := range c.Members.Rows {
		if r.State == member.Own { // the host's line is of both
			continue
		}
		p := person{peer: r.Peer, name: r.Display(), role: "watches", away: r.State == member.Away}
		if r.Role == id.Type {
			p.role = "types"
		}
		list = append(list, p)
	}
	slices.SortFunc(list[1:], func(a, b person) int {
		return cmp.Or(cmp.Compare(a.name, b.name), a.peer.Compare(b.peer))
	})
	return list
}

// name returns a peer's name as people see it.
func (c crowd) name(p id.Peer) string {
	if c.Members != nil {
		if p == c.host {
			return member.Display(c.Members.Name, p)
		}
		if r, is := c.Members.Row(p); is {
			return r.Display()
		}
	}
	return p.Tag()
}

// self returns the key of this process.
func (c crowd) self() id.Peer {
	if c.hub {
		return c.host
	}
	return c.own
}

// A way is how a peer is reached: over a link, or through somebody.
type way struct {
	link *node.LinkStats // nil if there is none
	via  id.Peer         // zero if not known through whom
	none bool            // nobody is heard
}

// wayTo returns how a peer is reached.
func (c crowd) wayTo(p id.Peer) way {
	if l := c.linkTo(p); l != nil {
		return way{link: l}
	}
	heard := c.heard()
	return way{via: c.through(heard), none: len(heard) == 0}
}

// heard returns the neighbors whose links are not silent.
func (c crowd) heard() (ps []id.Peer) {
	for _, l := range c.Links {
		if !l.Silent {
			ps = append(ps, l.Peer)
		}
	}
	return ps
}

// linkTo returns the link to a peer, nil if there is none. One that is heard counts
// before a silent one.
func (c crowd) linkTo(p id.Peer) (found *node.LinkStats) {
	for i, l := range c.Links {
		if l.Peer == p && (found == nil || found.Silent) {
			found = &c.Links[i]
		}
	}
	return found
}

// through returns who of those that are heard leads to the others, zero if that is not
// known: whom the log comes from, or else the host, or the only one there is.
func (c crowd) through(heard []id.Peer) id.Peer {
	for _, p := range []id.Peer{c.Parent, c.host} {
		if slices.Contains(heard, p) {
			return p
		}
	}
	if len(heard) == 1 {
		return heard[0]
	}
	return id.Peer{}
}

// linkText says how packets take their way over a link, and how long they need.
func linkText(l *node.LinkStats) string {
	text := "link"
	if l.Via != 0 { // it is known
		text = l.Via.String()
	}
	if l.RTT > 0 {
		text += " " + milliseconds(l.RTT)
	}
	if l.Silent {
		text += ", silent"
	}
	return text
}

// milliseconds prints a round trip.
func milliseconds(d time.Duration) string {
	ms := float64(d.Microseconds()) / 1000
	if ms < 9.95 {
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.0f ms", ms)
}

// text says how somebody is reached, with names of at most room columns.
func (c crowd) text(p person, room int) string {
	if p.peer == c.self() {
		return "you"
	}
	w := c.wayTo(p.peer)
	var parts []string
	if p.away {
		parts = append(parts, "away")
	}
	switch {
	case w.link != nil:
		parts = append(parts, linkText(w.link))
	case p.away: // by no way
	case w.none:
		parts = append(parts, "out of reach")
	case w.via.IsZero():
		parts = append(parts, "via others")
	default:
		parts = append(parts, "via "+shortName(c.name(w.via), room))
	}
	return strings.Join(parts, ", ")
}

const (
	// roleColumns is the width of a role with the gaps around it.
	roleColumns = len("  watches  ")
	// nameLeast is the width that names keep on any terminal: a tag and a bit of name.
	nameLeast = 9
)

// lines returns the list for a terminal: a line a person, those who have no room
// counted. Where a line is too wide for the least names, it goes on in the next row.
func (c crowd) lines(v session.View) []string {
	list := c.people()
	ways := make([]string, len(list))
	widest, longest := 0, 0
	for i, p := range list {
		ways[i] = c.text(p, max((v.Cols-roleColumns-len("via "))/2, nameLeast))
		widest = max(widest, screen.TextWidth(ways[i]))
		longest = max(longest, screen.TextWidth(p.name))
	}
	room := min(longest, max(v.Cols-roleColumns-widest, nameLeast))
	var out []string
	for i, p := range list {
		out = append(out, fmt.Sprintf("%s  %-7s  %s", padded(shortName(p.name, room), room), p.role, ways[i]))
	}
	return firstOf(out, v)
}

// padded returns text with blanks behind it, so that it takes so many columns.
func padded(text string, columns int) string {
	return text + strings.Repeat(" ", max(columns-screen.TextWidth(text), 0))
}

// shortName cuts a name to some columns. Its tag stays.
func shortName(name string, room int) string {
	if screen.TextWidth(name) <= room {
		return name
	}
	tag := strings.LastIndex(name, "·")
	if tag < 0 {
		return screen.FitText(name, room)
	}
	return screen.FitText(name[:tag], max(room-screen.TextWidth(name[tag:]), 0)) + name[tag:]
}

// spareRows are those that a list leaves: one to the session and one to a notice.
const spareRows = 2

// firstOf returns the first lines that a terminal has room for and, if that is not all,
// one with the number of the rest.
func firstOf(lines []string, v session.View) []string {
	rows := max(v.Rows-spareRows, 1)
	if rowsOf(lines, v.Cols) <= rows {
		return lines
	}
	n := 0
	for rowsOf(lines[:n+1], v.Cols) < rows {
		n++
	}
	if n == 0 {
		return []string{fmt.Sprintf("%d people", len(lines))}
	}
	return append(slices.Clone(lines[:n]), fmt.Sprintf("and %d more", len(lines)-n))
}

// rowsOf returns how many rows lines take.
func rowsOf(lines []string, cols int) (n int) {
	for _, line := range lines {
		n += max((screen.TextWidth(line)+cols-1)/max(cols, 1), 1)
	}
	return n
}
