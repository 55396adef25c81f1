package member

import (
	"crypto/hmac"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"gossterm/internal/id"
)

const (
	joinContext  = "gossterm/1 join\x00"
	vouchContext = "gossterm/1 vouch\x00"

	macCovers = 32 + 16 + 32 + 1 // key, nonce, secret, role
	vouchSize = 32 + sigSize

	minRequest = macCovers + 32 + 8 + 1 + 1 + sigSize
	maxRequest = minRequest + MaxName + vouchSize
	encSize    = 32 // HPKE's encapsulated key
	minSealed  = encSize + minRequest + 16
	maxSealed  = encSize + maxRequest + 16
)

// A request is the plaintext of a join request (PROTOCOL.md §4.2).
type request struct {
	key    id.Peer
	nonce  [16]byte
	secret [32]byte
	role   id.Role
	mac    [32]byte
	beat   uint64
	name   string
	vouch  *Vouch
}

// A Vouch is an identity's word that a member's key is its own. Approvals, bans
// and authorized keys name the identity, which outlives the process.
type Vouch struct {
	Identity id.Peer
	Sig      [64]byte
}

// VouchFor returns the vouch of an identity for a member's key in one session.
func VouchFor(identity id.Secret, topic id.Topic, key id.Peer) Vouch {
	return Vouch{
		Identity: identity.Peer(),
		Sig:      [64]byte(identity.Sign(bound(vouchContext, topic, key[:]))),
	}
}

// Check reports whether v vouches for key in the session of topic.
func (v Vouch) Check(topic id.Topic, key id.Peer) bool {
	return v.Identity.Valid() && v.Identity.Verify(bound(vouchContext, topic, key[:]), v.Sig[:])
}

// appendMACed appends the fields that the MAC covers.
func (q request) appendMACed(dst []byte) []byte {
	dst = append(append(dst, q.key[:]...), q.nonce[:]...)
	return append(append(dst, q.secret[:]...), byte(q.role))
}

// sign returns the request as it is sealed.
func (q request) sign(secret id.Secret, topic id.Topic) []byte {
	b := append(q.appendMACed(nil), q.mac[:]...)
	b = binary.BigEndian.AppendUint64(b, q.beat)
	b = appendName(b, q.name)
	if q.vouch == nil {
		b = append(b, 0)
	} else {
		b = append(append(append(b, 1), q.vouch.Identity[:]...), q.vouch.Sig[:]...)
	}
	return append(b, secret.Sign(bound(joinContext, topic, b))...)
}

// parseRequest reads a request and checks all that needs no ticket: its form, its
// keys, its signature and its vouch.
func parseRequest(topic id.Topic, b []byte) (request, error) {
	r := reader{b: b}
	q := request{
		key:    r.peer(),
		nonce:  [16]byte(r.take(16)),
		secret: [32]byte(r.take(32)),
		role:   id.Role(r.u8()),
		mac:    [32]byte(r.take(32)),
		beat:   r.u64(),
		name:   r.name(),
	}
	vouches := r.u8()
	if vouches == 1 {
		q.vouch = &Vouch{Identity: r.peer(), Sig: [64]byte(r.take(sigSize))}
	}
	signed := b[:len(b)-len(r.b)]
	sig := r.take(sigSize)
	if err := r.err("join request"); err != nil {
		return request{}, err
	}
	switch {
	case len(r.b) != 0 || vouches > 1 || !q.role.Valid() || !q.key.Valid():
		return request{}, fmt.Errorf("join request: %w", ErrMalformed)
	case !q.key.Verify(bound(joinContext, topic, signed), sig):
		return request{}, fmt.Errorf("join request: %w signature", ErrForged)
	case q.vouch != nil && !q.vouch.Check(topic, q.key):
		return request{}, fmt.Errorf("join request: %w vouch", ErrForged)
	}
	return q, nil
}

// identity returns who vouches for the request's key, or zero.
func (q request) identity() id.Peer {
	if q.vouch == nil {
		return id.Peer{}
	}
	return q.vouch.Identity
}

// ticketMAC returns the proof, under P or A of a ticket, of the wanted role.
func (q request) ticketMAC(key [32]byte, topic id.Topic) [32]byte {
	m := hmac.New(sha256.New, key[:])
	m.Write(q.appendMACed(bound(joinContext, topic)))
	return [32]byte(m.Sum(nil))
}

// sealRequest seals a signed request to the host. HPKE draws its own key from the
// system's randomness.
func sealRequest(host id.Peer, topic id.Topic, plain []byte) ([]byte, error) {
	k, err := host.X25519()
	if err != nil {
		return nil, fmt.Errorf("seal a join request: %w", err)
	}
	pub, err := hpke.NewDHKEMPublicKey(k)
	if err != nil {
		return nil, fmt.Errorf("seal a join request: %w", err)
	}
	sealed, err := hpke.Seal(pub, hpke.HKDFSHA256(), hpke.AES256GCM(), bound(joinContext, topic), plain)
	if err != nil {
		return nil, fmt.Errorf("seal a join request: %w", err)
	}
	return sealed, nil
}

// openRequest opens what sealRequest sealed.
func openRequest(key hpke.PrivateKey, topic id.Topic, sealed []byte) (request, error) {
	if len(sealed) < minSealed || len(sealed) > maxSealed {
		return request{}, fmt.Errorf("join request: %w: %d bytes", ErrMalformed, len(sealed))
	}
	plain, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), bound(joinContext, topic), sealed)
	if err != nil {
		return request{}, fmt.Errorf("join request: %w: it is not sealed to this host", ErrForged)
	}
	return parseRequest(topic, plain)
}
