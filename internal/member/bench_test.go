package member

import "testing"

func BenchmarkHello(b *testing.B) {
	j := newJoiner(b, config(2))
	for b.Loop() {
		if _, err := j.Hello(exporter, hostKey.Peer(), 0); err != nil {
			b.Fatal(err)
		}
	}
}

// The host's whole work for one Hello: proof, request, welcome.
func BenchmarkAdmit(b *testing.B) {
	h, j := newHost(), newJoiner(b, config(2))
	wire, err := j.Hello(exporter, hostKey.Peer(), 0)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		v, _, err := h.Answer(exporter, peerKey(2).Peer(), wire)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := h.Join(peerKey(2).Peer(), v.Sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMembershipOf1024(b *testing.B) {
	m := &Membership{Version: 1, Epoch: 1, Host: 1, Rows: manyRows(MaxMaxPeers)}
	wire := m.Sign(hostKey)
	b.Run("Sign", func(b *testing.B) {
		for b.Loop() {
			m.Sign(hostKey)
		}
	})
	b.Run("Open", func(b *testing.B) {
		for b.Loop() {
			if _, err := OpenMembership(hostKey.Peer(), wire); err != nil {
				b.Fatal(err)
			}
		}
	})
}
