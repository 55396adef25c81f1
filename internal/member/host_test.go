package member

import (
	"testing"
	"time"

	"gossterm/internal/id"
	"gossterm/internal/ticket"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func TestOneProcessKeepsItsIncarnation(t *testing.T) {
	h := newHost()
	cfg := config(2)
	first := join(t, h, cfg)
	version := h.Members().Version
	for range 3 {
		if a := join(t, h, cfg); a.Row != first.Row || a.Closed != 0 || h.Members().Version != version {
			t.Errorf("asked again: got %+v at version %d, want %+v at %d", a.Row, h.Members().Version, first.Row, version)
		}
	}
	h.Away(noon, cfg.Secret.Peer())
	if a := join(t, h, cfg); a.Row != first.Row {
		t.Errorf("back from away: got %+v, want %+v", a.Row, first.Row)
	}
	for range 3 {
		h.Leave(cfg.Secret.Peer())
		if a := join(t, h, cfg); a.Row != first.Row {
			t.Errorf("back from leaving: got %+v, want %+v", a.Row, first.Row)
		}
	}
}

func TestAnotherProcessClosesTheFirst(t *testing.T) {
	for _, c := range []struct {
		desc   string
		before func(*Host, id.Peer)
		closed uint64
	}{
		{"while the first is here", func(*Host, id.Peer) {}, 1},
		{"while it is away", func(h *Host, p id.Peer) { h.Away(noon, p) }, 1},
		{"after it left", func(h *Host, p id.Peer) { h.Leave(p) }, 0},
	} {
		t.Run(c.desc, func(t *testing.T) {
			h := newHost()
			one, p := config(2), config(2).Secret.Peer()
			two := process(one, 2)
			join(t, h, one)
			c.before(h, p)
			a := join(t, h, two)
			if a.Row.Incarnation != 2 || a.Closed != c.closed || len(h.Members().Rows) != 1 {
				t.Errorf("got %+v, closed %d, want incarnation 2, closed %d", a.Row, a.Closed, c.closed)
			}
			if h.May(p, 1) || !h.May(p, 2) {
				t.Errorf("the first process may type: %v, the second: %v", h.May(p, 1), h.May(p, 2))
			}
			_, err := ask(t, h, one)
			wantRefusal(t, "the first again", err, Replaced)
			h.Leave(p)
			_, err = ask(t, h, one)
			wantRefusal(t, "the first, after the second left", err, Replaced)
			if a := join(t, h, two); a.Row.Incarnation != 2 {
				t.Errorf("the second again: got %+v, want incarnation 2", a.Row)
			}
		})
	}
}

func TestIncarnationsRiseThroughTheSession(t *testing.T) {
	h := newHost()
	for n := 2; n < 6; n++ {
		if a := join(t, h, config(n)); a.Row.Incarnation != uint64(n-1) {
			t.Errorf("member %d: got incarnation %d, want %d", n, a.Row.Incarnation, n-1)
		}
	}
}

func TestForgottenProcessGetsANewIncarnation(t *testing.T) {
	h := newHost()
	join(t, h, config(2))
	h.Leave(peerKey(2).Peer())
	for i := range maxPast - 1 {
		h.remember(life{key: id.Peer{1, byte(i), byte(i >> 8)}, incarnation: 1})
	}
	if a := join(t, h, config(2)); a.Row.Incarnation != 1 {
		t.Errorf("remembered: got incarnation %d, want 1", a.Row.Incarnation)
	}
	h.Leave(peerKey(2).Peer())
	for i := range maxPast + 5 {
		h.remember(life{key: id.Peer{2, byte(i), byte(i >> 8)}, incarnation: 1})
	}
	if len(h.past) != maxPast {
		t.Errorf("%d lives are remembered, want %d", len(h.past), maxPast)
	}
	if a := join(t, h, config(2)); a.Row.Incarnation != 2 {
		t.Errorf("forgotten: got incarnation %d, want 2", a.Row.Incarnation)
	}
}

func TestJoinRefuses(t *testing.T) {
	other := ticket.Ticket{Host: hostKey.Peer(), Role: id.Type, Secret: ticket.SecretOf([16]byte{4})}
	for _, c := range []struct {
		desc string
		cfg  func(*JoinerConfig)
		edit func(*request) // before it is signed again
		host func(*HostConfig)
		code Code
	}{
		{desc: "another ticket, to type", cfg: func(c *JoinerConfig) { c.Ticket = other }, code: Refused},
		{desc: "another ticket, to watch", cfg: func(c *JoinerConfig) { c.Ticket = other.Watch() }, code: Refused},
		{desc: "to type with the proof of a watching ticket", edit: func(q *request) {
			q.mac = q.ticketMAC(typeTo.AdmitKey(), topic)
		}, code: Refused},
		{desc: "a watcher's request edited to type", cfg: func(c *JoinerConfig) { c.Ticket = watchTo }, edit: func(q *request) {
			q.role = id.Type
		}, code: Refused},
		{desc: "another's proof", edit: func(q *request) { q.mac = [32]byte{1} }, code: Refused},
		{desc: "proof of another secret", edit: func(q *request) { q.secret[0]++ }, code: Refused},
		{desc: "to type where nobody types", host: func(c *HostConfig) { c.ReadOnly = true }, code: Refused},
		{desc: "to type where the ticket only watches", host: func(c *HostConfig) { c.Ticket = watchTo }, code: Refused},
		{desc: "to type where nobody types, proved by the key that is not there", host: func(c *HostConfig) { c.ReadOnly = true }, edit: func(q *request) {
			q.mac = q.ticketMAC([32]byte{}, topic)
		}, code: Refused},
		{desc: "role 3", edit: func(q *request) { q.role = 3 }, code: Violation},
		{desc: "the key is not the signer's", edit: func(q *request) { q.key = peerKey(3).Peer() }, code: Refused},
		{desc: "a key of low order", edit: func(q *request) { q.key = id.Peer{1} }, code: Violation},
		{desc: "a vouch for another", edit: func(q *request) {
			v := VouchFor(peerKey(50), topic, peerKey(3).Peer())
			q.vouch = &v
		}, code: Refused},
		{desc: "a vouch for another session", edit: func(q *request) {
			v := VouchFor(peerKey(50), id.Topic{}, q.key)
			q.vouch = &v
		}, code: Refused},
		{desc: "a vouch of a low-order identity", edit: func(q *request) {
			q.vouch = &Vouch{Identity: id.Peer{1}, Sig: [64]byte{1}}
		}, code: Refused},
	} {
		t.Run(c.desc, func(t *testing.T) {
			cfg := config(2)
			if c.cfg != nil {
				c.cfg(&cfg)
			}
			h := newHost()
			if c.host != nil {
				h = newHost(c.host)
			}
			q := newJoiner(t, cfg).request(hostKey.Peer())
			if c.edit != nil {
				c.edit(&q)
			}
			sealed, err := sealRequest(hostKey.Peer(), topic, q.sign(cfg.Secret, topic))
			if err != nil {
				t.Fatal(err)
			}
			_, err = h.Join(cfg.Secret.Peer(), sealed)
			wantRefusal(t, c.desc, err, c.code)
			if len(h.Members().Rows) != 0 || h.version != 1 {
				t.Errorf("there is a member: %+v", h.Members())
			}
		})
	}
}

func TestJoinRefusesWhatIsNotTheLinksOwn(t *testing.T) {
	h, cfg := newHost(), config(2)
	sealed := hello(t, newJoiner(t, cfg)).Sealed
	_, err := h.Join(peerKey(3).Peer(), sealed)
	wantRefusal(t, "a request sent on by another peer", err, Violation)

	cfg.Secret = hostKey
	_, err = ask(t, h, cfg)
	wantRefusal(t, "the host's own key", err, Violation)

	elsewhere := config(2)
	elsewhere.Ticket.Host = peerKey(9).Peer()
	_, err = ask(t, h, elsewhere)
	wantRefusal(t, "a request sealed to another host", err, Refused)

	for _, n := range []int{0, minSealed - 1, maxSealed + 1} {
		_, err = h.Join(cfg.Secret.Peer(), make([]byte, n))
		wantRefusal(t, "a wrong size", err, Violation)
	}
	for desc, plain := range map[string][]byte{
		"a byte behind the signature": append(sampleRequest(), 0),
		"neither a vouch nor none":    twoVouches(),
	} {
		sealed, err := sealRequest(hostKey.Peer(), topic, plain)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Join(peerKey(2).Peer(), sealed)
		wantRefusal(t, desc, err, Violation)
	}
	secret := config(2)
	join(t, h, secret)
	secret.MemberSecret[5]++
	_, err = ask(t, h, secret)
	wantRefusal(t, "one process with two member secrets", err, Violation)
}

// twoVouches returns a signed request in which the number of vouches is 2.
func twoVouches() []byte {
	b := newRequestFields()
	b[len(b)-1] = 2
	return append(b, peerKey(2).Sign(bound(joinContext, topic, b))...)
}

// newRequestFields returns a request that nobody vouches for, without signature.
func newRequestFields() []byte {
	q := request{key: peerKey(2).Peer(), role: id.Watch, name: "ana"}
	q.mac = q.ticketMAC(typeTo.AdmitKey(), topic)
	b := q.sign(peerKey(2), topic)
	return b[: len(b)-sigSize : len(b)-sigSize]
}

func TestEveryFlippedBitOfAJoinRequestIsRefused(t *testing.T) {
	h, cfg := newHost(), config(2)
	v := VouchFor(peerKey(50), topic, cfg.Secret.Peer())
	cfg.Vouch = &v
	j := newJoiner(t, cfg)
	plain := j.request(hostKey.Peer()).sign(cfg.Secret, topic)
	for i := range len(plain) * 8 { // one who can seal, as everybody can
		bad := append([]byte(nil), plain...)
		bad[i/8] ^= 1 << (i % 8)
		if q, err := parseRequest(topic, bad); err == nil {
			t.Errorf("bit %d of byte %d: %+v", i%8, i/8, q)
		}
	}
	sealed := hello(t, j).Sealed
	for i := 0; i < len(sealed)*8; i += 19 { // one who cannot; 0.1 ms each
		bad := append([]byte(nil), sealed...)
		bad[i/8] ^= 1 << (i % 8)
		if _, err := h.Join(cfg.Secret.Peer(), bad); err == nil {
			t.Errorf("bit %d of byte %d of the sealed request is taken", i%8, i/8)
		}
	}
	top := append([]byte(nil), sealed...)
	top[encSize-1] ^= 0x80 // X25519 ignores this bit, HPKE does not
	if _, err := h.Join(cfg.Secret.Peer(), top); err == nil {
		t.Errorf("the unused bit of the encapsulated key is taken")
	}
	a, err := h.Join(cfg.Secret.Peer(), sealed)
	if err != nil || a.Identity != peerKey(50).Peer() {
		t.Errorf("unchanged: got %+v, %v", a, err)
	}
}

func TestFullSession(t *testing.T) {
	h := newHost(func(c *HostConfig) { c.MaxPeers = 2 })
	h.AdmitLocal(peerKey(100).Peer(), "me", [32]byte{}) // takes no place
	join(t, h, config(2))
	join(t, h, config(3))
	_, err := ask(t, h, config(4))
	wantRefusal(t, "the third of two", err, Full)
	if a := join(t, h, config(2)); a.Row.Incarnation != 2 {
		t.Errorf("a member of a full session comes again: got %+v", a.Row)
	}
	if a := join(t, h, process(config(2), 2)); a.Closed != 2 || !a.Evicted.IsZero() {
		t.Errorf("a member's new process in a full session: got %+v", a)
	}
	h.Away(noon.Add(time.Second), peerKey(2).Peer())
	h.Away(noon, peerKey(3).Peer())
	h.Away(noon.Add(time.Hour), peerKey(3).Peer()) // it was away already
	if a := join(t, h, config(4)); a.Evicted != peerKey(3).Peer() || len(h.rows) != 3 {
		t.Errorf("got %+v and %d rows, want the one away longest to give its place", a, len(h.rows))
	}
	if a := join(t, h, config(3)); a.Evicted != peerKey(2).Peer() || a.Row.Incarnation != 3 {
		t.Errorf("who gave its place comes again: got %+v, want incarnation 3", a)
	}
	h.Leave(peerKey(4).Peer())
	join(t, h, config(5))
}

func TestMaxPeersIsBounded(t *testing.T) {
	for in, want := range map[int]int{0: DefaultMaxPeers, -1: DefaultMaxPeers, 7: 7, 5000: MaxMaxPeers} {
		if got := newHost(func(c *HostConfig) { c.MaxPeers = in }).maxPeers; got != want {
			t.Errorf("MaxPeers %d: got %d, want %d", in, got, want)
		}
	}
}

func TestOnlyTypistsMayType(t *testing.T) {
	h := newHost()
	local := h.AdmitLocal(peerKey(100).Peer(), "me", [32]byte{4})
	typist := join(t, h, config(2)).Row
	watch := config(3)
	watch.Ticket = watchTo
	watcher := join(t, h, watch).Row
	shy := config(4)
	shy.Role = id.Watch // with a typing ticket
	shyRow := join(t, h, shy).Row
	for _, c := range []struct {
		desc string
		row  Row
		want bool
	}{
		{"the host's own terminal", local, true},
		{"a typist", typist, true},
		{"a watcher", watcher, false},
		{"a typist who only wants to watch", shyRow, false},
		{"a stranger", Row{Peer: peerKey(9).Peer(), Incarnation: 1}, false},
	} {
		if got := h.May(c.row.Peer, c.row.Incarnation); got != c.want {
			t.Errorf("%s may type: %v, want %v", c.desc, got, c.want)
		}
		if got := h.InputOf(c.row.Peer) != nil; got != c.want {
			t.Errorf("%s can be read: %v, want %v", c.desc, got, c.want)
		}
		if got := h.Members().May(c.row.Peer, c.row.Incarnation); got != c.want {
			t.Errorf("%s may type, by the membership: %v, want %v", c.desc, got, c.want)
		}
		if h.May(c.row.Peer, c.row.Incarnation+1) || h.Members().May(c.row.Peer, c.row.Incarnation+1) {
			t.Errorf("%s may type in another incarnation", c.desc)
		}
	}
}

func TestStatesOfAMember(t *testing.T) {
	h, p := newHost(), peerKey(2).Peer()
	join(t, h, config(2))
	for _, c := range []struct {
		desc    string
		do      func()
		changes bool
		want    State
	}{
		{"back, but it was here", func() { h.Back(p) }, false, Here},
		{"away", func() { h.Away(noon, p) }, true, Away},
		{"away again", func() { h.Away(noon, p) }, false, Away},
		{"back", func() { h.Back(p) }, true, Here},
		{"left", func() { h.Leave(p) }, true, 0},
		{"away after leaving", func() { h.Away(noon, p) }, false, 0},
		{"left again", func() { h.Leave(p) }, false, 0},
	} {
		before := h.Members().Version
		c.do()
		row, _ := h.Members().Row(p)
		if got := h.Members().Version > before; got != c.changes || row.State != c.want {
			t.Errorf("%s: changed %v, state %d, want %v, %d", c.desc, got, row.State, c.changes, c.want)
		}
	}
}

func TestKick(t *testing.T) {
	h := newHost()
	cfg := config(2)
	v := VouchFor(peerKey(50), topic, cfg.Secret.Peer())
	cfg.Vouch = &v
	out, stays := welcomed(t, h, cfg), welcomed(t, h, config(3))
	if h.Kick(peerKey(9).Peer(), [32]byte{10}) || !h.Kick(cfg.Secret.Peer(), [32]byte{10}) {
		t.Errorf("a stranger is kicked, or a member is not")
	}
	for _, j := range []*Joiner{out, stays} {
		if changed, err := j.ApplyMembership(h.Membership()); !changed || err != nil {
			t.Fatal(changed, err)
		}
	}
	if key, has := out.EpochKey(); has || key != [32]byte{} || out.Input() != nil || !out.Members().Banned(cfg.Secret.Peer()) {
		t.Errorf("the kicked one has the key of epoch %d: %v", out.Members().Epoch, has)
	}
	if key, has := stays.EpochKey(); !has || key != [32]byte{10} || stays.Members().Epoch != 2 {
		t.Errorf("who stays has key %v %v of epoch %d", has, key[0], stays.Members().Epoch)
	}
	if stays.Log(1) == nil || stays.Log(2) == nil || stays.Log(3) != nil || out.Log(2) != nil {
		t.Errorf("logs: 1 %v, 2 %v, 3 %v; of the kicked one 2 %v", stays.Log(1), stays.Log(2), stays.Log(3), out.Log(2))
	}
	_, err := ask(t, h, process(cfg, 2))
	wantRefusal(t, "the kicked key", err, Removed)
	again := config(5)
	v = VouchFor(peerKey(50), topic, again.Secret.Peer())
	again.Vouch = &v
	_, err = ask(t, h, again)
	wantRefusal(t, "the identity behind it", err, Removed)
}

func TestBansAreBounded(t *testing.T) {
	h := newHost()
	for i := range MaxBans + 10 {
		h.ban(id.Peer{byte(i), byte(i >> 8), 1})
		h.ban(id.Peer{1, 0, 1}) // again and again
	}
	if m, err := OpenMembership(hostKey.Peer(), h.Membership()); err != nil || len(m.Bans) != MaxBans || !m.Banned(id.Peer{1, 0, 1}) {
		t.Errorf("%d bans, %v, want %d", len(h.bans), err, MaxBans)
	}
}

func TestBeatsAndVersionsRise(t *testing.T) {
	h := newHost()
	for want := uint64(1); want < 4; want++ {
		got, err := OpenHead(hostKey.Peer(), hostLife, h.Head(10, 5))
		if err != nil || got != (Head{Beat: want, Seq: 10, Snapshot: 5, Version: 1}) {
			t.Errorf("got %+v, %v, want beat %d", got, err, want)
		}
	}
	a := join(t, h, config(2))
	w, err := OpenWelcome(hostKey.Peer(), a.Welcome)
	if got, _ := OpenHead(hostKey.Peer(), hostLife, h.Head(10, 5)); err != nil || got.Version != 2 || w.Version != 2 {
		t.Errorf("after a join: head %+v, welcome %+v, %v, want version 2", got, w, err)
	}
}

func TestMembershipIsSignedOncePerVersion(t *testing.T) {
	h := newHost()
	a := h.Membership()
	if b := h.Membership(); &a[0] != &b[0] {
		t.Errorf("an unchanged membership was made twice")
	}
	join(t, h, config(2))
	m, err := OpenMembership(hostKey.Peer(), h.Membership())
	if err != nil || len(m.Rows) != 1 || m.Version != h.Members().Version {
		t.Errorf("got %+v, %v after a join", m, err)
	}
}

func TestSecondLocalTerminalIsAFault(t *testing.T) {
	for _, key := range []id.Peer{hostKey.Peer(), peerKey(100).Peer(), peerKey(2).Peer()} {
		h := newHost()
		h.AdmitLocal(peerKey(100).Peer(), "me", [32]byte{})
		if key == peerKey(2).Peer() {
			h = newHost()
			join(t, h, config(2))
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v is admitted as the host's terminal", key)
				}
			}()
			h.AdmitLocal(key, "me", [32]byte{})
		}()
	}
}

// Nobody joins under the key of the host's own terminal, which holds no nonce.
func TestLocalKeyIsNotJoined(t *testing.T) {
	h, cfg := newHost(), config(2)
	h.AdmitLocal(cfg.Secret.Peer(), "me", cfg.MemberSecret)
	cfg.Nonce = [16]byte{}
	_, err := ask(t, h, cfg)
	wantRefusal(t, "the local key", err, Violation)
	h.Away(noon, cfg.Secret.Peer())
	if row, _ := h.Members().Row(cfg.Secret.Peer()); row.State != Own || h.Kick(cfg.Secret.Peer(), [32]byte{}) {
		t.Errorf("the host's own terminal went away, or was kicked")
	}
}
