package member

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/ticket"
)

var (
	// ErrRole reports a wish to type with a ticket that only lets watch.
	ErrRole = errors.New("this ticket is for watching only")

	// ErrNotJoined reports a membership or head that came before the welcome.
	ErrNotJoined = errors.New("not welcomed yet")

	// ErrRestarted reports that the host is another process than the one that
	// welcomed this peer: another session, another shell.
	ErrRestarted = errors.New("the host was started anew")
)

// A JoinerConfig says which session a Joiner joins, as whom.
type JoinerConfig struct {
	Ticket ticket.Ticket
	Secret id.Secret // this process's key
	Name   string    // cleaned
	Role   id.Role   // If zero, the ticket's is used.

	Nonce        [16]byte // random, drawn when the process starts
	MemberSecret [32]byte // likewise
	Vouch        *Vouch   // If nil, no identity vouches.
}

// Format shows none of the secrets, whatever the verb.
func (c JoinerConfig) Format(f fmt.State, _ rune) { io.WriteString(f, "(joiner's configuration)") }

// A Joiner is the session as one member knows it: what the host has signed, and
// the keys that come with it. It is a value of one loop: no clock, no lock.
type Joiner struct {
	cfg   JoinerConfig
	topic id.Topic
	admit [32]byte

	welcome    Welcome // zero before the welcome
	membership *Membership
	wire       []byte // the same, signed
	head       Head
	headWire   []byte

	epochKey [32]byte
	hasKey   bool
	logs     [2]*envelope.Log // of this epoch and the one before; nil if unknown
	epochs   [2]uint32
	input    *envelope.Input
}

// NewJoiner returns a Joiner that has joined nothing yet. It fails with ErrRole if
// the ticket does not let do what is wanted.
func NewJoiner(cfg JoinerConfig) (*Joiner, error) {
	if cfg.Role == 0 {
		cfg.Role = cfg.Ticket.Role
	}
	if _, may := cfg.Ticket.TypeKey(); cfg.Role == id.Type && !may {
		return nil, ErrRole
	}
	cfg.Name = CleanName(cfg.Name)
	return &Joiner{cfg: cfg, topic: id.TopicOf(cfg.Ticket.Host), admit: cfg.Ticket.AdmitKey()}, nil
}

// Hello returns the first frame for a link to acceptor with this TLS exporter
// value. Have is the seq through which the host's log is here, or 0.
func (j *Joiner) Hello(exporter []byte, acceptor id.Peer, have uint64) ([]byte, error) {
	sealed, err := sealRequest(j.cfg.Ticket.Host, j.topic, j.request(acceptor).sign(j.cfg.Secret, j.topic))
	if err != nil {
		return nil, err
	}
	hop := Hop{Topic: j.topic, Dialler: j.cfg.Secret.Peer(), Acceptor: acceptor, Exporter: exporter}
	return Hello{Proof: hop.Prove(j.admit, Dialler), Have: have, Sealed: sealed}.Append(nil), nil
}

// request returns the join request for a link to acceptor.
func (j *Joiner) request(acceptor id.Peer) request {
	q := request{
		key:    j.cfg.Secret.Peer(),
		nonce:  j.cfg.Nonce,
		secret: j.cfg.MemberSecret,
		role:   j.cfg.Role,
		name:   j.cfg.Name,
		vouch:  j.cfg.Vouch,
	}
	if acceptor != j.cfg.Ticket.Host {
		q.beat = j.head.Beat
	}
	key := j.admit
	if q.role == id.Type {
		key, _ = j.cfg.Ticket.TypeKey()
	}
	q.mac = q.ticketMAC(key, j.topic)
	return q
}

// CheckProof checks the proof that acceptor answered with on a link with this TLS
// exporter value. It fails with ErrForged.
func (j *Joiner) CheckProof(exporter []byte, acceptor id.Peer, proof []byte) error {
	hop := Hop{Topic: j.topic, Dialler: j.cfg.Secret.Peer(), Acceptor: acceptor, Exporter: exporter}
	return hop.checkAnswer(j.admit, proof)
}

// Answer checks a Hello that dialler, another member, sent over a link with this
// TLS exporter value and returns the Proof that answers it. It fails with
// ErrMalformed or a *Refusal.
func (j *Joiner) Answer(exporter []byte, dialler id.Peer, hello []byte) (Hello, [ProofSize]byte, error) {
	hop := Hop{Topic: j.topic, Dialler: dialler, Acceptor: j.cfg.Secret.Peer(), Exporter: exporter}
	return hop.answer(j.admit, hello)
}

// CheckWelcome takes the host's welcome. It fails with ErrForged if it is not the
// host's or not for this process, ErrRestarted if another process of the host's
// key sends it, and ErrMalformed. An incarnation that is not the one before ends
// this peer's log: the caller compares.
func (j *Joiner) CheckWelcome(b []byte) (Welcome, error) {
	w, err := OpenWelcome(j.cfg.Ticket.Host, b)
	switch {
	case err != nil:
		return Welcome{}, err
	case w.Key != j.cfg.Secret.Peer() || w.Nonce != j.cfg.Nonce:
		return Welcome{}, fmt.Errorf("welcome: %w: it is for another process", ErrForged)
	case j.welcome.Host != 0 && w.Host != j.welcome.Host:
		return Welcome{}, ErrRestarted
	case w.Incarnation < j.welcome.Incarnation:
		return Welcome{}, fmt.Errorf("welcome: %w: to an earlier incarnation", ErrForged)
	}
	if w.Incarnation != j.welcome.Incarnation {
		j.welcome = w
		return w, j.adopt(j.membership)
	}
	j.welcome = w
	return w, nil
}

// ApplyMembership takes a membership and reports whether it is newer than the one
// before. It fails with ErrMalformed, ErrForged, ErrEpochKey, ErrRestarted or
// ErrNotJoined and then changes nothing.
func (j *Joiner) ApplyMembership(b []byte) (changed bool, err error) {
	if j.welcome.Host == 0 {
		return false, ErrNotJoined
	}
	m, wire, err := openMembership(j.cfg.Ticket.Host, b)
	switch {
	case err != nil:
		return false, err
	case m.Host != j.welcome.Host:
		return false, ErrRestarted
	case j.membership != nil && (m.Version <= j.membership.Version || m.Epoch < j.membership.Epoch):
		return false, nil
	}
	if err := j.adopt(m); err != nil {
		return false, err
	}
	j.membership, j.wire = m, bytes.Clone(wire)
	return true, nil
}

// adopt takes the keys that m holds for this process. A membership that does not
// name it has none.
func (j *Joiner) adopt(m *Membership) error {
	if m == nil {
		return nil
	}
	row, ok := m.Row(j.cfg.Secret.Peer())
	if !ok || row.Incarnation != j.welcome.Incarnation {
		j.epochKey, j.hasKey, j.input = [32]byte{}, false, nil
		return nil
	}
	a := epochSeal(j.topic, m.Host, row.Peer, row.Incarnation, j.cfg.MemberSecret)
	key, err := openEpochKey(a, m.Epoch, row.EpochKey)
	if err != nil {
		return err
	}
	j.epochKey, j.hasKey = key, true
	j.input = envelope.NewInput(j.topic, m.Host, row.Peer, row.Incarnation, m.Epoch, j.cfg.MemberSecret)
	if j.epochs[0] != m.Epoch {
		log := envelope.NewLog(j.topic, j.cfg.Ticket.Host, m.Host, m.Epoch, key)
		j.logs = [2]*envelope.Log{log, j.logs[0]}
		j.epochs = [2]uint32{m.Epoch, j.epochs[0]}
	}
	return nil
}

// ApplyHead takes a head and reports whether its beat is newer than the one before.
// It fails with ErrMalformed, ErrForged or ErrNotJoined.
func (j *Joiner) ApplyHead(b []byte) (head Head, changed bool, err error) {
	if j.welcome.Host == 0 {
		return Head{}, false, ErrNotJoined
	}
	head, err = OpenHead(j.cfg.Ticket.Host, j.welcome.Host, b)
	if err != nil || head.Beat <= j.head.Beat {
		return j.head, false, err
	}
	j.head, j.headWire = head, bytes.Clone(b[:headSize])
	return head, true, nil
}

// Topic returns the session's topic.
func (j *Joiner) Topic() id.Topic { return j.topic }

// Host returns the host's key.
func (j *Joiner) Host() id.Peer { return j.cfg.Ticket.Host }

// Welcome returns the newest welcome; its incarnation is 0 before the first.
func (j *Joiner) Welcome() Welcome { return j.welcome }

// Members returns the newest membership, not to be changed, or nil.
func (j *Joiner) Members() *Membership { return j.membership }

// Membership returns the same as it is on the wire, for forwarding, or nil.
func (j *Joiner) Membership() []byte { return j.wire }

// Head returns the newest head; its beat is 0 before the first.
func (j *Joiner) Head() Head { return j.head }

// HeadWire returns the same as it is on the wire, for forwarding, or nil.
func (j *Joiner) HeadWire() []byte { return j.headWire }

// EpochKey returns the key of the present epoch, and whether this process has it.
func (j *Joiner) EpochKey() ([32]byte, bool) { return j.epochKey, j.hasKey }

// Log returns what opens the host's log of an epoch, the present one or the one
// before, or nil.
func (j *Joiner) Log(epoch uint32) *envelope.Log {
	for i, e := range j.epochs {
		if e == epoch {
			return j.logs[i]
		}
	}
	return nil
}

// Past returns what opens histories of an epoch, the present one, or nil.
func (j *Joiner) Past(epoch uint32) *envelope.Past {
	if !j.hasKey || j.membership == nil || j.membership.Epoch != epoch {
		return nil
	}
	return envelope.NewPast(j.topic, j.cfg.Ticket.Host, j.welcome.Host, epoch, j.epochKey)
}

// Input returns what seals this process's own typing in the present epoch, or nil
// if it is no member.
func (j *Joiner) Input() *envelope.Input { return j.input }

// Format shows which session j is of and none of its keys, whatever the verb.
func (j *Joiner) Format(f fmt.State, _ rune) { io.WriteString(f, j.masked()) }

// LogValue logs j as Format prints it.
func (j *Joiner) LogValue() slog.Value { return slog.StringValue(j.masked()) }

func (j *Joiner) masked() string {
	return fmt.Sprintf("(member %s of %s)", j.cfg.Secret.Peer().Tag(), j.cfg.Ticket.Host.Tag())
}
