package lab

import "fmt"

// Wire lays a wire between two machines: at a its end is called nameA, at b nameB.
func Wire(a *Machine, nameA string, b *Machine, nameB string) error {
	err := a.ipWith(b, fmt.Sprintf("link add %s type veth peer name %s netns %s", nameA, nameB, peerFD), "link set "+nameA+" up")
	if err != nil {
		return err
	}
	return b.IP("link set " + nameB + " up")
}

// NewSwitch makes a bridge on a machine.
func (m *Machine) NewSwitch(name string) error {
	return m.IP("link add "+name+" type bridge", "link set "+name+" up")
}

// Plug lays a wire from a bridge on m to another machine, where the end is called
// name and carries these addresses.
func (m *Machine) Plug(bridge string, to *Machine, name string, addrs ...string) error {
	port := "p-" + to.Name
	if err := Wire(m, port, to, name); err != nil {
		return err
	}
	if err := m.IP(fmt.Sprintf("link set %s master %s", port, bridge)); err != nil {
		return err
	}
	return to.Addrs(name, addrs...)
}

// Addrs gives an interface addresses.
func (m *Machine) Addrs(name string, addrs ...string) error {
	var lines []string
	for _, a := range addrs {
		lines = append(lines, fmt.Sprintf("addr add %s dev %s", a, name))
	}
	return m.IP(lines...)
}
