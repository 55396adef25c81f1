package transport

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/quic-go/quic-go"
)

const (
	// retryAbove is how many handshakes may be under way before the next must prove
	// its address with a Retry (RFC 9000 §8.1.2): it costs an honest peer one round
	// trip, and a liar with forged addresses everything.
	retryAbove = 8
	// maxHalfOpen bounds the handshakes under way altogether.
	maxHalfOpen = 64
)

var errHalfOpen = errors.New("too many handshakes under way")

// halfOpen counts the handshakes under way.
type halfOpen struct {
	mu sync.Mutex
	n  int
}

// handshake is counted until it ends once.
type handshake struct{ over sync.Once }

type handshakeKey struct{}

// crowded reports whether the next handshake must begin with a Retry.
func (h *halfOpen) crowded(net.Addr) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.n >= retryAbove
}

// begin counts a handshake until end, or until its connection ends.
func (h *halfOpen) begin(ctx context.Context, _ *quic.ClientInfo) (context.Context, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.n >= maxHalfOpen {
		return nil, errHalfOpen
	}
	h.n++
	ctx = context.WithValue(ctx, handshakeKey{}, &handshake{})
	context.AfterFunc(ctx, func() { h.end(ctx) })
	return ctx, nil
}

// end uncounts the handshake of a connection's context.
func (h *halfOpen) end(ctx context.Context) {
	s, ok := ctx.Value(handshakeKey{}).(*handshake)
	if !ok {
		return
	}
	s.over.Do(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.n--
	})
}
