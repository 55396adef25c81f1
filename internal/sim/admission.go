package sim

import (
	"encoding/binary"
	"time"

	"gossterm/internal/id"
	"gossterm/session"
)

// An admission is the table of members as package member keeps it, without the
// cryptography: equal key and nonce get the same incarnation for ever, another
// nonce a new one, and the old nonce is then refused.
type admission struct {
	last    uint64
	rows    []row
	past    map[life]uint64 // incarnations given
	closed  map[life]bool   // another process of the key took over
	version uint64
}

type row struct {
	session.Person
	nonce uint64
	heard time.Time // of its links and requests, the last
}

// A life is one process of one key.
type life struct {
	key   id.Peer
	nonce uint64
}

// appendTo and parseLife stand for the sealed join request.
func (l life) appendTo(b []byte) []byte { return binary.BigEndian.AppendUint64(b, l.nonce) }

func parseLife(key id.Peer, b []byte) (life, bool) {
	if len(b) != 8 {
		return life{}, false
	}
	return life{key, binary.BigEndian.Uint64(b)}, true
}

// appendTo and parseWelcome stand for the signed welcome.
func (w welcome) appendTo(b []byte) []byte {
	for _, v := range [...]uint64{w.nonce, w.incarnation, w.version} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	if w.mayType {
		return append(b, 1)
	}
	return append(b, 0)
}

func parseWelcome(key id.Peer, b []byte) (welcome, bool) {
	if len(b) != 25 {
		return welcome{}, false
	}
	at := func(i int) uint64 { return binary.BigEndian.Uint64(b[8*i:]) }
	return welcome{life{key, at(0)}, at(1), b[24] == 1, at(2)}, true
}

func newAdmission() *admission {
	return &admission{past: make(map[life]uint64), closed: make(map[life]bool)}
}

func (a *admission) row(key id.Peer) *row {
	for i := range a.rows {
		if a.rows[i].Key == key {
			return &a.rows[i]
		}
	}
	return nil
}

// admit lets a process in and reports whether it did, and whether the table is
// another one now.
func (a *admission) admit(l life, mayType bool, now time.Time) (w welcome, ok, changed bool) {
	if r := a.row(l.key); a.closed[l] || a.past[l] == 0 && r != nil && l.nonce < r.nonce {
		return welcome{}, false, false // the beat in a request that was so long on its way is old
	}
	if a.past[l] == 0 {
		a.last++
		a.past[l] = a.last
	}
	r := a.row(l.key)
	switch {
	case r == nil:
		a.rows = append(a.rows, row{Person: session.Person{Key: l.key, MayType: mayType}, nonce: l.nonce})
		r = &a.rows[len(a.rows)-1]
	case r.nonce != l.nonce:
		a.closed[life{l.key, r.nonce}] = true
		r.nonce, r.MayType = l.nonce, mayType
	}
	r.heard = now
	changed = r.Incarnation != a.past[l] || r.Away
	r.Incarnation, r.Away = a.past[l], false
	if changed {
		a.version++
	}
	return welcome{l, r.Incarnation, r.MayType, a.version}, true, changed
}

// remove takes a key out of the table.
func (a *admission) remove(key id.Peer) {
	for i := range a.rows {
		if a.rows[i].Key == key {
			a.rows = append(a.rows[:i], a.rows[i+1:]...)
			a.version++
			return
		}
	}
}

func (a *admission) roster() session.Roster {
	var r session.Roster
	for _, row := range a.rows {
		r.People = append(r.People, row.Person)
	}
	return r
}

// A membership is the signed object that goes around; it never changes.
type membership struct {
	version uint64
	rows    []row
	at      map[id.Peer]int
}

func (a *admission) membership() *membership {
	m := &membership{a.version, append([]row(nil), a.rows...), make(map[id.Peer]int, len(a.rows))}
	for i := range m.rows {
		m.at[m.rows[i].Key] = i
	}
	return m
}

// row returns the row of a member, nil if it is none.
func (m *membership) row(key id.Peer) *row {
	if i, ok := m.at[key]; ok {
		return &m.rows[i]
	}
	return nil
}
