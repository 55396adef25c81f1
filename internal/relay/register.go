package relay

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"

	"gossterm/internal/id"
)

const (
	// alpn names the protocol over QUIC, path over WebSocket.
	alpn = "gossterm-relay/1"
	path = "/relay/1"
	// httpALPN is what is spoken inside TLS over TCP.
	httpALPN = "http/1.1"

	exporterLabel = "EXPORTER-gossterm/1 relay"
	nonceSize     = 32
	version       = 1
	registerHead  = 1 + 32 + 16 // version, peer, tag
)

// A tag is what peers that share a relay name: only these reach each other.
type tag = [16]byte

// TagOf returns a topic's tag: the first 16 bytes of
// SHA-256("gossterm/1 relay tag\0" ‖ topic), PROTOCOL.md §9.
func TagOf(topic id.Topic) [16]byte {
	h := sha256.Sum256(append([]byte("gossterm/1 relay tag\x00"), topic[:]...))
	return tag(h[:16])
}

// A registration is a Register that was read.
type registration struct {
	peer   id.Peer
	tag    tag
	token  string
	signed []byte // the body before the signature
	sig    []byte
}

// registerFrame returns the Register of a peer on a connection with the given nonce, to
// the relay that is called so: by its pin or its name.
func registerFrame(s id.Secret, t tag, token string, nonce [nonceSize]byte, relay []byte) *frame {
	p := s.Peer()
	f := newFrame(kindRegister).add(version).add(p[:]...).add(t[:]...)
	f.add(byte(len(token))).add([]byte(token)...)
	return f.add(s.Sign(signedText(nonce, relay, f.body()))...)
}

// registration reads a Register. Its signature is not checked. It is valid as long as f.
func (f *frame) registration() (registration, error) {
	b := f.body()
	if f.kind() != kindRegister || len(b) < registerHead+1+ed25519.SignatureSize {
		return registration{}, fmt.Errorf("%w: not a register", errFrame)
	}
	if b[0] != version {
		return registration{}, fmt.Errorf("%w: version %d of register", errFrame, b[0])
	}
	end := registerHead + 1 + int(b[registerHead])
	if b[registerHead] > id.MaxRelayToken || len(b) != end+ed25519.SignatureSize {
		return registration{}, fmt.Errorf("%w: a register of %d bytes", errFrame, len(b))
	}
	return registration{
		peer:   id.Peer(b[1:33]),
		tag:    tag(b[33:registerHead]),
		token:  string(b[registerHead+1 : end]),
		signed: b[:end],
		sig:    b[end:],
	}, nil
}

// signedBy reports whether the peer itself registers, on the connection with that nonce
// and to the relay that is called so.
func (r registration) signedBy(nonce [nonceSize]byte, relay []byte) bool {
	return r.peer.Verify(signedText(nonce, relay, r.signed), r.sig)
}

// signedText is what a Register's signature is over (PROTOCOL.md §9). The nonce binds it to the
// connection, the relay's pin or name to the relay: it is of no use to another.
func signedText(nonce [nonceSize]byte, relay, body []byte) []byte {
	b := append([]byte("gossterm/1 relay register\x00"), nonce[:]...)
	return append(append(b, relay...), body...)
}

// calledBy returns what a client calls a relay in its signature: the pin, or the name.
func calledBy(r id.Relay) []byte {
	if r.Pinned {
		return r.Pin[:]
	}
	return []byte(r.Place)
}
