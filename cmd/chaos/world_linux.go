package main

import (
	"fmt"

	"gossterm/internal/lab"
)

// A layout says how the people of a case are connected.
type layout int

const (
	loopback layout = iota // all on one machine; needs no network of the lab's
	star                   // each on a machine with a line to one switch
	halves                 // the host and every second joiner at one switch, the others at another, a line between the switches
)

// A world is the machines and lines of one run. Place 0 is the host's, then come the
// joiners'.
type world struct {
	shape layout
	nets  []*lab.Machine // the switches
	homes []*lab.Machine // nil machines where there are no networks of the lab's
	lines []*lab.Line    // from the switch (A) to the home (B) of the same place
	trunk *lab.Line      // between the halves
}

const homeNet = "192.168.1."

// address returns where a place is, and where it is once it has moved.
func address(place int) string { return fmt.Sprintf("%s%d", homeNet, 10+place) }
func movedTo(place int) string { return fmt.Sprintf("%s%d", homeNet, 110+place) }

// lay lays out a world for so many people.
func (w *world) lay(people int, s lab.Settings, seed uint64) error {
	if w.shape == loopback {
		return w.layLoopback(people)
	}
	switches := 1
	if w.shape == halves {
		switches = 2
	}
	for i := range switches {
		net, err := newMachine(fmt.Sprintf("net%d", i+1))
		if err != nil {
			return err
		}
		w.nets = append(w.nets, net)
		if err := net.NewSwitch("net"); err != nil {
			return err
		}
	}
	if w.shape == halves {
		var err error
		if w.trunk, err = lab.NewLine(w.nets[0], "trunk", w.nets[1], "trunk", lab.LineConfig{Seed: seed}); err != nil {
			return err
		}
		for _, net := range w.nets {
			if err := net.IP("link set trunk master net"); err != nil {
				return err
			}
		}
	}
	for place := range people {
		if err := w.layHome(place, s, seed+uint64(place)); err != nil {
			return err
		}
	}
	return nil
}

// newMachine makes a machine without IPv6, so that an address is one.
func newMachine(name string) (*lab.Machine, error) {
	m, err := lab.NewMachine(name)
	if err != nil {
		return nil, err
	}
	return m, m.Sysctl("net/ipv6/conf/all/disable_ipv6=1", "net/ipv6/conf/default/disable_ipv6=1")
}

func (w *world) layHome(place int, s lab.Settings, seed uint64) error {
	m, err := newMachine(fmt.Sprintf("home%d", place))
	if err != nil {
		return err
	}
	w.homes = append(w.homes, m)
	net, port := w.nets[place%len(w.nets)], fmt.Sprintf("p%d", place)
	l, err := lab.NewLine(net, port, m, "eth0", lab.LineConfig{Settings: s, Seed: seed})
	if err != nil {
		return err
	}
	w.lines = append(w.lines, l)
	if err := net.IP("link set " + port + " master net"); err != nil {
		return err
	}
	return m.Addrs("eth0", address(place)+"/24")
}

// layLoopback puts all on one machine, which has an address that is not loopback's.
func (w *world) layLoopback(people int) error {
	var here *lab.Machine
	if lab.Isolated() {
		net, err := newMachine("net")
		if err != nil {
			return err
		}
		w.nets = append(w.nets, net)
		if here, err = newMachine("here"); err != nil {
			return err
		}
		defer func() { w.nets = append(w.nets, here) }()
		if err := lab.Wire(net, "here", here, "eth0"); err != nil {
			return err
		}
		if err := here.Addrs("eth0", address(0)+"/24"); err != nil {
			return err
		}
	}
	for range people {
		w.homes = append(w.homes, here)
	}
	return nil
}

func (w *world) close() {
	for _, l := range w.lines {
		l.Close()
	}
	if w.trunk != nil {
		w.trunk.Close()
	}
	for _, m := range w.nets {
		m.Close()
	}
	if w.shape != loopback {
		for _, m := range w.homes {
			m.Close()
		}
	}
}

// The settings of a link that is cut.
var cut = lab.Settings{Cut: true}
