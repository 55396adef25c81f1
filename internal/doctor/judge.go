package doctor

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// A UDP is what was found out about UDP.
type UDP struct {
	Err             error // why no socket could be had
	Self            bool  // a packet to itself arrived
	Asked, Answered int   // relays
	TCP             bool  // one of them answers by TCP
	Sent            error // why a packet to a relay could not be sent, or nil
}

// Check judges UDP.
func (u UDP) Check() Check {
	c := Check{Name: "udp"}
	switch {
	case u.Err != nil:
		c.Status, c.Text = Fail, "no socket: "+u.Err.Error()
		c.Hint = "something on this machine forbids UDP: ask who runs it"
	case !u.Self:
		c.Status, c.Text = Fail, "a packet from this machine to itself does not arrive"
		c.Hint = "a firewall on this machine drops UDP: allow gossterm there"
	case u.Asked == 0:
		c.Text = "works on this machine; no relay to ask whether it leaves it"
	case u.Answered > 0:
		c.Text = fmt.Sprintf("works: answers come (%d of %s)", u.Answered, count(u.Asked, "relay", "relays"))
	case u.Sent != nil:
		c.Status, c.Text = Warn, "packets cannot leave this machine: "+u.Sent.Error()
		c.Hint = "is there a network, and does a firewall on this machine drop UDP?"
	case u.TCP:
		c.Status, c.Text = Warn, fmt.Sprintf("works on this machine, but no answer comes (%s asked)", count(u.Asked, "relay", "relays"))
		c.Hint = "a firewall on the way drops UDP: sessions go over a relay by TCP"
	default:
		c.Status, c.Text = Warn, "works on this machine; whether it leaves it is not known, as no relay answers"
		c.Hint = "see the relays below"
	}
	return c
}

// A LAN is what was found out about the networks that this machine is on.
type LAN struct {
	Interfaces []string     // with multicast
	Err        error        // why nothing could be asked, or nil
	Back       []netip.Addr // at which the own question came back, but loopback
}

// Check judges whether the short name can work.
func (l LAN) Check() Check {
	const instead = "on this network, use tickets: short names (as brave-otter-42) will not be found"
	c := Check{Name: "lan"}
	switch {
	case len(l.Interfaces) == 0:
		c.Status, c.Text, c.Hint = Warn, "no network with multicast", instead
	case l.Err != nil:
		c.Status, c.Text, c.Hint = Warn, "a question to all cannot be asked: "+l.Err.Error(), instead
	case len(l.Back) == 0:
		c.Status, c.Hint = Warn, instead+"; a firewall on this machine may drop multicast"
		c.Text = "a question to all does not come back on " + strings.Join(l.Interfaces, " ")
	default:
		back := Usable(l.Back)
		if len(back) == 0 { // those of one link alone do for a LAN
			back = l.Back
		}
		c.Text = fmt.Sprintf("multicast on %s; a question to all comes back at %s", strings.Join(l.Interfaces, " "), list(back))
	}
	return c
}

// maxClockOff is how far a clock may be off unnoticed. Nothing but the time in
// recordings and logs depends on it.
const maxClockOff = 5 * time.Minute

// Clock judges a clock that shows now by a reference; a zero one is none.
func Clock(now, reference time.Time) Check {
	c := Check{Name: "clock", Text: now.UTC().Format("2006-01-02 15:04 UTC") + "; no reference: only a relay that answers by TCP would be one"}
	if reference.IsZero() {
		return c
	}
	off, way := now.Sub(reference).Round(time.Second), "ahead of"
	if off < 0 {
		off, way = -off, "behind"
	}
	c.Text = fmt.Sprintf("%v %s the relay's", off, way)
	switch {
	case off <= 2*time.Second: // as exact as the reference is
		c.Text = "agrees with the relay's"
	case off > maxClockOff:
		c.Status = Warn
		c.Hint = "set the clock, or the relay's: sessions work, but recordings and logs show wrong times"
	}
	return c
}

// A Terminal is what was found out about the terminal.
type Terminal struct {
	In, Out    bool // are a terminal
	Cols, Rows int
	Type       string // TERM
	Locale     string // that counts for letters; "" if none is set
	NeedsUTF8  bool   // whether the locale says what the terminal takes
	Within     string // as in "tmux", or ""
	Nested     bool   // inside a shared session
}

// Check judges a terminal.
func (t Terminal) Check() Check {
	c := Check{Name: "terminal"}
	switch {
	case t.In && t.Out:
		c.Text = fmt.Sprintf("%dx%d", t.Cols, t.Rows)
	case t.In:
		c.Text = "standard output is no terminal"
	case t.Out:
		c.Text = "standard input is no terminal"
	default:
		c.Text = "standard input and output are no terminal"
	}
	if !t.In || !t.Out {
		c.warn("run host and join in a terminal, without redirecting them")
	}
	c.Text += ", TERM=" + t.Type
	if t.Type == "" || t.Type == "dumb" {
		c.warn("this terminal is not known to draw: use another, or set TERM to what it is")
	}
	if t.NeedsUTF8 {
		c.Text += ", locale " + or(t.Locale, "not set")
		if !utf8Locale(t.Locale) {
			c.warn("choose a UTF-8 locale, as LANG=C.UTF-8: else letters beside ASCII are drawn wrong")
		}
	}
	if t.Within != "" {
		c.Text += ", inside " + t.Within
	}
	if t.Nested {
		c.Text += ", inside a shared session"
		c.warn("leave that first: host and join want --nested here")
	}
	return c
}

// warn makes a check a warning. The first hint stays.
func (c *Check) warn(hint string) {
	c.Status, c.Hint = max(c.Status, Warn), or(c.Hint, hint)
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

// utf8Locale reports whether a locale's name says that its letters are UTF-8.
func utf8Locale(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "utf-8") || strings.Contains(name, "utf8")
}
