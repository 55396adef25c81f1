package transport

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"time"
)

// A RelayStatus is how one of a transport's relays is, for people. It holds no token.
type RelayStatus struct {
	Place   string // host:port
	Up      bool
	Carrier string        // "udp" or "tcp" when up
	RTT     time.Duration // to the relay; 0 if not known yet
	Err     error         // why it is not up; nil when up, and before the first attempt ended
}

// Relays returns how each relay of the Config is now, in its order. A network in
// memory has none.
func (t *Transport) Relays() []RelayStatus {
	n, ok := t.net.(*quicNet)
	if !ok {
		return nil
	}
	out := make([]RelayStatus, len(n.relays.clients))
	for i, c := range n.relays.clients {
		at, s := t.cfg.Relays[i], c.State()
		out[i] = RelayStatus{
			Place: net.JoinHostPort(at.Place, strconv.Itoa(int(at.Port))),
			Up:    s.Up, Carrier: s.Carrier, RTT: s.RTT, Err: without(s.Err, at.Token),
		}
	}
	return out
}

// without returns err, but not with the token in its text: a relay's last words are
// its own, and it knows the token.
func without(err error, token string) error {
	if err == nil || token == "" || !strings.Contains(err.Error(), token) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), token, "(token)"))
}
