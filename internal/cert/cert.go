// Package cert makes and reads the certificates by which TLS proves peer keys
// (PROTOCOL.md §3). Only the key in a certificate counts.
package cert

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"

	"gossterm/internal/id"
)

// Of signs a certificate for its own key. TLS proves possession, and the dates are
// for ever, as peers' clocks are wrong.
func Of(s id.Secret) (tls.Certificate, error) {
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

// ErrVersion reports a connection of another TLS version or protocol.
var ErrVersion = errors.New("another version of the protocol")

// Peer returns whose key the other end of a connection has proved. It returns
// ErrVersion if the connection is not TLS 1.3 with the given ALPN, and another
// error if the end has not exactly one certificate of a usable Ed25519 key.
func Peer(cs tls.ConnectionState, alpn string) (id.Peer, error) {
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

// Config returns what both ends of a connection between peers use; whom to accept is
// the caller's check. The server name is the same for all of a protocol, so that it
// tells an observer nothing.
//
// The check is made in VerifyConnection, which is never skipped, and replaces the one
// by certificate authorities.
func Config(own tls.Certificate, alpn, serverName string, check func(id.Peer) error) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{alpn},
		Certificates:           []tls.Certificate{own},
		ServerName:             serverName,
		ClientAuth:             tls.RequireAnyClientCert,
		InsecureSkipVerify:     true,
		SessionTicketsDisabled: true,
		VerifyConnection: func(cs tls.ConnectionState) error {
			p, err := Peer(cs, alpn)
			if err != nil {
				return err
			}
			return check(p)
		},
	}
}
