package path

import (
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// askWho makes the kernel keep who refuses a socket's packets (ip(7), IP_RECVERR).
func askWho(conn syscall.RawConn, to netip.Addr) error {
	level, option := unix.IPPROTO_IP, unix.IP_RECVERR
	if to.Unmap().Is6() {
		level, option = unix.IPPROTO_IPV6, unix.IPV6_RECVERR
	}
	var err error
	if e := conn.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), level, option, 1) }); e != nil {
		return e
	}
	return err
}

// itself reports whether it was the machine at an address that refused, of all that
// did since the last call.
func itself(conn syscall.RawConn, at netip.Addr) (is bool) {
	_ = conn.Control(func(fd uintptr) {
		var oob [256]byte
		for {
			_, n, _, _, err := unix.Recvmsg(int(fd), nil, oob[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
			if err != nil {
				return
			}
			is = is || offender(oob[:n]) == at.Unmap().WithZone("")
		}
	})
	return is
}

// Where a struct sock_extended_err ends, and in what follows it the address of who
// sent the error: a sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)).
const (
	extendedErr = 16
	offender4   = extendedErr + 4
	offender6   = extendedErr + 8
)

// offender returns who sent an error, if a control message says so.
func offender(oob []byte) netip.Addr {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return netip.Addr{}
	}
	for _, m := range messages {
		switch {
		case m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_RECVERR && len(m.Data) >= offender4+4:
			return netip.AddrFrom4([4]byte(m.Data[offender4:]))
		case m.Header.Level == unix.IPPROTO_IPV6 && m.Header.Type == unix.IPV6_RECVERR && len(m.Data) >= offender6+16:
			return netip.AddrFrom16([16]byte(m.Data[offender6:])).Unmap()
		}
	}
	return netip.Addr{}
}
