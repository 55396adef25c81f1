package member

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
)

func TestJoinEndToEnd(t *testing.T) {
	h := newHost()
	j := newJoiner(t, config(2))
	b, err := j.Hello(exporter, hostKey.Peer(), 41)
	if err != nil {
		t.Fatal(err)
	}
	got, proof, err := h.Answer(exporter, peerKey(2).Peer(), b)
	if err != nil || got.Have != 41 {
		t.Fatal(got.Have, err)
	}
	if err := j.CheckProof(exporter, hostKey.Peer(), proof[:]); err != nil {
		t.Fatal(err)
	}
	a, err := h.Join(peerKey(2).Peer(), got.Sealed)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := j.CheckWelcome(a.Welcome); err != nil || w.Incarnation != 1 || w.Role != id.Type || w.Host != hostLife {
		t.Fatal(w, err)
	}
	if changed, err := j.ApplyMembership(h.Membership()); !changed || err != nil {
		t.Fatal(changed, err)
	}
	if head, changed, err := j.ApplyHead(h.Head(7, 1)); !changed || err != nil || head.Seq != 7 {
		t.Fatal(head, changed, err)
	}

	// Typing goes one way, output the other.
	r, err := envelope.ParseInput(j.Input().Seal(peerKey(2), 1, envelope.Typing{}.Append(nil)))
	if err != nil || !h.May(r.Author, r.Incarnation) || !envelope.Verify(topic, r.Author, r.Incarnation, r) {
		t.Fatal(r, err)
	}
	if _, err := h.InputOf(r.Author).Open(r); err != nil {
		t.Errorf("the host cannot open what a member typed: %v", err)
	}
	out, err := envelope.ParseHost(h.Log().Seal(hostKey, 1, 0, 0, []byte("x")))
	if err != nil || !envelope.Verify(topic, hostKey.Peer(), j.Members().Host, out) {
		t.Fatal(out, err)
	}
	if plain, err := j.Log(out.Epoch).Open(out); err != nil || string(plain) != "x" {
		t.Errorf("the member opens output as %q, %v", plain, err)
	}

	// Another member has neither what opens the typing nor a say in it.
	spy := welcomed(t, h, config(3))
	spied := envelope.NewInput(topic, hostLife, r.Author, r.Incarnation, 1, spy.cfg.MemberSecret)
	if _, err := spied.Open(r); !errors.Is(err, envelope.ErrSealed) {
		t.Errorf("another member opens what was typed: %v", err)
	}
}

func TestProofHoldsForOneLinkSideAndTicket(t *testing.T) {
	hop := Hop{Topic: topic, Dialler: peerKey(2).Peer(), Acceptor: hostKey.Peer(), Exporter: exporter}
	key := typeTo.AdmitKey()
	proof := hop.Prove(key, Dialler)
	if !hop.Check(key, Dialler, proof[:]) {
		t.Fatalf("a proof does not hold on its own link")
	}
	turned := Hop{topic, hop.Acceptor, hop.Dialler, exporter}
	for _, c := range []struct {
		desc string
		ok   bool
	}{
		{"the other side", hop.Check(key, Acceptor, proof[:])},
		{"the other direction", turned.Check(key, Dialler, proof[:])},
		{"another topic", Hop{id.Topic{}, hop.Dialler, hop.Acceptor, exporter}.Check(key, Dialler, proof[:])},
		{"another dialler", Hop{topic, peerKey(3).Peer(), hop.Acceptor, exporter}.Check(key, Dialler, proof[:])},
		{"another acceptor", Hop{topic, hop.Dialler, peerKey(3).Peer(), exporter}.Check(key, Dialler, proof[:])},
		{"another TLS connection", Hop{topic, hop.Dialler, hop.Acceptor, []byte("other")}.Check(key, Dialler, proof[:])},
		{"another ticket", hop.Check([32]byte{}, Dialler, proof[:])},
		{"cut", hop.Check(key, Dialler, proof[:31])},
		{"empty", hop.Check(key, Dialler, nil)},
	} {
		if c.ok {
			t.Errorf("the proof holds: %s", c.desc)
		}
	}
	for i := range proof {
		bad := proof
		bad[i] ^= 1
		if hop.Check(key, Dialler, bad[:]) {
			t.Errorf("the proof holds with byte %d changed", i)
		}
	}
}

func TestAnswerRefuses(t *testing.T) {
	h, j := newHost(), newJoiner(t, config(2))
	good, err := j.Hello(exporter, hostKey.Peer(), 0)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(good)
	bad[0] ^= 1
	_, proof, err := h.Answer(exporter, peerKey(2).Peer(), bad)
	wantRefusal(t, "a wrong proof", err, Refused)
	if proof != [ProofSize]byte{} {
		t.Errorf("a wrong proof is answered with the host's own")
	}
	_, _, err = h.Answer([]byte("other"), peerKey(2).Peer(), good)
	wantRefusal(t, "a Hello carried to another connection", err, Refused)
	if _, _, err := h.Answer(exporter, peerKey(2).Peer(), good[:50]); !errors.Is(err, ErrMalformed) {
		t.Errorf("a cut Hello: got %v, want ErrMalformed", err)
	}
	for desc, bad := range map[string][]byte{
		"a byte more":             append(bytes.Clone(good), 0),
		"a request of 364 bytes":  Hello{Sealed: make([]byte, maxSealed+1)}.Append(nil),
		"a request that is cut":   good[:len(good)-1],
		"nothing but its lengths": make([]byte, 41),
	} {
		if _, err := ParseHello(bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want ErrMalformed", desc, err)
		}
	}
	// Members ask each other the same.
	k := newJoiner(t, config(3))
	toMember, err := j.Hello(exporter, peerKey(3).Peer(), 0)
	if err != nil {
		t.Fatal(err)
	}
	_, p, err := k.Answer(exporter, peerKey(2).Peer(), toMember)
	if err != nil || j.CheckProof(exporter, peerKey(3).Peer(), p[:]) != nil {
		t.Errorf("two members do not prove the ticket to each other: %v", err)
	}
	// So do the host, when it dials, and a member.
	v, p2, err := k.Answer(exporter, hostKey.Peer(), h.Hello(exporter, peerKey(3).Peer(), 9))
	if err != nil || v.Have != 9 || len(v.Sealed) != 0 || h.CheckProof(exporter, peerKey(3).Peer(), p2[:]) != nil {
		t.Errorf("the host's own Hello: got %+v, %v", v, err)
	}
	if err := h.CheckProof(exporter, peerKey(2).Peer(), p2[:]); !errors.Is(err, ErrForged) {
		t.Errorf("one member's proof as another's: got %v, want ErrForged", err)
	}
	if err := j.CheckProof(exporter, hostKey.Peer(), p[:]); !errors.Is(err, ErrForged) {
		t.Errorf("a member's proof as the host's: got %v, want ErrForged", err)
	}
	_, _, err = k.Answer(exporter, peerKey(2).Peer(), good)
	wantRefusal(t, "a Hello for the host at a member", err, Refused)
}

func TestWatchingTicketCannotAskToType(t *testing.T) {
	cfg := config(2)
	cfg.Ticket, cfg.Role = watchTo, id.Type
	if _, err := NewJoiner(cfg); !errors.Is(err, ErrRole) {
		t.Errorf("got %v, want ErrRole", err)
	}
}

func TestCheckWelcomeRefuses(t *testing.T) {
	h, cfg := newHost(), config(2)
	j := welcomed(t, h, cfg)
	good := j.Welcome()
	edited := func(f func(*Welcome)) []byte {
		w := good
		f(&w)
		return w.Sign(hostKey)
	}
	for _, c := range []struct {
		desc string
		in   []byte
		want error
	}{
		{"cut", good.Sign(hostKey)[:136], ErrMalformed},
		{"signed by a member", good.Sign(peerKey(3)), ErrForged},
		{"for another key", edited(func(w *Welcome) { w.Key = peerKey(3).Peer() }), ErrForged},
		{"for another process", edited(func(w *Welcome) { w.Nonce[0]++ }), ErrForged},
		{"of another life of the host", edited(func(w *Welcome) { w.Host++ }), ErrRestarted},
		{"incarnation 0", edited(func(w *Welcome) { w.Incarnation = 0 }), ErrMalformed},
		{"role 0", edited(func(w *Welcome) { w.Role = 0 }), ErrMalformed},
	} {
		if _, err := j.CheckWelcome(c.in); !errors.Is(err, c.want) || j.Welcome() != good {
			t.Errorf("%s: got %v, want %v", c.desc, err, c.want)
		}
	}
	if _, err := j.CheckWelcome(append(good.Sign(hostKey), 1, 2)); err != nil {
		t.Errorf("fields of a later version at the end: %v", err)
	}
	// A forgotten process gets another incarnation; the one before does not come back.
	if w, err := j.CheckWelcome(edited(func(w *Welcome) { w.Incarnation = 9 })); err != nil || w.Incarnation != 9 || j.Input() != nil {
		t.Errorf("a new incarnation: got %+v, %v, input %v", w, err, j.Input())
	}
	if _, err := j.CheckWelcome(good.Sign(hostKey)); !errors.Is(err, ErrForged) {
		t.Errorf("an earlier incarnation: got %v, want ErrForged", err)
	}
}

func TestApplyMembershipRefuses(t *testing.T) {
	h, cfg := newHost(), config(2)
	j := newJoiner(t, cfg)
	if _, err := j.ApplyMembership(h.Membership()); !errors.Is(err, ErrNotJoined) {
		t.Errorf("before the welcome: got %v, want ErrNotJoined", err)
	}
	j = welcomed(t, h, cfg)
	old := h.Membership()
	join(t, h, config(3))
	if changed, err := j.ApplyMembership(h.Membership()); !changed || err != nil {
		t.Fatal(changed, err)
	}
	want := j.Members()
	edited := func(f func(*Membership)) []byte {
		m := *want
		m.Rows = append([]Row(nil), want.Rows...)
		m.Version++
		f(&m)
		return m.Sign(hostKey)
	}
	for _, c := range []struct {
		desc string
		in   []byte
		want error
	}{
		{"the same", h.Membership(), nil},
		{"an older one", old, nil},
		{"signed by a member", want.Sign(peerKey(3)), ErrForged},
		{"of another life of the host", edited(func(m *Membership) { m.Host++ }), ErrRestarted},
		{"an epoch key for another", edited(func(m *Membership) { m.Rows[0].EpochKey, m.Rows[1].EpochKey = m.Rows[1].EpochKey, m.Rows[0].EpochKey }), ErrEpochKey},
		{"the epoch key of another epoch", edited(func(m *Membership) { m.Epoch++ }), ErrEpochKey},
		{"a member twice", edited(func(m *Membership) { m.Rows[1] = m.Rows[0] }), ErrMalformed},
		{"rows out of order", edited(func(m *Membership) { m.Rows[0], m.Rows[1] = m.Rows[1], m.Rows[0] }), ErrMalformed},
		{"bans out of order", edited(func(m *Membership) { m.Bans = []id.Peer{{2}, {1}} }), ErrMalformed},
		{"version 0", edited(func(m *Membership) { m.Version = 0 }), ErrMalformed},
		{"epoch 0", edited(func(m *Membership) { m.Epoch = 0 }), ErrMalformed},
		{"host incarnation 0", edited(func(m *Membership) { m.Host = 0 }), ErrMalformed},
		{"a member's incarnation 0", edited(func(m *Membership) { m.Rows[0].Incarnation = 0 }), ErrMalformed},
		{"role 3", edited(func(m *Membership) { m.Rows[0].Role = 3 }), ErrMalformed},
		{"state 0", edited(func(m *Membership) { m.Rows[0].State = 0 }), ErrMalformed},
		{"a long name", edited(func(m *Membership) { m.Rows[0].Name = strings.Repeat("a", MaxName+1) }), ErrMalformed},
		{"too many members", edited(func(m *Membership) { m.Rows = manyRows(MaxRows + 1) }), ErrMalformed},
		{"too many bans", edited(func(m *Membership) { m.Bans = manyBans(MaxBans + 1) }), ErrMalformed},
		{"cut", h.Membership()[:100], ErrMalformed},
	} {
		changed, err := j.ApplyMembership(c.in)
		if changed || !errors.Is(err, c.want) || j.Members() != want {
			t.Errorf("%s: got %v, %v, want %v", c.desc, changed, err, c.want)
		}
	}
	h.Kick(peerKey(3).Peer(), [32]byte{10})
	j.ApplyMembership(h.Membership())
	back := *want
	back.Version = h.Members().Version + 1
	if changed, err := j.ApplyMembership(back.Sign(hostKey)); changed || err != nil || j.Members().Epoch != 2 {
		t.Errorf("an earlier epoch under a higher version: got %v, %v, epoch %d", changed, err, j.Members().Epoch)
	}
	want = j.Members()
	later := edited(func(*Membership) {})
	if changed, err := j.ApplyMembership(append(bytes.Clone(later), 1, 2, 3)); !changed || err != nil || !bytes.Equal(j.Membership(), later) {
		t.Errorf("bytes at the end: %v, %v, and %d bytes are sent on, want %d", changed, err, len(j.Membership()), len(later))
	}
}

func manyRows(n int) []Row {
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{Peer: id.Peer{byte(i >> 8), byte(i), 1}, Incarnation: 1, Role: id.Watch, State: Here, Name: strings.Repeat("x", MaxName)}
	}
	return rows
}

func manyBans(n int) []id.Peer {
	bans := make([]id.Peer, n)
	for i := range bans {
		bans[i] = id.Peer{byte(i >> 8), byte(i), 2}
	}
	return bans
}

func TestLargestMembershipFitsAFrame(t *testing.T) {
	m := &Membership{Version: 1, Epoch: 1, Host: 1, Rows: manyRows(MaxRows), Bans: manyBans(MaxBans)}
	b := m.Sign(hostKey)
	if got, err := OpenMembership(hostKey.Peer(), b); err != nil || len(got.Rows) != MaxRows || len(got.Bans) != MaxBans || len(b) > 256<<10 {
		t.Errorf("%d bytes, %v, want at most 256 KiB", len(b), err)
	}
}

func TestApplyHead(t *testing.T) {
	h := newHost()
	j := newJoiner(t, config(2))
	one, two := h.Head(10, 1), h.Head(11, 1)
	if _, _, err := j.ApplyHead(one); !errors.Is(err, ErrNotJoined) {
		t.Errorf("before the welcome: got %v, want ErrNotJoined", err)
	}
	j = welcomed(t, h, config(2))
	for _, c := range []struct {
		desc    string
		in      []byte
		changed bool
		err     error
		beat    uint64
	}{
		{"the second", two, true, nil, 2},
		{"the same", two, false, nil, 2},
		{"an older one", one, false, nil, 2},
		{"by a member", Head{Beat: 9}.Sign(peerKey(3), hostLife), false, ErrForged, 2},
		{"of another life of the host", Head{Beat: 9}.Sign(hostKey, hostLife+1), false, ErrForged, 2},
		{"cut", two[:95], false, ErrMalformed, 2},
		{"a newer one, with bytes at the end", append(h.Head(12, 1), 1, 2), true, nil, 3},
	} {
		head, changed, err := j.ApplyHead(c.in)
		if changed != c.changed || !errors.Is(err, c.err) || head.Beat != c.beat || j.Head().Beat != c.beat {
			t.Errorf("%s: got beat %d, %v, %v, want %d, %v, %v", c.desc, head.Beat, changed, err, c.beat, c.changed, c.err)
		}
	}
	if len(j.HeadWire()) != headSize {
		t.Errorf("%d bytes are sent on, want %d", len(j.HeadWire()), headSize)
	}
}

// A member sends its newest beat to members, none to the host.
func TestBeatInTheJoinRequest(t *testing.T) {
	h := newHost()
	j := welcomed(t, h, config(2))
	if _, _, err := j.ApplyHead(h.Head(1, 1)); err != nil {
		t.Fatal(err)
	}
	if a, b := j.request(hostKey.Peer()).beat, j.request(peerKey(3).Peer()).beat; a != 0 || b != 1 {
		t.Errorf("got %d to the host and %d to a member, want 0 and 1", a, b)
	}
}

// A host that is started anew under its old key counts everything from 1 again;
// what was typed for its first shell must not open in the second.
func TestNothingTypedReachesTheNextShell(t *testing.T) {
	first, second := newHost(), newHost(func(c *HostConfig) { c.Incarnation++ })
	j := welcomed(t, first, config(2))
	r, err := envelope.ParseInput(j.Input().Seal(peerKey(2), 1, envelope.Typing{}.Append(nil)))
	if err != nil {
		t.Fatal(err)
	}
	a := join(t, second, config(2))
	if a.Row.Incarnation != r.Incarnation {
		t.Fatalf("got incarnation %d, the case needs %d", a.Row.Incarnation, r.Incarnation)
	}
	if _, err := second.InputOf(r.Author).Open(r); !errors.Is(err, envelope.ErrSealed) {
		t.Errorf("the second shell opens what was typed for the first: %v", err)
	}
	if _, err := j.CheckWelcome(a.Welcome); !errors.Is(err, ErrRestarted) {
		t.Errorf("got %v, want ErrRestarted", err)
	}
	one, _ := first.Members().Row(r.Author)
	two, _ := second.Members().Row(r.Author)
	if one.EpochKey == two.EpochKey {
		t.Errorf("two shells seal an epoch key under one key and nonce")
	}
}

func TestHostAndJoinerShowNoKeys(t *testing.T) {
	h := newHost()
	h.epochKey = [32]byte{0xc1, 0xc2, 0xc3, 0xc4}
	cfg := config(2)
	cfg.MemberSecret = h.epochKey
	j := newJoiner(t, cfg)
	var text strings.Builder
	for _, v := range []any{h, j, cfg, HostConfig{EpochKey: h.epochKey}, []*Host{h}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			fmt.Fprintf(&text, verb+"\n", v)
		}
		fmt.Fprintf(&text, "%v %+v %#v\n", []any{v}, struct{ h *Host }{h}, struct{ j *Joiner }{j})
		slog.New(slog.NewTextHandler(&text, nil)).Info("a host", "v", v)
	}
	for _, form := range []string{"c1c2c3", "193 194 195", "0xc1, 0xc2", "\xc1\xc2"} {
		if strings.Contains(strings.ToLower(text.String()), form) {
			t.Errorf("a key is shown as %q", form)
		}
	}
}
