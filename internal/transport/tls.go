package transport

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"fmt"

	"gossterm/internal/cert"
	"gossterm/internal/id"
)

const (
	alpn          = "gossterm/5"                // PROTOCOL.md §3
	exporterLabel = "EXPORTER-gossterm/1 admit" // PROTOCOL.md §4.1
	pathLabel     = "EXPORTER-gossterm/1 path"  // PROTOCOL.md §8.1
	// serverName is the same for all, so that it tells an observer nothing.
	serverName = "gossterm"
)

// tlsConfig returns what both sides use; whom to accept is the caller's check.
func tlsConfig(own tls.Certificate, check func(id.Peer) error) *tls.Config {
	return cert.Config(own, alpn, serverName, check)
}

// anyPeer is an acceptor's check: who may stay is decided by Hello.
func anyPeer(id.Peer) error { return nil }

// resetKey derives the key of stateless resets (RFC 9000 §10.3), by which a
// restarted process with the same key tells peers that it lost their links.
func resetKey(s id.Secret) ([32]byte, error) {
	k, err := hkdf.Key(sha256.New, s.Key().Seed(), nil, "gossterm/1 stateless reset", 32)
	if err != nil {
		return [32]byte{}, fmt.Errorf("derive reset key: %w", err)
	}
	return [32]byte(k), nil
}
