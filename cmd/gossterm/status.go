package main

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/screen"
	"gossterm/internal/transport"
	"gossterm/session"
)

// A status is what a session's owner or member is told of it.
type status struct {
	crowd
	relays []transport.RelayStatus

	// At the host.
	lasted time.Duration
	output uint64 // bytes that the command printed
	addrs  []netip.AddrPort
	hidden bool // packets go over the relays alone, so that there are no addresses
}

// lines returns the status for a terminal, as much of it as it has room for.
func (s status) lines(v session.View) []string {
	out := s.memberLines(v)
	if s.hub {
		out = s.hostLines()
	}
	for i, line := range out {
		out[i] = cutLine(line, v.Cols)
	}
	for len(out) > 1 && rowsOf(out, v.Cols) > max(v.Rows-spareRows, 1) {
		out = out[:len(out)-1]
	}
	return out
}

// mostRows is how many rows of a terminal one line of a status takes at most.
const mostRows = 2

// cutLine cuts a line to mostRows.
func cutLine(line string, cols int) string {
	return screen.FitText(line, mostRows*cols)
}

// statusLine is one thing that is told.
func statusLine(what, format string, args ...any) string {
	return fmt.Sprintf("%-8s ", what) + fmt.Sprintf(format, args...)
}

func (s status) hostLines() []string {
	out := []string{
		statusLine("session", "%s", lasting(s.lasted)),
		statusLine("people", "%s", s.count()),
		statusLine("output", "%s in %s", amount(s.output), plural(s.Told, "record")),
	}
	out = append(out, s.relayLines()...)
	return append(out, statusLine("reached", "at %s", s.reachedAt()))
}

// reachedAt returns the addresses at which others may reach this end.
func (s status) reachedAt() string {
	switch {
	case s.hidden:
		return "no address: --relay-only"
	case len(s.addrs) == 0:
		return "no address"
	}
	var out []string
	for _, a := range s.addrs {
		out = append(out, a.String())
	}
	return strings.Join(out, " ")
}

func (s status) memberLines(v session.View) []string {
	out := []string{
		statusLine("host", "%s", s.hostText()),
		statusLine("typed", "%s", s.typedText(v)),
		statusLine("screen", "%s", behindText(s.Told, v)),
	}
	return append(out, s.relayLines()...)
}

// hostText says how the host is reached, and when it was heard.
func (s status) hostText() string {
	name := s.name(s.host)
	w := s.wayTo(s.host)
	how := "out of reach"
	switch {
	case w.link != nil:
		how = linkText(w.link)
	case w.none:
	case w.via.IsZero():
		how = "via others"
	default:
		how = "via " + s.name(w.via)
		if next := s.wayTo(w.via); next.link != nil {
			how += " (" + linkText(next.link) + ")"
		}
	}
	return fmt.Sprintf("%s, %s, heard %.1f s ago", name, how, s.Heard.Seconds())
}

// typedText says what became of this person's typing.
func (s status) typedText(v session.View) string {
	if s.Members != nil {
		if r, is := s.Members.Row(s.own); is && r.Role != id.Type {
			return "nothing, you watch"
		}
	}
	if v.Records == 0 && v.Unsent == 0 {
		return "all is acknowledged"
	}
	text := fmt.Sprintf("%s in %s not acknowledged", plural(uint64(v.Keys), "key"), plural(uint64(v.Records), "record"))
	if v.Unsent > 0 {
		text += fmt.Sprintf(", %s not sent yet", plural(uint64(v.Unsent), "key"))
	}
	return text
}

// behindText says how far a screen is behind.
func behindText(told uint64, v session.View) string {
	text := "up to date"
	if v.Through < told {
		text = plural(told-v.Through, "record") + " behind the host"
	}
	if v.Skipped > 0 {
		text += ", " + amount(v.Skipped) + " of output skipped"
	}
	return text
}

// count counts the people, the host's own terminal too. Who is away counts as that alone.
func (s status) count() string {
	var types, watches, away int
	if s.Members != nil {
		for _, r := range s.Members.Rows {
			switch {
			case r.State == member.Away:
				away++
			case r.Role == id.Type:
				types++
			default:
				watches++
			}
		}
	}
	return fmt.Sprintf("%d typing, %d watching, %d away", types, watches, away)
}

// relayLines returns a line for each relay.
func (s status) relayLines() []string {
	if len(s.relays) == 0 {
		return []string{statusLine("relay", "none")}
	}
	var out []string
	for _, r := range s.relays {
		out = append(out, statusLine("relay", "%s %s", r.Place, relayText(r)))
	}
	return out
}

// relayText says how a relay is.
func relayText(r transport.RelayStatus) string {
	switch {
	case r.Up && r.RTT > 0:
		return "up by " + r.Carrier + ", " + milliseconds(r.RTT)
	case r.Up:
		return "up by " + r.Carrier
	case r.Err != nil:
		return "down: " + r.Err.Error()
	}
	return "not reached yet"
}

// lasting prints how long something has lasted, in its two largest units.
func lasting(d time.Duration) string {
	s := uint64(max(d, 0) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
	}
	return fmt.Sprintf("%s %d h", plural(s/86400, "day"), s/3600%24)
}

// amount prints a number of bytes in three digits or so.
func amount(n uint64) string {
	if n < 1000 {
		return plural(n, "byte")
	}
	f, unit := float64(n)/1000, "kB"
	for _, u := range []string{"MB", "GB", "TB"} {
		if f < 999.5 {
			break
		}
		f, unit = f/1000, u
	}
	if f < 9.95 {
		return fmt.Sprintf("%.1f %s", f, unit)
	}
	return fmt.Sprintf("%.0f %s", f, unit)
}

// plural prints a number of things.
func plural(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
