package envelope

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	"gossterm/internal/id"
)

var (
	host   = id.SecretFromSeed([32]byte{1})
	member = id.SecretFromSeed([32]byte{2})
	topic  = id.TopicOf(host.Peer())
)

const (
	hostLife   = 77 // the host's incarnation
	memberLife = 3
)

func newLog() *Log { return NewLog(topic, host.Peer(), hostLife, 1, [32]byte{9}) }

func newInput() *Input {
	return NewInput(topic, hostLife, member.Peer(), memberLife, 1, [32]byte{8})
}

var (
	logPlain   = AppendLog(nil, Resize{80, 24}, Output{[]byte("hello\r\n")})
	inputPlain = Typing{Flushes: 1, Items: []InputItem{Typed{[]byte("ls\r")}}}.Append(nil)
)

func hostWire() []byte  { return newLog().Seal(host, 5, 0, 0, logPlain) }
func inputWire() []byte { return newInput().Seal(member, 5, inputPlain) }

// Computed by this code and checked against another implementation of PROTOCOL.md
// §5: they notice a change of the format, a key or what is signed.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		desc string
		got  []byte
		want string
	}{
		{"host record", hostWire(), goldenHost},
		{"input record", inputWire(), goldenInput},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("%s is\n%s, want\n%s", c.desc, got, c.want)
		}
	}
	part := sha256.Sum256(newLog().Seal(host, 1<<40, 2, 256, make([]byte, MaxHostPlain)))
	if got := hex.EncodeToString(part[:]); got != goldenPart {
		t.Errorf("the hash of a large part of a snapshot is %s, want %s", got, goldenPart)
	}
}

func TestHostRecord(t *testing.T) {
	r, err := ParseHost(hostWire())
	if err != nil {
		t.Fatal(err)
	}
	if r.Epoch != 1 || r.Seq != 5 || r.Part != 0 || r.Parts != 0 || r.Kind != KindHost {
		t.Errorf("got %+v", r)
	}
	if !Verify(topic, host.Peer(), hostLife, r) {
		t.Errorf("the signature does not verify")
	}
	if plain, err := newLog().Open(r); err != nil || !bytes.Equal(plain, logPlain) {
		t.Errorf("got %q, %v, want %q", plain, err, logPlain)
	}
}

func TestInputRecord(t *testing.T) {
	r, err := ParseInput(inputWire())
	if err != nil {
		t.Fatal(err)
	}
	if r.Epoch != 1 || r.Seq != 5 || r.Author != member.Peer() || r.Incarnation != memberLife {
		t.Errorf("got %+v", r)
	}
	if !Verify(topic, member.Peer(), memberLife, r) {
		t.Errorf("the signature does not verify")
	}
	if plain, err := newInput().Open(r); err != nil || !bytes.Equal(plain, inputPlain) {
		t.Errorf("got %q, %v, want %q", plain, err, inputPlain)
	}
}

// No bit of a record can be changed on the way, also by one who cares about the
// signature only: an opener refuses too.
func TestEveryFlippedBitIsRefused(t *testing.T) {
	for _, c := range []struct {
		desc   string
		wire   []byte
		parse  func([]byte) (Record, error)
		author id.Peer
		life   uint64
	}{
		{"host", hostWire(), ParseHost, host.Peer(), hostLife},
		{"input", inputWire(), ParseInput, member.Peer(), memberLife},
	} {
		t.Run(c.desc, func(t *testing.T) {
			for i := range len(c.wire) * 8 {
				bad := bytes.Clone(c.wire)
				bad[i/8] ^= 1 << (i % 8)
				r, err := c.parse(bad)
				if err == nil && Verify(topic, c.author, c.life, r) {
					t.Errorf("bit %d of byte %d: verified", i%8, i/8)
				}
			}
		})
	}
}

func TestEncryptionCoversTheHeader(t *testing.T) {
	for i := range (hostHeader + len(logPlain) + Overhead) * 8 {
		bad := hostWire()
		bad[i/8] ^= 1 << (i % 8)
		if r, err := ParseHost(bad); err == nil {
			if _, err := newLog().Open(r); err == nil {
				t.Errorf("host record: bit %d of byte %d: opened", i%8, i/8)
			}
		}
	}
	for i := range (inputHeader + len(inputPlain) + Overhead) * 8 {
		bad := inputWire()
		bad[i/8] ^= 1 << (i % 8)
		if r, err := ParseInput(bad); err == nil {
			if _, err := newInput().Open(r); err == nil {
				t.Errorf("input record: bit %d of byte %d: opened", i%8, i/8)
			}
		}
	}
}

func TestVerifyHoldsForOneSessionAuthorAndIncarnation(t *testing.T) {
	h, _ := ParseHost(hostWire())
	in, _ := ParseInput(inputWire())
	other := id.TopicOf(member.Peer())
	for _, c := range []struct {
		desc string
		ok   bool
	}{
		{"host record in another topic", Verify(other, host.Peer(), hostLife, h)},
		{"host record by a member", Verify(topic, member.Peer(), hostLife, h)},
		{"host record of another life", Verify(topic, host.Peer(), hostLife+1, h)},
		{"input in another topic", Verify(other, member.Peer(), memberLife, in)},
		{"input by the host", Verify(topic, host.Peer(), memberLife, in)},
		{"input of another life", Verify(topic, member.Peer(), memberLife+1, in)},
	} {
		if c.ok {
			t.Errorf("%s is verified", c.desc)
		}
	}
	// A member cannot write a host record by signing one itself.
	forged := h
	forged.Sig = [64]byte(member.Sign(append(h.appendBound(nil, topic, host.Peer(), hostLife), h.Cipher...)))
	if Verify(topic, host.Peer(), hostLife, forged) {
		t.Errorf("a host record signed by a member is verified")
	}
	// Nor speak for another: the author in the record is the author it is checked for.
	forged = in
	forged.Author = host.Peer()
	forged.Sig = [64]byte(member.Sign(append(forged.appendBound(nil, topic, member.Peer(), memberLife), in.Cipher...)))
	if Verify(topic, member.Peer(), memberLife, forged) {
		t.Errorf("a record that names another author is verified")
	}
}

func TestOpenRefuses(t *testing.T) {
	h, _ := ParseHost(hostWire())
	in, _ := ParseInput(inputWire())
	for _, c := range []struct {
		desc string
		open func(Record) ([]byte, error)
		r    Record
		want error
	}{
		{"log of another epoch", NewLog(topic, host.Peer(), hostLife, 2, [32]byte{9}).Open, h, ErrOther},
		{"log under another key", NewLog(topic, host.Peer(), hostLife, 1, [32]byte{7}).Open, h, ErrSealed},
		{"log of another topic", NewLog(id.Topic{}, host.Peer(), hostLife, 1, [32]byte{9}).Open, h, ErrSealed},
		{"log of another life", NewLog(topic, host.Peer(), hostLife+1, 1, [32]byte{9}).Open, h, ErrSealed},
		{"input given to a log", newLog().Open, in, ErrOther},
		{"log given to an input", newInput().Open, h, ErrOther},
		{"input of another epoch", NewInput(topic, hostLife, member.Peer(), memberLife, 2, [32]byte{8}).Open, in, ErrOther},
		{"input of another life", NewInput(topic, hostLife, member.Peer(), memberLife+1, 1, [32]byte{8}).Open, in, ErrOther},
		{"input of another author", NewInput(topic, hostLife, host.Peer(), memberLife, 1, [32]byte{8}).Open, in, ErrOther},
		{"input under another secret", NewInput(topic, hostLife, member.Peer(), memberLife, 1, [32]byte{9}).Open, in, ErrSealed},
		{"input for another shell of the same host key", NewInput(topic, hostLife+1, member.Peer(), memberLife, 1, [32]byte{8}).Open, in, ErrSealed},
	} {
		if plain, err := c.open(c.r); !errors.Is(err, c.want) || plain != nil {
			t.Errorf("%s: got %q, %v, want %v", c.desc, plain, err, c.want)
		}
	}
}

func TestEpochAloneMakesAnotherKey(t *testing.T) {
	// The same record with its epoch changed must not open under the next epoch's
	// key even if the epoch key is, against the rules, the same.
	r, _ := ParseHost(hostWire())
	r.Epoch = 2
	if _, err := NewLog(topic, host.Peer(), hostLife, 2, [32]byte{9}).Open(r); !errors.Is(err, ErrSealed) {
		t.Errorf("got %v, want %v", err, ErrSealed)
	}
}

func TestParseRefuses(t *testing.T) {
	edit := func(b []byte, at int, v ...byte) []byte {
		copy(b[at:], v)
		return b
	}
	zero := make([]byte, 32)
	for _, c := range []struct {
		desc  string
		parse func([]byte) (Record, error)
		in    []byte
	}{
		{"nothing", ParseHost, nil},
		{"no input", ParseInput, nil},
		{"a cut header", ParseHost, hostWire()[:hostHeader-1]},
		{"a cut input header", ParseInput, inputWire()[:inputHeader-1]},
		{"a cut record", ParseHost, hostWire()[:len(hostWire())-1]},
		{"a cut input", ParseInput, inputWire()[:len(inputWire())-1]},
		{"a byte more", ParseHost, append(hostWire(), 0)},
		{"a byte more in an input", ParseInput, append(inputWire(), 0)},
		{"an input as a host record", ParseHost, inputWire()},
		{"a host record as an input", ParseInput, append(hostWire(), make([]byte, 64)...)},
		{"epoch 0", ParseHost, edit(hostWire(), 1, 0, 0, 0, 0)},
		{"seq 0", ParseHost, edit(hostWire(), 5, zero[:8]...)},
		{"seq 0 in an input", ParseInput, edit(inputWire(), 5, zero[:8]...)},
		{"part without parts", ParseHost, edit(hostWire(), 13, 0, 1, 0, 0)},
		{"part 0 of 2", ParseHost, edit(hostWire(), 13, 0, 0, 0, 2)},
		{"part 3 of 2", ParseHost, edit(hostWire(), 13, 0, 3, 0, 2)},
		{"part 1 of 257", ParseHost, edit(hostWire(), 13, 0, 1, 1, 1)},
		{"no author", ParseInput, edit(inputWire(), 13, zero...)},
		{"incarnation 0", ParseInput, edit(inputWire(), 45, zero[:8]...)},
		{"a ciphertext of 15 bytes", ParseHost, sized(hostWire(), hostHeader, 15)},
		{"a ciphertext too long", ParseHost, sized(hostWire(), hostHeader, MaxHostPlain+Overhead+1)},
		{"an empty input", ParseInput, sized(inputWire(), inputHeader, 16)},
		{"an input that is not padded", ParseInput, sized(inputWire(), inputHeader, 16+33)},
		{"an input too long", ParseInput, sized(inputWire(), inputHeader, 16+maxInputPlain+32)},
	} {
		if r, err := c.parse(c.in); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %+v, %v, want ErrMalformed", c.desc, r, err)
		}
	}
	for _, n := range []int{16, MaxHostPlain + Overhead} {
		if _, err := ParseHost(sized(hostWire(), hostHeader, n)); err != nil {
			t.Errorf("a ciphertext of %d bytes: %v", n, err)
		}
	}
	for _, n := range []int{48, maxInputPlain + Overhead} {
		if _, err := ParseInput(sized(inputWire(), inputHeader, n)); err != nil {
			t.Errorf("an input's ciphertext of %d bytes: %v", n, err)
		}
	}
}

// sized returns a record with the header of b and a ciphertext of n bytes.
func sized(b []byte, header, n int) []byte {
	b = append(b[:header:header], make([]byte, n+SigSize)...)
	b[header-2], b[header-1] = byte(n>>8), byte(n)
	return b
}

func TestSealRefusesWhatTheWireCannotSay(t *testing.T) {
	for _, c := range []struct {
		desc string
		seal func()
	}{
		{"seq 0", func() { newLog().Seal(host, 0, 0, 0, nil) }},
		{"part 2 of 1", func() { newLog().Seal(host, 1, 2, 1, nil) }},
		{"too much", func() { newLog().Seal(host, 1, 0, 0, make([]byte, MaxHostPlain+1)) }},
		{"another's secret", func() { newLog().Seal(member, 1, 0, 0, nil) }},
		{"input seq 0", func() { newInput().Seal(member, 0, inputPlain) }},
		{"an input not padded", func() { newInput().Seal(member, 1, make([]byte, 33)) }},
		{"an input too large", func() { newInput().Seal(member, 1, make([]byte, maxInputPlain+32)) }},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is sealed", c.desc)
				}
			}()
			c.seal()
		}()
	}
}

const (
	goldenHost  = "010000000100000000000000050000000000216d0200c365c88ddf4f3a2b71dcd5d6bef39f2eb4405030db9e9a43942d469228e0952be53553399b99345e8c24cf43da0598b8fae657c02042526da3451e0db8c0c3f4a384be0f254b6f89e353ac95de80933971027ebf20b5e5e25cebea99d60e"
	goldenInput = "020000000100000000000000056b79c57e6a095239282c04818e96112f3f03a4001ba97a564c23852a3f1ea5fc0000000000000003003076c40155dc4b4ca044dad14674dbce699b8e905f6a7c67c1d80e781286bb36a7d05180a6faf583346f9ecd1344052295f47ce515441cf54a79db69f1e15f61d308908a347c009da426a6e7eac71afe1a0bd5255d093c9968158188225fc54abb850ec66db5898ed777206865d79a5a05"
	goldenPart  = "42e9aab60102fe53a2adef6d7e783bcf974eded420cb03a77fc613ac6727b379"
)
