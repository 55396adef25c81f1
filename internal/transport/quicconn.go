package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"

	"github.com/quic-go/quic-go"

	"gossterm/internal/id"
	"gossterm/internal/path"
)

// quicConn is a conn over QUIC.
type quicConn struct {
	q   *quic.Conn
	who id.Peer
	at  *path.Path
}

func (c *quicConn) peer() id.Peer { return c.who }

// addr is where packets go now; over a relay it is none.
func (c *quicConn) addr() netip.AddrPort { return c.at.Info().Addr }

func (c *quicConn) unreached(at netip.AddrPort) bool { return c.at.Unreached(at) }

func (c *quicConn) trust() { c.at.Trust() }

func (c *quicConn) offer(addrs []netip.AddrPort) { c.at.Offer(addrs) }

func (c *quicConn) exporter() ([exporterSize]byte, error) {
	tls := c.q.ConnectionState().TLS
	b, err := tls.ExportKeyingMaterial(exporterLabel, nil, exporterSize)
	if err != nil {
		return [exporterSize]byte{}, fmt.Errorf("export keying material: %w", err)
	}
	return [exporterSize]byte(b), nil
}

func (c *quicConn) open(ctx context.Context, class Class) (outStream, error) {
	s, err := c.q.OpenUniStreamSync(ctx)
	if err != nil {
		return nil, gone(err)
	}
	urgency := int8(urgent)
	if class == Log {
		urgency = patient
	}
	s.SetPriority(urgency, true)
	return quicOut{s}, nil
}

func (c *quicConn) accept(ctx context.Context) (inStream, error) {
	s, err := c.q.AcceptUniStream(ctx)
	if err != nil {
		return nil, gone(err)
	}
	return quicIn{s}, nil
}

func (c *quicConn) close(code Code, reason string) {
	// It has no error to return, but waits until the message is sent.
	_ = c.q.CloseWithError(quic.ApplicationErrorCode(code), reason)
}

func (c *quicConn) path() pathStats {
	s := c.q.ConnectionStats()
	return pathStats{via: c.at.Info().Via, rtt: s.SmoothedRTT, packetsIn: s.PacketsReceived, packetsOut: s.PacketsSent, packetsLost: s.PacketsLost}
}

// gone says in our words why a connection ended.
func gone(err error) error {
	if e, ok := errors.AsType[*quic.ApplicationError](err); ok {
		return &CloseError{
			Code:   Code(min(e.ErrorCode, quic.ApplicationErrorCode(maxCode))),
			Reason: printable(e.ErrorMessage),
			Remote: e.Remote,
		}
	}
	if _, ok := errors.AsType[*quic.IdleTimeoutError](err); ok {
		return ErrIdle
	}
	if _, ok := errors.AsType[*quic.StatelessResetError](err); ok {
		return ErrGone
	}
	if e, ok := errors.AsType[*quic.TransportError](err); ok && e.Remote {
		if e.ErrorCode == quic.ConnectionRefused { // closed before it had our last flight
			return ErrBusy
		}
		return errors.New(printable(e.Error())) // the text is the peer's
	}
	return err
}

// quicOut is an outStream over QUIC.
type quicOut struct{ s *quic.SendStream }

func (o quicOut) Write(p []byte) (int, error) {
	n, err := o.s.Write(p)
	return n, streamError(err, errStopped, errReset)
}

func (o quicOut) try(p []byte) bool { return o.s.TryWriteAll(p) == nil }

func (o quicOut) reset() { o.s.CancelWrite(0) }

// quicIn is an inStream over QUIC.
type quicIn struct{ s *quic.ReceiveStream }

func (i quicIn) Read(p []byte) (int, error) {
	n, err := i.s.Read(p)
	return n, streamError(err, errReset, errStopped)
}

func (i quicIn) number() int64 { return int64(i.s.StreamID()) }
func (i quicIn) stop()         { i.s.CancelRead(0) }

// streamError says who ended a stream, the peer or we; other ends are the conn's.
func streamError(err, remote, local error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if e, ok := errors.AsType[*quic.StreamError](err); ok {
		if e.Remote {
			return remote
		}
		return local
	}
	return gone(err)
}
