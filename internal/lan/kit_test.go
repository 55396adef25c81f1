package lan

import (
	"crypto/tls"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gossterm/internal/id"
)

func TestMain(m *testing.M) {
	if role() {
		return
	}
	goleak.VerifyTestMain(m)
}

// tlsTo returns a connection to a door, of which only the handshake is done.
func tlsTo(t *testing.T, l *Listener) *tls.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.found().Doors[0].String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	conf, err := tlsConfig(secretOf(5), func(id.Peer) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	conn := tls.Client(c, conf)
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	return conn
}
