package sim

import (
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
}

// A life is one process of one key.
type life struct {
	key   id.Peer
	nonce uint64
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

// admit lets a process in and reports whether it did.
func (a *admission) admit(l life, mayType bool) (row, bool) {
	if a.closed[l] {
		return row{}, false
	}
	if a.past[l] == 0 {
		a.last++
		a.past[l] = a.last
	}
	r := a.row(l.key)
	switch {
	case r == nil:
		a.rows = append(a.rows, row{session.Person{Key: l.key, MayType: mayType}, l.nonce})
		r = &a.rows[len(a.rows)-1]
	case r.nonce != l.nonce:
		a.closed[life{l.key, r.nonce}] = true
		r.nonce, r.MayType = l.nonce, mayType
	}
	r.Incarnation, r.Away = a.past[l], false
	a.version++
	return *r, true
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
