//go:build linux

package main

import (
	"os/exec"
	"strings"
	"testing"

	"gossterm/internal/doctor"
)

// Where there is no network at all, not even the machine's own, it says so.
func TestDoctorWithoutANetwork(t *testing.T) {
	if !inNetwork(t) {
		return
	}
	x := examine(t, "")
	x.wants(t, "addresses", doctor.Fail, "none")
	x.wants(t, "udp", doctor.Fail, "does not arrive")
	x.wants(t, "lan", doctor.Warn, "no network with multicast")
	x.verdictIs(t, false, "UDP does not work here")

	// With the machine's own alone, people on it can join.
	hub(t, "127.0.0.2")
	x = examine(t, "")
	x.wants(t, "addresses", doctor.Fail, "none")
	x.wants(t, "udp", doctor.OK, "works on this machine")
	x.verdictIs(t, false, "Only people on this machine")

	// On a LAN without a way out its people can, by name too.
	other := newPlace(t)
	hub(t, "127.0.0.3").wire(other, 7)
	x = examine(t, "")
	x.wants(t, "addresses", doctor.Warn, "LAN 10.7.0.1; no way to the internet")
	x.wants(t, "lan", doctor.OK, "comes back at 10.7.0.1")
	x.verdictIs(t, true, "You need a relay")

	// A firewall that lets the machine ask itself alone does not pass for a LAN.
	if _, err := exec.LookPath("nft"); err != nil {
		t.Logf("without a firewall: %v", err)
		return
	}
	nft := exec.Command("nft", "-f", "-")
	nft.Stdin = strings.NewReader(dropQuestions)
	if out, err := nft.CombinedOutput(); err != nil {
		t.Fatalf("nft: %v: %s", err, out)
	}
	x = examine(t, "")
	x.wants(t, "lan", doctor.Warn, "does not come back on w0")
}

// dropQuestions drops what a LAN brings to the port of short names.
const dropQuestions = `table inet f {
	chain in {
		type filter hook input priority 0
		iifname "lo" ip daddr 127.0.0.1 accept
		udp dport 18259 drop
	}
}
`
