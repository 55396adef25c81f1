package transport

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/path"
	"gossterm/internal/relay"
)

// A station is a relay of a test, on loopback.
type station struct {
	*relay.Server
	stop func()
}

func newStation(t testing.TB) *station {
	t.Helper()
	s, err := relay.Listen(relay.ServerConfig{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Secret: newSecret()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Serve(ctx)
	}()
	st := &station{s, func() { cancel(); <-done }}
	t.Cleanup(st.stop)
	return st
}

func (s *station) value() id.Relay { return s.Values()[0] }

// relayedEnds are two ends that know each other by their relays alone.
func relayedEnds(t *testing.T, only bool, relays ...*station) (a, b *end) {
	t.Helper()
	cfg := Config{RelayOnly: only}
	for _, r := range relays {
		cfg.Relays = append(cfg.Relays, r.value())
	}
	w := quicWorld(t)
	return newEnd(t, w, cfg), newEnd(t, w, cfg)
}

// linkOver dials without an address and trusts both ends.
func linkOver(t testing.TB, a, b *end) (ab, ba *Link) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ab, err := a.Dial(ctx, b.key, nil)
	if err != nil {
		t.Fatal(err)
	}
	want[Up](t, a)
	ba = want[Up](t, b).Link
	ab.Trust()
	ba.Trust()
	mustSend(t, ba, Control, Proof, make([]byte, 32))
	want[Got](t, a)
	return ab, ba
}

// exchange sends a frame each way.
func exchange(t testing.TB, a, b *end, ab, ba *Link, text string) {
	t.Helper()
	mustSend(t, ab, Input, InputKind, []byte(text))
	if g := want[Got](t, b); string(g.Body) != text {
		t.Errorf("got %q", g.Body)
	}
	mustSend(t, ba, Log, Gossip, []byte(text))
	if g := want[Got](t, a); string(g.Body) != text {
		t.Errorf("got %q", g.Body)
	}
}

// eventually waits for something that no event tells.
func eventually(t testing.TB, desc string, f func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !f(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("never: %s", desc)
		}
	}
}

// A link begins over the relay, goes straight by itself, and outlives the relay.
func TestRelayedThenDirect(t *testing.T) {
	r := newStation(t)
	a, b := relayedEnds(t, false, r)
	ab, ba := linkOver(t, a, b)
	exchange(t, a, b, ab, ba, "either way")
	eventually(t, "straight", func() bool { return ab.Stats().Via == path.LAN && ba.Stats().Via == path.LAN })
	r.stop()
	exchange(t, a, b, ab, ba, "without the relay")
}

// Who hides its addresses stays on the relay, which sees no plaintext.
func TestRelayOnly(t *testing.T) {
	r := newStation(t)
	a, b := relayedEnds(t, true, r)
	if len(a.Addrs()) > 0 {
		t.Errorf("addresses %v are told", a.Addrs())
	}
	ab, ba := linkOver(t, a, b)
	for range 20 {
		exchange(t, a, b, ab, ba, "hidden")
	}
	if got := ab.Stats().Via; got != path.Relayed {
		t.Errorf("via %v", got)
	}
	if got := ba.Addr(); got != (netip.AddrPort{}) {
		t.Errorf("the peer shows at %v", got)
	}
}

// When one of two relays dies, what went over it goes over the other.
func TestSecondRelay(t *testing.T) {
	r1, r2 := newStation(t), newStation(t)
	a, b := relayedEnds(t, true, r1, r2)
	ab, ba := linkOver(t, a, b)
	exchange(t, a, b, ab, ba, "both")
	r1.stop()
	exchange(t, a, b, ab, ba, "the second")
	if ab.ctx.Err() != nil {
		t.Error("the link ended")
	}
}

// Without its relay a dial says what is wrong with it.
func TestDeadRelay(t *testing.T) {
	r := newStation(t)
	v := r.value()
	r.stop()
	a := newEnd(t, quicWorld(t), Config{Relays: []id.Relay{v}})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := a.Dial(ctx, newSecret().Peer(), nil)
	de, ok := errors.AsType[*DialError](err)
	if !ok || len(de.Tries) != 1 || de.Tries[0].Addr.IsValid() {
		t.Errorf("got %v", err)
	}
}

func TestOfferCodec(t *testing.T) {
	addrs := []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:1"), netip.MustParseAddrPort("[2001:db8::1]:65535")}
	b := appendOffer(nil, addrs)
	got, err := readOffer(b)
	if err != nil || len(got) != 2 || got[0] != addrs[0] || got[1] != addrs[1] {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range [][]byte{nil, {17}, {1}, {1, 5, 1, 2, 3, 4, 0, 1},
		append([]byte{1, 6}, append(netip.MustParseAddr("::ffff:192.0.2.1").AsSlice(), 0, 1)...), b[:len(b)-1], append(bytes.Clone(b), 0)} {
		if got, err := readOffer(bad); err == nil {
			t.Errorf("%x is read as %v", bad, got)
		}
	}
	many := make([]netip.AddrPort, 40)
	for i := range many {
		many[i] = addrs[0]
	}
	if got, err := readOffer(appendOffer(nil, many)); err != nil || len(got) != maxOffers {
		t.Errorf("%d addresses, %v", len(got), err)
	}
}

func FuzzReadOffer(f *testing.F) {
	f.Add(appendOffer(nil, []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:1"), netip.MustParseAddrPort("[2001:db8::1]:9")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		addrs, err := readOffer(b)
		if err == nil && len(addrs) > maxOffers {
			t.Errorf("%d addresses", len(addrs))
		}
	})
}

// A link tells where its peer said it is and never answered, while it is heard elsewhere.
func TestUnreached(t *testing.T) {
	w := quicWorld(t)
	a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
	ab, ba := join(t, a, b)
	mustSend(t, ba, Control, Proof, make([]byte, 32)) // its own Paths are behind that
	want[Got](t, a)
	silent := loopback(t).LocalAddr().(*net.UDPAddr).AddrPort()
	mustSend(t, ba, Control, Paths, appendOffer(nil, append(b.Addrs(), silent)))
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for late := time.Now().Add(patience); !ab.Unreached(silent); <-tick.C {
		if time.Now().After(late) {
			t.Fatal("the silent address counts as one of the peer's")
		}
		mustSend(t, ab, Input, InputKind, []byte("heard?"))
		want[Got](t, b)
	}
	if ab.Unreached(b.Addrs()[0]) {
		t.Error("the address that the peer is talked to at does not count as one of its own")
	}
}

// A peer that is not proved cannot make us send to addresses of its choice.
func TestOfferBeforeProof(t *testing.T) {
	w := quicWorld(t)
	a, b := newEnd(t, w, Config{}), newEnd(t, w, Config{})
	c := a.raw(t, b)
	ba := want[Up](t, b).Link
	victim := loopback(t)
	frames := appendFrame([]byte{byte(Control)}, Paths, appendOffer(nil, []netip.AddrPort{victim.LocalAddr().(*net.UDPAddr).AddrPort()}))
	rawSend(t, c, Control, appendFrame(frames, Hello, []byte("hello")))
	want[Got](t, b) // what came before was dealt with
	ba.Trust()
	mustSend(t, ba, Control, Proof, make([]byte, 32))
	victim.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if n, _, err := victim.ReadFrom(make([]byte, 1500)); err == nil {
		t.Errorf("the victim got %d bytes", n)
	}
}
