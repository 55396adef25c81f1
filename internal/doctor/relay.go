package doctor

import (
	"fmt"
	"time"
)

// A Try is what came of asking somebody.
type Try struct {
	OK   bool
	RTT  time.Duration
	Text string // why it failed, and what to do
	Hint string
}

// A Relay is what was found out about one relay.
type Relay struct {
	Place   string // as it is written, without key and token
	UDP     Try    // a question for the own address
	TCP     Try    // a WebSocket
	Proxy   string // by which TCP goes, or ""
	Reg     Try    // a registration
	Carrier string // by which that was taken: "udp" or "tcp"
}

// Checks returns one line for each way, and one for the registration.
// What is to be done for several of them is said at the last.
func (r Relay) Checks() []Check {
	all := []Check{r.udp(), r.tcp(), r.reg()}
	for i := range all {
		for _, later := range all[i+1:] {
			if all[i].Hint == later.Hint {
				all[i].Hint = ""
			}
		}
	}
	return all
}

func (r Relay) udp() Check {
	c := Check{Name: "relay udp", Text: fmt.Sprintf("%s: answers in %s", r.Place, Took(r.UDP.RTT))}
	switch tcpOnly := r.Reg.OK && r.Carrier == "tcp"; {
	case r.UDP.OK && tcpOnly:
		c.Status = Warn
		c.Text += ", but a connection does not come about"
		c.Hint = "a firewall lets no QUIC pass: sessions go over this relay by TCP, slower when packets get lost"
	case r.UDP.OK:
	case r.Reg.OK && r.Carrier == "udp":
		c.Text = fmt.Sprintf("%s: takes connections, but does not say how you look from there", r.Place)
	case r.TCP.OK:
		c.Status, c.Text = Warn, fmt.Sprintf("%s: %s", r.Place, r.UDP.Text)
		c.Hint = "UDP is blocked on the way: sessions go over this relay by TCP, slower when packets get lost"
	default:
		c.Status, c.Text, c.Hint = Fail, fmt.Sprintf("%s: %s", r.Place, r.UDP.Text), r.UDP.Hint
	}
	return c
}

func (r Relay) tcp() Check {
	c := Check{Name: "relay tcp", Text: r.Place}
	if r.Proxy != "" {
		c.Text += " by the proxy " + r.Proxy
	}
	if r.TCP.OK {
		c.Text += ": answers in " + Took(r.TCP.RTT)
		return c
	}
	c.Status, c.Text, c.Hint = Fail, c.Text+": "+r.TCP.Text, r.TCP.Hint
	if r.UDP.OK || r.Reg.OK && r.Carrier == "udp" {
		c.Status = Warn // sessions go by UDP
	}
	return c
}

func (r Relay) reg() Check {
	c := Check{Name: "relay", Text: r.Place + ": takes you"}
	if r.Reg.OK {
		if r.Carrier == "tcp" {
			c.Text += ", by TCP"
		} else {
			c.Text += ", by UDP"
		}
		return c
	}
	c.Status, c.Hint = Fail, r.Reg.Hint
	c.Text = fmt.Sprintf("%s: does not take you: %s", r.Place, r.Reg.Text)
	return c
}
