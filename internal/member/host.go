package member

import (
	"crypto/hpke"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"gossterm/internal/envelope"
	"gossterm/internal/id"
	"gossterm/internal/ticket"
)

const (
	// DefaultMaxPeers is how many members a host admits unless told otherwise.
	DefaultMaxPeers = 128

	// MaxMaxPeers is how many it can be told to.
	MaxMaxPeers = 1_024

	// maxPast is how many processes that left or were replaced are remembered, so
	// that they get their incarnation back, or are kept out. The oldest is forgotten.
	maxPast = 4_096
)

// A HostConfig says what session a Host admits to.
type HostConfig struct {
	Secret      id.Secret // the host's key, which is the session's
	Incarnation uint64    // a random number drawn at the host's start, not 0
	Name        string    // shown beside the host; cleaned

	// Ticket is the session's: the typing one, or the watching one if nobody else
	// is to type.
	Ticket ticket.Ticket

	// ReadOnly lets nobody join to type, whatever ticket he holds.
	ReadOnly bool

	// MaxPeers is how many members may join, at most MaxMaxPeers.
	MaxPeers int // If zero, DefaultMaxPeers is used.

	EpochKey [32]byte // the key of epoch 1: 32 random bytes
}

// Format shows none of the secrets, whatever the verb.
func (c HostConfig) Format(f fmt.State, _ rune) { io.WriteString(f, "(host's configuration)") }

// A Host keeps a session's table of members, which alone says who may type. It is
// a value of one loop: no clock, no lock. Its tables are bounded.
type Host struct {
	secret      id.Secret
	topic       id.Topic
	incarnation uint64
	name        string
	maxPeers    int

	admit   [32]byte // A
	typing  [32]byte // P; meaningless unless mayType
	mayType bool
	open    hpke.PrivateKey // opens join requests

	epoch    uint32
	epochKey [32]byte
	log      *envelope.Log
	history  *envelope.Past

	last  uint64    // incarnation given
	rows  []*row    // by rising key
	local int       // rows of the host's own terminals
	past  []life    // processes that left or were replaced, oldest first
	bans  []id.Peer // oldest first

	version uint64
	now     *Membership // of version, or nil when it must be made
	wire    []byte      // the same, signed
	beat    uint64
}

// A row is one member, with what only the host knows.
type row struct {
	Row
	nonce    [16]byte
	secret   [32]byte
	identity id.Peer // who vouches for it, or zero
	local    bool
	since    time.Time       // when it went away
	beat     uint64          // of its newest request over others
	input    *envelope.Input // opens what it types in this epoch; nil until it is needed
}

// A life is one process that is not a member any more.
type life struct {
	key         id.Peer
	nonce       [16]byte
	incarnation uint64
	closed      bool   // a newer process of the key took over
	beat        uint64 // requests over others with no newer one are old
}

// NewHost returns the Host of a new session in epoch 1 with nobody in it. A
// configuration that makes no session is a fault of the caller.
func NewHost(cfg HostConfig) *Host {
	if cfg.Secret.IsZero() || cfg.Incarnation == 0 || !cfg.Ticket.Role.Valid() || cfg.Ticket.Host != cfg.Secret.Peer() {
		panic("member: a host needs a key, an incarnation and its own ticket")
	}
	open, err := hpke.NewDHKEMPrivateKey(cfg.Secret.X25519())
	if err != nil {
		panic("member: an X25519 key is a DHKEM key: " + err.Error())
	}
	h := &Host{
		secret:      cfg.Secret,
		topic:       id.TopicOf(cfg.Secret.Peer()),
		incarnation: cfg.Incarnation,
		name:        CleanName(cfg.Name),
		maxPeers:    min(cfg.MaxPeers, MaxMaxPeers),
		admit:       cfg.Ticket.AdmitKey(),
		open:        open,
		version:     1,
	}
	if h.maxPeers <= 0 {
		h.maxPeers = DefaultMaxPeers
	}
	if h.typing, h.mayType = cfg.Ticket.TypeKey(); cfg.ReadOnly {
		h.typing, h.mayType = [32]byte{}, false
	}
	h.begin(1, cfg.EpochKey)
	return h
}

// begin begins an epoch: its key is sealed to every member anew.
func (h *Host) begin(epoch uint32, key [32]byte) {
	h.epoch, h.epochKey = epoch, key
	h.log = envelope.NewLog(h.topic, h.secret.Peer(), h.incarnation, epoch, key)
	h.history = envelope.NewPast(h.topic, h.secret.Peer(), h.incarnation, epoch, key)
	for _, r := range h.rows {
		h.rekey(r)
	}
}

// rekey gives r the keys of this epoch and of its incarnation.
func (h *Host) rekey(r *row) {
	a := epochSeal(h.topic, h.incarnation, r.Peer, r.Incarnation, r.secret)
	r.EpochKey = sealEpochKey(a, h.epoch, h.epochKey)
	r.input = nil
}

// changed makes the next membership a new version.
func (h *Host) changed() {
	h.version++
	h.now, h.wire = nil, nil
}

// Topic returns the session's topic.
func (h *Host) Topic() id.Topic { return h.topic }

// Incarnation returns the host's own incarnation.
func (h *Host) Incarnation() uint64 { return h.incarnation }

// Log returns what seals the host's log in this epoch.
func (h *Host) Log() *envelope.Log { return h.log }

// Past returns what seals histories in this epoch.
func (h *Host) Past() *envelope.Past { return h.history }

// Members returns the membership as it is now, not to be changed. It is a new one
// after each change.
func (h *Host) Members() *Membership {
	if h.now != nil {
		return h.now
	}
	m := &Membership{Version: h.version, Epoch: h.epoch, Host: h.incarnation, Name: h.name}
	for _, r := range h.rows {
		m.Rows = append(m.Rows, r.Row)
	}
	m.Bans = slices.SortedFunc(slices.Values(h.bans), id.Peer.Compare)
	h.now = m
	return m
}

// Membership returns the same as it is on the wire, signed; not to be changed.
func (h *Host) Membership() []byte {
	if h.wire == nil {
		h.wire = h.Members().Sign(h.secret)
	}
	return h.wire
}

// Head returns the next head as it is on the wire. Seq is that of the host's
// newest record, snapshot that of the first part of the newest complete snapshot.
// Each call's head has a higher beat.
func (h *Host) Head(seq, snapshot uint64) []byte {
	h.beat++
	return Head{Beat: h.beat, Seq: seq, Snapshot: snapshot, Version: h.version}.Sign(h.secret, h.incarnation)
}

// May reports whether records of this author and incarnation may be typed. It is
// the one place that decides so.
func (h *Host) May(author id.Peer, incarnation uint64) bool {
	r := h.find(author)
	return r != nil && r.Incarnation == incarnation && r.Role == id.Type
}

// InputOf returns what opens the records of author's present incarnation in this
// epoch, or nil if author may not type.
func (h *Host) InputOf(author id.Peer) *envelope.Input {
	r := h.find(author)
	if r == nil || r.Role != id.Type {
		return nil
	}
	if r.input == nil {
		r.input = envelope.NewInput(h.topic, h.incarnation, r.Peer, r.Incarnation, h.epoch, r.secret)
	}
	return r.input
}

// find returns the row of p, or nil.
func (h *Host) find(p id.Peer) *row {
	if i, ok := h.place(p); ok {
		return h.rows[i]
	}
	return nil
}

// place returns where the row of p is or would be.
func (h *Host) place(p id.Peer) (int, bool) {
	return slices.BinarySearchFunc(h.rows, p, func(r *row, p id.Peer) int { return r.Peer.Compare(p) })
}

// Format shows which session h keeps and none of its keys, whatever the verb.
func (h *Host) Format(f fmt.State, _ rune) { io.WriteString(f, h.masked()) }

// LogValue logs h as Format prints it.
func (h *Host) LogValue() slog.Value { return slog.StringValue(h.masked()) }

func (h *Host) masked() string {
	return fmt.Sprintf("(host %s, %d members, epoch %d)", h.secret.Peer().Tag(), len(h.rows), h.epoch)
}
