package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"gossterm/internal/lab"
)

const (
	tapBuffer   = 16 << 20 // bytes that wait for the tap's reader
	packetsKept = 200_000
)

// A tap notes every IP packet that passes the interface eth0 of a machine, in and out.
type tap struct {
	on   *lab.Machine
	fd   int
	file *os.File
	leaf sync.WaitGroup
	seen chan struct{} // the tap's own datagram came by

	mu      sync.Mutex
	packets []packet
	more    int // that were not kept
}

// tapAll taps the machines of people where that is to be judged or kept.
func (s *show) tapAll() error {
	if len(s.judges) == 0 && !s.keeps {
		return nil
	}
	s.taps = map[*lab.Machine]*tap{}
	for _, m := range []*lab.Machine{s.homeA, s.homeB, s.homeM, s.homeC, s.stranger} {
		if m == nil {
			continue
		}
		t, err := newTap(m)
		if err != nil {
			return err
		}
		s.taps[m] = t
	}
	return nil
}

func newTap(m *lab.Machine) (*tap, error) {
	t := &tap{on: m, seen: make(chan struct{})}
	err := m.Within(func() error {
		eth0, err := net.InterfaceByName("eth0")
		if err != nil {
			return err
		}
		all := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
		if t.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		// More than the usual may be refused in a user namespace; what is lost is counted.
		_ = unix.SetsockoptInt(t.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, tapBuffer)
		if err := unix.Bind(t.fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: eth0.Index}); err != nil {
			return errors.Join(err, unix.Close(t.fd))
		}
		t.file = os.NewFile(uintptr(t.fd), "tap on "+m.Name)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("tap the %s: %w", m.Name, err)
	}
	t.leaf.Go(t.read)
	return t, nil
}

func (t *tap) read() {
	buf := make([]byte, lab.FrameMost)
	for {
		n, err := t.file.Read(buf)
		if err != nil {
			return
		}
		at := time.Now()
		if p, payload, ok := parseFrame(buf[:n]); ok {
			if bytes.Equal(payload, t.word()) {
				select {
				case <-t.seen:
				default:
					close(t.seen)
				}
				continue
			}
			p.at = at
			t.note(p)
		}
	}
}

func (t *tap) note(p packet) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.packets) == packetsKept {
		t.more++
		return
	}
	t.packets = append(t.packets, p)
}

func (t *tap) word() []byte { return []byte("natlab taps the " + t.on.Name) }

// finish returns all that passed until now. It fails if something may be missing: the
// last thing that it notes is a datagram of its own.
func (t *tap) finish(ctx context.Context) ([]packet, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := t.on.Within(func() error {
		eth0, err := net.InterfaceByName("eth0")
		if err != nil {
			return err
		}
		addrs, err := eth0.Addrs()
		if err != nil {
			return err
		}
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil {
				all := append([]byte(nil), n.IP.To4()...)
				all[3] = 255 // all networks of homes are /24
				return sendTo(netip.AddrPortFrom(netip.AddrFrom4([4]byte(all)), controlPort), t.word())
			}
		}
		return errors.New("no IPv4 address")
	})
	if err != nil {
		return nil, fmt.Errorf("test the tap on the %s: %w", t.on.Name, err)
	}
	select {
	case <-t.seen:
	case <-ctx.Done():
		return nil, fmt.Errorf("the tap on the %s does not see what passes", t.on.Name)
	}
	stats, err := unix.GetsockoptTpacketStats(t.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return nil, fmt.Errorf("what the tap on the %s lost: %w", t.on.Name, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if lost := int(stats.Drops) + t.more; lost > 0 {
		return nil, fmt.Errorf("the tap on the %s lost %d packets", t.on.Name, lost)
	}
	return t.packets, nil
}

// text returns what passed, a line a packet: when after begin, from where, whereto, how
// long, and the first byte of a datagram's payload.
func (t *tap) text(begin time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	for _, p := range t.packets {
		fmt.Fprintf(&b, "%8.1f ms %v -> %v %d", *ms(p.at.Sub(begin)), p.from, p.to, p.size)
		if p.udp {
			fmt.Fprintf(&b, " %02x", p.first)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (t *tap) close() {
	t.file.Close()
	t.leaf.Wait()
}

// sendTo sends one datagram.
func sendTo(to netip.AddrPort, b []byte) error {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write(b)
	return err
}
