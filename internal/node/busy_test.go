package node

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/transport"
)

// busyFor has the host take no handshakes for so long.
func busyFor(d time.Duration) func(*MemberConfig) {
	return func(cfg *MemberConfig) {
		begun, dial := time.Now(), cfg.Dial
		cfg.Dial = func(ctx context.Context, p id.Peer, addrs []netip.AddrPort) (*transport.Link, error) {
			if time.Since(begun) < d {
				return nil, transport.ErrBusy
			}
			return dial(ctx, p, addrs)
		}
	}
}

// Who joins with many others at the same moment calls a busy host again.
func TestABusyHostIsCalledAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		const busy = busyTime - time.Second
		begun := time.Now()
		p := w.start(w.config(), busyFor(busy))
		if err := p.Joined(context.Background()); err != nil {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(begun); took > busy+2*busyMost {
			t.Errorf("in after %v with a host that was busy for %v", took, busy)
		}
	})
	inWorld(t, func(t *testing.T, w *world) {
		begun := time.Now()
		p := w.start(w.config(), busyFor(time.Hour))
		if err := p.Joined(context.Background()); !errors.Is(err, transport.ErrBusy) {
			t.Errorf("got %v, want %v", err, transport.ErrBusy)
		}
		if took := time.Since(begun); took < busyTime || took > joinTime {
			t.Errorf("given up after %v", took)
		}
	})
}

// A host that is late with somebody at the door may be in time with them the next time.
func TestALateHostIsCalledAgain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s := w.scripted(func(s *script, l *transport.Link, hello []byte) {
			if s.calls == 1 {
				l.Close(transport.Late, "no proof in time")
				return
			}
			proof, welcome, membership := s.answers(l, hello)
			control(l, transport.Proof, proof)
			control(l, transport.Welcome, welcome)
			control(l, transport.Membership, membership)
		})
		p := w.start(w.config())
		if err := p.Joined(context.Background()); err != nil {
			t.Errorf("got %v after %d calls", err, s.calls)
		}
	})
}
