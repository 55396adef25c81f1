package relay

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/quic-go/quic-go"
)

const (
	keepAlive        = 15 * time.Second // NATs forget a UDP mapping after 30 s
	idleTimeout      = 40 * time.Second
	handshakeTimeout = 5 * time.Second
	// initialSize is what every IPv6 path takes. More is probed for: until then, and on
	// narrow paths, long packets go over the stream.
	initialSize = 1200
	// streamWindow is enough: long packets are few once the path is probed.
	streamWindow = 64 << 10
	maxWindow    = 256 << 10
)

// quicConfig is that of both sides; streams is how many the other side may open.
func quicConfig(streams int64) *quic.Config {
	return &quic.Config{
		MaxIdleTimeout:                 idleTimeout,
		KeepAlivePeriod:                keepAlive,
		HandshakeIdleTimeout:           handshakeTimeout,
		InitialPacketSize:              initialSize,
		EnableDatagrams:                true,
		InitialStreamReceiveWindow:     streamWindow,
		MaxStreamReceiveWindow:         maxWindow,
		InitialConnectionReceiveWindow: streamWindow,
		MaxConnectionReceiveWindow:     maxWindow,
		MaxIncomingStreams:             streams,
		MaxIncomingUniStreams:          -1,
	}
}

// quicCarrier carries frames over one stream and in datagrams.
type quicCarrier struct {
	conn   *quic.Conn
	stream *quic.Stream
	after  func() // closes what belongs to the connection alone
}

// dialQUIC connects to a relay by a socket of its own.
func dialQUIC(ctx context.Context, addr netip.AddrPort, conf *tls.Config) (*quicCarrier, error) {
	udp, err := net.ListenUDP("udp", nil)
	if err != nil {
		return nil, err
	}
	tr := &quic.Transport{Conn: &socket{UDPConn: udp}}
	closeAll := func() { tr.Close(); udp.Close() }
	conn, err := tr.Dial(ctx, net.UDPAddrFromAddrPort(addr), conf, quicConfig(-1))
	if err != nil {
		closeAll()
		return nil, err
	}
	c := &quicCarrier{conn: conn, after: closeAll}
	if c.stream, err = conn.OpenStream(); err != nil {
		c.close(0, "")
		return nil, err
	}
	return c, nil
}

// quicNonce returns what a Register on this connection is bound to.
func quicNonce(c *quic.Conn) (n [nonceSize]byte, err error) {
	cs := c.ConnectionState().TLS
	b, err := cs.ExportKeyingMaterial(exporterLabel, nil, nonceSize)
	if err != nil {
		return n, fmt.Errorf("export a key: %w", err)
	}
	return [nonceSize]byte(b), nil
}

func (c *quicCarrier) send(f *frame) error {
	if f.small() {
		err := c.conn.SendDatagram(f.bytes())
		if _, long := errors.AsType[*quic.DatagramTooLargeError](err); !long {
			return err
		}
	}
	_, err := c.stream.Write(f.framed())
	return err
}

func (c *quicCarrier) readers() []func() (*frame, error) {
	return []func() (*frame, error){
		func() (*frame, error) { f, err := readFrame(c.stream); return f, asSaid(err) },
		c.datagram,
	}
}

// readFrame reads a frame with its length.
func readFrame(r io.Reader) (*frame, error) {
	var head [lengthSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(head[:]))
	if n == 0 || n > maxFrame {
		return nil, fmt.Errorf("%w: %d bytes", errFrame, n)
	}
	f := emptyFrame()
	f.n = n
	if _, err := io.ReadFull(r, f.bytes()); err != nil {
		f.free()
		return nil, err
	}
	return f, nil
}

// datagram receives a frame in a datagram.
func (c *quicCarrier) datagram() (*frame, error) {
	b, err := c.conn.ReceiveDatagram(context.Background())
	if err != nil {
		return nil, asSaid(err)
	}
	return frameOf(b)
}

// frameOf returns a frame of its kind and body. In a datagram only packets come.
func frameOf(b []byte) (*frame, error) {
	if len(b) == 0 || len(b) > maxFrame {
		return nil, fmt.Errorf("%w: %d bytes", errFrame, len(b))
	}
	f := emptyFrame().add(b...)
	if !f.small() {
		defer f.free()
		return nil, fmt.Errorf("%w: kind %d in a datagram", errFrame, f.kind())
	}
	return f, nil
}

// asSaid turns a connection's end into the Bye that it was: over QUIC, closing says it.
func asSaid(err error) error {
	if e, ok := errors.AsType[*quic.ApplicationError](err); ok && e.Remote && e.ErrorCode > 0 && e.ErrorCode < 256 {
		return byeError(Code(e.ErrorCode), e.ErrorMessage)
	}
	return err
}

func (c *quicCarrier) remote() netip.AddrPort {
	a := c.conn.RemoteAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

func (c *quicCarrier) close(code Code, text string) {
	if code != 0 { // what is said before the handshake is done does not arrive (RFC 9000 §10.2.3)
		select {
		case <-c.conn.HandshakeComplete():
		case <-c.conn.Context().Done():
		case <-time.After(byePatience):
		}
	}
	c.conn.CloseWithError(quic.ApplicationErrorCode(code), text)
	if c.after != nil {
		c.after()
	}
}

func (c *quicCarrier) name() string { return "udp" }
