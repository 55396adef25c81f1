package path

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// firewall makes a router of a second network that refuses what goes to port 9 beyond it.
// Its end of the wire is 192.0.2.254 and 2001:db8::fe.
const firewall = `
	unshare -n sleep 60 >/dev/null 2>&1 & router=$!; echo $router
	until [ "$(readlink /proc/$router/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
	there="nsenter -t $router -n"
	ip link set lo up; ip link add d0 type veth peer name d1; ip link set d1 netns $router
	ip addr add 192.0.2.1/24 dev d0; ip addr add 2001:db8::1/64 dev d0 nodad; ip link set d0 up
	$there ip addr add 192.0.2.254/24 dev d1; $there ip addr add 2001:db8::fe/64 dev d1 nodad; $there ip link set d1 up
	ip route add default via 192.0.2.254; ip -6 route add default via 2001:db8::fe
	$there sh -ec 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	$there ip route add 198.51.100.0/24 dev d1; $there ip -6 route add 2001:db8:1::/64 dev d1
	$there nft add table inet t; $there nft add chain inet t f '{ type filter hook forward priority 0; }'
	$there nft add rule inet t f udp dport 9 reject`

// behindFirewall runs f in a network of its own behind that.
func behindFirewall(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root makes networks")
	}
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("no nft")
	}
	var cannot error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // for good: the thread ends with its network
		if cannot = unix.Unshare(unix.CLONE_NEWNET); cannot != nil {
			return
		}
		out, err := exec.Command("sh", "-ec", "exec 2>&1"+firewall).Output()
		if pid, err := strconv.Atoi(strings.SplitN(string(out)+"\n", "\n", 2)[0]); err == nil {
			defer syscall.Kill(pid, syscall.SIGKILL)
		}
		if err != nil {
			cannot = fmt.Errorf("%w: %s", err, out)
			return
		}
		f()
	}()
	<-done
	if cannot != nil {
		t.Skip("no network of its own: ", cannot)
	}
}

// What a firewall refuses says nothing of the machine that was asked.
func TestRefusedByAFirewallIsNot(t *testing.T) {
	behindFirewall(t, func() {
		for _, c := range []struct { // in this order: a machine says it six times, then once a second
			at   string
			want bool
		}{{"192.0.2.254:9", true}, {"[2001:db8::fe]:9", true}, {"198.51.100.9:9", false}, {"[2001:db8:1::9]:9", false}} {
			err := asked(t, netip.MustParseAddrPort(c.at))
			if got := errors.Is(err, syscall.ECONNREFUSED); got != c.want {
				t.Errorf("%s: got %v", c.at, err)
			}
		}
	})
}
