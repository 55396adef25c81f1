package path

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

func atLoopback(t *testing.T) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// asked is Refused for as long as the tests wait for silence.
func asked(t *testing.T, at netip.AddrPort) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*knockPause)
	defer cancel()
	return Refused(ctx, at)
}

// A closed port is refused, an open one that does not answer is not.
func TestRefusedTellsDeadFromSilent(t *testing.T) {
	c := atLoopback(t)
	at := c.LocalAddr().(*net.UDPAddr).AddrPort()
	if err := asked(t, at); err != nil {
		t.Errorf("an open port: %v", err)
	}
	c.Close()
	if err := asked(t, at); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a closed port: %v", err)
	}
}

// Whoever sends something back listens, whatever it sends.
func TestRefusedTakesAnAnswerForLife(t *testing.T) {
	c := atLoopback(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 10)
		for {
			_, from, err := c.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			c.WriteToUDPAddrPort([]byte("what do you want?"), from)
		}
	}()
	if err := asked(t, c.LocalAddr().(*net.UDPAddr).AddrPort()); err != nil {
		t.Errorf("got %v", err)
	}
	c.Close()
	<-done
}

// A Conn drops what asks nothing: nobody gets an answer or a place by it.
func TestConnIgnoresNothing(t *testing.T) {
	c := New(Config{UDP: atLoopback(t), Direct: true})
	read := make(chan error, 1)
	go func() {
		_, from, err := c.ReadFrom(make([]byte, maxPacket))
		if err == nil {
			err = errors.New("it was taken for a packet of " + from.String())
		}
		read <- err
	}()
	if err := asked(t, c.own.bound); err != nil {
		t.Errorf("got %v", err)
	}
	c.mu.Lock()
	n := len(c.strangers.queue)
	c.mu.Unlock()
	if n > 0 {
		t.Errorf("%d strangers", n)
	}
	c.Close()
	if err := <-read; !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// It ends with its context, and says that it does not know.
func TestRefusedEndsWithItsContext(t *testing.T) {
	c := atLoopback(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		c.Read(make([]byte, 10))
		cancel()
	}()
	begun := time.Now()
	if err := Refused(ctx, c.LocalAddr().(*net.UDPAddr).AddrPort()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if d := time.Since(begun); d >= patience {
		t.Errorf("after %v", d)
	}
}
