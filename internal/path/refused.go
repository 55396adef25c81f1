package path

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// nothing is a packet that says and asks nothing (PROTOCOL.md §8.1): no QUIC packet,
// and neither a check nor an answer. A socket of ours drops it unread.
var nothing = []byte{0}

// knockPause is between two of them: either may be lost, and a machine says only now and
// then that it refuses, Linux once a second to one other machine after six (icmp(7),
// icmp_ratelimit), for whichever of its packets.
const knockPause = 50 * time.Millisecond

// Refused asks the machine at a UDP address whether any process listens there, by
// packets that say nothing, from a socket of its own, until it is told or the deadline
// of ctx has passed. It returns
//
//   - syscall.ECONNREFUSED if the machine says that none does (ICMP port unreachable,
//     RFC 1122 §3.2.2.1); on Linux what another on the way says in its place, as a
//     firewall may, does not count,
//   - nil if it says nothing: a process listens, or the packets are lost on their way,
//   - another error if this machine cannot ask, as syscall.ENETUNREACH without a way.
func Refused(ctx context.Context, at netip.AddrPort) error {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(at))
	if err != nil {
		return err
	}
	defer conn.Close()
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	if err := askWho(raw, at.Addr()); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	for {
		talks, err := knock(conn)
		switch {
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ECONNRESET): // the latter on Windows
			if itself(raw, at.Addr()) {
				return syscall.ECONNREFUSED
			}
			if !pause(ctx, knockPause) {
				return nil
			}
		case err != nil, talks:
			return err
		}
	}
}

// pause waits, and reports false if ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// knock sends one packet and reports whether anything comes back within knockPause.
func knock(conn *net.UDPConn) (talks bool, err error) {
	if _, err := conn.Write(nothing); err != nil {
		return false, err
	}
	if err := conn.SetReadDeadline(time.Now().Add(knockPause)); err != nil {
		return false, err
	}
	_, err = conn.Read(make([]byte, maxPacket))
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() {
		return false, nil
	}
	return err == nil, err
}
