package main

import (
	"fmt"
	"strings"
)

// A natKind says how a router treats what it forwards to the internet.
type natKind string

const (
	// cone keeps the port wherever a packet goes (endpoint-independent mapping), and
	// lets in only who was sent something (port-restricted).
	cone natKind = "cone"
	// symmetric draws another port for each destination.
	symmetric natKind = "symmetric"
	// noUDP is cone, but no UDP passes.
	noUDP natKind = "no UDP"
	// forwarded is cone, with hostPort forwarded to the machine behind it.
	forwarded natKind = "port forwarded"
	// open is a router without NAT or firewall; firewall lets in only answers. They are for IPv6.
	open     natKind = "open"
	firewall natKind = "firewall"
)

// hostPort is the host's UDP port where a port is forwarded to it.
const hostPort = 4000

// lossRules returns what drops so many percent of what goes directly between the two
// NATs, each way.
func lossRules(percent int) string {
	return fmt.Sprintf(`table ip loss {
		chain through {
			type filter hook forward priority -10
			ip daddr %s numgen random mod 100 < %d drop
			ip saddr %[1]s numgen random mod 100 < %[2]d drop
		}
	}
	`, outB, percent)
}

// natRules returns the rules of a router with the interfaces lan and wan.
func natRules(kind natKind) string {
	var b strings.Builder
	if kind != open && kind != firewall {
		how := "masquerade"
		if kind == symmetric {
			how += " fully-random"
		}
		fmt.Fprintf(&b, `table ip nat {
			chain out { type nat hook postrouting priority srcnat; oifname "wan" %s; }
		}
		`, how)
	}
	if kind == forwarded {
		fmt.Fprintf(&b, "add chain ip nat in { type nat hook prerouting priority dstnat; }\n"+
			"add rule ip nat in iifname wan udp dport %d dnat to %s:%d\n", hostPort, addrA, hostPort)
	}
	if kind == open {
		return b.String()
	}
	drop := ""
	if kind == noUDP {
		drop = "meta l4proto udp drop;"
	}
	// What comes unasked is dropped on its way in too: otherwise it would leave an entry
	// that takes the port which the answer from inside needs, and no hole could be punched.
	fmt.Fprintf(&b, `table inet filter {
		chain here { type filter hook input priority filter; iifname "wan" meta l4proto != ipv6-icmp ct state new drop; }
		chain through { type filter hook forward priority filter; %s ct status dnat accept; iifname "wan" ct state new drop; }
	}
	`, drop)
	return b.String()
}
