// Package lan lets a joiner on the same network find a host by a short name and be
// let in by its owner, without a ticket and without the internet (PROTOCOL.md §10).
//
//	joiner                                        host
//	Find    -- query: who is brave-otter-42? -->  Listener   UDP to all near
//	        <-- answer: this key, that door  ---             to the asker alone
//	Knock   -- TLS, commitment, nonces -------->  door       TCP
//	  both show four words of the connection: the people compare them
//	        <-- a ticket, or why not ----------   Ask        the owner's key
//
// Nothing is announced: a host that nobody asks by its name sends nothing. The name
// is no secret and proves nothing. That nobody sits between the two is proved by the
// words, if the people compare them.
package lan

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"time"

	"gossterm/internal/cert"
	"gossterm/internal/id"
)

// What PROTOCOL.md §10 fixes.
const (
	port = 18259
	alpn = "gossterm-near/1"
)

var (
	group4    = netip.AddrFrom4([4]byte{239, 71, 83, 84})
	group6    = netip.MustParseAddr("ff12::4753")
	broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})
)

const (
	// greetTime is how long a door and a joiner take to exchange their nonces.
	greetTime = 10 * time.Second
	// ownerTime is how long the door waits for the owner's answer. The question
	// itself is over a little earlier, so that its end is told by who asked it.
	ownerTime = 65 * time.Second
	// serverName is the same for all, so that it tells an observer nothing.
	serverName = "gossterm"
)

// A Question is what a host's owner is asked: whether to let somebody in.
type Question struct {
	Name  string     // what the joiner calls itself, as it was sent: clean it before it is shown
	From  netip.Addr // where it is
	Role  id.Role    // what it wants to do
	Words [4]string  // what it sees too, unless somebody sits between
}

// Ask asks the owner and returns a ticket, or an error. If that is a [*Refusal], the
// joiner is told its reason. The context ends when the joiner has gone, or has waited
// long enough.
type Ask func(context.Context, Question) (ticket string, err error)

// A Refusal reports that the host let nobody in, and why.
type Refusal struct {
	Late   bool   // too many ask at once, or nobody answered in time: trying again may help
	Reason string // as the host says it: clean it before it is shown
}

func (r *Refusal) Error() string { return "the host refused: " + r.Reason }

// A KeyError reports a door that has not proved the key that was asked for: another
// host has its address now, or somebody pretends to be it.
type KeyError struct{ Got, Want id.Peer }

func (e *KeyError) Error() string {
	return fmt.Sprintf("the door belongs to %s, not to %s", e.Got.Tag(), e.Want.Tag())
}

// tlsConfig returns what both ends of a door use.
func tlsConfig(secret id.Secret, check func(id.Peer) error) (*tls.Config, error) {
	own, err := cert.Of(secret)
	if err != nil {
		return nil, err
	}
	return cert.Config(own, alpn, serverName, check), nil
}
