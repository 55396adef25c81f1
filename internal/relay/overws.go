package relay

import (
	"context"
	"crypto/tls"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"

	"gossterm/internal/id"
)

const (
	nonceHeader = "Gossterm-Nonce"
	// byePatience is how long a Bye may take to get into the socket of a slow client, or to
	// wait for the end of a handshake.
	byePatience = 500 * time.Millisecond
	maxHeader   = 8 << 10 // of a request and of an answer, in bytes
)

// letters is the base32 of tickets.
var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// wsCarrier carries frames in binary messages of a WebSocket.
type wsCarrier struct {
	conn *websocket.Conn
	from netip.AddrPort
	once sync.Once

	reading context.Context
	hangUp  context.CancelFunc // makes receive fail
	pings   int                // of WebSocket itself; receive's goroutine counts them
}

// maxPings is how many pings of WebSocket itself a client may send in all: ours send
// none, and no rate counts them.
const maxPings = 64

// newWS returns the carrier of a WebSocket.
func newWS(conn *websocket.Conn, from netip.AddrPort) *wsCarrier {
	conn.SetReadLimit(maxFrame)
	c := &wsCarrier{conn: conn, from: from}
	c.reading, c.hangUp = context.WithCancel(context.Background())
	return c
}

// pinged notes a ping of WebSocket itself, which has no answer.
func (c *wsCarrier) pinged() {
	if c.pings++; c.pings > maxPings {
		c.hangUp()
	}
}

// A proxyFunc says by which proxy a request goes, as [http.Transport.Proxy].
type proxyFunc func(*http.Request) (*url.URL, error)

// dialWS connects to a relay, by a proxy if there is one, and returns the nonce that it
// drew.
func dialWS(ctx context.Context, r id.Relay, conf *tls.Config, proxy proxyFunc) (*wsCarrier, [nonceSize]byte, error) {
	var at netip.AddrPort
	tr := &http.Transport{
		Proxy:                  proxy,
		TLSClientConfig:        conf,
		MaxResponseHeaderBytes: maxHeader,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			if err == nil {
				at = addrOf(c.RemoteAddr())
			}
			return c, err
		},
	}
	defer tr.CloseIdleConnections()
	u := url.URL{Scheme: "https", Host: net.JoinHostPort(r.Place, strconv.Itoa(int(r.Port))), Path: path}
	conn, resp, err := websocket.Dial(ctx, u.String(), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: tr, CheckRedirect: noRedirect},
	})
	if err != nil {
		return nil, [nonceSize]byte{}, wsError(resp, err)
	}
	nonce, err := letters.DecodeString(resp.Header.Get(nonceHeader))
	if err != nil || len(nonce) != nonceSize {
		conn.CloseNow()
		return nil, [nonceSize]byte{}, errors.New("no relay answers there")
	}
	return newWS(conn, at), [nonceSize]byte(nonce), nil
}

// noRedirect keeps a client at the relay that it was told of.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// wsError says why a relay did not take a WebSocket.
func wsError(resp *http.Response, err error) error {
	if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("no relay answers there, but a web server: %s", resp.Status)
	}
	return err
}

func (c *wsCarrier) send(f *frame) error {
	return c.conn.Write(context.Background(), websocket.MessageBinary, f.bytes())
}

func (c *wsCarrier) readers() []func() (*frame, error) {
	return []func() (*frame, error){c.receive}
}

// receive reads one message.
func (c *wsCarrier) receive() (*frame, error) {
	typ, r, err := c.conn.Reader(c.reading)
	if err != nil {
		return nil, err
	}
	if typ != websocket.MessageBinary {
		return nil, fmt.Errorf("%w: a text message", errFrame)
	}
	f := emptyFrame()
	for err == nil && f.n <= maxFrame {
		var n int
		n, err = r.Read(f.b[lengthSize+f.n:])
		f.n += n
	}
	switch {
	case f.n > maxFrame, errors.Is(err, websocket.ErrMessageTooBig):
		err = fmt.Errorf("%w: more than %d bytes", errFrame, maxFrame)
	case errors.Is(err, io.EOF) && f.n == 0:
		err = fmt.Errorf("%w: an empty message", errFrame)
	case errors.Is(err, io.EOF):
		return f, nil
	}
	f.free()
	return nil, err
}

func (c *wsCarrier) remote() netip.AddrPort { return c.from }

func (c *wsCarrier) close(code Code, text string) {
	c.once.Do(func() {
		if code != 0 {
			ctx, cancel := context.WithTimeout(context.Background(), byePatience)
			defer cancel()
			f := byeFrame(code, text)
			defer f.free()
			c.conn.Write(ctx, websocket.MessageBinary, f.bytes()) // who does not take it sees the end
		}
		c.hangUp()
		c.conn.CloseNow()
	})
}

func (c *wsCarrier) name() string { return "tcp" }

// addrOf returns the address in a net.Addr, or none.
func addrOf(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		p := a.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	case *net.UDPAddr:
		p := a.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}
