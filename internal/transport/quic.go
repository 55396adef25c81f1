package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/quic-go/quic-go"

	"gossterm/internal/cert"
	"gossterm/internal/id"
	"gossterm/internal/path"
)

const (
	idleTimeout      = 2 * time.Minute // a laptop may sleep that long and keep its link
	keepAlive        = 10 * time.Second
	handshakeTimeout = 5 * time.Second
	// lastWords is how long a closed socket still repeats to peers why their links
	// were closed, in case the first message was lost.
	lastWords = 50 * time.Millisecond

	// packetSize is what every IPv6 path takes. It is not probed for more: when a
	// machine moves to a narrower path quic-go would not notice.
	packetSize = 1200

	streamWindow    = 512 << 10
	maxStreamWindow = 1 << 20
	connWindow      = 512 << 10 // all that an unproved peer can make us hold
	maxConnWindow   = 4 << 20
	maxStreams      = 8 // three and some that a restarting log leaves behind

	urgent  = 0 // control and input (PROTOCOL.md §3)
	patient = 2 // log
)

// TLS's alert no_application_protocol as a QUIC error (RFC 9001 §4.8, RFC 7301 §3.2).
const noALPN quic.TransportErrorCode = 0x100 + 120

var quicConfig = &quic.Config{
	MaxIdleTimeout:                 idleTimeout,
	KeepAlivePeriod:                keepAlive,
	HandshakeIdleTimeout:           handshakeTimeout,
	InitialPacketSize:              packetSize,
	DisablePathMTUDiscovery:        true,
	InitialStreamReceiveWindow:     streamWindow,
	MaxStreamReceiveWindow:         maxStreamWindow,
	InitialConnectionReceiveWindow: connWindow,
	MaxConnectionReceiveWindow:     maxConnWindow,
	MaxIncomingStreams:             -1,
	MaxIncomingUniStreams:          maxStreams,
}

// quicNet is the network over UDP.
type quicNet struct {
	udp  *net.UDPConn // path reads and writes it
	path *path.Conn
	tr   *quic.Transport
	ln   *quic.Listener
	cert tls.Certificate
	half *halfOpen

	relays *relays
	used   atomic.Bool // there was a connection
}

// listenQUIC binds the socket.
func listenQUIC(cfg Config, on hooks) (*quicNet, error) {
	own, err := cert.Of(cfg.Secret)
	if err != nil {
		return nil, err
	}
	reset, err := resetKey(cfg.Secret)
	if err != nil {
		return nil, err
	}
	var at *net.UDPAddr
	if cfg.Listen.Addr().IsValid() {
		at = net.UDPAddrFromAddrPort(cfg.Listen)
	}
	udp, err := net.ListenUDP("udp", at)
	if err != nil {
		return nil, err
	}
	n := &quicNet{udp: udp, cert: own, half: &halfOpen{}}
	n.relays = newRelays(cfg, n)
	n.path = path.New(path.Config{
		UDP: udp, Relays: n.relays.paths(), Direct: !cfg.RelayOnly, Self: cfg.Secret.Peer(), Changed: on.changed, Again: on.again, Log: cfg.Log,
	})
	key := quic.StatelessResetKey(reset)
	n.tr = &quic.Transport{
		Conn:                  n.path,
		StatelessResetKey:     &key,
		ConnectionIDGenerator: connIDs{n.path},
		VerifySourceAddress:   n.half.crowded,
		ConnContext:           n.half.begin,
	}
	if n.ln, err = n.tr.Listen(tlsConfig(own, anyPeer), quicConfig); err != nil {
		n.path.Close()
		return nil, fmt.Errorf("listen: %w", err)
	}
	n.relays.start()
	return n, nil
}

// connIDs draws connection IDs that the path conn knows again.
type connIDs struct{ c *path.Conn }

func (g connIDs) GenerateConnectionID() (quic.ConnectionID, error) {
	b := g.c.NewID()
	return quic.ConnectionIDFromBytes(b[:]), nil
}

func (connIDs) ConnectionIDLen() int { return path.IDSize }

func (n *quicNet) addrs() []netip.AddrPort { return n.path.Dialable() }

func (n *quicNet) reflected() <-chan struct{} { return n.path.Reflected() }

func (n *quicNet) absent(ctx context.Context, peer id.Peer) bool { return n.path.Absent(ctx, peer) }

func (n *quicNet) relayed() bool { return len(n.relays.clients) > 0 }

func (n *quicNet) offers() []netip.AddrPort { return n.path.Own() }

func (n *quicNet) dial(ctx context.Context, peer id.Peer, addr netip.AddrPort) (conn, error) {
	var wrong error // what our own check said; quic-go wraps it beyond recognition
	conf := tlsConfig(n.cert, func(p id.Peer) error {
		if p != peer {
			wrong = ErrKey
		}
		return wrong
	})
	to, hangUp := n.path.Direct(addr)
	if !addr.IsValid() {
		to, hangUp = n.path.Relayed(peer), func() {}
		if err := n.relays.wait(ctx); err != nil {
			return nil, err
		}
	}
	defer hangUp()
	q, err := n.tr.Dial(ctx, to, conf, quicConfig)
	if err != nil {
		if wrong != nil {
			err = wrong
		}
		return nil, answered(err, addr)
	}
	n.used.Store(true)
	return n.attach(q, to, peer, true)
}

// attach makes a conn of a connection whose handshake is over.
func (n *quicNet) attach(q *quic.Conn, at *path.Addr, who id.Peer, dialed bool) (conn, error) {
	tls := q.ConnectionState().TLS
	b, err := tls.ExportKeyingMaterial(pathLabel, nil, path.SecretSize)
	if err != nil {
		err = fmt.Errorf("export keying material: %w", err)
	}
	var p *path.Path
	if err == nil {
		p, err = n.path.Attach(at, who, [path.SecretSize]byte(b), dialed)
	}
	if err != nil {
		_ = q.CloseWithError(quic.ApplicationErrorCode(Refused), "")
		return nil, err
	}
	context.AfterFunc(q.Context(), p.Close)
	return &quicConn{q: q, who: who, at: p}, nil
}

// answered says in our words why a dial failed.
func answered(err error, addr netip.AddrPort) error {
	te, _ := errors.AsType[*quic.TransportError](err)
	_, noVersion := errors.AsType[*quic.VersionNegotiationError](err)
	_, noHandshake := errors.AsType[*quic.HandshakeTimeoutError](err)
	_, idle := errors.AsType[*quic.IdleTimeoutError](err)
	switch {
	case errors.Is(err, ErrKey):
		return ErrKey
	case noVersion, te != nil && te.ErrorCode == noALPN:
		return ErrVersion
	case te != nil && te.ErrorCode == quic.ConnectionRefused:
		return ErrBusy
	case noHandshake, idle, errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		if addr.IsValid() && !reachable(addr) {
			return ErrUnreachable
		}
		return ErrTimeout
	}
	return err
}

// reachable reports whether the kernel knows a way to addr. Nothing is sent.
func reachable(addr netip.AddrPort) bool {
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func (n *quicNet) accept(ctx context.Context) (conn, error) {
	for {
		q, err := n.ln.Accept(ctx)
		if err != nil {
			return nil, err
		}
		n.half.end(q.Context())
		n.used.Store(true)
		who, err := cert.Peer(q.ConnectionState().TLS, alpn)
		at, ok := q.RemoteAddr().(*path.Addr)
		if err != nil || !ok {
			// VerifyConnection let it pass, so this cannot be; if it is, it is nobody.
			_ = q.CloseWithError(quic.ApplicationErrorCode(Refused), "")
			continue
		}
		if c, err := n.attach(q, at, who, false); err == nil {
			return c, nil
		}
	}
}

func (n *quicNet) close(code Code) {
	n.ln.Close() // refuses the handshakes under way
	for {
		q, err := n.ln.Accept(context.Background())
		if err != nil {
			break
		}
		q.CloseWithError(quic.ApplicationErrorCode(code), "")
	}
	if n.used.Load() {
		time.Sleep(lastWords)
	}
	n.relays.stop()
	_ = n.tr.Close()
	_ = n.path.Close()
}
