package gossip

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gossterm/internal/id"
)

var (
	four   = netip.MustParseAddrPort("192.0.2.1:4711")
	six    = netip.MustParseAddrPort("[2001:db8::1]:65535")
	oneOf  = Contact{Peer: id.Peer{1, 2, 3}, Addrs: []netip.AddrPort{four, six}}
	noAddr = Contact{Peer: id.Peer{9}}
)

// onWire returns a record as it travels, of which the codec reads the name.
func onWire(seq byte, part, parts byte) Record {
	b := []byte{1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, seq, 0, part, 0, parts, 0, 0}
	return Record{Seq: uint64(seq), Part: uint16(part), Parts: uint16(parts), Bytes: b}
}

// inputOnWire returns an input as it travels, of which the codec reads the name.
func inputOnWire(hops, seq byte) Input {
	b := make([]byte, inputHead+100)
	b[0], b[12], b[13], b[52] = 2, seq, 7, 1
	return Input{Hops: hops, Author: id.Peer{7}, Incarnation: 1, Seq: uint64(seq), Bytes: b}
}

// samples are messages of every kind, with their smallest and largest forms.
func samples() []Msg {
	many := slices.Repeat([]Contact{{Peer: id.Peer{7}, Addrs: []netip.AddrPort{six, six, six, six}}}, MaxEntries)
	return []Msg{
		Join{}, Join{oneOf.Addrs},
		ForwardJoin{6, oneOf}, ForwardJoin{0, noAddr},
		Neighbor{Step: Ask, High: true, Degree: 255}, Neighbor{Step: Accept, Degree: 3, Addrs: oneOf.Addrs}, Neighbor{Step: Refuse},
		Disconnect{Evicted}, Disconnect{NoNeighbor},
		Shuffle{MaxTTL, oneOf, []Contact{noAddr, oneOf}}, Shuffle{0, noAddr, nil}, Shuffle{1, noAddr, many},
		ShuffleReply{noAddr.Peer, []Contact{oneOf}}, ShuffleReply{noAddr.Peer, nil}, ShuffleReply{noAddr.Peer, many},
		Gossip{Rec: onWire(5, 0, 0)}, Gossip{Repair: true, Skip: true, Depth: 4, Parent: oneOf.Peer, Rec: onWire(6, 1, 3)},
		IHave{9, 4, 8, 2, oneOf.Peer}, IHave{},
		Graft{1}, Graft{1 << 63}, Prune{},
		Pull{1, 1}, Pull{1<<64 - MaxRange, 1<<64 - 1},
		Want{}, Want{1 << 63},
		Request{Hops: MaxHops, Matter: ToJoin, Peer: oneOf.Peer, Body: make([]byte, MaxRequest)}, Request{Matter: ToLeave, Body: []byte{}},
		Answer{Peer: oneOf.Peer, Code: 3, Body: make([]byte, MaxRequest)}, Answer{Body: []byte{}},
		inputOnWire(3, 9),
	}
}

func TestMessagesComeBackAsTheyWere(t *testing.T) {
	for _, m := range samples() {
		k, b := AppendMsg([]byte("before"), m)
		got, err := ParseMsg(k, b[len("before"):])
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%#v became %#v, %v", m, got, err)
		}
	}
}

// One byte less or more is no message, unless it belongs to a record or a body,
// which others check.
var openEnded = map[Kind]int{
	KindGossip: 34 + recordHead, KindInput: 1 + inputHead, KindRequest: 34, KindAnswer: 33,
}

func TestMessagesHaveOneLength(t *testing.T) {
	for _, m := range samples() {
		k, b := AppendMsg(nil, m)
		for n := range len(b) {
			if least, open := openEnded[k]; open && n >= least {
				break
			}
			if got, err := ParseMsg(k, b[:n]); !errors.Is(err, ErrMessage) {
				t.Errorf("%T cut to %d of %d bytes: %#v, %v", m, n, len(b), got, err)
			}
		}
		if _, open := openEnded[k]; open && len(b) < MaxRequest {
			continue
		}
		if got, err := ParseMsg(k, append(b, 0)); k != KindGossip && !errors.Is(err, ErrMessage) {
			t.Errorf("%T and a byte more: %#v, %v", m, got, err)
		}
	}
}

// The wire does not change unnoticed: PROTOCOL.md §7 by hand.
func TestMessagesOnTheWire(t *testing.T) {
	for _, tt := range []struct {
		m    Msg
		kind Kind
		want string
	}{
		{Join{[]netip.AddrPort{four}}, 7, "01" + "04c0000201" + "1267"},
		{Neighbor{Step: Ask, High: true, Degree: 3}, 9, "01" + "01" + "03" + "00"},
		{Disconnect{Left}, 10, "03"},
		{Graft{258}, 18, "0000000000000102"},
		{Prune{}, 19, ""},
		{Want{7}, 13, "0000000000000007"},
		{Request{2, ToLeave, id.Peer{1}, []byte{9}}, 14, "0202" + "01" + strings.Repeat("00", 31) + "09"},
		{Answer{id.Peer{1}, 3, []byte("full")}, 15, "01" + strings.Repeat("00", 31) + "03" + "66756c6c"},
		{Pull{1, 2}, 20, "0000000000000001" + "0000000000000002"},
	} {
		k, b := AppendMsg(nil, tt.m)
		if got := hex.EncodeToString(b); k != tt.kind || got != tt.want {
			t.Errorf("%#v: kind %d, %s; want %d, %s", tt.m, k, got, tt.kind, tt.want)
		}
	}
}

func TestMessagesOutOfRangeAreRefused(t *testing.T) {
	key := make([]byte, 32)
	cat := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	u64 := func(n byte) []byte { return []byte{0, 0, 0, 0, 0, 0, 0, n} }
	rec := onWire(1, 0, 0).Bytes
	bent := func(at int, v byte) []byte {
		b := slices.Clone(rec)
		b[at] = v
		return cat([]byte{0, 0}, key, b)
	}
	for _, tt := range []struct {
		desc string
		kind Kind
		b    []byte
	}{
		{"a kind that is none", 6, nil},
		{"five addresses", KindJoin, cat([]byte{5}, bytes.Repeat([]byte{4, 1, 2, 3, 4, 0, 9}, 5))},
		{"an address of kind 5", KindJoin, []byte{1, 5, 1, 2, 3, 4, 0, 9}},
		{"port 0", KindJoin, []byte{1, 4, 1, 2, 3, 4, 0, 0}},
		{"an unspecified address", KindJoin, []byte{1, 4, 0, 0, 0, 0, 0, 9}},
		{"a multicast address", KindJoin, []byte{1, 4, 224, 0, 0, 1, 0, 9}},
		{"IPv4 in IPv6", KindJoin, cat([]byte{1, 6}, make([]byte, 10), []byte{255, 255, 1, 2, 3, 4, 0, 9})},
		{"ttl 9", KindForwardJoin, cat([]byte{9}, key, []byte{0})},
		{"step 0", KindNeighbor, []byte{0, 0, 0, 0}},
		{"step 4", KindNeighbor, []byte{4, 0, 0, 0}},
		{"priority 2", KindNeighbor, []byte{1, 2, 0, 0}},
		{"an accept with priority", KindNeighbor, []byte{2, 1, 0, 0}},
		{"reason 0", KindDisconnect, []byte{0}},
		{"a reason that does not travel", KindDisconnect, []byte{5}},
		{"17 contacts", KindShuffleReply, cat(key, []byte{17}, bytes.Repeat(make([]byte, 33), 17))},
		{"flag 4", KindGossip, cat([]byte{4, 0}, key, rec)},
		{"a record of another log", KindGossip, bent(0, 2)},
		{"record 0", KindGossip, bent(12, 0)},
		{"part 1 of 0", KindGossip, bent(14, 1)},
		{"part 0 of 1", KindGossip, bent(16, 1)},
		{"a start beyond the end", KindIHave, cat(u64(1), u64(2), []byte{0, 0}, key)},
		{"graft from 0", KindGraft, u64(0)},
		{"pull from 0", KindPull, cat(u64(0), u64(1))},
		{"pull backwards", KindPull, cat(u64(2), u64(1))},
		{"17 hops of a request", KindRequest, cat([]byte{17, 1}, key)},
		{"a request about nothing", KindRequest, cat([]byte{0, 0}, key)},
		{"a request about more than there is", KindRequest, cat([]byte{0, 3}, key)},
		{"a long request", KindRequest, cat([]byte{0, 1}, key, make([]byte, MaxRequest+1))},
		{"17 hops of an input", KindInput, cat([]byte{17}, inputOnWire(0, 1).Bytes)},
		{"an input that is a record of the host's", KindInput, cat([]byte{0}, rec, make([]byte, 100))},
		{"input 0", KindInput, cat([]byte{0}, inputOnWire(0, 0).Bytes)},
		{"pull too much", KindPull, cat(u64(1), []byte{0, 0, 0, 0, 0, 0, 1, 1})},
	} {
		if m, err := ParseMsg(tt.kind, tt.b); !errors.Is(err, ErrMessage) {
			t.Errorf("%s: %#v, %v; want ErrMessage", tt.desc, m, err)
		}
	}
}

// What a sender must not say it leaves out.
func TestOnlyReachableAddressesAreSent(t *testing.T) {
	bad := []netip.AddrPort{{}, netip.MustParseAddrPort("0.0.0.0:1"), netip.MustParseAddrPort("[fe80::1%eth0]:1"),
		netip.MustParseAddrPort("192.0.2.1:0"), four, four, four, four, six}
	k, b := AppendMsg(nil, Join{bad})
	got, err := ParseMsg(k, b)
	if want := (Join{[]netip.AddrPort{four, four, four, four}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func FuzzParseMsg(f *testing.F) {
	for _, m := range samples() {
		k, b := AppendMsg(nil, m)
		f.Add(byte(k), b)
	}
	f.Fuzz(func(t *testing.T, k byte, b []byte) {
		m, err := ParseMsg(Kind(k), b)
		if err != nil {
			return
		}
		k2, b2 := AppendMsg(nil, m)
		if byte(k2) != k || !bytes.Equal(b, b2) {
			t.Errorf("kind %d %x printed as kind %d %x", k, b, k2, b2)
		}
	})
}

// A State takes any events in any order without a panic, keeps its bounds, and
// moves its deadline.
func FuzzStep(f *testing.F) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 0))
		script := make([]byte, 1500)
		for i := range script {
			script[i] = byte(rng.Uint32())
		}
		f.Add(script, seed)
	}
	f.Fuzz(func(t *testing.T, script []byte, seed uint64) {
		r := newRig(t, []string{"s", "h"}[seed%2], Config{Active: 2})
		ms := samples()
		for i := 0; i+2 < len(script) && i < 3000; i += 3 {
			who, n := string('a'+rune(script[i+1]%12)), script[i+2]
			switch script[i] % 20 {
			case 0:
				r.do("up " + who)
			case 1:
				r.do("down " + who)
			case 2:
				r.do("silent " + who)
			case 3:
				r.do("back " + who)
			case 4:
				r.do("reset " + who)
			case 5:
				r.do("enter " + who)
			case 6:
				r.step(Append{record(r.s.log.Head()+1, n%8 == 0)})
			case 7:
				for _, v := range []Verdict{Good, Unknown, Bad}[n%3:] {
					if len(r.s.pending) > 0 {
						p := r.s.pending[int(n)%len(r.s.pending)]
						r.step(Checked{p.from, p.msg.Rec.Seq, v})
					}
				}
			case 8:
				r.step(Recv{peer(who), Gossip{Repair: n%5 == 0, Skip: n%7 == 0, Rec: record(1+uint64(n%16), n%4 == 0)}})
			case 9, 10, 11:
				r.step(Recv{peer(who), ms[int(n)%len(ms)]})
			case 12:
				r.wait(time.Duration(n) * 50 * time.Millisecond)
			case 13:
				r.step(Members{peer(who), uint64(n)})
			case 14:
				r.step(Serve{peer(who), uint64(n % 16)})
			case 15:
				r.step(Keep{peer(who), n%2 == 0})
			case 16:
				r.step(Submit{inputOnWire(0, n|1), n%2 == 0})
			case 17:
				r.step(Knock{Request{Matter: ToJoin, Peer: peer(who)}})
			case 18:
				if len(r.s.checks) > 0 {
					c := r.s.checks[int(n)%len(r.s.checks)]
					r.step(InputChecked{c.from, c.input.Author, c.input.Incarnation, c.input.Seq, Verdict(1 + n%3)})
				}
				r.do("done " + who)
			default:
				r.step(Head{peer(who), uint64(n), uint64(n), uint64(n)})
			}
		}
		r.sound()
		if len(r.s.active) > len(r.s.links) || len(r.s.asks) > 2*maxAsks || len(r.s.passive) > defaultPassive {
			t.Error("over its bounds")
		}
		if len(r.s.checks) > maxInputs || len(r.s.passed) > maxPassed || len(r.s.routes) > maxRoutes {
			t.Error("over its bounds toward the host")
		}
	})
}
