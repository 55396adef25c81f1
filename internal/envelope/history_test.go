package envelope

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"gossterm/internal/id"
)

var (
	historyNonce = [12]byte{7, 7}
	historyPlain = []byte("\x00\x50$ ls\r\n\n")
)

func newPast() *Past { return NewPast(topic, host.Peer(), hostLife, 3, [32]byte{9}) }

func historyWire() []byte { return newPast().Seal(host, 5, historyNonce, historyPlain) }

func TestHistory(t *testing.T) {
	h, err := ParseHistory(historyWire())
	if err != nil {
		t.Fatal(err)
	}
	if h.Incarnation != hostLife || h.Epoch != 3 || h.Seq != 5 || h.Nonce != historyNonce {
		t.Errorf("got %+v", h)
	}
	if !VerifyHistory(topic, host.Peer(), h) {
		t.Errorf("the signature does not verify")
	}
	if plain, err := newPast().Open(h); err != nil || !bytes.Equal(plain, historyPlain) {
		t.Errorf("got %q, %v, want %q", plain, err, historyPlain)
	}
}

// Computed by this code and checked against another implementation of PROTOCOL.md
// §5.3: it notices a change of the format, the key or what is signed.
func TestHistoryGolden(t *testing.T) {
	if got := hex.EncodeToString(historyWire()); got != goldenHistory {
		t.Errorf("a history is\n%s, want\n%s", got, goldenHistory)
	}
}

const goldenHistory = "01000000000000004d0000000300000000000000050707000000000000000000000000001974c66d1c2d0675f2096290a12c6c4f244e7ae62aa71f914ab5b6848ca16858" +
	"fd413493b53d3c8bad6c48582255df00aa839dcd0942ba3ad27750d283a504db4309932bdd7533b952084be12de9a3a0a14abbfecff079f5700e"

func TestALargeHistory(t *testing.T) {
	for _, n := range []int{0, MaxHistoryPlain} {
		wire := newPast().Seal(host, 1, historyNonce, make([]byte, n))
		h, err := ParseHistory(wire)
		if err != nil || len(wire) > MaxHistory {
			t.Fatalf("%d bytes: %v on the wire, %v", n, len(wire), err)
		}
		if plain, err := newPast().Open(h); err != nil || len(plain) != n {
			t.Errorf("%d bytes: got %d, %v", n, len(plain), err)
		}
	}
}

// No bit can be changed on the way, and the encryption alone covers all of it but
// the signature.
func TestEveryFlippedBitOfAHistoryIsRefused(t *testing.T) {
	wire := historyWire()
	for i := range len(wire) * 8 {
		bad := bytes.Clone(wire)
		bad[i/8] ^= 1 << (i % 8)
		h, err := ParseHistory(bad)
		if err != nil {
			continue
		}
		if VerifyHistory(topic, host.Peer(), h) {
			t.Errorf("bit %d of byte %d: verified", i%8, i/8)
		}
		if _, err := newPast().Open(h); err == nil && i/8 < len(wire)-SigSize {
			t.Errorf("bit %d of byte %d: opened", i%8, i/8)
		}
	}
}

func TestAHistoryOfAnother(t *testing.T) {
	h, _ := ParseHistory(historyWire())
	if VerifyHistory(topic, member.Peer(), h) || VerifyHistory(id.TopicOf(member.Peer()), host.Peer(), h) {
		t.Errorf("verified for another host or topic")
	}
	for _, tt := range []struct {
		desc string
		past *Past
		want error
	}{
		{"epoch", NewPast(topic, host.Peer(), hostLife, 4, [32]byte{9}), ErrOther},
		{"incarnation", NewPast(topic, host.Peer(), hostLife+1, 3, [32]byte{9}), ErrOther},
		{"key", NewPast(topic, host.Peer(), hostLife, 3, [32]byte{8}), ErrSealed},
		{"topic", NewPast(id.TopicOf(member.Peer()), host.Peer(), hostLife, 3, [32]byte{9}), ErrSealed},
	} {
		if _, err := tt.past.Open(h); !errors.Is(err, tt.want) {
			t.Errorf("another %s: %v, want %v", tt.desc, err, tt.want)
		}
	}
	// A record is no history and a history no record, although one key signs both.
	record := Record{Kind: KindHost, Epoch: h.Epoch, Seq: h.Seq, Cipher: h.Cipher, Sig: h.Sig}
	if Verify(topic, host.Peer(), hostLife, record) {
		t.Errorf("a history verified as a record")
	}
}

func TestWhatIsNoHistory(t *testing.T) {
	change := func(at int, to ...byte) []byte {
		b := historyWire()
		copy(b[at:], to)
		return b
	}
	for _, tt := range []struct {
		desc string
		wire []byte
	}{
		{"nothing", nil},
		{"a question", make([]byte, 8)},
		{"cut", historyWire()[:historyHeader+20]},
		{"longer", append(historyWire(), 0)},
		{"version", change(0, 2)},
		{"incarnation", change(1, make([]byte, 8)...)},
		{"epoch", change(9, make([]byte, 4)...)},
		{"seq", change(13, make([]byte, 8)...)},
		{"length", change(33, 0xff, 0xff, 0xff, 0xff)},
		{"too short for a seal", append(change(33, 0, 0, 0, 15)[:historyHeader], make([]byte, 15+SigSize)...)},
		{"too large", append(change(33, 0, 1, 0, 17)[:historyHeader], make([]byte, MaxHistoryPlain+17+SigSize)...)},
	} {
		if _, err := ParseHistory(tt.wire); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v, want ErrMalformed", tt.desc, err)
		}
	}
}

func FuzzParseHistory(f *testing.F) {
	f.Add(historyWire())
	f.Add(newPast().Seal(host, 1, historyNonce, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := ParseHistory(b); err == nil && !bytes.Equal(h.Append(nil), b) {
			t.Errorf("%x is written as %x", b, h.Append(nil))
		}
	})
}
