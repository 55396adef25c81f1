package member

import (
	"encoding/binary"
	"fmt"
	"slices"

	"gossterm/internal/id"
)

const membershipContext = "gossterm/1 membership\x00"

// Bounds of a membership.
const (
	// MaxRows is how many members a membership names: [MaxMaxPeers] peers and the
	// host's own terminal.
	MaxRows = MaxMaxPeers + 1

	// MaxBans is how many keys a membership bans.
	MaxBans = 1_024
)

// A State says whether a member has a link to the host.
type State uint8

// The states, as they are on the wire.
const (
	Here State = 1
	Away State = 2 // its links are lost; it is expected back
	Own  State = 3 // here: it is the host's own terminal
)

// A Membership says who is in a session (PROTOCOL.md §4.4). It is signed by the
// host and read by all; a higher version replaces a lower one.
type Membership struct {
	Version uint64
	Epoch   uint32
	Host    uint64 // the host's incarnation
	Name    string // the host's
	Rows    []Row  // by rising key
	Bans    []id.Peer
}

// A Row is one member.
type Row struct {
	Peer        id.Peer
	Incarnation uint64
	Role        id.Role
	State       State
	Name        string       // as sent; what is shown is Display
	EpochKey    [sealed]byte // the epoch key, sealed to this member
}

// Display returns the member's name as people see it, "ana·3f9a".
func (r Row) Display() string { return Display(r.Name, r.Peer) }

// Row returns the row of p, if p is a member.
func (m *Membership) Row(p id.Peer) (Row, bool) {
	i, ok := slices.BinarySearchFunc(m.Rows, p, func(r Row, p id.Peer) int { return r.Peer.Compare(p) })
	if !ok {
		return Row{}, false
	}
	return m.Rows[i], true
}

// May reports whether records of this author and incarnation may be typed.
func (m *Membership) May(author id.Peer, incarnation uint64) bool {
	r, ok := m.Row(author)
	return ok && r.Incarnation == incarnation && r.Role == id.Type
}

// Banned reports whether p was removed from the session.
func (m *Membership) Banned(p id.Peer) bool {
	_, ok := slices.BinarySearchFunc(m.Bans, p, id.Peer.Compare)
	return ok
}

// Sign returns m as it is on the wire.
func (m *Membership) Sign(host id.Secret) []byte {
	b := m.appendFields(nil)
	return append(b, host.Sign(bound(membershipContext, id.TopicOf(host.Peer()), b))...)
}

func (m *Membership) appendFields(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, m.Version)
	b = binary.BigEndian.AppendUint32(b, m.Epoch)
	b = binary.BigEndian.AppendUint64(b, m.Host)
	b = appendName(b, m.Name)
	b = binary.BigEndian.AppendUint16(b, uint16(len(m.Rows)))
	for _, r := range m.Rows {
		b = append(b, r.Peer[:]...)
		b = binary.BigEndian.AppendUint64(b, r.Incarnation)
		b = append(b, byte(r.Role), byte(r.State))
		b = appendName(b, r.Name)
		b = append(b, r.EpochKey[:]...)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(m.Bans)))
	for _, p := range m.Bans {
		b = append(b, p[:]...)
	}
	return b
}

// OpenMembership reads a Membership that host signed. It fails with ErrMalformed
// or ErrForged.
func OpenMembership(host id.Peer, b []byte) (*Membership, error) {
	m, _, err := openMembership(host, b)
	return m, err
}

// openMembership also returns the object's own bytes: without what a forwarder may
// have hung on at the end.
func openMembership(host id.Peer, b []byte) (m *Membership, wire []byte, err error) {
	m, fields, sig, err := parseMembership(b)
	if err != nil {
		return nil, nil, err
	}
	if !host.Verify(bound(membershipContext, id.TopicOf(host), fields), sig) {
		return nil, nil, fmt.Errorf("membership: %w signature", ErrForged)
	}
	return m, b[:len(fields)+sigSize], nil
}

func parseMembership(b []byte) (m *Membership, fields, sig []byte, err error) {
	r := reader{b: b}
	m = &Membership{Version: r.u64(), Epoch: r.u32(), Host: r.u64(), Name: r.name()}
	rows := int(r.u16())
	for i := 0; i < rows && i < MaxRows && !r.cut; i++ {
		m.Rows = append(m.Rows, r.row())
	}
	bans := int(r.u16())
	for i := 0; i < bans && i < MaxBans && !r.cut; i++ {
		m.Bans = append(m.Bans, r.peer())
	}
	fields = b[:len(b)-len(r.b)]
	sig = r.take(sigSize)
	if err := r.err("membership"); err != nil {
		return nil, nil, nil, err
	}
	if rows > MaxRows || bans > MaxBans || !m.valid() {
		return nil, nil, nil, fmt.Errorf("membership: %w", ErrMalformed)
	}
	return m, fields, sig, nil
}

func (r *reader) row() Row {
	return Row{
		Peer:        r.peer(),
		Incarnation: r.u64(),
		Role:        id.Role(r.u8()),
		State:       State(r.u8()),
		Name:        r.name(),
		EpochKey:    [sealed]byte(r.take(sealed)),
	}
}

// valid reports whether the fields can be: no zero where counting starts at 1, and
// keys in strictly rising order, so that none comes twice.
func (m *Membership) valid() bool {
	if m.Version == 0 || m.Epoch == 0 || m.Host == 0 {
		return false
	}
	for i, r := range m.Rows {
		if r.Incarnation == 0 || !r.Role.Valid() || r.State < Here || r.State > Own {
			return false
		}
		if i > 0 && m.Rows[i-1].Peer.Compare(r.Peer) >= 0 {
			return false
		}
	}
	for i := 1; i < len(m.Bans); i++ {
		if m.Bans[i-1].Compare(m.Bans[i]) >= 0 {
			return false
		}
	}
	return true
}
