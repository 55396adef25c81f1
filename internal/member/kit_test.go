package member

import (
	"errors"
	"testing"

	"gossterm/internal/id"
	"gossterm/internal/ticket"
)

var (
	hostKey  = id.SecretFromSeed([32]byte{1})
	topic    = id.TopicOf(hostKey.Peer())
	typeTo   = ticket.Ticket{Host: hostKey.Peer(), Role: id.Type, Secret: ticket.SecretOf([16]byte{3})}
	watchTo  = typeTo.Watch()
	exporter = []byte("the exporter's 32 bytes of a link")
)

const hostLife = 77

func newHost(edit ...func(*HostConfig)) *Host {
	cfg := HostConfig{Secret: hostKey, Incarnation: hostLife, Name: "box", Ticket: typeTo, EpochKey: [32]byte{9}}
	for _, f := range edit {
		f(&cfg)
	}
	return NewHost(cfg)
}

// peerKey returns the n-th member's key, n from 2.
func peerKey(n int) id.Secret { return id.SecretFromSeed([32]byte{byte(n), byte(n >> 8)}) }

// config returns what the n-th member joins with, in its first process.
func config(n int) JoinerConfig {
	return JoinerConfig{
		Ticket: typeTo, Secret: peerKey(n), Name: "ana",
		Nonce: [16]byte{1}, MemberSecret: [32]byte{byte(n), 1},
	}
}

// process returns the same member in another process.
func process(cfg JoinerConfig, nonce byte) JoinerConfig {
	cfg.Nonce, cfg.MemberSecret[2] = [16]byte{nonce}, nonce
	return cfg
}

func newJoiner(t testing.TB, cfg JoinerConfig) *Joiner {
	t.Helper()
	j, err := NewJoiner(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// hello returns a joiner's Hello for a link to the host, as the host reads it.
func hello(t testing.TB, j *Joiner) Hello {
	t.Helper()
	b, err := j.Hello(exporter, hostKey.Peer(), 0)
	if err != nil {
		t.Fatal(err)
	}
	h, err := ParseHello(b)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// ask has the host decide about a joiner with cfg.
func ask(t testing.TB, h *Host, cfg JoinerConfig) (Admitted, error) {
	t.Helper()
	return h.Join(cfg.Secret.Peer(), hello(t, newJoiner(t, cfg)).Sealed)
}

// join has the host admit a joiner with cfg.
func join(t testing.TB, h *Host, cfg JoinerConfig) Admitted {
	t.Helper()
	a, err := ask(t, h, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// welcomed returns a joiner that is in, with membership.
func welcomed(t testing.TB, h *Host, cfg JoinerConfig) *Joiner {
	t.Helper()
	j := newJoiner(t, cfg)
	a, err := h.Join(cfg.Secret.Peer(), hello(t, j).Sealed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.CheckWelcome(a.Welcome); err != nil {
		t.Fatal(err)
	}
	if changed, err := j.ApplyMembership(h.Membership()); !changed || err != nil {
		t.Fatal(changed, err)
	}
	return j
}

// wantRefusal checks that err refuses with code.
func wantRefusal(t *testing.T, desc string, err error, code Code) {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) || r.Code != code || r.Reason == "" {
		t.Errorf("%s: got %v, want a refusal with code %d", desc, err, code)
	}
}
