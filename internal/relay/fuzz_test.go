package relay

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"gossterm/internal/id"
)

// somePeer is in the seeds.
var somePeer = secretOf(2).Peer()

// seedFrames are kind and body of one frame of each kind.
func seedFrames() [][]byte {
	return [][]byte{
		registerFrame(secretOf(1), tagOf(1), "", [32]byte{}, []byte("relay")).bytes(),
		registerFrame(secretOf(1), tagOf(1), "Token", [32]byte{1}, make([]byte, 16)).bytes(),
		registeredFrame(netip.MustParseAddrPort("192.0.2.7:4433")).bytes(),
		registeredFrame(netip.MustParseAddrPort("[2001:db8::7]:1")).bytes(),
		newFrame(kindSend).add(somePeer[:]...).add([]byte("packet")...).bytes(),
		newFrame(kindPacket).add(somePeer[:]...).add(make([]byte, MaxPacket)...).bytes(),
		newFrame(kindAbsent).add(somePeer[:]...).bytes(),
		pingFrame(7).bytes(),
		pingFrame(7).as(kindPong).bytes(),
		byeFrame(Full, "no place").bytes(),
		{byte(kindBye)},
		{},
	}
}

// FuzzFrames reads frames off a stream: what is read is what was there.
func FuzzFrames(f *testing.F) {
	var all []byte
	for _, b := range seedFrames() {
		one := emptyFrame().add(b...).framed()
		f.Add(one)
		all = append(all, one...)
	}
	f.Add(all)
	f.Add([]byte{0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		var out []byte
		for {
			f, err := readFrame(r)
			if err != nil {
				break
			}
			if f.n < 1 || f.n > maxFrame {
				t.Fatalf("a frame of %d bytes", f.n)
			}
			out = append(out, f.framed()...)
			f.free()
		}
		if !bytes.HasPrefix(in, out) {
			t.Errorf("read %x of %x", out, in)
		}
	})
}

// FuzzRegister reads a Register and writes it again.
func FuzzRegister(f *testing.F) {
	for _, b := range seedFrames() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 || len(in) > maxFrame {
			return
		}
		fr := emptyFrame().add(in...)
		r, err := fr.registration()
		if err != nil {
			return
		}
		again := newFrame(kindRegister).add(version).add(r.peer[:]...).add(r.tag[:]...).
			add(byte(len(r.token))).add([]byte(r.token)...).add(r.sig...)
		if !bytes.Equal(again.bytes(), in) || len(r.token) > id.MaxRelayToken {
			t.Errorf("%x is read as %+v", in, r)
		}
		r.signedBy([32]byte{}, []byte("relay"))
	})
}

// FuzzClient gives a client any frame: it hands on what is right and fails on the rest.
func FuzzClient(f *testing.F) {
	for _, b := range seedFrames() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 || len(in) > maxFrame {
			return
		}
		told := 0
		cfg := clientOf(noRelay, 1, tagOf(1))
		cfg.Packet = func(from id.Peer, p []byte) {
			told++
			if len(p) == 0 || len(p) > MaxPacket || !bytes.Equal(in[33:], p) || !bytes.Equal(in[1:33], from[:]) {
				t.Errorf("%x is a packet from %v: %x", in, from, p)
			}
		}
		cfg.Absent = func(p id.Peer) { told++ }
		c := NewClient(cfg)
		q := newQueue(sendQueue, nil, &c.dropped)
		err := c.handle(emptyFrame().add(in...), q)
		switch {
		case told > 1, told == 1 && err != nil:
			t.Errorf("%x: told %d times, %v", in, told, err)
		case told == 0 && err == nil && kind(in[0]) != kindPing && kind(in[0]) != kindPong:
			t.Errorf("%x is neither told nor refused", in)
		}
	})
}

// FuzzServer gives a relay any frame of a registered client. It forwards to one client of
// the same tag, under the sender's key, or answers, or fails.
func FuzzServer(f *testing.F) {
	for _, b := range seedFrames() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 || len(in) > maxFrame {
			return
		}
		s := &Server{hub: newHub(9), start: time.Now()}
		join := func(n int, of tag) *member {
			m := &member{s: s, peer: secretOf(n).Peer(), tag: of, rate: rate.NewLimiter(rate.Inf, 0),
				rare: rate.NewLimiter(1, 1), queue: newQueue(9, nil, &s.count.queued)}
			s.hub.add(m)
			return m
		}
		a, b, foreign := join(1, tagOf(1)), join(2, tagOf(1)), join(2, tagOf(2))
		err := a.handle(emptyFrame().add(in...))
		if f := foreign.queue.pop(); f != nil {
			t.Errorf("%x went to another tag", in)
		}
		if f := b.queue.pop(); f != nil {
			from, packet, e := f.packet()
			if err != nil || e != nil || f.kind() != kindPacket || from != a.peer || !bytes.Equal(packet, in[33:]) {
				t.Errorf("%x was forwarded as %x", in, f.bytes())
			}
		}
		if f := a.queue.pop(); f != nil && f.kind() != kindAbsent && f.kind() != kindPong {
			t.Errorf("%x was answered by %x", in, f.bytes())
		}
	})
}

// FuzzReflect reads answers, and answers queries.
func FuzzReflect(f *testing.F) {
	from := netip.MustParseAddrPort("192.0.2.7:4433")
	query := ReflectQuery([16]byte{1, 2, 3})
	f.Add(query)
	f.Add(reflectTo(query, from))
	f.Add(reflectTo(query, netip.MustParseAddrPort("[2001:db8::7]:1")))
	f.Add([]byte{reflectAnswer})
	f.Fuzz(func(t *testing.T, in []byte) {
		if number, seen, ok := ParseReflectAnswer(in); ok {
			again := reflectTo(ReflectQuery(number), seen)
			if !bytes.Equal(again, in) || seen.Addr().Is4In6() {
				t.Errorf("%x is read as %x %v", in, number, seen)
			}
		}
		if answer := reflectTo(in, from); answer != nil {
			number, seen, ok := ParseReflectAnswer(answer)
			if !ok || seen != from || !bytes.Equal(number[:], in[1:17]) || len(answer) > len(in) {
				t.Errorf("%x is answered by %x", in, answer)
			}
		}
	})
}
