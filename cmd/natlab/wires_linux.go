package main

import "fmt"

// wire lays a wire between two machines: at a its end is called nameA, at b nameB.
func wire(a *machine, nameA string, b *machine, nameB string) error {
	err := a.ipWith(b, fmt.Sprintf("link add %s type veth peer name %s netns %s", nameA, nameB, peerFD), "link set "+nameA+" up")
	if err != nil {
		return err
	}
	return b.ip("link set " + nameB + " up")
}

// newSwitch makes a bridge on a machine.
func (m *machine) newSwitch(name string) error {
	return m.ip("link add "+name+" type bridge", "link set "+name+" up")
}

// plug lays a wire from a bridge on m to another machine, where the end is called
// name and carries these addresses.
func (m *machine) plug(bridge string, to *machine, name string, addrs ...string) error {
	port := "p-" + to.name
	if err := wire(m, port, to, name); err != nil {
		return err
	}
	if err := m.ip(fmt.Sprintf("link set %s master %s", port, bridge)); err != nil {
		return err
	}
	return to.addrs(name, addrs...)
}

// addrs gives an interface addresses.
func (m *machine) addrs(name string, addrs ...string) error {
	var lines []string
	for _, a := range addrs {
		lines = append(lines, fmt.Sprintf("addr add %s dev %s", a, name))
	}
	return m.ip(lines...)
}
