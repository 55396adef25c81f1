package transport

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/quic-go/quic-go"

	"gossterm/internal/path"
	"gossterm/internal/source"
)

const (
	// retryAbove is how many handshakes may be under way before the next must prove
	// its address with a Retry (RFC 9000 §8.1.2): it costs an honest peer one round
	// trip, and a liar with forged addresses everything.
	retryAbove = 8
	// maxHalfOpen bounds the handshakes under way altogether, maxSourceOpen those of one
	// source, maxRelayedOpen those over the relays: who answers the Retry and then
	// says nothing holds a place for 10 s.
	maxHalfOpen    = 128
	maxSourceOpen  = 8
	maxKeyOpen     = 2 // of one peer behind the relays
	maxRelayedOpen = maxHalfOpen / 2
)

var errHalfOpen = errors.New("too many handshakes under way")

// halfOpen counts the handshakes under way.
type halfOpen struct {
	mu      sync.Mutex
	n       int
	relayed int
	by      map[string]int // by source
}

// A handshake is counted until it ends once.
type handshake struct {
	over    sync.Once
	from    string
	relayed bool
}

// sourceOf returns what counts as the source of a handshake: an address, or whom the
// relay names. An address that is not proved yet is nobody's:
// else somebody could take the places of another. There are few of these.
func sourceOf(c *quic.ClientInfo) (from string, relayed bool) {
	a, ok := c.RemoteAddr.(*path.Addr)
	switch {
	case ok && a.Relayed():
		return a.String(), true
	case ok && c.AddrVerified:
		// A whole site is one: a handshake holds its place for a moment only.
		return source.Of(a.Direct().Addr(), source.Site).String(), false
	}
	return "", false
}

type handshakeKey struct{}

// crowded reports whether the next handshake must begin with a Retry.
func (h *halfOpen) crowded(net.Addr) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.n >= retryAbove
}

// begin counts a handshake until end, or until its connection ends.
func (h *halfOpen) begin(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	from, relayed := sourceOf(info)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.n >= maxHalfOpen || from != "" && h.by[from] >= maxSourceOpen || relayed && (h.by[from] >= maxKeyOpen || h.relayed >= maxRelayedOpen) {
		return nil, errHalfOpen
	}
	if h.by == nil {
		h.by = make(map[string]int)
	}
	h.n++
	h.by[from]++
	if relayed {
		h.relayed++
	}
	ctx = context.WithValue(ctx, handshakeKey{}, &handshake{from: from, relayed: relayed})
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
		if h.by[s.from]--; h.by[s.from] <= 0 {
			delete(h.by, s.from)
		}
		if s.relayed {
			h.relayed--
		}
	})
}
