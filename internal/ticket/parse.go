package ticket

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"gossterm/internal/id"
)

// ErrDamaged reports that a ticket was cut or altered on its way. What wraps it
// says where, never what the ticket holds.
var ErrDamaged = errors.New("damaged ticket")

// A VersionError reports a ticket of another gossterm.
type VersionError struct{ Got, Want int }

func (e *VersionError) Error() string {
	return fmt.Sprintf("ticket of version %d: this gossterm reads version %d", e.Got, e.Want)
}

const (
	// Version is the version of the tickets read and written here.
	Version = 1

	// MaxSize is the length of the longest ticket, in letters.
	MaxSize = prefixSize + (maxBody*8+4)/5

	// MaxAddrs is how many addresses of the host a ticket holds at most.
	MaxAddrs = 4

	// MaxViaAddrs is how many addresses of the member that made it a ticket holds at
	// most: two, so that what is shown by hand stays short.
	MaxViaAddrs = 2

	// MaxRelays is how many relays a ticket names at most.
	MaxRelays = 3

	maxAddrBytes = 57 // three IPv6 addresses, or four with at most two
	// maxRelayBytes takes one relay with all that it may have, or three of the usual.
	maxRelayBytes = 200
	relaysUnit    = 16 // the number of relays counts so much in the number of addresses
	maxViaBytes   = MaxViaAddrs * (1 + 16 + 2)
	prefixSize    = 4
	checkSize     = 4
	addrsAt       = 32 + SecretSize // where the number of addresses is
	minBody       = addrsAt + 1 + checkSize
	maxBody       = minBody + maxAddrBytes + maxRelayBytes + viaHead + maxViaBytes
	viaHead       = 32 + 1 // the member's key and its number of addresses
	typeMark      = "gst"
	watchMark     = "gsr"
)

var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Parse reads a ticket. Blanks around it are ignored and capitals are read as
// small letters. It fails with what wraps ErrDamaged, or with a *VersionError.
func Parse(s string) (Ticket, error) {
	s = strings.TrimSpace(s)
	if len(s) > MaxSize {
		return Ticket{}, fmt.Errorf("%w: longer than %d letters", ErrDamaged, MaxSize)
	}
	s = strings.Map(lower, s)
	role, err := parsePrefix(s)
	if err != nil {
		return Ticket{}, err
	}
	body, err := letters.DecodeString(s[prefixSize:])
	if bad := (base32.CorruptInputError)(0); errors.As(err, &bad) {
		return Ticket{}, fmt.Errorf("%w: wrong letter %d", ErrDamaged, prefixSize+int(bad)+1)
	}
	if len(body) < minBody {
		return Ticket{}, fmt.Errorf("%w: the end is missing", ErrDamaged)
	}
	if s[prefixSize:] != letters.EncodeToString(body) { // line breaks, unused bits
		return Ticket{}, fmt.Errorf("%w: wrong letters", ErrDamaged)
	}
	fields, sum := body[:len(body)-checkSize], body[len(body)-checkSize:]
	if !bytes.Equal(sum, checksum(s[:prefixSize], fields)) {
		return Ticket{}, fmt.Errorf("%w: the checksum does not match", ErrDamaged)
	}
	return parseFields(role, fields)
}

// lower folds A to Z only: strings.ToLower would let other letters in.
func lower(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r - 'A' + 'a'
	}
	return r
}

// parsePrefix reads the kind and version of a ticket.
func parsePrefix(s string) (id.Role, error) {
	var role id.Role
	switch {
	case strings.HasPrefix(s, typeMark):
		role = id.Type
	case strings.HasPrefix(s, watchMark):
		role = id.Watch
	default:
		return 0, fmt.Errorf("%w: it does not begin with %s%d or %s%d", ErrDamaged, typeMark, Version, watchMark, Version)
	}
	if len(s) < prefixSize || s[3] < '0' || s[3] > '9' {
		return 0, fmt.Errorf("%w: no version after %s", ErrDamaged, s[:3])
	}
	if got := int(s[3] - '0'); got != Version {
		return 0, &VersionError{Got: got, Want: Version}
	}
	return role, nil
}

// parseFields reads all between the prefix and the checksum.
func parseFields(role id.Role, b []byte) (Ticket, error) {
	t := Ticket{Host: id.Peer(b[:32]), Role: role, Secret: SecretOf([SecretSize]byte(b[32:addrsAt]))}
	if !t.Host.Valid() {
		return Ticket{}, fmt.Errorf("%w: no usable host key", ErrDamaged)
	}
	var err error
	addrs, relays := b[addrsAt]%relaysUnit, b[addrsAt]/relaysUnit
	if t.Addrs, b, err = parseAddrs(b[addrsAt+1:], addrs, MaxAddrs, maxAddrBytes); err != nil {
		return Ticket{}, err
	}
	if t.Relays, b, err = parseRelays(b, int(relays)); err != nil {
		return Ticket{}, err
	}
	if len(b) == 0 {
		return t, nil
	}
	if t.Via, b, err = parseVia(b); err != nil {
		return Ticket{}, err
	}
	if !t.viaHelps() {
		return Ticket{}, fmt.Errorf("%w: no usable member", ErrDamaged)
	}
	if len(b) != 0 {
		return Ticket{}, fmt.Errorf("%w: %d bytes too many", ErrDamaged, len(b))
	}
	return t, nil
}

// parseVia reads the member that made the ticket, and returns what follows.
func parseVia(b []byte) (v Contact, rest []byte, err error) {
	if len(b) < viaHead {
		return Contact{}, nil, fmt.Errorf("%w: %d bytes too many, or too few", ErrDamaged, len(b))
	}
	v.Peer = id.Peer(b[:32])
	v.Addrs, rest, err = parseAddrs(b[viaHead:], b[32], MaxViaAddrs, maxViaBytes)
	return v, rest, err
}

// viaHelps reports whether the ticket's member is another door than the host: with an
// address that can be used elsewhere, or a relay, by which a key is enough.
func (t Ticket) viaHelps() bool {
	return t.Via.Peer.Valid() && t.Via.Peer != t.Host && (len(t.Relays) > 0 || slices.ContainsFunc(t.Via.Addrs, func(a netip.AddrPort) bool { return id.Dialable(unmapped(a)) }))
}

// parseRelays reads n relays and returns what follows.
func parseRelays(b []byte, n int) (relays []id.Relay, rest []byte, err error) {
	if n > MaxRelays {
		return nil, nil, fmt.Errorf("%w: %d relays", ErrDamaged, n)
	}
	rest = b
	for range n {
		var r id.Relay
		if r, rest, err = id.DecodeRelay(rest); err != nil {
			return nil, nil, fmt.Errorf("%w: wrong relay", ErrDamaged)
		}
		relays = append(relays, r)
	}
	if took := len(b) - len(rest); took > maxRelayBytes {
		return nil, nil, fmt.Errorf("%w: %d bytes of relays", ErrDamaged, took)
	}
	return relays, rest, nil
}

// parseAddrs reads n addresses and returns what follows. More of them, or more bytes,
// than a writer makes are refused.
func parseAddrs(b []byte, n byte, most, mostBytes int) (addrs []netip.AddrPort, rest []byte, err error) {
	rest = b
	if int(n) > most {
		return nil, nil, fmt.Errorf("%w: %d addresses", ErrDamaged, n)
	}
	for range n {
		a, after, ok := id.DecodeAddr(rest)
		if !ok {
			return nil, nil, fmt.Errorf("%w: wrong address", ErrDamaged)
		}
		addrs, rest = append(addrs, a), after
	}
	if took := len(b) - len(rest); took > mostBytes {
		return nil, nil, fmt.Errorf("%w: %d bytes of addresses", ErrDamaged, took)
	}
	return addrs, rest, nil
}

// unmapped returns a without the IPv6 form of an IPv4 address.
func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// checksum returns the bytes that find typing errors. It is no security.
func checksum(prefix string, fields []byte) []byte {
	h := sha256.New()
	h.Write([]byte("gossterm/1 ticket\x00"))
	h.Write([]byte(prefix))
	h.Write(fields)
	return h.Sum(nil)[:checkSize]
}

// String returns the ticket as it is pasted. Addresses that cannot be used
// elsewhere and relays that are not valid or do not fit are left out, the first ones
// kept, and so is a member that helps nobody.
func (t Ticket) String() string {
	mark := watchMark
	if t.Role == id.Type {
		mark = typeMark
	}
	prefix := fmt.Sprintf("%s%d", mark, Version)
	secret := t.Secret.Bytes()
	b := append(append(make([]byte, 0, maxBody), t.Host[:]...), secret[:]...)
	b = appendAddrs(b, t.Addrs, MaxAddrs, maxAddrBytes)
	b, t.Relays = appendRelays(b, t.Relays)
	b[addrsAt] += relaysUnit * byte(len(t.Relays))
	if t.viaHelps() {
		b = appendAddrs(append(b, t.Via.Peer[:]...), t.Via.Addrs, MaxViaAddrs, maxViaBytes)
	}
	return prefix + letters.EncodeToString(append(b, checksum(prefix, b)...))
}

// appendRelays appends the relays that fit, and returns these.
func appendRelays(b []byte, relays []id.Relay) (all []byte, fit []id.Relay) {
	start := len(b)
	for _, r := range relays {
		with := r.AppendTo(b)
		if len(with) == len(b) || len(with)-start > maxRelayBytes || len(fit) == MaxRelays {
			continue
		}
		b, fit = with, append(fit, r)
	}
	return b, fit
}

// appendAddrs appends the number of addresses that fit, and these.
func appendAddrs(b []byte, addrs []netip.AddrPort, most byte, mostBytes int) []byte {
	count := len(b)
	b = append(b, 0)
	for _, a := range addrs {
		if a = unmapped(a); !id.Dialable(a) || b[count] == most {
			continue
		}
		if more := id.AppendAddr(b, a); len(more)-count-1 <= mostBytes {
			b = more
			b[count]++
		}
	}
	return b
}
