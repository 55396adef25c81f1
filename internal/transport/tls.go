package transport

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"

	"gossterm/internal/id"
)

const (
	alpn          = "gossterm/2"                // PROTOCOL.md §3
	exporterLabel = "EXPORTER-gossterm/1 admit" // PROTOCOL.md §4.1
	// serverName is the same for all, so that it tells an observer nothing.
	serverName = "gossterm"
)

// certificate signs a certificate for its own key. Only the key in it counts:
// TLS proves possession, and the dates are for ever, as peers' clocks are wrong.
func certificate(s id.Secret) (tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Unix(0, 0),
		NotAfter:     time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
	}
	key := s.Key()
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// tlsConfig returns what both sides use; whom to accept is the caller's check.
//
// The check is VerifyConnection, which is never skipped, and replaces the one by
// certificate authorities.
func tlsConfig(cert tls.Certificate, check func(id.Peer) error) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{alpn},
		Certificates:           []tls.Certificate{cert},
		ServerName:             serverName,
		ClientAuth:             tls.RequireAnyClientCert,
		InsecureSkipVerify:     true,
		SessionTicketsDisabled: true,
		VerifyConnection: func(cs tls.ConnectionState) error {
			p, err := peerOf(cs)
			if err != nil {
				return err
			}
			return check(p)
		},
	}
}

// anyPeer is an acceptor's check: who may stay is decided by Hello.
func anyPeer(id.Peer) error { return nil }

// peerOf returns whose key a connection has proved, or an error if it is not as
// PROTOCOL.md §3 wants it.
func peerOf(cs tls.ConnectionState) (id.Peer, error) {
	if cs.Version != tls.VersionTLS13 || cs.NegotiatedProtocol != alpn {
		return id.Peer{}, ErrVersion
	}
	if len(cs.PeerCertificates) != 1 {
		return id.Peer{}, errors.New("not one certificate")
	}
	key, ok := cs.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	if !ok || len(key) != ed25519.PublicKeySize {
		return id.Peer{}, errors.New("not an Ed25519 certificate")
	}
	p := id.Peer(key)
	if !p.Valid() { // anybody can sign for a key of low order
		return id.Peer{}, errors.New("not a usable Ed25519 key")
	}
	return p, nil
}

// resetKey derives the key of stateless resets (RFC 9000 §10.3), by which a
// restarted process with the same key tells peers that it lost their links.
func resetKey(s id.Secret) ([32]byte, error) {
	k, err := hkdf.Key(sha256.New, s.Key().Seed(), nil, "gossterm/1 stateless reset", 32)
	if err != nil {
		return [32]byte{}, fmt.Errorf("derive reset key: %w", err)
	}
	return [32]byte(k), nil
}
