package cert

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"testing"

	"gossterm/internal/id"
)

const proto = "test/1"

// meet returns what each end of a TLS connection of two keys sees.
func meet(t *testing.T, a, b id.Secret, alpn string) (ofA, ofB tls.ConnectionState) {
	t.Helper()
	conf := func(s id.Secret) *tls.Config {
		c, err := Of(s)
		if err != nil {
			t.Fatal(err)
		}
		return Config(c, alpn, "test", func(id.Peer) error { return nil })
	}
	x, y := net.Pipe()
	server, client := tls.Server(x, conf(a)), tls.Client(y, conf(b))
	done := make(chan error, 1)
	go func() { done <- server.Handshake() }()
	if err := client.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return server.ConnectionState(), client.ConnectionState()
}

func TestPeer(t *testing.T) {
	a, b := id.SecretFromSeed([32]byte{1}), id.SecretFromSeed([32]byte{2})
	seesB, seesA := meet(t, a, b, proto)
	if p, err := Peer(seesB, proto); p != b.Peer() || err != nil {
		t.Errorf("got %v, %v", p, err)
	}
	if p, err := Peer(seesA, proto); p != a.Peer() || err != nil {
		t.Errorf("got %v, %v", p, err)
	}
	if _, err := Peer(seesA, "test/2"); !errors.Is(err, ErrVersion) {
		t.Errorf("another protocol: %v", err)
	}
	old := seesA
	old.Version = tls.VersionTLS12
	if _, err := Peer(old, proto); !errors.Is(err, ErrVersion) {
		t.Errorf("another TLS: %v", err)
	}
}

// Whom the check refuses has no connection.
func TestConfigChecks(t *testing.T) {
	a, b := id.SecretFromSeed([32]byte{1}), id.SecretFromSeed([32]byte{2})
	no := errors.New("not that one")
	conf := func(s id.Secret, check func(id.Peer) error) *tls.Config {
		c, err := Of(s)
		if err != nil {
			t.Fatal(err)
		}
		return Config(c, proto, "test", check)
	}
	x, y := net.Pipe()
	defer x.Close()
	go tls.Server(x, conf(a, func(id.Peer) error { return nil })).Handshake()
	err := tls.Client(y, conf(b, func(p id.Peer) error {
		if p != a.Peer() {
			t.Errorf("checks %v", p)
		}
		return no
	})).Handshake()
	y.Close()
	if !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
}

// Anything but one certificate of a usable Ed25519 key is nobody's.
func TestNobody(t *testing.T) {
	_, cs := meet(t, id.SecretFromSeed([32]byte{1}), id.SecretFromSeed([32]byte{2}), proto)
	good := cs.PeerCertificates[0]
	other := func(key any) *x509.Certificate {
		c := *good
		c.PublicKey = key
		return &c
	}
	for desc, certs := range map[string][]*x509.Certificate{
		"none":               nil,
		"two":                {good, good},
		"no Ed25519 key":     {other("rsa")},
		"a short key":        {other(ed25519.PublicKey(make([]byte, 31)))},
		"a key of low order": {other(ed25519.PublicKey(append([]byte{1}, make([]byte, 31)...)))}, // the neutral element
	} {
		cs.PeerCertificates = certs
		if p, err := Peer(cs, proto); err == nil {
			t.Errorf("%s is %v", desc, p)
		}
	}
}
