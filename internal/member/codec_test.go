package member

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"testing"

	"gossterm/internal/id"
)

var (
	sampleWelcome = Welcome{Key: peerKey(2).Peer(), Nonce: [16]byte{1}, Incarnation: 3, Role: id.Type, Version: 4, Host: hostLife}
	sampleHead    = Head{Beat: 5, Seq: 6, Snapshot: 2, Version: 4}
)

// sampleMembership has two members and two bans.
func sampleMembership() *Membership {
	a, b := peerKey(2).Peer(), peerKey(3).Peer()
	if b.Compare(a) < 0 {
		a, b = b, a
	}
	seal := epochSeal(topic, hostLife, a, 3, [32]byte{8})
	return &Membership{
		Version: 4, Epoch: 2, Host: hostLife, Name: "box",
		Rows: []Row{
			{Peer: a, Incarnation: 3, Role: id.Type, State: Here, Name: "ana", EpochKey: sealEpochKey(seal, 2, [32]byte{9})},
			{Peer: b, Incarnation: 4, Role: id.Watch, State: Away, Name: "", EpochKey: [sealed]byte{7}},
		},
		Bans: []id.Peer{{1}, {2}},
	}
}

func sampleHello() Hello {
	hop := Hop{Topic: topic, Dialler: peerKey(2).Peer(), Acceptor: hostKey.Peer(), Exporter: exporter}
	return Hello{Proof: hop.Prove(typeTo.AdmitKey(), Dialler), Have: 41, Sealed: []byte("sealed")}
}

// sampleRequest vouches.
func sampleRequest() []byte {
	cfg := config(2)
	v := VouchFor(peerKey(50), topic, cfg.Secret.Peer())
	q := request{
		key: cfg.Secret.Peer(), nonce: cfg.Nonce, secret: cfg.MemberSecret, role: id.Type,
		beat: 12, name: "ana", vouch: &v,
	}
	key, _ := typeTo.TypeKey()
	q.mac = q.ticketMAC(key, topic)
	return q.sign(cfg.Secret, topic)
}

// Checked against another implementation of PROTOCOL.md §4: they notice a change
// of a format, a key, or what is signed.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		desc string
		got  []byte
		want string
	}{
		{"hello", sampleHello().Append(nil), goldenHello},
		{"join request", sampleRequest(), goldenRequest},
		{"welcome", sampleWelcome.Sign(hostKey), goldenWelcome},
		{"membership", sampleMembership().Sign(hostKey), goldenMembership},
		{"head", sampleHead.Sign(hostKey, hostLife), goldenHead},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("%s is\n%s, want\n%s", c.desc, got, c.want)
		}
	}
}

func TestCodecsRoundTrip(t *testing.T) {
	if got, err := OpenWelcome(hostKey.Peer(), sampleWelcome.Sign(hostKey)); err != nil || got != sampleWelcome {
		t.Errorf("got %+v, %v, want %+v", got, err, sampleWelcome)
	}
	if got, err := OpenHead(hostKey.Peer(), hostLife, sampleHead.Sign(hostKey, hostLife)); err != nil || got != sampleHead {
		t.Errorf("got %+v, %v, want %+v", got, err, sampleHead)
	}
	want := sampleMembership()
	if got, err := OpenMembership(hostKey.Peer(), want.Sign(hostKey)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	q, err := parseRequest(topic, sampleRequest())
	if err != nil || q.name != "ana" || q.beat != 12 || q.identity() != peerKey(50).Peer() {
		t.Errorf("got %+v, %v", q, err)
	}
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	for _, c := range []struct {
		desc string
		wire []byte
		open func([]byte) error
	}{
		{"welcome", sampleWelcome.Sign(hostKey), func(b []byte) error { _, err := OpenWelcome(hostKey.Peer(), b); return err }},
		{"membership", sampleMembership().Sign(hostKey), func(b []byte) error { _, err := OpenMembership(hostKey.Peer(), b); return err }},
		{"head", sampleHead.Sign(hostKey, hostLife), func(b []byte) error { _, err := OpenHead(hostKey.Peer(), hostLife, b); return err }},
	} {
		t.Run(c.desc, func(t *testing.T) {
			if err := c.open(c.wire); err != nil {
				t.Fatal(err)
			}
			for i := range len(c.wire) * 8 {
				bad := bytes.Clone(c.wire)
				bad[i/8] ^= 1 << (i % 8)
				if c.open(bad) == nil {
					t.Errorf("bit %d of byte %d: taken", i%8, i/8)
				}
			}
			for n := range c.wire {
				if c.open(c.wire[:n]) == nil {
					t.Errorf("cut to %d bytes: taken", n)
				}
			}
		})
	}
}

// One kind of object signed by the host is never read as another.
func TestSignaturesDoNotCross(t *testing.T) {
	for _, b := range [][]byte{sampleWelcome.Sign(hostKey), sampleMembership().Sign(hostKey), sampleHead.Sign(hostKey, hostLife)} {
		n := 0
		if _, err := OpenWelcome(hostKey.Peer(), b); err == nil {
			n++
		}
		if _, err := OpenMembership(hostKey.Peer(), b); err == nil {
			n++
		}
		if _, err := OpenHead(hostKey.Peer(), hostLife, b); err == nil {
			n++
		}
		if n != 1 {
			t.Errorf("%d bytes are read as %d kinds", len(b), n)
		}
	}
	// With equal bytes, the context alone keeps them apart.
	body := make([]byte, 32)
	body[7] = 1
	sig := hostKey.Sign(bound("gossterm/1 other\x00", topic, be64(hostLife), body))
	if _, err := OpenHead(hostKey.Peer(), hostLife, append(body, sig...)); err == nil {
		t.Errorf("a head under another context is taken")
	}
}

func FuzzParseHello(f *testing.F) {
	f.Add(sampleHello().Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := ParseHello(b); err == nil && !bytes.Equal(h.Append(nil), b) {
			t.Errorf("%x is written as %x", b, h.Append(nil))
		}
	})
}

// The request's reader is fuzzed behind its signature.
func FuzzParseRequest(f *testing.F) {
	f.Add(sampleRequest()[:len(sampleRequest())-sigSize])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, fields []byte) {
		key := peerKey(2)
		if len(fields) >= 32 {
			copy(fields, key.Peer().Public())
		}
		b := append(bytes.Clone(fields), key.Sign(bound(joinContext, topic, fields))...)
		if q, err := parseRequest(topic, b); err == nil && !bytes.Equal(q.sign(key, topic), b) {
			t.Errorf("%x is written as %x", b, q.sign(key, topic))
		}
	})
}

// The readers of what the host signs are fuzzed without its signature; what comes
// after their fields is ignored.
func FuzzParseWelcome(f *testing.F) {
	f.Add(sampleWelcome.Sign(hostKey))
	f.Fuzz(func(t *testing.T, b []byte) {
		if w, fields, _, err := parseWelcome(b); err == nil && !bytes.HasPrefix(w.Sign(hostKey), fields) {
			t.Errorf("%x is read as %+v", b, w)
		}
	})
}

func FuzzParseMembership(f *testing.F) {
	f.Add(sampleMembership().Sign(hostKey))
	f.Add((&Membership{Version: 1, Epoch: 1, Host: 1}).Sign(hostKey))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, fields, _, err := parseMembership(b); err == nil && !bytes.Equal(m.appendFields(nil), fields) {
			t.Errorf("%x is read as %+v", b, m)
		}
	})
}

func FuzzParseHead(f *testing.F) {
	f.Add(sampleHead.Sign(hostKey, hostLife))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, fields, _, err := parseHead(b); err == nil && !bytes.HasPrefix(h.Sign(hostKey, 1), fields) {
			t.Errorf("%x is read as %+v", b, h)
		}
	})
}

const (
	goldenHello      = "2c0cae150eac9e455c3e0a0145331398ce8ca73b999b9a5cfd5973afe0ad044e000000000000002900067365616c6564"
	goldenRequest    = "6b79c57e6a095239282c04818e96112f3f03a4001ba97a564c23852a3f1ea5fc01000000000000000000000000000000020100000000000000000000000000000000000000000000000000000000000002faa4528a53c8204886478a6f444f1a5a2fc1e33e0135004a35cce0ea86115e00000000000000000c03616e610150c4a5871ad3379f2879d12cef750d1211633283a9c3730238e6ddf084db4c8ad44eacadcda93747bd5b1a0e9727aa652f42e7f3a951340a727a562d776d3bbaf187fc680bff8f48f055801cc7534d98fb92861c5475109c50fbdbfa32b2370039e84d9b9a58cd22d15bf288d009ec0174aface5f984e8bf65472fe8af549980c2a71e35a9db911a3a3b5901ffb65dc0104ca534a8b4f51d1c7a6b7a4a73c202"
	goldenWelcome    = "6b79c57e6a095239282c04818e96112f3f03a4001ba97a564c23852a3f1ea5fc010000000000000000000000000000000000000000000003020000000000000004000000000000004dbd5cdd75214804d119ed791fb8419bfc88949d3279cd1672126bfcfa8768239ae85e8557e4879db582c66dbffc118a57c2e151e5286c360a6e11ed514f453b0f"
	goldenMembership = "000000000000000400000002000000000000004d03626f7800026b79c57e6a095239282c04818e96112f3f03a4001ba97a564c23852a3f1ea5fc0000000000000003020103616e61601e1e875b0c3ad80b020179e4ede8ed27b72c6e9a4f1abe738a7f3c3bf9487f6cd6ed9a1da1a4e66b6aea69e932103bdadbd184a2d526f1ebdd5c06fdad9359b228759b4d7f79d66689fa254aad854600000000000000040102000700000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000002010000000000000000000000000000000000000000000000000000000000000002000000000000000000000000000000000000000000000000000000000000006f8fad05d0ba27ac9cc9801c4591b37f12dfac15ea283250774e9c52ea95ad07114f5b96579ffc31b2ebcc25c9552111a8baae259dfa75c2173da7641617a305"
	goldenHead       = "0000000000000005000000000000000600000000000000020000000000000004ec1aa94f7a6476b563a6ce2f0f14a906bfe530cf0ee394030a6adb65033998330d9c10b8eb5ff5ee2f934540a52b53a827ad6a4a93ee2399c7b0afe2e6c88c0d"
)
