package member

import (
	"crypto/hmac"
	"errors"
	"slices"
	"time"

	"gossterm/internal/id"
)

// An Admitted is what became of a join request that was granted.
type Admitted struct {
	Welcome []byte // for the member, as it is on the wire
	Row     Row

	Identity id.Peer // who vouches for the member, or zero
	Closed   uint64  // the incarnation that this one replaced for ever, or 0
	Evicted  id.Peer // the member that gave its place, or zero
}

// Answer checks a Hello that dialler sent over a link with this TLS exporter value
// and returns the Proof that answers it. It fails with ErrMalformed or a *Refusal.
func (h *Host) Answer(exporter []byte, dialler id.Peer, hello []byte) (Hello, [ProofSize]byte, error) {
	hop := Hop{Topic: h.topic, Dialler: dialler, Acceptor: h.secret.Peer(), Exporter: exporter}
	return hop.answer(h.admit, hello)
}

// Hello returns the first frame for a link that the host itself dials to a member,
// acceptor, with this TLS exporter value. It asks nobody to be let in.
func (h *Host) Hello(exporter []byte, acceptor id.Peer, have uint64) []byte {
	hop := Hop{Topic: h.topic, Dialler: h.secret.Peer(), Acceptor: acceptor, Exporter: exporter}
	return Hello{Proof: hop.Prove(h.admit, Dialler), Have: have}.Append(nil)
}

// CheckProof checks the proof that acceptor answered the host's Hello with. It
// fails with ErrForged.
func (h *Host) CheckProof(exporter []byte, acceptor id.Peer, proof []byte) error {
	hop := Hop{Topic: h.topic, Dialler: h.secret.Peer(), Acceptor: acceptor, Exporter: exporter}
	return hop.checkAnswer(h.admit, proof)
}

// Join admits the peer of a link by its sealed join request, or refuses with a
// *Refusal.
//
// Equal (key, nonce) is one process: it gets the incarnation it had, however often
// it asks. Another nonce is another process under the same key: it gets a new
// incarnation and closes the old one for ever (PROTOCOL.md §4.2).
func (h *Host) Join(link id.Peer, sealed []byte) (Admitted, error) {
	q, err := h.proven(link, sealed)
	if err != nil {
		return Admitted{}, err
	}
	return h.admitProcess(q)
}

// JoinOver is Join for a request of p that came over others, who may have kept it:
// one with no newer beat than p's last says nothing of where p is now, and does not
// bring back who left. It reports whether p is known to be here by it.
func (h *Host) JoinOver(p id.Peer, sealed []byte) (a Admitted, here bool, err error) {
	q, err := h.proven(p, sealed)
	if err != nil {
		return Admitted{}, false, err
	}
	r := h.find(q.key)
	same := r != nil && r.nonce == q.nonce && !r.local
	switch was := h.remembered(q.key, q.nonce); {
	case same && (q.beat <= r.beat || q.beat > h.beat):
		return h.welcome(r), false, nil
	case !same && was.incarnation != 0 && !was.closed && (q.beat <= was.beat || q.beat > h.beat):
		return Admitted{}, false, &Refusal{Replaced, "it left"}
	}
	if a, err = h.admitProcess(q); err != nil {
		return Admitted{}, false, err
	}
	h.find(q.key).beat = q.beat
	return a, true, nil
}

// proven opens the request of a peer that holds a ticket and is not banned.
func (h *Host) proven(p id.Peer, sealed []byte) (request, error) {
	q, err := openRequest(h.open, h.topic, sealed)
	switch {
	case err != nil:
		return request{}, refusalOf(err)
	case q.key != p || q.key == h.secret.Peer():
		return request{}, &Refusal{Violation, "the join request is another peer's"}
	case !h.holds(q):
		return request{}, &Refusal{Refused, "the ticket does not allow to " + q.role.String()}
	case h.banned(q):
		return request{}, &Refusal{Removed, "removed from this session"}
	}
	return q, nil
}

// refusalOf returns how a request that cannot be read is refused.
func refusalOf(err error) *Refusal {
	if errors.Is(err, ErrForged) {
		return &Refusal{Refused, "the join request is not for this session, or not its sender's"}
	}
	return &Refusal{Violation, "the join request is malformed"}
}

// holds reports whether q proves a ticket of the role it wants.
func (h *Host) holds(q request) bool {
	key := h.admit
	if q.role == id.Type {
		if !h.mayType {
			return false
		}
		key = h.typing
	}
	want := q.ticketMAC(key, h.topic)
	return hmac.Equal(want[:], q.mac[:])
}

// banned reports whether the key, or the identity behind it, was removed.
func (h *Host) banned(q request) bool {
	return slices.Contains(h.bans, q.key) || slices.Contains(h.bans, q.identity())
}

// admitProcess finds or makes the row of a proven request.
func (h *Host) admitProcess(q request) (Admitted, error) {
	r := h.find(q.key)
	if r != nil && r.nonce == q.nonce && !r.local {
		if r.secret != q.secret {
			return Admitted{}, &Refusal{Violation, "the member secret changed"}
		}
		h.refresh(r, q)
		return h.welcome(r), nil
	}
	if r != nil && r.local {
		return Admitted{}, &Refusal{Violation, "the key of the host's own terminal"}
	}
	was := h.remembered(q.key, q.nonce)
	if was.closed {
		return Admitted{}, &Refusal{Replaced, "a newer process of this key took over"}
	}
	var evicted id.Peer
	if r == nil && len(h.rows)-h.local >= h.maxPeers {
		if evicted = h.longestAway(); evicted.IsZero() {
			return Admitted{}, &Refusal{Full, "the session is full"}
		}
		h.Leave(evicted)
	}
	var closed uint64
	if r != nil {
		closed = r.Incarnation
		h.Leave(q.key)
	}
	if r = h.insert(q, was.incarnation); was.incarnation == 0 {
		h.closeOthers(q.key)
	}
	a := h.welcome(r)
	a.Closed, a.Evicted = closed, evicted
	return a, nil
}

// refresh brings a row up to date with a repeated request.
func (h *Host) refresh(r *row, q request) {
	was := r.Row
	r.Name, r.Role, r.State = CleanName(q.name), q.role, Here
	r.identity = q.identity()
	if r.Row != was {
		h.changed()
	}
}

// insert adds a row, with the incarnation it had or, if 0, the next.
func (h *Host) insert(q request, incarnation uint64) *row {
	if incarnation == 0 {
		h.last++
		incarnation = h.last
	}
	r := &row{
		Row:    Row{Peer: q.key, Incarnation: incarnation, Role: q.role, State: Here, Name: CleanName(q.name)},
		nonce:  q.nonce,
		secret: q.secret,
	}
	r.identity = q.identity()
	h.rekey(r)
	i, _ := h.place(q.key)
	h.rows = slices.Insert(h.rows, i, r)
	h.changed()
	return r
}

func (h *Host) welcome(r *row) Admitted {
	w := Welcome{
		Key:         r.Peer,
		Nonce:       r.nonce,
		Incarnation: r.Incarnation,
		Role:        r.Role,
		Version:     h.version,
		Host:        h.incarnation,
	}
	return Admitted{Welcome: w.Sign(h.secret), Row: r.Row, Identity: r.identity}
}

// AdmitLocal admits the host's own terminal, which types. It holds no ticket and
// counts for nobody's place. A key that is the host's or another member's, or a
// second terminal, is a fault of the caller.
func (h *Host) AdmitLocal(key id.Peer, name string, secret [32]byte) Row {
	if h.local > 0 || key == h.secret.Peer() || h.find(key) != nil {
		panic("member: the host's own terminal is admitted once, under a key of its own")
	}
	r := h.insert(request{key: key, name: name, secret: secret, role: id.Type}, 0)
	r.local, r.State = true, Own
	h.local++
	return r.Row
}

// Away says that the links of p were lost at now. Its place is kept until somebody
// else needs it: a laptop may sleep for a night.
func (h *Host) Away(now time.Time, p id.Peer) {
	if r := h.find(p); r != nil && !r.local && r.State == Here {
		r.State, r.since, r.input = Away, now, nil
		h.changed()
	}
}

// Back says that a member that was away has a link again.
func (h *Host) Back(p id.Peer) {
	if r := h.find(p); r != nil && r.State == Away {
		r.State = Here
		h.changed()
	}
}

// Leave takes p out of the table, and remembers its incarnation in case it comes
// again.
func (h *Host) Leave(p id.Peer) {
	i, ok := h.place(p)
	if !ok {
		return
	}
	r := h.rows[i]
	h.rows = slices.Delete(h.rows, i, i+1)
	h.changed()
	if r.local {
		h.local--
		return
	}
	h.remember(life{key: r.Peer, nonce: r.nonce, incarnation: r.Incarnation, beat: r.beat})
}

// LeaveForGood is Leave for who said so itself: an older request over others does not
// bring it back.
func (h *Host) LeaveForGood(p id.Peer) {
	if r := h.find(p); r != nil {
		r.beat = h.beat
		h.Leave(p)
	}
}

// remember keeps l as the newest of at most maxPast lives, once.
func (h *Host) remember(l life) {
	h.past = slices.DeleteFunc(h.past, func(o life) bool { return o.key == l.key && o.nonce == l.nonce })
	if len(h.past) == maxPast {
		h.past = slices.Delete(h.past, 0, 1)
	}
	h.past = append(h.past, l)
}

// Kick takes p out for ever, and the identity that vouched for it, and begins the
// next epoch under key, 32 random bytes that p does not get. It reports whether p
// was a member. Who still holds the ticket can come back under other keys.
func (h *Host) Kick(p id.Peer, key [32]byte) bool {
	r := h.find(p)
	if r == nil || r.local {
		return false
	}
	h.Leave(p)
	h.ban(p)
	if !r.identity.IsZero() {
		h.ban(r.identity)
	}
	h.begin(h.epoch+1, key)
	h.changed()
	return true
}

// ban keeps p as the newest of at most MaxBans bans, once.
func (h *Host) ban(p id.Peer) {
	h.bans = slices.DeleteFunc(h.bans, func(o id.Peer) bool { return o == p })
	if len(h.bans) == MaxBans {
		h.bans = slices.Delete(h.bans, 0, 1)
	}
	h.bans = append(h.bans, p)
}

// longestAway returns the member that has been away for the longest time, or zero
// if all are here.
func (h *Host) longestAway() id.Peer {
	var found *row
	for _, r := range h.rows {
		if r.State == Away && (found == nil || r.since.Before(found.since)) {
			found = r
		}
	}
	if found == nil {
		return id.Peer{}
	}
	return found.Peer
}

// remembered returns the life of a process that was here before, or a zero one.
func (h *Host) remembered(key id.Peer, nonce [16]byte) life {
	i := slices.IndexFunc(h.past, func(l life) bool { return l.key == key && l.nonce == nonce })
	if i < 0 {
		return life{}
	}
	return h.past[i]
}

// closeOthers closes the earlier lives of a key for ever.
func (h *Host) closeOthers(key id.Peer) {
	for i := range h.past {
		if h.past[i].key == key {
			h.past[i].closed = true
		}
	}
}
